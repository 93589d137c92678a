"""The list of opportunities (Business Central R167)."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm.dates import today
from lists.filtering import chips
from lists.paging import Page, Sort, page_of
from lists.parameters import check_parameters, tidy
from opportunities.filters import MORE, STATUSES, OpportunityFilter
from opportunities.models import Opportunity, Status
from opportunities.next_tasks import NO_TASK, next_tasks_of
from opportunities.sums import sums_of
from salespeople.roles import is_manager

SORTS = {
    "description": Sort("description_sort"),
    "contact": Sort("contact__name_sort"),
    "salesperson": Sort("salesperson__name_sort"),
    "stage": Sort("stage__position", is_nullable=True),
    "value": Sort("estimated_value"),
    "calculated": Sort("calculated_value"),
    "probability": Sort("probability"),
    "close": Sort("estimated_close_on", is_nullable=True),
    "created": Sort("created_at"),
}
PARAMETERS = {*OpportunityFilter.base_filters, MORE, "sort", "cursor", "deleted"}
DAILY = ("open", "closed", *Status.values)
RELATED = ("contact", "company", "salesperson", "stage", "sales_cycle")


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the opportunities that match the filters, a page at a time."""
    check_parameters(request.GET, PARAMETERS, several=["tag"])
    if clean := tidy(request):
        return clean
    is_deleted = _asks_for_deleted(request)
    visible = Opportunity.objects.visible_to(request.user)
    kept = visible.deleted() if is_deleted else visible.kept()
    filterset = OpportunityFilter(request.GET, kept, request=request)
    rows = filterset.rows()
    context = {
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "heading": _heading(filterset.used),
        "is_deleted": is_deleted,
        "page": _page(request, rows),
        "sums": sums_of(rows),
        "today": today(),
        **_addresses(request, is_deleted=is_deleted),
    }
    status = 400 if filterset.form.errors else 200
    return render(request, "opportunities/list.html", context, status=status)


def _page(request: HttpRequest, rows: Any) -> Page[Opportunity]:
    page: Page[Opportunity] = page_of(
        rows.select_related(*RELATED).prefetch_related("tags"),
        sorts=SORTS,
        sort=request.GET.get("sort", "-created"),
        cursor=request.GET.get("cursor", ""),
    )
    tasks = next_tasks_of(row.pk for row in page.rows if row.is_open)
    for row in page.rows:
        row.next_task = tasks.get(row.pk, NO_TASK)  # type: ignore[attr-defined]
    return page


@dataclass(frozen=True)
class Tab:
    """A way to look at the list, by status."""

    label: Any
    url: str
    is_active: bool


def _addresses(request: HttpRequest, *, is_deleted: bool) -> dict[str, Any]:
    """Return the tabs, what the filter's form must carry along, and the way out of it."""
    status = request.GET.get("status", "")
    # "Started" is what the salespeople's figures lead to, and no daily question.
    names = [("", _("All")), *(row for row in STATUSES if row[0] in (status, *DAILY))]
    tabs = [
        Tab(label, _with_status(request, name), not is_deleted and status == name)
        for name, label in names
    ]
    if is_manager(request.user):
        tabs.append(Tab(_("Deleted"), "?deleted=1", is_deleted))
    carried = ("status", "sort", "deleted")
    hidden = [(name, request.GET[name]) for name in carried if request.GET.get(name)]
    return {"tabs": tabs, "hidden": hidden, "all_url": "?deleted=1" if is_deleted else "?"}


def _with_status(request: HttpRequest, status: str) -> str:
    query = request.GET.copy()
    for name in ("status", "cursor", "deleted"):
        query.pop(name, None)
    if status:
        query["status"] = status
    return f"?{query.urlencode()}"


def _asks_for_deleted(request: HttpRequest) -> bool:
    wish = request.GET.get("deleted", "")
    if wish not in ("", "1"):
        raise BadRequest(_("“%(name)s” is 1 or not there.") % {"name": "deleted"})
    if wish and not is_manager(request.user):
        raise PermissionDenied(_("Deleted opportunities are listed for managers."))
    return bool(wish)


def _heading(used: dict[str, Any]) -> str:
    """Return number and name of the first filter in use of those that R35 names."""
    for name in ("company", "contact", "salesperson", "campaign", "segment"):
        row = used.get(name)
        if row is not None:
            number = getattr(row, "number", None) or getattr(row, "code", "")
            return f"{number} {row}".strip()
    return ""
