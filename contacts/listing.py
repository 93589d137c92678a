"""The page of the list of contacts."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from contacts.filters import ContactFilter
from contacts.list_kind import CONTACTS
from contacts.models import Contact
from lists.alternatives import names_of
from lists.listing import Listing, opened, switch


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the contacts that match the filters, a page at a time."""
    found = opened(request, CONTACTS)
    if isinstance(found, HttpResponse):
        return found
    kinds = [("", _("All")), (Contact.Kind.COMPANY, _("Companies")),
             (Contact.Kind.PERSON, _("People"))]  # fmt: skip
    choices = switch(request.GET, "kind", kinds, request.GET.get("kind", ""))
    return found.answer(
        "contacts/list.html",
        in_tabs=("kind",),
        switches=[(_("Kind"), choices)],
        company=found.filterset.used.get("company"),
        **_to_add(request, found),
    )


def _to_add(request: HttpRequest, found: Listing) -> dict[str, Any]:
    """Return how many match a filter, and the filter, for adding them to a segment."""
    if not found.filterset.used:
        return {}
    query = request.GET.copy()
    for name in set(query) - names_of(ContactFilter):
        del query[name]
    return {"number": found.sums.count, "query": query.urlencode()}
