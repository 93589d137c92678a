"""The pages of the review: the four bands, and the opportunities of one reason."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from analytics import bridge_page, reviewing
from analytics import review_figures as figures
from analytics import review_page as page
from analytics.basis import basis_of
from analytics.exporting import FORMAT, page_or_file
from analytics.periods import MONTHS, QUARTERS
from analytics.review import REASONS, Review
from analytics.review_form import ReviewForm
from analytics.review_reasons import rows_of
from analytics.views.choosing import Choice, changed, one_of
from analytics.views.rights import for_managers
from crm.dates import today
from lists.parameters import check_parameters, tidy
from opportunities.days import THEN

FIRST_ROWS, PAGE_SIZE = 15, 50
PERIODS = {MONTHS: gettext_lazy("Month"), QUARTERS: gettext_lazy("Quarter")}


@require_GET
@for_managers
def review(request: HttpRequest) -> HttpResponseBase:
    """Show target, changes, what to talk about, and the salespeople."""
    check_parameters(request.GET, (*page.KNOWN, FORMAT))
    if clean := tidy(request):
        return clean
    asked = page.review_of(request.GET, request.user)
    bridge, talks = page.bridge_of(asked), asked.rows(most=FIRST_ROWS)
    lines, total = page.lines_of(asked)
    context = {
        **_of_review(request, asked),
        "totals": page.totals_of(asked),
        "bridge_url": bridge_page.bridge_url(bridge),
        "waterfall": bridge_page.waterfall_of(bridge),
        "reasons": page.reasons_of(asked),
        "rows": rows_of(asked, talks),
        "more": asked.sums[""].number - len(talks),
        "rows_url": page.rows_url(asked, ""),
        "lines": lines,
        "total": total,
        "marks": [(each, page.mark_url(each)) for each in reviewing.marks_of(asked)],
        "sent": asked.parameters(),
        "basis": basis_of(request.user, asked.day.on, _figures()),
    }
    return page_or_file(
        request,
        "analytics/review.html",
        context,
        tables=lambda: page.tables_of(asked),
        day=asked.day.on,
    )


@require_GET
@for_managers
def review_rows(request: HttpRequest) -> HttpResponse:
    """Show all opportunities to talk about, or those of one reason, the greatest first."""
    check_parameters(request.GET, (*page.KNOWN, "reason", "after"))
    if clean := tidy(request):
        return clean
    asked = page.review_of(request.GET, request.user)
    reason = one_of(request, "reason", ("", *REASONS))
    behind = bridge_page.behind_of(request.GET.get("after", ""))
    talks = asked.rows(reason, most=PAGE_SIZE + 1, behind=behind)
    shown = talks[:PAGE_SIZE]
    context = {
        **_of_review(request, asked),
        "sums": asked.sums[reason],
        "rows": rows_of(asked, shown),
        "after": f"{shown[-1].amount}:{shown[-1].pk}" if len(talks) > len(shown) else "",
        "is_first": behind is None,
        "label": figures.COUNTS[reason].label,
        "basis": basis_of(request.user, asked.day.on, [figures.COUNTS[reason]]),
    }
    return render(request, "analytics/review_rows.html", context)


def _of_review(request: HttpRequest, asked: Review) -> dict[str, Any]:
    """Return what both pages show: the days, the choices, and the address that stays."""
    kind = asked.period.kind
    now = None if asked.day.at else timezone.now()
    known = {name: changed(request, known=name or None) for name in ("", THEN)}
    return {
        "review": asked,
        "periods": [
            Choice(label, changed(request, period=None if name == MONTHS else name), name == kind)
            for name, label in PERIODS.items()
        ],
        "knowledge": [
            Choice(gettext_lazy("as we know it now"), known[""], asked.day.at is None),
            Choice(
                gettext_lazy("as we knew it then"), known[THEN], asked.day.is_as_known_then
            ),
        ],
        "form": ReviewForm(request.GET, user=request.user, on=asked.day.on),
        "last": today(),
        "here": f"{reverse('analytics:review')}{asked.query()}",
        "fixed": f"{reverse('analytics:review')}{asked.query(now)}",
    }  # fmt: skip


def _figures() -> list[Any]:
    return [*figures.TOTALS, *figures.COUNTS.values(), *figures.LINES]
