"""The timeline of a contact, for the page of a room below (house.md 1)."""

from typing import Any

from django import template

from opportunities.timeline import Asked, timeline_of_contact

register = template.Library()


@register.inclusion_tag("opportunities/timeline.html", takes_context=True)
def contact_timeline(context: Any, contact: Any) -> dict[str, Any]:
    """Return what happened with a contact and its people, as far as the person may see it."""
    request = context["request"]
    return {
        "request": request,
        "contact": contact,
        "timeline": timeline_of_contact(contact, request.user, Asked.of(request.GET)),
        "csrf_token": context.get("csrf_token"),
    }
