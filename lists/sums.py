"""How many rows a list has, and what they add up to: of all that match, not only of a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.utils.functional import Promise

# A list counts and adds up so many rows; of more it says "10,000+".
MOST_COUNTED = 10_000


@dataclass(frozen=True)
class Sums:
    """A number of rows, what they add up to, and where they are listed.

    Where there are more than are counted, `is_capped` says so and there are no
    values: the sum of a part would mislead.
    """

    count: int
    values: Mapping[str, Any] = field(hash=False)
    url: str = ""
    is_capped: bool = False


@dataclass(frozen=True, kw_only=True)
class Total:
    """A column of the database that is added up, and how its sum is written.

    `only` names a column that must hold something, else the row adds nothing.
    """

    name: str
    label: str | Promise
    field: str
    shown: Callable[[Any], str]
    zero: Any
    only: str = ""

    @property
    def expression(self) -> Sum:
        """The aggregate."""
        return Sum(self.field, filter=Q((f"{self.only}__isnull", False)) if self.only else None)


@dataclass(frozen=True)
class Cell:
    """A sum as it is shown."""

    label: str | Promise
    text: str


class SumRow:
    """What a list adds up.

    `made(count, values, url, is_capped=)` returns the sums as the room knows them.
    `kept` are the aggregates of totals that are kept, where the room keeps some:
    by the same names, as `expressions` are of the rows.
    """

    def __init__(
        self,
        *totals: Total,
        made: Callable[..., Any] = Sums,
        kept: Mapping[str, Any] | None = None,
    ) -> None:
        self.totals = {total.name: total for total in totals}
        self.made = made
        self.kept = kept or {}

    @property
    def expressions(self) -> dict[str, Any]:
        """The aggregates, by name."""
        sums = {name: total.expression for name, total in self.totals.items()}
        return {"count": Count("pk"), **sums}

    def read(self, row: Mapping[str, Any] | None, url: str = "") -> Any:
        """Return the sums of a row of an aggregation; zeros for no row."""
        row = row or {}
        values = {name: row.get(name) or total.zero for name, total in self.totals.items()}
        return self.made(row.get("count") or 0, values, url)

    def of(self, rows: QuerySet[Any], url: str = "", *, kept: QuerySet[Any] | None = None) -> Any:
        """Count and add up the rows, unless there are too many of them: one query.

        With the `kept` totals of these rows there are never too many.
        """
        if kept is not None:
            return self.read(kept.order_by().aggregate(**self.kept), url)
        totals = self.totals.values()
        fields = {name for total in totals for name in (total.field, total.only) if name}
        few = rows.order_by().values("pk", *sorted(fields))[: MOST_COUNTED + 1]
        found = few.aggregate(**self.expressions)
        if found["count"] > MOST_COUNTED:
            return self.made(MOST_COUNTED, {}, url, is_capped=True)
        return self.read(found, url)

    @staticmethod
    def are_many(sums: Any) -> bool:
        """Say whether there are more rows than are added up one by one."""
        return bool(sums.count > MOST_COUNTED)

    def cells(self, sums: Any) -> dict[str, Cell]:
        """Return the sums as they are shown, by name; none where they are capped."""
        if sums is None or sums.is_capped:
            return {}
        return {
            name: Cell(total.label, total.shown(sums.values[name]))
            for name, total in self.totals.items()
        }
