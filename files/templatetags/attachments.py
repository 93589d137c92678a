"""The card of files for the pages of every room."""

from typing import Any

from django import template

register = template.Library()
MOST_SHOWN = 10


@register.inclusion_tag("files/card.html", takes_context=True)
def files_card(context: Any, record: Any, name: str, *, is_open: bool = True) -> dict[str, Any]:
    """Return the newest files of a record; `name` is its kind, as the address says it."""
    rows = record.attachments.kept().select_related("uploaded_by").order_by("-pk")
    found = list(rows[: MOST_SHOWN + 1])
    return {
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
        "files": found[:MOST_SHOWN],
        "has_more": len(found) > MOST_SHOWN,
        "about": f"{name}={record.pk}",
        "is_open": is_open,
    }
