"""Days, weeks, months, quarters and years in a row, as the managers' pages show them."""

from dataclasses import dataclass
from datetime import date, timedelta

from crm.dates import month_of, quarter_of

DAYS, WEEKS, MONTHS, QUARTERS, YEARS = "day", "week", "month", "quarter", "year"
KINDS = (MONTHS, DAYS, WEEKS, QUARTERS, YEARS)
SHOWN = {DAYS: 14, WEEKS: 13, MONTHS: 6, QUARTERS: 4, YEARS: 5}
FIRST_YEAR, LAST_YEAR = 2000, 2100
ONE = timedelta(days=1)


@dataclass(frozen=True, order=True)
class Period:
    """A period of a kind; both days are included."""

    first: date
    last: date
    kind: str = MONTHS

    @property
    def key(self) -> str:
        """The period as it stands in an address: its first month, or its first day."""
        return f"{self.first:%Y-%m}" if self.kind in (MONTHS, QUARTERS) else f"{self.first}"

    @property
    def quarter(self) -> int:
        """The number of the quarter, 1–4."""
        return (self.first.month + 2) // 3

    @property
    def week(self) -> int:
        """The number of the week, by ISO 8601."""
        return self.first.isocalendar().week

    @property
    def months(self) -> list[date]:
        """The first days of its months."""
        return [shifted(self.first, n) for n in range(self.last.month - self.first.month + 1)]


def shifted(first: date, months: int) -> date:
    """Return the first day of the month so many months later."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1)


def period_at(day: date, kind: str) -> Period:
    """Return the period of a day; weeks begin on Monday."""
    match kind:
        case "day":
            return Period(day, day, kind)
        case "week":
            first = day - timedelta(days=day.weekday())
            return Period(first, first + timedelta(days=6), kind)
        case "quarter":
            return Period(*quarter_of(day), kind)
        case "year":
            return Period(day.replace(month=1, day=1), day.replace(month=12, day=31), kind)
    return Period(*month_of(day), kind)


def periods_from(day: date, kind: str, count: int | None = None) -> list[Period]:
    """Return so many periods (as many as a page shows), beginning with that of `day`."""
    found = [period_at(day, kind)]
    while len(found) < (count or SHOWN[kind]):
        found.append(period_at(found[-1].last + ONE, kind))
    return found


def periods_before(day: date, kind: str, count: int) -> list[Period]:
    """Return so many periods that end with the one before that of `day`."""
    found = [period_at(day, kind)]
    while len(found) <= count:
        found.insert(0, period_at(found[0].first - ONE, kind))
    return found[:-1]


def month_from(text: str) -> date | None:
    """Return the first day of a month spelled 2026-11; None for anything else."""
    return day_from(f"{text}-01") if len(text) == len("2026-11") else None


def day_from(text: str) -> date | None:
    """Return the day spelled 2026-11-25; None for anything else."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return (
        found if FIRST_YEAR <= found.year < LAST_YEAR and len(text) == len("2026-11-25") else None
    )
