"""Months and quarters in a row, as the managers' pages show them."""

from dataclasses import dataclass
from datetime import date

from crm.dates import month_of, quarter_of

MONTHS, QUARTERS = "month", "quarter"
LENGTHS = {MONTHS: 1, QUARTERS: 3}
SHOWN = {MONTHS: 6, QUARTERS: 4}
FIRST_YEAR, LAST_YEAR = 2000, 2100


@dataclass(frozen=True, order=True)
class Period:
    """A month or a quarter; both days are included."""

    first: date
    last: date

    @property
    def key(self) -> str:
        """The period as it stands in an address: its first month."""
        return f"{self.first:%Y-%m}"

    @property
    def is_quarter(self) -> bool:
        """Say whether it is longer than a month."""
        return self.first.month != self.last.month

    @property
    def quarter(self) -> int:
        """The number of the quarter, 1–4."""
        return (self.first.month + 2) // 3

    @property
    def months(self) -> list[date]:
        """The first days of its months."""
        return [shifted(self.first, n) for n in range(self.last.month - self.first.month + 1)]


def shifted(first: date, months: int) -> date:
    """Return the first day of the month so many months later."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def period_at(day: date, kind: str) -> Period:
    """Return the month or the quarter of a day."""
    return Period(*(month_of(day) if kind == MONTHS else quarter_of(day)))


def periods_from(day: date, kind: str) -> list[Period]:
    """Return as many periods as a page shows, beginning with that of `day`."""
    first = period_at(day, kind).first
    return [period_at(shifted(first, n * LENGTHS[kind]), kind) for n in range(SHOWN[kind])]


def month_from(text: str) -> date | None:
    """Return the first day of a month spelled 2026-11; None for anything else."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    return found if FIRST_YEAR <= found.year < LAST_YEAR and len(text) == len("2026-11") else None
