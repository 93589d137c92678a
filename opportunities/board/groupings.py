"""What the columns of a board stand for: stages, salespeople or months of closing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Protocol

from django.db.models import Case, DateField, F, Q, Value, When
from django.db.models.functions import Cast, TruncMonth
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.dates import month_of, today
from opportunities import populations
from opportunities.board.ground import PERIOD, Ground, Place
from opportunities.models import Status
from opportunities.populations import Population
from salespeople.models import Salesperson
from salespeople.visibility import visible_salespeople

NOT_STARTED, PAST, UNDATED, LATER = "not_started", "past", "undated", "later"
FEWEST_MONTHS = 6
MOST_MONTHS = 12
MOST_SALESPEOPLE = 24


class Grouping(Protocol):
    """A way to deal the rows of a board into columns.

    `expression` says in SQL, and `value` of one row, what `key` makes a
    column's key of. `key_of_totals` is what the totals of its columns have alike.
    """

    key_of_totals: str

    @property
    def label(self) -> str | Promise:
        """What the columns are called."""

    @property
    def expression(self) -> Any:
        """What rows of one column have alike, for GROUP BY."""

    def value(self, row: Any) -> Any:
        """Return the same of one row."""

    def key(self, value: Any) -> str:
        """Return the key of the column to which the value belongs."""

    def places(self, ground: Ground, occupied: Collection[str]) -> list[Place]:
        """Return the columns in order; those whose keys are `occupied` have rows."""


class ByStage:
    """Not started, and the stages in the cycle's order."""

    label = gettext_lazy("Stage")
    key_of_totals = "stage"
    expression = F("stage")

    def value(self, row: Any) -> Any:
        """Return the id of the stage; None before the first."""
        return row.stage_id

    def key(self, value: Any) -> str:
        """Return the id as text."""
        return NOT_STARTED if value is None else str(value)

    def places(self, ground: Ground, occupied: Collection[str]) -> list[Place]:
        """Return all stages; blocked ones only while something stands there."""
        first = populations.in_status(Status.NOT_STARTED)
        url = ground.url_of(ground.here & first)
        found = [Place(NOT_STARTED, _("Not started"), first.condition, url)]
        for stage in ground.stages:
            if stage.is_blocked and str(stage.pk) not in occupied:
                continue
            at = populations.at_stage(stage)
            url = ground.url_of(ground.here & at)
            found.append(
                Place(str(stage.pk), stage.name, at.condition, url, stage, stage.is_blocked)
            )
        return found


class BySalesperson:
    """The salespeople by name: those with rows, and those who could be given some."""

    label = gettext_lazy("Salesperson")
    key_of_totals = "salesperson"
    expression = F("salesperson")

    def value(self, row: Any) -> Any:
        """Return the id of the salesperson."""
        return row.salesperson_id

    def key(self, value: Any) -> str:
        """Return the id as text."""
        return str(value)

    def places(self, ground: Ground, occupied: Collection[str]) -> list[Place]:
        """Return at most 24 columns; empty ones only where all that are visible fit."""
        return [self._place(ground, row) for row in self._rows(ground, occupied)]

    def _rows(self, ground: Ground, occupied: Collection[str]) -> list[Salesperson]:
        """Return whose columns are shown: one query."""
        busy = {int(key) for key in occupied}
        wanted = Q(pk__in=busy)
        if not ground.chosen & {"salesperson", "team"}:
            visible = visible_salespeople(ground.user).usable().order_by()
            wanted |= Q(pk__in=visible.values("pk"))
        is_busy = Case(When(pk__in=busy, then=0), default=1) if busy else Value(1)
        rows = Salesperson.objects.filter(wanted).order_by(is_busy, "name_sort", "pk")
        found = list(rows[: MOST_SALESPEOPLE + 1])
        if len(found) > MOST_SALESPEOPLE:
            found = [row for row in found if row.pk in busy][:MOST_SALESPEOPLE]
        return sorted(found, key=lambda row: (row.name_sort, row.pk))

    def _place(self, ground: Ground, row: Salesperson) -> Place:
        of_them = populations.of_salesperson(row)
        url = ground.url_of(ground.open & of_them, instead_of=("salesperson",))
        return Place(str(row.pk), row.name, of_them.condition, url, is_blocked=row.is_blocked)


@dataclass(frozen=True)
class _Span:
    """Days that the address may have cut already; `first` or `last` None: without an end."""

    first: date | None
    last: date | None

    @property
    def parameters(self) -> tuple[tuple[str, str], ...]:
        """The days as filters of the list."""
        ends = zip(PERIOD, (self.first, self.last), strict=True)
        return tuple((name, day.isoformat()) for name, day in ends if day is not None)

    def within(self, other: "_Span") -> "_Span":
        """Return the days that lie in both."""
        firsts = [day for day in (self.first, other.first) if day is not None]
        lasts = [day for day in (self.last, other.last) if day is not None]
        return _Span(max(firsts, default=None), min(lasts, default=None))

    def meets(self, other: "_Span") -> bool:
        """Say whether there is a day in both."""
        cut = self.within(other)
        return cut.first is None or cut.last is None or cut.first <= cut.last


class ByMonth:
    """What is past its close date, months from this one on, what comes later, what has no date."""

    label = gettext_lazy("Close month")
    key_of_totals = "estimated_close_on"

    @property
    def expression(self) -> Any:
        """The first day of the month; the first day of all where it is past."""
        is_past = When(estimated_close_on__lt=today(), then=Value(date.min))
        return Case(is_past, default=Cast(TruncMonth("estimated_close_on"), DateField()))

    def value(self, row: Any) -> Any:
        """Return the same of one row."""
        day: date | None = row.estimated_close_on
        if day is None:
            return None
        return date.min if day < today() else day.replace(day=1)

    def key(self, value: Any) -> str:
        """Return the month as the address writes it, or what stands for it."""
        if value is None:
            return UNDATED
        if value == date.min:
            return PAST
        return LATER if value >= month_after(today(), MOST_MONTHS) else month_key(value)

    def places(self, ground: Ground, occupied: Collection[str]) -> list[Place]:
        """Return six months at least, without a gap, and the others where they have rows."""
        asked = _Span(*ground.period)
        months = [month_after(today(), n) for n in range(MOST_MONTHS)]
        last = max((m for m in months if month_key(m) in occupied), default=months[0])
        shown = [m for n, m in enumerate(months) if n < FEWEST_MONTHS or m <= last]
        found = [self._month(ground, m, asked) for m in shown if _month_span(m).meets(asked)]
        if PAST in occupied:
            found.insert(0, self._past(ground))
        if LATER in occupied:
            beyond = _Span(month_after(today(), MOST_MONTHS), None)
            found.append(self._place(ground, LATER, _("Later"), beyond, asked))
        if UNDATED in occupied:
            undated = Q(estimated_close_on__isnull=True)
            url = ground.url_of(ground.open & Population(undated, (("undated", "1"),)))
            found.append(Place(UNDATED, _("No date"), undated, url, is_blocked=True))
        return found

    def _past(self, ground: Ground) -> Place:
        past = populations.past_close_date()
        url = ground.url_of(ground.open & past)
        return Place(PAST, _("Past due"), past.condition, url, is_blocked=True)

    def _month(self, ground: Ground, month: date, asked: _Span) -> Place:
        title = capfirst(date_format(month, "YEAR_MONTH_FORMAT"))
        return self._place(ground, month_key(month), title, _month_span(month), asked)

    def _place(self, ground: Ground, key: str, title: str, span: _Span, asked: _Span) -> Place:
        condition = Q(estimated_close_on__gte=span.first)
        if span.last is not None:
            condition &= Q(estimated_close_on__lte=span.last)
        cut = Population(condition, span.within(asked).parameters)
        url = ground.url_of(ground.open & cut, instead_of=PERIOD)
        return Place(key, title, condition, url, is_blocked=key == LATER, first=span.first)


def _month_span(month: date) -> _Span:
    """Return the days of a month that are not past."""
    return _Span(max(month, today()), month_of(month)[1])


def month_after(day: date, months: int) -> date:
    """Return the first day of the month that lies so many months after that of `day`."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, 1)


def month_key(month: date) -> str:
    """Return a month as addresses write it: 2026-03."""
    return f"{month:%Y-%m}"


def same_day_in(month: date, day: date | None) -> date:
    """Return that day of `month`, its last one where it is shorter; without a day, its last.

    Never before today.
    """
    first, last = month_of(month)
    wanted = last if day is None else min(first + timedelta(days=day.day - 1), last)
    return max(wanted, today())


USUAL = "stage"
GROUPINGS: dict[str, Grouping] = {
    "stage": ByStage(),
    "salesperson": BySalesperson(),
    "month": ByMonth(),
}
