"""The pages of the bridge: what changed between two days, and the rows of a bar."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics import bridge_page as page
from analytics.basis import basis_of
from analytics.bridge import Bridge
from analytics.bridge_figures import AMOUNTS, COUNTS
from analytics.bridge_filters import BridgeFilter
from analytics.exporting import FORMAT, page_or_file
from analytics.views.rights import for_managers
from lists.alternatives import several_of
from lists.filtering import chips
from lists.parameters import check_parameters, tidy
from opportunities.filters import MORE

BRIDGE = {*BridgeFilter.base_filters, *page.DAYS, "measure", MORE, FORMAT}
BRIDGE_ROWS = {*BRIDGE, "bar", "after"} - {FORMAT}


@require_GET
@for_managers
def bridge(request: HttpRequest) -> HttpResponseBase:
    """Show what changed between two days, as a waterfall and its table."""
    check_parameters(request.GET, BRIDGE, several=several_of(BridgeFilter))
    if clean := tidy(request):
        return clean
    asked = page.bridge_of(request)
    is_valid = asked.asked.form.is_valid()
    waterfall = page.waterfall_of(asked) if is_valid else None
    context = {
        **_of_bridge(request, asked),
        "waterfall": waterfall,
        "basis": basis_of(request.user, asked.span.closing.on, page.figures_of(asked)),
    }
    return page_or_file(
        request,
        "analytics/bridge.html",
        context,
        tables=lambda: page.tables_of(waterfall),
        day=asked.span.closing.on,
        status=200 if is_valid else 400,
    )


@require_GET
@for_managers
def bridge_rows(request: HttpRequest) -> HttpResponse:
    """Show the opportunities of one bar, the greatest amounts first."""
    check_parameters(request.GET, BRIDGE_ROWS, several=several_of(BridgeFilter))
    if clean := tidy(request):
        return clean
    name, asked = page.bar_of(request.GET), page.bridge_of(request)
    is_valid = asked.asked.form.is_valid()
    behind = page.behind_of(request.GET.get("after", ""))
    rows = asked.rows((name,), most=page.PAGE_SIZE + 1, behind=behind) if is_valid else []
    shown = rows[: page.PAGE_SIZE]
    last = shown[-1] if len(rows) > len(shown) else None
    context = {
        **_of_bridge(request, asked),
        "sums": asked.sums().get(name) if is_valid else None,
        "pairs": page.pairs_of(asked, shown),
        "after": f"{last.amount}:{last.pk}" if last else "",
        "is_first": behind is None,
        "label": AMOUNTS[name].label,
        "basis": basis_of(request.user, asked.span.closing.on, [AMOUNTS[name], COUNTS[name]]),
    }
    return render(request, "analytics/bridge_rows.html", context, status=200 if is_valid else 400)


def _of_bridge(request: HttpRequest, asked: Bridge) -> dict[str, Any]:
    filterset = asked.asked
    return {
        "span": asked.span,
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "hidden": [(n, request.GET[n]) for n in ("known", "measure") if request.GET.get(n)],
        "periods": page.periods(request, asked.span),
        "measures": page.measures(request, asked),
        "knowledge": page.knowledge(request, asked),
        "clear_url": page.clear_url(asked),
        "back_url": page.bridge_url(asked),
    }
