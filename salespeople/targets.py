"""What salespeople are to win: read here, and set by managers."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from salespeople.models import Target


def target_of(people: Any, first: date, last: date) -> Decimal | None:
    """Return the sum of the targets of `people` in the months of a period; None for none.

    `people` are salespeople, as a QuerySet or a list; None means everybody.
    A target of 0 is none.
    """
    rows = Target.objects.filter(month__range=(first, last))
    if people is not None:
        rows = rows.filter(salesperson__in=people)
    found: Decimal | None = rows.aggregate(sum=Sum("value"))["sum"]
    return found or None
