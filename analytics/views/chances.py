"""The page of chances checked, and the two acts on it."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from analytics import adopting
from analytics.basis import basis_of
from analytics.chance_figures import FIGURES, Told, tables_of
from analytics.chances import FLOOR, WEIGHT
from analytics.charts import reliability, score_lines
from analytics.checking import back_test
from analytics.exporting import FORMAT, page_or_file
from analytics.models import AdoptedChance
from analytics.stage_chances import closed_url, line_of, lines_of
from analytics.views.rights import for_managers
from crm.dates import month_of, today
from crm.money import format_percent
from lists.parameters import check_parameters, integer
from opportunities.board import chosen_cycle
from opportunities.days import Day
from opportunities.models import Opportunity
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.models import User
from salespeople.roles import is_administrator
from salespeople.visibility import sees_everything

PERIODS = (12, 24, 36)
MOST_ADOPTED = 10


@require_GET
@for_managers
def chances(request: HttpRequest) -> HttpResponseBase:
    """Show configured chances beside what came of them, and how well they foretold."""
    check_parameters(request.GET, ["cycle", "months", FORMAT])
    months = _months(request)
    cycle = _cycle(request)
    first, last = _period(months)
    context: dict[str, Any] = {
        "cycle": cycle,
        "cycles": SalesCycle.objects.all(),
        "months": months,
        "periods": PERIODS,
        "first": first,
        "last": last,
        "floor": FLOOR,
        "weight": WEIGHT,
        "may_adopt": is_administrator(request.user),
        "sees_all": sees_everything(request.user),
        "day": Day(today()),
        "basis": basis_of(request.user, today(), FIGURES),
    }
    if cycle is not None:
        context |= _checked(request, cycle, first, last)
    return page_or_file(
        request, "analytics/chances.html", context, tables=lambda: tables_of(context)
    )


def _checked(request: HttpRequest, cycle: SalesCycle, first: date, last: date) -> dict[str, Any]:
    rows = Opportunity.objects.visible_to(request.user).filter(sales_cycle=cycle)
    test = back_test(rows, first, last.replace(day=1))
    told = Told(test, closed_url(cycle, first, last))
    adopted = AdoptedChance.objects.filter(stage__sales_cycle=cycle)
    return {
        "lines": lines_of(cycle, request.user, first, last),
        "test": test,
        "scores": told.scores,
        "months_told": told.months,
        "bands": told.bands,
        "score_chart": score_lines(test.months),
        "reliability_chart": reliability(test.told, test.learned),
        "adopted": adopted.select_related("stage", "adopted_by", "reverted_by")[:MOST_ADOPTED],
    }


@require_POST
def adopt(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a stage the chances that are offered now."""
    adopting.check_may_adopt(request.user)
    check_parameters(request.POST, ["csrfmiddlewaretoken", "months", "seen", "chances"])
    stage = get_object_or_404(SalesCycleStage.objects.select_related("sales_cycle"), pk=pk)
    line = line_of(stage, request.user, *_period(_months(request)))
    is_same = (str(line.offered), str(stage.chances_of_success)) == (
        request.POST.get("chances"),
        request.POST.get("seen"),
    )
    if line.offered is None or not is_same:
        messages.warning(request, _("The figures have changed meanwhile. Look again, then decide."))
        return redirect(_address(request, stage))
    try:
        adopted = adopting.adopt(
            stage,
            by=_user(request),
            chances=line.offered,
            observed=line.observed,
            seen=stage.chances_of_success,
        )
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        _tell(request, adopted)
    return redirect(_address(request, stage))


@require_POST
def revert(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an adopted chance back."""
    adopting.check_may_adopt(request.user)
    adopted = get_object_or_404(AdoptedChance.objects.select_related("stage"), pk=pk)
    try:
        adopting.revert(adopted, by=_user(request))
    except ValidationError as error:
        messages.warning(request, " ".join(error.messages))
    else:
        text = _("“%(stage)s” has chances of %(chances)s again.")
        words = {"stage": adopted.stage, "chances": format_percent(adopted.before, 2)}
        messages.success(request, text % words)
    return redirect(_address(request, adopted.stage))


def _tell(request: HttpRequest, adopted: AdoptedChance) -> None:
    text = _("“%(stage)s” now has chances of %(chances)s; it had %(before)s.")
    words = {
        "stage": adopted.stage,
        "chances": format_percent(adopted.after, 2),
        "before": format_percent(adopted.before, 2),
    }
    tags = f"undo:analytics:revert:{adopted.pk}"
    messages.success(request, text % words, extra_tags=tags)


def _address(request: HttpRequest, stage: SalesCycleStage) -> str:
    return f"{reverse('analytics:chances')}?cycle={stage.sales_cycle_id}&months={_months(request)}"


def _user(request: HttpRequest) -> User:
    """Return who asks: LoginRequiredMiddleware lets nobody else in."""
    return request.user  # type: ignore[return-value]


def _months(request: HttpRequest) -> int:
    """Return the length of the period that is asked for; BadRequest for another."""
    text = request.POST.get("months", request.GET.get("months", str(PERIODS[1])))
    if text not in map(str, PERIODS):
        raise BadRequest(_("“%(name)s” is 12, 24 or 36.") % {"name": "months"})
    return int(text)


def _period(months: int) -> tuple[date, date]:
    """Return the first day of so many months back, and the last of this month."""
    first, last = month_of(today())
    number = first.year * 12 + first.month - 1 - months
    return date(number // 12, number % 12 + 1, 1), last


def _cycle(request: HttpRequest) -> SalesCycle | None:
    asked = integer(request.GET, "cycle")
    if asked is None:
        return chosen_cycle(request.user, None)
    cycle = SalesCycle.objects.filter(pk=asked).first()
    if cycle is None:
        raise BadRequest(_("There is no such sales cycle."))
    return cycle
