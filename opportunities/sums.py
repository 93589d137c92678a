"""How many opportunities there are and what they are worth, with the address of the rows."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from crm.money import format_money_brief
from lists.sums import MOST_COUNTED, SumRow, Total
from opportunities import totals
from opportunities.models import Opportunity
from opportunities.populations import Narrowed, Population

__all__ = [
    "MOST_COUNTED",
    "SUMS",
    "SUM_ROW",
    "Sums",
    "sums_by",
    "sums_from",
    "sums_in",
    "sums_of",
    "together",
]


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

    @property
    def values(self) -> Mapping[str, Decimal | None]:
        """The sums by their names."""
        return {"value": self.value, "calculated": self.calculated}


def _made(
    count: int, values: Mapping[str, Decimal], url: str, *, is_capped: bool = False
) -> Sums:  # fmt: skip
    return Sums(count, values.get("value"), values.get("calculated"), url, is_capped)


SUM_ROW = SumRow(
    Total(
        name="value",
        label=_("Estimated value"),
        field="estimated_value",
        shown=format_money_brief,
        zero=Decimal(0),
    ),
    Total(
        name="calculated",
        label=_("Calculated value"),
        field="calculated_value",
        shown=format_money_brief,
        zero=Decimal(0),
    ),
    made=_made,
    kept=totals.SUMS,
)
SUMS = SUM_ROW.expressions


def sums_from(row: Mapping[str, Any] | None, url: str) -> Sums:
    """Return the sums of a row of an aggregation by `SUMS`; zeros for no row."""
    sums: Sums = SUM_ROW.read(row, url)
    return sums


def sums_of(rows: QuerySet[Opportunity], url: str = "") -> Sums:
    """Count and add up the rows, unless there are too many of them: one query."""
    sums: Sums = SUM_ROW.of(rows, url)
    return sums


def sums_in(narrowed: Narrowed, population: Population) -> Sums:
    """Return what the population adds up to: from kept totals, else counted; one query."""
    sums: Sums = SUM_ROW.of(
        narrowed.rows_of(population),
        narrowed.url_of(population),
        kept=narrowed.totals_of(population),
    )
    return sums


def sums_by(
    narrowed: Narrowed, population: Population, part: Any, *keys: str
) -> list[dict[str, Any]]:  # fmt: skip
    """Return the sums of each `part` of the population, none of an empty one: one query.

    `part` is a field's name, or an expression of the `keys` of totals.
    """
    expression = F(part) if isinstance(part, str) else part
    kept = narrowed.totals_of(population, *(keys or (part,)))
    if kept is not None:
        return list(kept.sums(part=expression))
    rows: Any = narrowed.rows_of(population).order_by()
    return list(rows.values(part=expression).annotate(**SUMS))


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
