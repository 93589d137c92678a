"""What a person's day begins with: what is late, what is due, what lies still, and the figures."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models.functions import TruncMonth

from crm.dates import today
from opportunities import populations
from opportunities.models import Opportunity, Status
from opportunities.populations import QUIET_DAYS, Narrowed, Population
from opportunities.sums import SUMS, Sums, sums_from, sums_of
from salespeople.models import Salesperson
from salespeople.roles import is_manager
from salespeople.visibility import Person, salesperson_of, sees_everything

MOST_ROWS = 10
MONTHS = 12


@dataclass(frozen=True)
class Row:
    """An opportunity that asks for attention, in days from today.

    `late` and `quiet` count back, `left` forward; None where it does not apply.
    """

    opportunity: Opportunity
    late: int | None
    left: int | None
    quiet: int | None


@dataclass(frozen=True)
class Section:
    """Opportunities with one reason to be looked at: all of them summed up, the first as rows."""

    sums: Sums
    rows: list[Row]
    has_others: bool = False

    @property
    def elsewhere(self) -> int:
        """How many of them another section shows; 0 where that is not to be told."""
        is_all = self.has_others and not self.sums.is_capped and len(self.rows) < MOST_ROWS
        return self.sums.count - len(self.rows) if is_all else 0

    @property
    def is_cut(self) -> bool:
        """Say whether there are more than the rows."""
        return self.sums.is_capped or self.sums.count > len(self.rows)


@dataclass(frozen=True)
class Figures:
    """What is open, and what was won and lost this month."""

    open: Sums
    won: Sums
    lost: Sums


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


@dataclass(frozen=True)
class MyDay:
    """The page; `salesperson` is None for who does not sell: then it tells of all that one sees."""

    salesperson: Salesperson | None
    sees_everything: bool
    overdue: Section
    closing: Section
    quiet: Section
    mine: Figures
    team: Figures | None
    month: date
    months: list[Month]
    quiet_days: int = QUIET_DAYS

    @property
    def is_clear(self) -> bool:
        """Say whether nothing asks for attention."""
        return not (self.overdue.sums.count or self.closing.sums.count or self.quiet.sums.count)


def my_day_of(user: Person) -> MyDay:
    """Read the page of `user`: 10 queries, 3 more for the team's figures of a manager."""
    seen = Narrowed(Opportunity.objects.visible_to(user).kept())
    salesperson = salesperson_of(user)
    whose = populations.of_salesperson(salesperson) if salesperson else Population()
    overdue, closing, quiet = populations.past_close_date(), _due(), populations.quiet()
    above = Population(overdue.condition | closing.condition)
    return MyDay(
        salesperson=salesperson,
        sees_everything=sees_everything(user),
        overdue=_section(seen, whose & overdue, "estimated_close_on"),
        closing=_section(seen, whose & closing, "estimated_close_on"),
        quiet=_section(seen, whose & quiet, "effective_on", but=above),
        mine=_figures(seen, whose),
        team=_figures(seen, Population()) if salesperson and is_manager(user) else None,
        month=today(),
        months=_months(seen, Population() if is_manager(user) else whose),
    )


def _due() -> Population:
    """Return the open ones that close between today and the end of the month."""
    return populations.in_status("open") & populations.closing(
        today(), populations.month_of(today())[1]
    )


def _section(
    seen: Narrowed, population: Population, order: str, but: Population | None = None
) -> Section:
    """Return a section; rows of `but` are counted, and shown elsewhere."""
    rows = seen.rows_of(population)
    sums = sums_of(rows, seen.url_of(population))
    if but is not None:
        rows = rows.exclude(but.condition)
    related = rows.select_related("contact", "company", "salesperson", "stage")
    shown = [_row(found) for found in related.order_by(order, "pk")[:MOST_ROWS]]
    return Section(sums, shown, has_others=but is not None)


def _row(opportunity: Opportunity) -> Row:
    day = today()
    close_on = opportunity.estimated_close_on
    late = (day - close_on).days if close_on and close_on < day else None
    left = (close_on - day).days if close_on and close_on >= day else None
    still = (day - opportunity.effective_on).days
    return Row(opportunity, late, left, still if still >= QUIET_DAYS else None)


def _months(seen: Narrowed, whose: Population) -> list[Month]:
    """Return what was won in each of the last 12 months, this one last: one query."""
    firsts = [today().replace(day=1)]
    while len(firsts) < MONTHS:
        firsts.insert(0, (firsts[0] - timedelta(days=1)).replace(day=1))
    won = [whose & populations.closed_in(Status.WON, *populations.month_of(f)) for f in firsts]
    year = whose & populations.closed_in(Status.WON, firsts[0], today())
    rows = seen.rows_of(year).order_by().annotate(month=TruncMonth("closed_on"))
    found: dict[date, Any] = {r["month"]: r for r in rows.values("month").annotate(**SUMS)}
    sums = [
        sums_from(found.get(first), seen.url_of(population))
        for first, population in zip(firsts, won, strict=True)
    ]
    best = max((each.calculated or Decimal(0) for each in sums), default=Decimal(0))
    return [
        Month(first, each, int(100 * (each.calculated or 0) / best) if best else 0)
        for first, each in zip(firsts, sums, strict=True)
    ]


def _figures(seen: Narrowed, whose: Population) -> Figures:
    month = populations.month_of(today())
    sets = (
        populations.in_status("open"),
        populations.closed_in(Status.WON, *month),
        populations.closed_in(Status.LOST, *month),
    )
    found = [
        sums_of(seen.rows_of(population), seen.url_of(population))
        for population in (whose & each for each in sets)
    ]
    return Figures(*found)
