"""The list of opportunities (Business Central R167)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm.dates import today
from lists.columns import Column, joined, load
from lists.filtering import chips
from lists.grouping import Group
from lists.paging import Page, page_of
from lists.parameters import check_parameters, tidy
from lists.tabs import Tabs
from opportunities.bulk import ACTIONS
from opportunities.columns import COLUMNS
from opportunities.filter_words import STATUSES
from opportunities.groups import heads
from opportunities.list_kind import OPPORTUNITIES, asks_for_deleted
from opportunities.models import Opportunity, Status
from opportunities.sums import sums_of
from salespeople.roles import is_manager

SORTS = COLUMNS.sorts
DAILY = ("open", "closed", *Status.values)
CARRIED = ("view", "status", "sort", "deleted", "columns", "group")


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the opportunities that match the filters, a page at a time."""
    check_parameters(request.GET, OPPORTUNITIES.known, several=OPPORTUNITIES.several)
    if clean := tidy(request):
        return clean
    views = Tabs(request, OPPORTUNITIES)
    if way := views.opening():
        return way
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
        "actions": [] if is_deleted else list(ACTIONS.values()),
        "has_more": bool(page.next_cursor or page.previous_cursor),
        "page": page,
        "sums": sums,
        "heads": heads(rows, page.rows, group, request.GET, with_sums=not sums.is_capped)
        if group
        else {},
        "today": today(),
        **_addresses(request, views, is_deleted=is_deleted),
    }
    status = 400 if filterset.form.errors else 200
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


@dataclass(frozen=True)
class Tab:
    """A way to look at the list, by status."""

    label: Any
    url: str
    is_active: bool


def _addresses(request: HttpRequest, views: Tabs, *, is_deleted: bool) -> dict[str, Any]:
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
    hidden = [(name, request.GET[name]) for name in CARRIED if request.GET.get(name)]
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
        row = used.get(name)
        if row is not None:
            number = getattr(row, "number", None) or getattr(row, "code", "")
            return f"{number} {row}".strip()
    return ""
