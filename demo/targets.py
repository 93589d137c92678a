"""The targets of the demo data: this year's and last year's, a little above what was won."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

from demo.people import Staff
from opportunities.models import Opportunity
from salespeople.targets import MONTHS, Wish, set_targets

# How much of a year's target falls into each month, in per cent.
SHARES = (7, 7, 9, 8, 8, 9, 5, 7, 10, 10, 11, 9)
STEP = 5_000
LEAST = Decimal(600_000)  # a year
GROWTH = Decimal("1.1")


def create_targets(staff: Staff, today: date) -> None:
    """Let the head of sales set the targets of everybody who is there."""
    won: dict[int, Decimal] = defaultdict(Decimal)
    rows = Opportunity.objects.kept().won().values_list("salesperson", "calculated_value")
    for person, value in rows:
        won[person] += value / 2  # of two years of history
    wishes = [
        Wish(
            seller.salesperson.pk, date(year, month, 1), _target(won[seller.salesperson.pk], month)
        )
        for seller in staff.present
        for year in (today.year - 1, today.year)
        for month in MONTHS
    ]
    set_targets(wishes, by=staff.head.user)


def _target(year: Decimal, month: int) -> Decimal:
    """Return a month's part, as round as targets are."""
    whole = max(LEAST, year * GROWTH) * SHARES[month - 1] / 100
    return Decimal(round(whole / STEP) * STEP)
