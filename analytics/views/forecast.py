"""The page of the forecast, and the adjusting of one figure on it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from analytics import adjusting
from analytics.adjust_form import AdjustForm
from analytics.basis import basis_of
from analytics.exporting import FORMAT, page_or_file
from analytics.forecast import Cell, Forecast, Scope, forecast_of
from analytics.forecast_figures import FIGURES, tables_of
from analytics.forecast_figures import MEASURES as FIGURES_OF_CELLS
from analytics.models import Adjustment
from analytics.outlook import outlook_of
from analytics.periods import (
    MONTHS,
    ONE,
    QUARTERS,
    Period,
    month_from,
    period_at,
    periods_before,
    periods_from,
)
from analytics.views.choosing import Choice, changed, one_of
from analytics.views.rights import for_managers
from crm.dates import today
from lists.parameters import check_parameters, integer, own_address, tidy
from opportunities.clock import clock_of, past_url
from opportunities.days import Day
from salespeople.models import Salesperson
from salespeople.visibility import visible_salespeople, visible_teams

MEASURES = {name: figure.label for name, figure in FIGURES_OF_CELLS.items() if name != "expected"}
KNOWN = ("by", "start", "period", "measure", "team", "salesperson", "on", "known", FORMAT)


@require_GET
@for_managers
def forecast(request: HttpRequest) -> HttpResponseBase:
    """Show what will land, by team and salesperson, month by month."""
    check_parameters(request.GET, KNOWN)
    if clean := tidy(request):
        return clean
    scope, kind = _scope(request), one_of(request, "by", (MONTHS, QUARTERS))
    periods = periods_from(_start(request, scope.day), kind)
    chosen = _chosen(request, periods)
    found = forecast_of(scope, periods)
    outlook = outlook_of(scope, found.total.cells[periods.index(chosen)])
    context = {
        "scope": scope,
        "day": scope.day,
        "clock": clock_of(request, scope.day),
        "past_url": past_url(request, KNOWN),
        "forecast": found,
        "chosen": chosen,
        "outlook": outlook,
        **_shown(found, one_of(request, "measure", tuple(MEASURES))),
        "basis": basis_of(request.user, scope.day.on, FIGURES),
        "may_adjust": kind == MONTHS and scope.day.is_today,
        "here": request.get_full_path(),
        **_choices(request, kind, periods, chosen),
    }
    return page_or_file(
        request,
        "analytics/forecast.html",
        context,
        tables=lambda: tables_of(found, outlook),
        day=scope.day.on,
    )


def _shown(found: Forecast, measure: str) -> dict[str, Any]:
    """Return the rows of all together, a figure each, and the lines with the chosen figure."""
    return {
        "rows": [
            (name, figure, [cell.readings.get(name) for cell in found.total.cells])
            for name, figure in FIGURES_OF_CELLS.items()
        ],
        "lines": [
            (line, [(cell, cell.readings.get(measure)) for cell in line.cells])
            for line in found.lines
        ],
    }


def _choices(
    request: HttpRequest, kind: str, periods: list[Period], chosen: Period
) -> dict[str, Any]:
    """Return the links that change one thing of the page and keep the others."""
    measure = one_of(request, "measure", tuple(MEASURES))
    anew: dict[str, str | None] = {"start": None, "period": None}
    return {
        "measure": measure,
        "measures": [
            Choice(label, changed(request, measure=name), name == measure)
            for name, label in MEASURES.items()
        ],
        "kinds": [
            Choice(_("Months"), changed(request, by=None, **anew), kind == MONTHS),
            Choice(_("Quarters"), changed(request, by=QUARTERS, **anew), kind == QUARTERS),
        ],
        "heads": [Choice(p, changed(request, period=p.key), p == chosen) for p in periods],
        "earlier": changed(request, start=_moved(periods, -1), period=None),
        "later": changed(request, start=_moved(periods, 1), period=None),
        "widen": changed(request, team=None, salesperson=None),
        "base": changed(request, team=None, salesperson=None, period=chosen.key),
    }


@require_http_methods(["GET", "POST"])
@for_managers
def adjust(request: HttpRequest, pk: int, month: str) -> HttpResponse:
    """Give a manager's figure for a salesperson's month, with its reason; or take it back."""
    first = month_from(month)
    if first is None:
        raise Http404
    person = get_object_or_404(visible_salespeople(request.user), pk=pk)
    check_parameters(request.GET, ["next"])
    scope = Scope(request.user, Day(today()), salesperson=person)
    cell = forecast_of(scope, [period_at(first, MONTHS)]).total.cells[0]
    form = AdjustForm(request.POST or None, current=_current(person, first))
    is_good = request.method == "POST" and form.is_valid()
    if is_good and (answer := _adjusted(request, form, person, cell)):
        return answer
    history = person.adjustments.filter(month=first).select_related("adjusted_by")
    context = {
        "person": person,
        "cell": cell,
        "form": form,
        "history": history,
        "next": own_address(request),
    }
    status = 422 if form.errors else 200
    return render(request, "analytics/adjust.html", context, status=status)


def _adjusted(
    request: HttpRequest, form: AdjustForm, person: Salesperson, cell: Cell
) -> HttpResponse | None:
    """Write the figure and go back; None, with the form saying why, when it was refused."""
    try:
        adjusting.adjust(
            person,
            cell.period.first,
            by=request.user,  # type: ignore[arg-type]
            system_value=cell.landing,
            **form.cleaned_data,
        )
    except ValidationError as error:
        form.add_refusal(error)
        return None
    except adjusting.Conflict as conflict:
        form.dispute(conflict.current)
        return None
    text = _("The forecast of %(name)s has been adjusted.")
    messages.success(request, text % {"name": person})
    return redirect(own_address(request) or "analytics:forecast")


def _current(person: Salesperson, month: date) -> Adjustment | None:
    return person.adjustments.filter(month=month, superseded_at__isnull=True).first()


def _scope(request: HttpRequest) -> Scope:
    day = Day.of(request.GET)
    team, person = integer(request.GET, "team"), integer(request.GET, "salesperson")
    return Scope(
        request.user,
        day,
        team=_found(visible_teams(request.user), team),
        salesperson=_found(visible_salespeople(request.user, day.on), person),
    )


def _found(rows: Any, pk: int | None) -> Any:
    """Return the row of an id; BadRequest for one that the person does not see."""
    if pk is None:
        return None
    row = rows.filter(pk=pk).first()
    if row is None:
        raise BadRequest(_("The address names a team or a salesperson that is not there."))
    return row


def _start(request: HttpRequest, day: Day) -> date:
    return _month(request, "start") or day.on


def _chosen(request: HttpRequest, periods: list[Period]) -> Period:
    """Return the period that is asked for, or the first; BadRequest for one that is not shown."""
    month = _month(request, "period")
    if month is None:
        return periods[0]
    found = next((period for period in periods if period.first == month), None)
    if found is None:
        raise BadRequest(_("The period does not lie within what is shown."))
    return found


def _month(request: HttpRequest, name: str) -> date | None:
    text = request.GET.get(name, "")
    month = month_from(text)
    if text and month is None:
        raise BadRequest(_("“%(name)s” must be a month like 2026-11.") % {"name": name})
    return month


def _moved(periods: list[Period], way: int) -> str:
    first, count = periods[0], len(periods)
    if way < 0:
        return periods_before(first.first, first.kind, count)[0].key
    return period_at(periods[-1].last + ONE, first.kind).key
