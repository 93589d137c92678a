"""The page of the review: its address, its figures, and the lines of the salespeople."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import Count, Q, Sum
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from analytics import bridge_page
from analytics import review_figures as figures
from analytics.bridge import Bridge
from analytics.exporting import Table
from analytics.figures import Reading
from analytics.forecast import Cell, Scope, forecast_of
from analytics.models import ReviewMark
from analytics.outlook import Outlook, outlook_of
from analytics.periods import MONTHS, QUARTERS, period_at
from analytics.review import REASONS, Review
from analytics.review_form import ReviewForm
from analytics.review_reasons import rows_of
from opportunities.days import Day
from opportunities.models import CLOSED, OPEN, Status
from salespeople.models import Salesperson
from salespeople.visibility import Person

KNOWN = ("team", "salesperson", "period", "since", "on", "known")
MOST_IN_FILE = 5000
KINDS = (MONTHS, QUARTERS)
WEEK = timedelta(days=7)
HUNDRED = Decimal(100)
ZERO = Decimal(0)


@dataclass(frozen=True)
class Totals:
    """Band 1: the figures of the period, and how sure they are."""

    target: Reading | None
    won: Reading
    landing: Reading
    open: Reading
    coverage: Reading | None
    outlook: Outlook
    cell: Cell

    @property
    def shortfall(self) -> Decimal:
        """How far landing lies below the target."""
        return -(self.cell.gap or ZERO)


@dataclass(frozen=True)
class Line:
    """A salesperson, or all of them together (None), as figures."""

    who: Salesperson | None
    readings: list[Reading]
    closed: Reading


def review_of(query: QueryDict, user: Person) -> Review:
    """Return the review that an address asks for; BadRequest for what it cannot say."""
    day = Day.of(query)
    kind = query.get("period", MONTHS)
    if kind not in KINDS:
        raise BadRequest(_("A review is of a month or a quarter."))
    form = ReviewForm(query, user=user, on=day.on)
    if not form.is_valid():
        raise BadRequest(_("The address names a team or a salesperson that is not there."))
    scope = Scope(user, day, **form.cleaned_data)
    since = query.get("since") or (day.on - WEEK).isoformat()
    asked = QueryDict(urlencode({"since": since, "known": query.get("known", "")}))
    opening = Day.of(asked, "since")
    if opening.on >= day.on:
        raise BadRequest(_("The day to compare to must lie before the day itself."))
    return Review(scope, opening, period_at(day.on, kind))


def list_url(review: Review, **parameters: object) -> str:
    """Return the address of opportunities of the day, as the review looks at them."""
    named = dict([*review.day.named, *review.whose]) | {n: str(v) for n, v in parameters.items()}
    return f"{reverse('opportunities:list')}?{urlencode(named)}"


def rows_url(review: Review, reason: str) -> str:
    """Return the address of the opportunities to talk about, for one reason or for any."""
    asked = [("reason", reason)] if reason else []
    return f"{reverse('analytics:review_rows')}?{urlencode([*asked, *review.parameters()])}"


def _closing(review: Review) -> dict[str, str]:
    period = review.period
    return {"close_from": period.first.isoformat(), "close_until": period.last.isoformat()}


def totals_of(review: Review) -> Totals:
    """Read the figures of the period, those of the forecast."""
    cell = forecast_of(review.scope, [review.period]).total.cells[0]
    won, value = cell.won.calculated or ZERO, cell.open.value or ZERO
    closing = _closing(review)
    open_url = list_url(review, status="open", **closing)
    missing = cell.target - won if cell.target else ZERO
    targets = f"{reverse('salespeople:targets')}?year={review.period.first.year}"
    return Totals(
        target=figures.TARGET.reading(cell.target, targets) if cell.target else None,
        won=figures.WON.reading(won, list_url(review, status="won", **closing)),
        landing=figures.LANDING.reading(
            cell.landing, list_url(review, status="not_lost", **closing)
        ),
        open=figures.OPEN_IN_PERIOD.reading(value, open_url),
        coverage=figures.COVERAGE.reading(value / missing, open_url) if missing > 0 else None,
        outlook=outlook_of(review.scope, cell),
        cell=cell,
    )


def bridge_of(review: Review) -> Bridge:
    """Return the bridge of the review's days, of what closes in the period."""
    day = review.day
    known = {"known": day.known} if day.known else {}
    asked: dict[str, str] = {
        "from": review.opening.on.isoformat(),
        "until": day.on.isoformat(),
        **known,
        **dict(review.whose),
        **_closing(review),
    }
    request = HttpRequest()
    request.user = review.scope.user
    request.GET = QueryDict(urlencode(asked))
    return bridge_page.bridge_of(request)


def reasons_of(review: Review) -> list[tuple[str, Reading, Reading]]:
    """Return number and value by reason, that of all reasons first: one query."""
    found = []
    for name in ("", *REASONS):
        sums, url = review.sums[name], rows_url(review, name)
        count = figures.COUNTS[name].reading(sums.number, url)
        found.append((name, count, figures.VALUES[name].reading(sums.value, url)))
    return found


def lines_of(review: Review) -> tuple[list[Line], Line]:
    """Return the salespeople who have anything, by name, and all together: two queries."""
    first, last = review.period.first, review.period.last
    is_open = Q(status__in=OPEN)
    closed = Q(status__in=CLOSED, estimated_close_on__range=(first, last))
    won = closed & Q(status=Status.WON)
    created = Q(opportunity__created_on__range=(first, review.day.on))
    parts = {
        "review_open_count": Count("pk", filter=is_open),
        "review_open_value": Sum("estimated_value", filter=is_open),
        "review_open_calculated": Sum("calculated_value", filter=is_open),
        "review_created": Count("pk", filter=created),
        "review_won_count": Count("pk", filter=won),
        "review_won": Sum("calculated_value", filter=won),
        "review_closed_count": Count("pk", filter=closed),
    }
    rows: Any = review.scope.narrowed.rows.filter(is_open | closed | created)
    found = {
        row.pop("salesperson"): row
        for row in rows.order_by().values("salesperson").annotate(**parts)
    }
    people = Salesperson.objects.filter(pk__in=found).order_by("name_sort", "pk")
    whole = {name: sum((row[name] or 0 for row in found.values()), ZERO) for name in parts}
    lines = [_line(review, person, found[person.pk]) for person in people]
    return lines, _line(review, None, whole)


def _line(review: Review, who: Salesperson | None, numbers: dict[str, Any]) -> Line:
    whose = {"salesperson": who.pk} if who else {}
    closing = _closing(review)
    is_open = list_url(review, status="open", **whose)
    closed = list_url(review, status="closed", **closing, **whose)
    won = list_url(review, status="won", **closing, **whose)
    created = list_url(
        review,
        created_from=review.period.first.isoformat(),
        created_until=review.day.on.isoformat(),
        **whose,
    )
    urls = {
        "review_created": created,
        "review_won_count": won,
        "review_won": won,
        "review_conversion": closed,
    }
    count = numbers["review_closed_count"]
    share = numbers["review_won_count"] * HUNDRED / count if count else ZERO
    given = {**numbers, "review_conversion": share}
    return Line(
        who,
        [each.reading(given[each.name], urls.get(each.name, is_open)) for each in figures.LINES],
        figures.CLOSED_COUNT.reading(count, closed),
    )


def mark_url(mark: ReviewMark) -> str:
    """Return the address that shows a held review again, exactly."""
    asked = [
        ("on", mark.on.isoformat()),
        ("since", mark.since_on.isoformat()),
        ("period", mark.period),
        ("known", mark.known_at.isoformat()),
    ]
    rows = (("team", mark.team_id), ("salesperson", mark.salesperson_id))
    whose = [(name, str(pk)) for name, pk in rows if pk is not None]
    return f"{reverse('analytics:review')}?{urlencode([*asked, *whose])}"


def tables_of(review: Review) -> list[Table]:
    """Return what to talk about, the salespeople, and the reasons, for a file."""
    lines, total = lines_of(review)
    columns = [
        _("Number"), _("Opportunity"), _("Salesperson"), _("Close date"), _("Estimated value"),
        _("Reasons"),
    ]  # fmt: skip
    talked: list[list[Any]] = [
        [
            row.opportunity.number,
            row.opportunity.description,
            row.state.salesperson.name,
            row.state.estimated_close_on,
            row.state.estimated_value,
            "; ".join(reason.text for reason in row.reasons),
        ]
        for row in rows_of(review, review.rows(most=MOST_IN_FILE))
    ]
    people: list[list[Any]] = [
        [line.who.name if line.who else _("All together"), *line.readings, line.closed]
        for line in (*lines, total)
    ]
    heads = [_("Salesperson"), *(each.label for each in figures.LINES), figures.CLOSED_COUNT.label]
    why = [[count.figure.label, count, value] for _name, count, value in reasons_of(review)]
    return [
        Table(_("To talk about"), columns, talked),
        Table(_("By salesperson"), heads, people),
        Table(_("Reasons"), [_("Reason"), _("Opportunities"), _("Estimated value")], why),
    ]
