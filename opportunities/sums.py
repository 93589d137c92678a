"""How many opportunities there are and what they are worth, with the address of the rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet, Sum

from opportunities.models import Opportunity

# A list counts and adds up so many rows; of more it says "10,000+".
MOST_COUNTED = 10_000
SUMS = {
    "count": Count("pk"),
    "value": Sum("estimated_value"),
    "calculated": Sum("calculated_value"),
}


@dataclass(frozen=True)
class Sums:
    """Number, estimated value and calculated value of some rows, and where they are listed.

    Where there are more than are counted, `is_capped` says so and both sums
    are None: the sum of a part would mislead.
    """

    count: int
    value: Decimal | None
    calculated: Decimal | None
    url: str = ""
    is_capped: bool = False


def sums_from(row: dict[str, Any] | None, url: str) -> Sums:
    """Return the sums of a row of an aggregation by `SUMS`; zeros for no row."""
    row = row or {"count": 0, "value": None, "calculated": None}
    zero = Decimal(0)
    return Sums(row["count"], row["value"] or zero, row["calculated"] or zero, url)


def sums_of(rows: QuerySet[Opportunity], url: str = "") -> Sums:
    """Count and add up the rows, unless there are too many of them: one query."""
    few = rows.order_by().values("pk", "estimated_value", "calculated_value")
    found = few[: MOST_COUNTED + 1].aggregate(**SUMS)
    if found["count"] > MOST_COUNTED:
        return Sums(MOST_COUNTED, None, None, url, is_capped=True)
    return sums_from(found, url)


def together(sums: Iterable[Sums], url: str) -> Sums:
    """Return the sums of several parts."""
    zero = Decimal(0)
    parts = list(sums)
    return Sums(
        sum(part.count for part in parts),
        sum((part.value or zero for part in parts), zero),
        sum((part.calculated or zero for part in parts), zero),
        url,
    )
