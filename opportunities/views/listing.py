"""The list of opportunities (Business Central R167)."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lists.listing import Choice, Listing, opened, switch
from lists.parameters import check_parameters
from opportunities.conflicts import Dispute
from opportunities.filter_words import STATUSES
from opportunities.list_kind import OPPORTUNITIES, asks_for_deleted
from opportunities.models import Status
from opportunities.row_form import RowForm
from opportunities.views.acting import person
from opportunities.views.past import past_list
from opportunities.views.rows import save_row
from salespeople.roles import is_manager

DAILY = ("open", "closed", *Status.values)


@require_http_methods(["GET", "POST"])
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the opportunities that match the filters, a page at a time; save one of the rows."""
    if "on" in request.GET:
        return past_list(request)
    if request.method == "POST":
        check_parameters(request.GET, OPPORTUNITIES.known, several=OPPORTUNITIES.several)
        return save_row(request, shown)
    found = opened(request, OPPORTUNITIES)
    return found if isinstance(found, HttpResponse) else shown(request, listing=found)


def shown(
    request: HttpRequest,
    *,
    listing: Listing | None = None,
    row_form: RowForm | None = None,
    dispute: Dispute | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with the list that the address describes, and the row that is being changed."""
    is_deleted = asks_for_deleted(request, request.GET)
    listing = listing or Listing(request, OPPORTUNITIES)
    more: dict[str, Any] = {"actions": [], "editable": (), "all_url": "?deleted=1"}
    return listing.answer(
        "opportunities/list.html",
        in_tabs=("status", "deleted"),
        status=status,
        heading=_heading(listing.filterset.used),
        is_deleted=is_deleted,
        switches=[(_("Status"), _tabs(request, is_deleted=is_deleted))],
        row_form=row_form or _row_form(request, listing),
        dispute=dispute,
        **(more if is_deleted else {}),
    )


def _row_form(request: HttpRequest, listing: Listing) -> RowForm | None:
    """Return the form of the row that is to be changed, if there is one."""
    row = listing.editable()
    if row is None:
        return None
    form = RowForm(opportunity=row, by=person(request))
    form.begin_at(request.GET.get("focus", "stage"))
    return form


def _tabs(request: HttpRequest, *, is_deleted: bool) -> list[Choice]:
    status = ",".join(request.GET.getlist("status"))  # several are none of the links
    # "Started" is what the salespeople's figures lead to, and no daily question.
    names = [("", _("All")), *(row for row in STATUSES if row[0] in (status, *DAILY))]
    present = "deleted" if is_deleted else status
    tabs = switch(request.GET, "status", names, present, but=["deleted"])
    if is_manager(request.user):
        tabs.append(Choice(_("Deleted"), "?deleted=1", is_deleted))
    return tabs


def _heading(used: dict[str, Any]) -> str:
    """Return number and name of the first filter in use of those that R35 names."""
    for name in ("company", "contact", "salesperson", "campaign", "segment"):
        value = used.get(name)
        row = value[0] if isinstance(value, list) and len(value) == 1 else value
        if row is not None and not isinstance(row, list):
            number = getattr(row, "number", None) or getattr(row, "code", "")
            return f"{number} {row}".strip()
    return ""
