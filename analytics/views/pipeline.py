"""The page of the pipeline in figures."""

from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_GET

from analytics.basis import basis_of
from analytics.exporting import FORMAT, page_or_file
from analytics.figures import OPEN, OPEN_SHARE
from analytics.pipeline_page import CUTS, PipelinePageFilter, cut_of, page_of, tables_of
from analytics.views.rights import for_managers
from lists.alternatives import several_of
from lists.filtering import chips, without
from lists.parameters import check_parameters, tidy
from opportunities.clock import clock_of, past_url
from opportunities.days import Day
from opportunities.filters import MORE

PIPELINE = {*PipelinePageFilter.base_filters, "on", "known", "by", MORE, FORMAT}


@require_GET
@for_managers
def pipeline(request: HttpRequest) -> HttpResponseBase:
    """Show the open pipeline of a day by stage, salesperson, team or month."""
    check_parameters(request.GET, PIPELINE, several=several_of(PipelinePageFilter))
    if clean := tidy(request):
        return clean
    day, cut = Day.of(request.GET), cut_of(request)
    filterset = PipelinePageFilter(request.GET, day.states_for(request.user), request=request)
    is_valid = filterset.form.is_valid()
    page = page_of(filterset, cut) if is_valid else None
    context = {
        "day": day,
        "clock": clock_of(request, day) if "on" in request.GET else None,
        "past_url": past_url(request, PIPELINE),
        "cut": cut,
        "cuts": [(name, each.label) for name, each in CUTS.items()],
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "hidden": [(n, request.GET[n]) for n in ("on", "known", "by") if request.GET.get(n)],
        "clear_url": without(request.GET, *filterset.filters, MORE),
        "page": page,
        "basis": basis_of(request.user, day.on, (*OPEN, OPEN_SHARE)),
    }
    return page_or_file(
        request,
        "analytics/pipeline.html",
        context,
        tables=lambda: tables_of(page, cut),
        day=day.on,
        status=200 if is_valid else 400,
    )
