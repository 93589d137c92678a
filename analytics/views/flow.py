"""The pages of what becomes of opportunities: funnel, time in stage, wins and losses, cohorts."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics import cohorts as cohort_page
from analytics import funnel as funnels
from analytics import stage_times, win_loss
from analytics.basis import basis_of
from analytics.exporting import FORMAT, page_or_file
from analytics.flow import CohortFilter, FlowFilter, FunnelFilter, WinLossFilter
from analytics.views.choosing import Choice, changed, one_of
from analytics.views.rights import for_managers
from lists.alternatives import several_of
from lists.filtering import chips, without
from lists.parameters import check_parameters, integer, tidy
from opportunities.board import chosen_cycle
from opportunities.clock import clock_of, past_url
from opportunities.days import Day
from opportunities.filters import MORE
from salescycles.models import SalesCycle

FUNNEL = {*FunnelFilter.base_filters, "cycle", "on", "known", MORE, FORMAT}
WINS = {*WinLossFilter.base_filters, "by", "on", "known", MORE, FORMAT}
COHORTS = {*CohortFilter.base_filters, "show", "measure", "on", "known", MORE, FORMAT}


@require_GET
@for_managers
def funnel(request: HttpRequest) -> HttpResponseBase:
    """Show how many of those created in a period entered each stage, and what became of them."""
    check_parameters(request.GET, FUNNEL, several=several_of(FunnelFilter))
    if clean := tidy(request):
        return clean
    cycle, filterset = cycle_of(request), filter_of(request, FunnelFilter)
    is_valid = filterset.form.is_valid()
    page = funnels.funnel_of(cycle, filterset) if cycle and is_valid else None
    context = {
        **flow_context(request, filterset, FUNNEL, "cycle"),
        "cycle": cycle,
        "tabs": cycle_tabs(request, cycle),
        "page": page,
        "basis": basis_of(request.user, filterset.day.on, funnels.FIGURES),
    }
    return page_or_file(
        request,
        "analytics/funnel.html",
        context,
        tables=lambda: funnels.tables_of(page),
        day=filterset.day.on,
        status=200 if is_valid else 400,
    )


@require_GET
@for_managers
def times(request: HttpRequest) -> HttpResponseBase:
    """Show how long opportunities stay at each stage, and how fast the pipeline earns."""
    check_parameters(request.GET, FUNNEL, several=several_of(FunnelFilter))
    if clean := tidy(request):
        return clean
    cycle, filterset = cycle_of(request), filter_of(request, FunnelFilter)
    is_valid = filterset.form.is_valid()
    page = stage_times.times_of(cycle, filterset) if cycle and is_valid else None
    context = {
        **flow_context(request, filterset, FUNNEL, "cycle"),
        "cycle": cycle,
        "tabs": cycle_tabs(request, cycle),
        "page": page,
        "pace": stage_times.PACE,
        "basis": basis_of(request.user, filterset.day.on, stage_times.FIGURES),
    }
    return page_or_file(
        request,
        "analytics/times.html",
        context,
        tables=lambda: stage_times.tables_of(page),
        day=filterset.day.on,
        status=200 if is_valid else 400,
    )


@require_GET
@for_managers
def wins(request: HttpRequest) -> HttpResponseBase:
    """Show what was won and lost in a period, by reason, salesperson, size or campaign."""
    check_parameters(request.GET, WINS, several=several_of(WinLossFilter))
    if clean := tidy(request):
        return clean
    cut, filterset = one_of(request, "by", tuple(win_loss.CUTS)), filter_of(request, WinLossFilter)
    is_valid = filterset.form.is_valid()
    page = win_loss.page_of(filterset, cut) if is_valid else None
    context = {
        **flow_context(request, filterset, WINS, "by"),
        "cut": cut,
        "cuts": [(name, each.label) for name, each in win_loss.CUTS.items()],
        "page": page,
        "basis": basis_of(request.user, filterset.day.on, win_loss.FIGURES),
    }
    return page_or_file(
        request,
        "analytics/wins.html",
        context,
        tables=lambda: win_loss.tables_of(page, cut),
        day=filterset.day.on,
        status=200 if is_valid else 400,
    )


@require_GET
@for_managers
def cohorts(request: HttpRequest) -> HttpResponseBase:
    """Show what became of those created in each month, month after month."""
    check_parameters(request.GET, COHORTS, several=several_of(CohortFilter))
    if clean := tidy(request):
        return clean
    show = one_of(request, "show", tuple(cohort_page.SHOWN))
    measure = one_of(request, "measure", tuple(cohort_page.CREATED))
    filterset = filter_of(request, CohortFilter)
    is_valid = filterset.form.is_valid()
    page = cohort_page.cohorts_of(filterset, show, measure) if is_valid else []
    figures = (cohort_page.CREATED[measure], cohort_page.CELLS[show, measure], cohort_page.SHARE)
    context = {
        **flow_context(request, filterset, COHORTS, "show", "measure"),
        **cohort_looks(request, show, measure),
        "page": page,
        "basis": basis_of(request.user, filterset.day.on, figures),
    }
    return page_or_file(
        request,
        "analytics/cohorts.html",
        context,
        tables=lambda: cohort_page.tables_of(page, show, measure),
        day=filterset.day.on,
        status=200 if is_valid else 400,
    )


def cohort_looks(request: HttpRequest, show: str, measure: str) -> dict[str, Any]:
    """Return what the page of cohorts can show, as choices."""
    return {
        "shows": [
            Choice(label, changed(request, show=name), name == show)
            for name, label in cohort_page.SHOWN.items()
        ],
        "measures": [
            Choice(each.label, changed(request, measure=name), name == measure)
            for name, each in cohort_page.CREATED.items()
        ],
        "ages": range(cohort_page.MONTHS),
    }


def filter_of[F: FlowFilter](request: HttpRequest, kind: type[F]) -> F:
    """Return the filters of a page with the states of its day."""
    return kind(request.GET, Day.of(request.GET).states_for(request.user), request=request)


def flow_context(
    request: HttpRequest, filterset: FlowFilter, known: set[str], *own: str
) -> dict[str, Any]:
    """Return what the filters of each of these pages show; `own` are parameters kept by them."""
    day = filterset.day
    return {
        "day": day,
        "clock": clock_of(request, day) if "on" in request.GET else None,
        "past_url": past_url(request, known),
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "hidden": [(n, request.GET[n]) for n in ("on", "known", *own) if request.GET.get(n)],
        "clear_url": without(request.GET, *filterset.filters, MORE),
    }


def cycle_of(request: HttpRequest) -> SalesCycle | None:
    """Return the cycle that is asked for, or the usual one; BadRequest for none that there is."""
    asked = integer(request.GET, "cycle")
    if asked is None:
        return chosen_cycle(request.user, None)
    cycle = SalesCycle.objects.filter(pk=asked).first()
    if cycle is None:
        raise BadRequest(_("There is no such sales cycle."))
    return cycle


def cycle_tabs(request: HttpRequest, shown: SalesCycle | None) -> list[Choice]:
    """Return all cycles, the blocked ones too: they have a history."""
    return [
        Choice(each.name, changed(request, cycle=str(each.pk)), each == shown)
        for each in SalesCycle.objects.all()
    ]
