"""The board of one sales cycle."""

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lists.filtering import chips
from lists.parameters import check_parameters, integer, tidy
from opportunities.board import board_of, chosen_cycle
from opportunities.filters import MORE, PipelineFilter
from opportunities.models import Opportunity
from salescycles.models import SalesCycle

PERIOD = ("close_from", "close_until")
REMEMBERED = "pipeline_cycle"


@require_GET
def pipeline(request: HttpRequest) -> HttpResponse:
    """Show the open opportunities of one cycle, by stage."""
    check_parameters(request.GET, {*PipelineFilter.base_filters, MORE, "cycle"})
    if clean := tidy(request):
        return clean
    cycle = _cycle(request)
    visible = Opportunity.objects.visible_to(request.user).kept()
    filterset = PipelineFilter(request.GET, visible, request=request)
    is_valid = filterset.form.is_valid()
    context: dict[str, Any] = {
        "cycle": cycle,
        "tabs": _tabs(request, cycle),
        "clear_url": f"?cycle={cycle.pk}" if cycle else "?",
        "base": reverse("opportunities:list"),
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "here": request.get_full_path(),
    }
    if cycle and is_valid:
        context["board"] = board_of(
            cycle, filterset.narrowed(), any_period=filterset.narrowed(but=PERIOD)
        )
    status = 200 if is_valid else 400
    return render(request, "opportunities/pipeline.html", context, status=status)


@dataclass(frozen=True)
class Tab:
    """One of the cycles, with the same filters."""

    label: str
    url: str
    is_active: bool


def _tabs(request: HttpRequest, shown: SalesCycle | None) -> list[Tab]:
    query = request.GET.copy()
    tabs = []
    for cycle in SalesCycle.objects.filter(Q(is_blocked=False) | Q(pk=shown.pk if shown else 0)):
        query["cycle"] = str(cycle.pk)
        is_active = shown is not None and cycle.pk == shown.pk
        tabs.append(Tab(cycle.name, f"?{query.urlencode()}", is_active))
    return tabs


def _cycle(request: HttpRequest) -> SalesCycle | None:
    """Return the cycle that is asked for, which is remembered, or the one to propose."""
    asked = integer(request.GET, "cycle")
    if asked is None:
        return chosen_cycle(request.user, request.session.get(REMEMBERED))
    cycle = SalesCycle.objects.filter(pk=asked).first()
    if cycle is None:
        raise BadRequest(_("There is no such sales cycle."))
    if request.session.get(REMEMBERED) != cycle.pk:
        request.session[REMEMBERED] = cycle.pk
    return cycle
