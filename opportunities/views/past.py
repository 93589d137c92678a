"""The list as it stood on a day: read only, and it says so (product.md, U1)."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lists.columns import Column, joined, load
from lists.filtering import chips
from lists.grouping import Group
from lists.paging import Page, page_of
from lists.parameters import check_parameters, tidy
from lists.tabs import Tabs
from opportunities.clock import clock_of
from opportunities.filter_words import STATUSES
from opportunities.groups import heads
from opportunities.models import Status
from opportunities.past_kind import PAST
from opportunities.sums import SUMS, sums_from

SHOWN = ("open", "closed", *Status.values)
CARRIED = ("on", "known", "status", "sort", "columns", "group")


@require_GET
def past_list(request: HttpRequest) -> HttpResponse:
    """Show the opportunities as they stood on the day that the address names."""
    check_parameters(request.GET, PAST.known, several=PAST.several)
    if clean := tidy(request):
        return clean
    views = Tabs(request, PAST)
    filterset = PAST.filterset(request, request.GET)
    rows = filterset.rows()
    columns = PAST.columns.chosen(views.columns)
    group = PAST.group(request.GET)
    page, sums = _page(request, rows, columns, group), sums_from(rows.aggregate(**SUMS), "")
    context = {
        "kind": PAST,
        "views": views,
        "clock": clock_of(request, filterset.day),
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "columns": columns,
        "grouped_by": group,
        "lead": next((n for n, column in enumerate(columns) if column.total), len(columns)),
        "page": page,
        "sums": sums,
        "heads": heads(rows, page.rows, group, request.GET, with_sums=True) if group else {},
        "today": filterset.day.on,
        **_addresses(request),
    }
    status = 400 if filterset.form.errors else 200
    return render(request, "opportunities/past_list.html", context, status=status)


def _page(request: HttpRequest, rows: Any, columns: list[Column], group: Group | None) -> Page[Any]:
    page: Page[Any] = page_of(
        joined(
            group.prepared(rows) if group else rows,
            columns,
            "opportunity",
            *(group.related if group else ()),
        ),
        sorts=PAST.columns.sorts,
        sort=PAST.sort(request.GET),
        cursor=request.GET.get("cursor", ""),
        group=group.sorts if group else (),
    )
    load(columns, page.rows)
    return page


@dataclass(frozen=True)
class Tab:
    """A status, with the same filters."""

    label: Any
    url: str
    is_active: bool


def _addresses(request: HttpRequest) -> dict[str, Any]:
    status = request.GET.get("status", "")
    names = [("", _("All")), *(row for row in STATUSES if row[0] in (status, *SHOWN))]
    hidden = [(name, request.GET[name]) for name in CARRIED if request.GET.get(name)]
    day = {name: request.GET[name] for name in ("on", "known") if request.GET.get(name)}
    query = request.GET.copy()
    query.clear()
    query.update(day)
    return {
        "tabs": [Tab(label, _with_status(request, name), status == name) for name, label in names],
        "hidden": hidden,
        "all_url": f"?{query.urlencode()}",
    }


def _with_status(request: HttpRequest, status: str) -> str:
    query = request.GET.copy()
    for name in ("status", "cursor"):
        query.pop(name, None)
    if status:
        query["status"] = status
    return f"?{query.urlencode()}"
