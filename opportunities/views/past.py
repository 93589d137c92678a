"""List, board and opportunity as they stood on a day: read only, and loud (product.md, U1)."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lists.alternatives import several_of
from lists.columns import Column, joined, load
from lists.filtering import chips
from lists.grouping import Group
from lists.paging import Page, page_of
from lists.parameters import check_parameters, integer, tidy
from lists.tabs import Tabs
from opportunities.board import chosen_cycle
from opportunities.clock import clock_of
from opportunities.days import Day
from opportunities.filter_words import STATUSES
from opportunities.filters import MORE
from opportunities.groups import heads
from opportunities.models import Status
from opportunities.past_board import PastBoardFilter, past_board_of
from opportunities.past_detail import past_page_of
from opportunities.past_kind import PAST
from opportunities.sums import SUMS, sums_from
from opportunities.views.acting import found
from salescycles.models import SalesCycle

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


@require_GET
def past_board(request: HttpRequest) -> HttpResponse:
    """Show the board of one cycle as it stood on the day that the address names."""
    known = {*PastBoardFilter.base_filters, "on", "known", "cycle", MORE}
    check_parameters(request.GET, known, several=several_of(PastBoardFilter))
    if clean := tidy(request):
        return clean
    day, cycle = Day.of(request.GET), _cycle(request)
    filterset = PastBoardFilter(request.GET, day.states_for(request.user), request=request)
    is_valid = filterset.form.is_valid()
    kept = [*day.named, *([("cycle", str(cycle.pk))] if cycle else [])]
    context = {
        "clock": clock_of(request, day),
        "cycle": cycle,
        "tabs": _cycles(request, cycle),
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "hidden": kept,
        "clear_url": f"?{urlencode(kept)}",
        "board": past_board_of(cycle, filterset) if cycle and is_valid else None,
    }
    status = 200 if is_valid else 400
    return render(request, "opportunities/past_board.html", context, status=status)


@require_GET
def past_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an opportunity as it stood on the day that the address names, by today's rights."""
    check_parameters(request.GET, ["on", "known"])
    opportunity, day = found(request, pk), Day.of(request.GET)
    page = past_page_of(opportunity, day)
    context = {
        **vars(page),
        "subject": opportunity,
        "opportunity": page.state,
        "clock": clock_of(request, day, today_url=opportunity.get_absolute_url()),
    }
    return render(request, "opportunities/past_detail.html", context)


def _cycle(request: HttpRequest) -> SalesCycle | None:
    asked = integer(request.GET, "cycle")
    if asked is None:
        return chosen_cycle(request.user, None)
    cycle = SalesCycle.objects.filter(pk=asked).first()
    if cycle is None:
        raise BadRequest(_("There is no such sales cycle."))
    return cycle


def _cycles(request: HttpRequest, shown: SalesCycle | None) -> list[Tab]:
    """Return all cycles, the blocked ones too: they may not have been, then."""
    query = request.GET.copy()
    tabs = []
    for cycle in SalesCycle.objects.all():
        query["cycle"] = str(cycle.pk)
        tabs.append(Tab(cycle.name, f"?{query.urlencode()}", cycle == shown))
    return tabs
