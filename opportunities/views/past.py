"""List, board and opportunity as they stood on a day: read only, and loud (product.md, U1)."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lists.alternatives import several_of
from lists.filtering import chips
from lists.listing import Choice, Listing, switch
from lists.parameters import check_parameters, integer, tidy
from opportunities.board import chosen_cycle
from opportunities.clock import clock_of
from opportunities.days import Day
from opportunities.filter_words import STATUSES
from opportunities.filters import MORE
from opportunities.models import Status
from opportunities.past_board import PastBoardFilter, past_board_of
from opportunities.past_detail import past_page_of
from opportunities.past_kind import PAST
from opportunities.views.acting import found
from salescycles.models import SalesCycle

SHOWN = ("open", "closed", *Status.values)


@require_GET
def past_list(request: HttpRequest) -> HttpResponse:
    """Show the opportunities as they stood on the day that the address names."""
    check_parameters(request.GET, PAST.known, several=PAST.several)
    if clean := tidy(request):
        return clean
    listing = Listing(request, PAST)
    day = listing.filterset.day
    return listing.answer(
        "opportunities/past_list.html",
        in_tabs=("on", "known", "status"),
        clock=clock_of(request, day),
        today=day.on,
        all_url=_of_the_day(request),
        switches=[(_("Status"), _statuses(request))],
    )


def _statuses(request: HttpRequest) -> list[Choice]:
    status = ",".join(request.GET.getlist("status"))  # several are none of the links
    names = [("", _("All")), *(row for row in STATUSES if row[0] in (status, *SHOWN))]
    return switch(request.GET, "status", names, status)


def _of_the_day(request: HttpRequest) -> str:
    """Return the address of the day without a filter."""
    query = request.GET.copy()
    for name in set(query) - {"on", "known"}:
        del query[name]
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


def _cycles(request: HttpRequest, shown: SalesCycle | None) -> list[Choice]:
    """Return all cycles, the blocked ones too: they may not have been, then."""
    query = request.GET.copy()
    tabs = []
    for cycle in SalesCycle.objects.all():
        query["cycle"] = str(cycle.pk)
        tabs.append(Choice(cycle.name, f"?{query.urlencode()}", cycle == shown))
    return tabs
