"""Whether what was won keeps pace with the target (docs/adr/0015).

Counted in working days, Monday to Friday. The days before today have passed;
today still counts among those left, so that nobody is behind in the morning of
the first day.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from crm.dates import working_days
from crm.money import half_up


@dataclass(frozen=True)
class Pace:
    """Target and won of a period, in the site's currency, as judged on a day.

    `expected` is the part of the target for the working days that have passed.
    """

    target: Decimal
    won: Decimal
    days: int
    days_passed: int

    @property
    def days_left(self) -> int:
        """The working days left, today included."""
        return self.days - self.days_passed

    @property
    def expected(self) -> Decimal:
        """What should have been won by now: the target by the share of working days passed."""
        return self.target * self.days_passed / self.days if self.days else Decimal(0)

    @property
    def to_go(self) -> Decimal:
        """What is missing to the target; 0 once it is reached."""
        return max(Decimal(0), self.target - self.won)

    @property
    def is_reached(self) -> bool:
        """Say whether the target is reached."""
        return self.won >= self.target

    @property
    def is_on_pace(self) -> bool:
        """Say whether as much was won as should have been."""
        return self.won >= self.expected

    @property
    def behind(self) -> int:
        """By how many per cent of what should have been won it is behind: 1–100; 0 on pace."""
        if self.is_on_pace:
            return 0
        return max(1, int(half_up(100 * (1 - self.won / self.expected), 0)))

    @property
    def reached_percent(self) -> int:
        """How much of the target is reached, in %, at most 100: for the bar."""
        return min(100, int(100 * self.won / self.target)) if self.target else 0

    @property
    def expected_percent(self) -> int:
        """Where the bar should stand today, in %."""
        return int(100 * self.days_passed / self.days) if self.days else 0


def pace_of(target: Decimal, won: Decimal, *, first: date, last: date, day: date) -> Pace:
    """Return the pace on `day` of the period from `first` to `last`, both included."""
    yesterday = min(last, day - timedelta(days=1))
    return Pace(
        target=target,
        won=won,
        days=working_days(first, last),
        days_passed=working_days(first, yesterday),
    )
