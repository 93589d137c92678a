"""The page of the opportunities matrix."""

from datetime import date
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from analytics.basis import basis_of
from analytics.exporting import FORMAT, page_or_file
from analytics.matrix import FIGURES, LINES, MEASURES, ROUNDINGS, Look, matrix_of, tables_of
from analytics.periods import KINDS, ONE, Period, day_from, period_at, periods_before, periods_from
from analytics.views.choosing import Choice, changed, one_of
from analytics.views.rights import for_managers
from lists.filtering import chips
from lists.parameters import check_parameters, integer, tidy
from opportunities.clock import clock_of, past_url
from opportunities.filters import MORE
from opportunities.models import Status
from opportunities.past_filters import StateFilter
from opportunities.populations import Narrowed

STATUSES = (Status.IN_PROGRESS, Status.WON, Status.LOST)
MOST_COLUMNS = 32
OWN = ("show", "by", "start", "columns", "measure", "rounding", "on", "known", "cursor", MORE)
KIND_LABELS = {
    "month": gettext_lazy("Months"),
    "day": gettext_lazy("Days"),
    "week": gettext_lazy("Weeks"),
    "quarter": gettext_lazy("Quarters"),
    "year": gettext_lazy("Years"),
}


class MatrixFilter(StateFilter):
    """The filters of a day's states but for the close date, which the columns ask for (R161)."""

    close_from = close_until = undated = overdue = None  # type: ignore[assignment]

    in_tabs = ("status",)
    first = ("q", "salesperson", "cycle", "stage")


KNOWN = {*MatrixFilter.base_filters, *OWN, FORMAT}


@require_GET
@for_managers
def matrix(request: HttpRequest) -> HttpResponseBase:
    """Show salespeople, contacts or campaigns over periods of closing."""
    check_parameters(request.GET, KNOWN)
    if clean := tidy(request):
        return clean
    look, filterset = _look(request), _filter(request)
    periods = periods_from(_start(request, filterset.day.on), look.by, _columns(request))
    narrowed = _narrowed(filterset)
    lines, page = matrix_of(narrowed, look, periods, request.GET.get("cursor", ""))
    context = {
        "clock": clock_of(request, filterset.day),
        "day": filterset.day,
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "lines": lines,
        "page": page,
        "periods": periods,
        "look": look,
        "past_url": past_url(request, KNOWN),
        "basis": basis_of(request.user, filterset.day.on, [FIGURES[look.measure]]),
        **_choices(request, look, periods),
    }
    return page_or_file(
        request,
        "analytics/matrix.html",
        context,
        tables=lambda: tables_of(narrowed, look, periods),
        day=filterset.day.on,
        status=400 if filterset.form.errors else 200,
    )


def _filter(request: HttpRequest) -> MatrixFilter:
    """Return the filters; without a status, those in progress (R157)."""
    query: QueryDict = request.GET.copy()
    status = query.setdefault("status", Status.IN_PROGRESS)
    if status not in STATUSES:
        raise BadRequest(_("The matrix shows one status: in progress, won, or lost."))
    filterset = MatrixFilter(query, None, request=request)
    filterset.queryset = filterset.day.states_for(request.user)
    return filterset


def _look(request: HttpRequest) -> Look:
    return Look(
        show=one_of(request, "show", tuple(LINES)),
        by=one_of(request, "by", KINDS),
        measure=one_of(request, "measure", tuple(MEASURES)),
        rounding=one_of(request, "rounding", tuple(ROUNDINGS)),
    )


def _narrowed(filterset: MatrixFilter) -> Narrowed:
    """Return what the filters leave of the day; its links name the day, too."""
    found = filterset.narrowed()
    return Narrowed(found.rows, (*filterset.day.parameters, *found.parameters))


def _choices(request: HttpRequest, look: Look, periods: list[Period]) -> dict[str, Any]:
    """Return the links that change one thing and keep the others."""

    def each(name: str, labels: Any, chosen: str, **anew: str | None) -> list[Choice]:
        return [
            Choice(
                label[0] if isinstance(label, tuple) else label,
                changed(request, cursor=None, **{name: key or None}, **anew),
                key == chosen,
            )
            for key, label in labels.items()
        ]

    status = request.GET.get("status", Status.IN_PROGRESS)
    before = periods_before(periods[0].first, look.by, len(periods))[0]
    after = period_at(periods[-1].last + ONE, look.by)
    return {
        "shows": each("show", {key: row.label for key, row in LINES.items()}, look.show),
        "kinds": each("by", KIND_LABELS, look.by, start=None),
        "measures": each("measure", MEASURES, look.measure),
        "roundings": each("rounding", ROUNDINGS, look.rounding),
        "statuses": each("status", {key: key.label for key in STATUSES}, status),
        "earlier": changed(request, start=before.first.isoformat(), cursor=None),
        "later": changed(request, start=after.first.isoformat(), cursor=None),
        "hidden": [(n, request.GET[n]) for n in (*OWN, "status") if n in request.GET],
        "all_url": request.path,
    }


def _start(request: HttpRequest, on: date) -> date:
    text = request.GET.get("start", "")
    start = day_from(text)
    if text and start is None:
        raise BadRequest(_("“%(name)s” must be a day like 2026-03-31.") % {"name": "start"})
    return start or on


def _columns(request: HttpRequest) -> int | None:
    """Return how many periods are asked for: 1 to 32 (R155)."""
    count = integer(request.GET, "columns")
    if count is not None and not 1 <= count <= MOST_COLUMNS:
        raise BadRequest(_("The matrix has 1 to 32 columns."))
    return count
