"""The way from a page of today to the same page on another day."""

from typing import Any

from django import template

from opportunities.clock import past_url
from opportunities.past_board import PastBoardFilter
from opportunities.past_kind import PAST

register = template.Library()
KNOWN = {
    "list": PAST.parameters - {"columns"},
    "board": frozenset({*PastBoardFilter.base_filters, "cycle"}),
    "opportunity": frozenset[str](),
}


@register.simple_tag(takes_context=True)
def another_day(context: dict[str, Any], page: str) -> str:
    """Return the address of a page in the past, with the filters that it can answer there."""
    return past_url(context["request"], KNOWN[page])
