"""The pages of what becomes of opportunities: the funnel of a cycle."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from analytics import funnel as funnels
from analytics.basis import basis_of
from analytics.exporting import FORMAT, page_or_file
from analytics.flow import FlowFilter, FunnelFilter
from analytics.views.choosing import Choice, changed
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
