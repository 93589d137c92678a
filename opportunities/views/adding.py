"""The page behind the plus of a column: a new opportunity with four fields."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from lists.parameters import check_parameters, integer, own_address
from opportunities.adding import AddForm, gate_of
from opportunities.adding import add as add_new
from opportunities.views.acting import part, person, way_on
from salescycles.models import SalesCycle, SalesCycleStage


@require_http_methods(["GET", "POST"])
def add(request: HttpRequest) -> HttpResponse:
    """Create one at the stage that the address names; not started where it names the cycle."""
    check_parameters(request.GET, ["stage", "cycle", "next"])
    cycle, stage = _column(request)
    form = AddForm(
        request.POST if request.method == "POST" else None,
        by=person(request),
        cycle=cycle,
        stage=stage,
        initial={"next": own_address(request)},
    )
    if form.is_bound and form.is_valid():
        try:
            made = add_new(form)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("“%(name)s” has been created.") % {"name": made})
            return HttpResponseRedirect(way_on(request, made))
    context: dict[str, Any] = {
        "form": form,
        "cycle": cycle,
        "stage": stage,
        "gate": gate_of(cycle, stage) if stage is not None else "",
        "back": own_address(request),
    }
    template = part(request, "opportunities/add.html")
    return render(request, template, context, status=422 if form.is_bound else 200)


def _column(request: HttpRequest) -> tuple[SalesCycle, SalesCycleStage | None]:
    """Return the cycle and the stage; 404 for what there is not or what is blocked."""
    pk = integer(request.GET, "stage")
    if pk is not None:
        rows = SalesCycleStage.objects.usable().select_related("sales_cycle")
        stage = get_object_or_404(rows, pk=pk, sales_cycle__is_blocked=False)
        return stage.sales_cycle, stage
    pk = integer(request.GET, "cycle")
    if pk is None:
        raise BadRequest(_("Say in which column it is to begin."))
    return get_object_or_404(SalesCycle.objects.usable(), pk=pk), None
