"""What is drawn by lot: yes or no, days at work, hours of the day, and amounts."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from math import log
from random import Random

from django.utils import timezone

FRIDAY = 4
# Amounts below the first number are round to the second.
ROUNDING = ((20_000, 500), (100_000, 1_000), (1_000_000, 5_000), (10**9, 25_000))


def one_in(random: Random, number: int) -> bool:
    """Say yes once in `number` times."""
    return random.randrange(number) == 0


def weighted[T](random: Random, choices: Sequence[tuple[T, int]]) -> T:
    """Return one of `choices`, pairs of what and how often."""
    return random.choices([what for what, _ in choices], [often for _, often in choices])[0]


def at_work(day: date) -> date:
    """Return `day`; instead of a day of a weekend one of the week before it."""
    over = day.weekday() - FRIDAY
    return day - timedelta(days=over + day.day % 5) if over > 0 else day


def month_end(day: date) -> date:
    """Return the last day of the month."""
    return (day.replace(day=1) + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def days_between(random: Random, first: date, last: date, number: int) -> list[date]:
    """Return that many days from `first` to `last` in order, at work where there is room."""
    length = max(0, (last - first).days)
    days = (at_work(first + timedelta(days=random.randint(0, length))) for _ in range(number))
    return sorted(max(first, day) for day in days)


def moment_on(random: Random, day: date) -> datetime:
    """Return a moment of office hours, in the site's time zone."""
    hour = time(random.randint(8, 15), random.randint(0, 59), random.randint(0, 59))
    return datetime.combine(day, hour, timezone.get_default_timezone())


def span_of(random: Random, median: int, *, least: int, most: int) -> timedelta:
    """Return a length of time, log-normal about `median` days."""
    days = round(random.lognormvariate(log(median), 0.6))
    return timedelta(days=min(most, max(least, days)))


def amount(random: Random, median: int, sigma: float = 0.9) -> Decimal:
    """Return an amount, log-normal about `median`, as round as people estimate."""
    return rounded(random.lognormvariate(log(median), sigma))


def rounded(value: float) -> Decimal:
    """Return `value` as round as people estimate, at least 500."""
    step = next(step for limit, step in ROUNDING if value < limit)
    return Decimal(max(500, round(value / step) * step))
