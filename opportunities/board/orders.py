"""The ways to order the cards of a column: by keys of the database, and by a rank of each card.

Both say the same, so that a card which changes finds its place among those
that a browser shows already.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from lists.paging import Page, Sort, cursor_behind, in_order, page_of, rows_behind
from opportunities.models import Opportunity
from tasks.models import Task

# Above every rank; what has no value comes last.
LAST = 10**20
DIGITS = 21
HIGHEST = max(Opportunity.Priority)


def _day(value: date | None) -> int:
    return LAST if value is None else value.toordinal()


def _with_age(rows: Any) -> Any:
    return rows.annotate(stage_since=Coalesce("stage_entered_on", "created_on"))


def _with_next_due(rows: Any) -> Any:
    """Give each row the day when its next task is due."""
    theirs = Task.objects.open().filter(opportunity=OuterRef("pk")).order_by("due_on")
    return rows.annotate(next_due=Subquery(theirs.values("due_on")[:1]))


def _with_urgency(rows: Any) -> Any:
    return rows.annotate(urgency=Value(int(HIGHEST)) - F("priority"))


def _as_they_are(rows: Any) -> Any:
    return rows


@dataclass(frozen=True, kw_only=True)
class CardOrder:
    """A way to order cards: by `sort` behind the columns of `before`, then by id.

    `prepared` annotates the rows; `rank` gives what the columns say of one row
    as numbers that ascend.
    """

    label: str | Promise
    sort: Sort
    rank: Callable[[Any], tuple[int, ...]]
    is_descending: bool = False
    before: tuple[Sort, ...] = ()
    prepared: Callable[[Any], Any] = _as_they_are

    @property
    def _keys(self) -> dict[str, Any]:
        sort = "-card" if self.is_descending else "card"
        return {"sorts": {"card": self.sort}, "sort": sort, "group": self.before}

    def ordered(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows, prepared, in this order."""
        return in_order(self.prepared(rows), **self._keys)

    def page(self, rows: QuerySet[Any], cursor: str, size: int) -> Page[Opportunity]:
        """Return the rows behind a cursor; BadRequest for one that is not of this order."""
        return page_of(self.prepared(rows), cursor=cursor, size=size, **self._keys)

    def cursor(self, row: Any) -> str:
        """Return the cursor of what comes behind a row of `ordered`."""
        return cursor_behind(row, **self._keys)

    def behind(self, rows: QuerySet[Any], cursor: str) -> QuerySet[Any]:
        """Return all rows behind a cursor."""
        return rows_behind(self.prepared(rows), cursor=cursor, **self._keys)

    def key(self, row: Any) -> str:
        """Return a text that sorts as the rows do; ids are the last part."""
        pk = LAST - row.pk if self.is_descending else row.pk
        return "".join(f"{part:0{DIGITS}d}" for part in (*self.rank(row), pk))


USUAL = "close"
ORDERS = {
    "close": CardOrder(
        label=_("Close date"),
        sort=Sort("estimated_close_on", is_nullable=True),
        rank=lambda row: (_day(row.estimated_close_on),),
    ),
    "value": CardOrder(
        label=_("Value"),
        sort=Sort("estimated_value"),
        is_descending=True,
        rank=lambda row: (LAST - int(row.estimated_value * Decimal(100)),),
    ),
    "age": CardOrder(
        label=_("Age in the stage"),
        sort=Sort("stage_since"),
        prepared=_with_age,
        rank=lambda row: (_day(row.stage_entered_on or row.created_on),),
    ),
    "next_task": CardOrder(
        label=_("Next task"),
        sort=Sort("next_due", is_nullable=True),
        prepared=_with_next_due,
        rank=lambda row: (_day(row.next_due),),
    ),
    "priority": CardOrder(
        label=_("Priority"),
        sort=Sort("estimated_close_on", is_nullable=True),
        before=(Sort("urgency"),),
        prepared=_with_urgency,
        rank=lambda row: (HIGHEST - row.priority, _day(row.estimated_close_on)),
    ),
}
