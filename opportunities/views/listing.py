"""The list of opportunities (Business Central R167)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.dates import today
from lists.columns import Column, joined, load
from lists.filtering import chips
from lists.grouping import Group
from lists.paging import Page, page_of
from lists.parameters import check_parameters, integer, tidy
from lists.tabs import Tabs
from opportunities.bulk import BULK
from opportunities.columns import COLUMNS
from opportunities.conflicts import Dispute
from opportunities.filter_words import STATUSES
from opportunities.groups import heads
from opportunities.list_kind import OPPORTUNITIES, asks_for_deleted
from opportunities.models import Opportunity, Status
from opportunities.row_form import RowForm
from opportunities.sums import sums_of
from opportunities.views.acting import person
from opportunities.views.past import past_list
from opportunities.views.rows import save_row
from salespeople.roles import is_manager

SORTS = COLUMNS.sorts
DAILY = ("open", "closed", *Status.values)
CARRIED = ("view", "status", "sort", "deleted", "columns", "group")


@require_http_methods(["GET", "POST"])
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the opportunities that match the filters, a page at a time; save one of the rows."""
    if "on" in request.GET:
        return past_list(request)
    check_parameters(request.GET, OPPORTUNITIES.known, several=OPPORTUNITIES.several)
    if request.method == "POST":
        return save_row(request, shown)
    if clean := tidy(request):
        return clean
    views = Tabs(request, OPPORTUNITIES)
    if way := views.opening():
        return way
    return shown(request, views=views)


def shown(
    request: HttpRequest,
    *,
    views: Tabs | None = None,
    row_form: RowForm | None = None,
    dispute: Dispute | None = None,
    status: int = 200,
) -> HttpResponse:
    """Answer with the list that the address describes, and the row that is being changed."""
    views = views or Tabs(request, OPPORTUNITIES)
    is_deleted = asks_for_deleted(request, request.GET)
    filterset = OPPORTUNITIES.filterset(request, request.GET)
    rows = filterset.rows()
    columns = COLUMNS.chosen(views.columns)
    group = OPPORTUNITIES.group(request.GET)
    page, sums = _page(request, rows, columns, group), sums_of(rows)
    context = {
        "kind": OPPORTUNITIES,
        "views": views,
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "heading": _heading(filterset.used),
        "is_deleted": is_deleted,
        "columns": columns,
        "grouped_by": group,
        "lead": next((n for n, column in enumerate(columns) if column.total), len(columns)),
        "actions": [] if is_deleted else list(BULK),
        "has_more": bool(page.next_cursor or page.previous_cursor),
        "page": page,
        "sums": sums,
        "heads": heads(rows, page.rows, group, request.GET, with_sums=not sums.is_capped)
        if group
        else {},
        "row_form": row_form or _row_form(request, page.rows),
        "dispute": dispute,
        "today": today(),
        **_addresses(request, views, is_deleted=is_deleted),
    }
    status = 400 if filterset.form.errors else status
    return render(request, "opportunities/list.html", context, status=status)


def _page(
    request: HttpRequest, rows: Any, columns: list[Column], group: Group | None
) -> Page[Opportunity]:
    page: Page[Opportunity] = page_of(
        joined(group.prepared(rows) if group else rows, columns, *(group.related if group else ())),
        sorts=SORTS,
        sort=OPPORTUNITIES.sort(request.GET),
        cursor=request.GET.get("cursor", ""),
        group=group.sorts if group else (),
    )
    load(columns, page.rows)
    return page


def _row_form(request: HttpRequest, rows: list[Opportunity]) -> RowForm | None:
    """Return the form of the row that is to be changed, if it stands on this page and is open."""
    wanted = integer(request.GET, "edit")
    found = next((row for row in rows if row.pk == wanted and row.is_open), None)
    if found is None:
        return None
    return RowForm(opportunity=found, by=person(request))


@dataclass(frozen=True)
class Tab:
    """A way to look at the list, by status."""

    label: Any
    url: str
    is_active: bool


def _addresses(request: HttpRequest, views: Tabs, *, is_deleted: bool) -> dict[str, Any]:
    """Return the tabs, what the filter's form must carry along, and the way out of it."""
    statuses = request.GET.getlist("status")
    status = statuses[0] if len(statuses) == 1 else ""
    # "Started" is what the salespeople's figures lead to, and no daily question.
    names = [("", _("All")), *(row for row in STATUSES if row[0] in (status, *DAILY))]
    tabs = [
        Tab(label, _with_status(request, name), not is_deleted and statuses == [name] * bool(name))
        for name, label in names
    ]
    if is_manager(request.user):
        tabs.append(Tab(_("Deleted"), "?deleted=1", is_deleted))
    hidden = [(n, value) for n in CARRIED for value in request.GET.getlist(n) if value]
    all_url = "?deleted=1" if is_deleted else views.all_url
    return {"tabs": tabs, "hidden": hidden, "all_url": all_url}


def _with_status(request: HttpRequest, status: str) -> str:
    query = request.GET.copy()
    for name in ("status", "cursor", "deleted"):
        query.pop(name, None)
    if status:
        query["status"] = status
    return f"?{query.urlencode() or 'view=all'}"


def _heading(used: dict[str, Any]) -> str:
    """Return number and name of the first filter in use of those that R35 names."""
    for name in ("company", "contact", "salesperson", "campaign", "segment"):
        value = used.get(name)
        row = value[0] if isinstance(value, list) and len(value) == 1 else value
        if row is not None and not isinstance(row, list):
            number = getattr(row, "number", None) or getattr(row, "code", "")
            return f"{number} {row}".strip()
    return ""
