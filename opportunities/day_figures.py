"""The figures of "my day": open, won and lost, the target, and what was won by month."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models.functions import TruncMonth

from crm.dates import month_of, quarter_of, today
from opportunities import populations
from opportunities.models import Status
from opportunities.populations import Narrowed, Population
from opportunities.sums import Sums, sums_by, sums_from, sums_in
from salespeople.pace import Pace, pace_of
from salespeople.targets import target_of

MONTHS = 12
MONTH, QUARTER = "month", "quarter"


@dataclass(frozen=True)
class Figures:
    """What is open, what closes, and what was won and lost, in a period; `pace` if a target."""

    open: Sums
    closing: Sums
    won: Sums
    lost: Sums
    pace: Pace | None


@dataclass(frozen=True)
class Month:
    """What was won in a month; `height` is its part of the best month, in per cent."""

    first: date
    sums: Sums
    height: int

    @property
    def top(self) -> int:
        """Where the bar begins, counted from above."""
        return 100 - self.height


def period_of(name: str, day: date) -> tuple[date, date]:
    """Return the first and the last day of the month or quarter of `day`."""
    return quarter_of(day) if name == QUARTER else month_of(day)


def figures_of(
    seen: Narrowed, whose: Population, period: tuple[date, date], people: Any
) -> Figures:
    """Return the figures of a period: 5 queries; `people` are those whose targets count."""
    first, last = period

    def sums(population: Population) -> Sums:
        return sums_in(seen, whose & population)

    won = sums(populations.closed_in(Status.WON, first, last))
    target = target_of(people, first, last)
    has_pace = target is not None and won.calculated is not None
    return Figures(
        open=sums(populations.in_status("open")),
        closing=sums(populations.in_status("open") & populations.closing(today(), last)),
        won=won,
        lost=sums(populations.closed_in(Status.LOST, first, last)),
        pace=pace_of(
            target or Decimal(0), won.calculated or Decimal(0), first=first, last=last, day=today()
        )
        if has_pace
        else None,
    )


def months_of(seen: Narrowed, whose: Population) -> list[Month]:
    """Return what was won in each of the last 12 months, this one last: one query."""
    firsts = [today().replace(day=1)]
    while len(firsts) < MONTHS:
        firsts.insert(0, (firsts[0] - timedelta(days=1)).replace(day=1))
    won = [whose & populations.closed_in(Status.WON, *month_of(f)) for f in firsts]
    year = whose & populations.closed_in(Status.WON, firsts[0], month_of(firsts[-1])[1])
    rows = sums_by(seen, year, TruncMonth("estimated_close_on"), "close_month")
    found: dict[date, Any] = {row["part"]: row for row in rows}
    sums = [
        sums_from(found.get(first), seen.url_of(population))
        for first, population in zip(firsts, won, strict=True)
    ]
    best = max((each.calculated or Decimal(0) for each in sums), default=Decimal(0))
    return [
        Month(first, each, int(100 * (each.calculated or 0) / best) if best else 0)
        for first, each in zip(firsts, sums, strict=True)
    ]
