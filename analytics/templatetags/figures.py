"""Prints figures, each together with the link to its rows."""

from django import template
from django.utils.safestring import SafeString

from analytics.figures import Reading

register = template.Library()


@register.simple_tag
def figure(reading: Reading, *, compact: bool = False, plain: bool = False) -> SafeString:
    """Return a figure as a link to the rows that add up to it; there is no other way.

    `compact` is rough, `plain` rough without the currency, for tables that name it once.
    """
    if not isinstance(reading, Reading):
        raise template.TemplateSyntaxError("{% figure %} prints a Reading and nothing else")
    return reading.link(is_compact=compact, is_plain=plain)
