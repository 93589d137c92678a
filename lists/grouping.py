"""Rows of a list in groups: what keeps them together, where they are listed, and their sums."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise

from crm.dates import month_of
from lists.filtering import without
from lists.paging import Sort, value_of
from lists.sums import Cell, SumRow

GROUP = "group"


@dataclass(frozen=True, kw_only=True)
class Group:
    """A way to group the rows of a list.

    `sorts` order the groups and tell them apart; `title` and `narrowed` name
    the group of a row, and the filters that leave exactly its rows of what the
    address already asks for. `related` are joined, `prepared` annotates. `keys`
    are those of the totals that are kept for such groups, where some are.
    """

    label: str | Promise
    sorts: tuple[Sort, ...]
    title: Callable[[Any], str]
    narrowed: Callable[[Any, QueryDict], dict[str, str]]
    related: tuple[str, ...] = ()
    prepared: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows
    keys: tuple[str, ...] = ()

    @property
    def paths(self) -> list[str]:
        """The columns that tell groups apart."""
        return [sort.path for sort in self.sorts]

    def key(self, row: Any) -> tuple[Any, ...]:
        """Return what all rows of the same group have alike."""
        return tuple(value_of(row, path) for path in self.paths)


@dataclass(frozen=True)
class Head:
    """The row above a group: its name, where its rows are listed, and their sums, if known."""

    title: str
    url: str
    sums: Any
    cells: Mapping[str, Cell] = field(hash=False)


type Added = Mapping[tuple[Any, ...], Mapping[str, Any]]


def heads(
    shown: list[Any], group: Group, query: QueryDict, sums: SumRow, added: Added | None
) -> dict[int, Head]:
    """Return a head for each group among the `shown` rows, by the id of its first row.

    `added` are the sums by the group's key; None where there are too many rows to add up.
    """
    found: dict[int, Head] = {}
    before: Any = object()
    for row in shown:
        key = group.key(row)
        if key != before:
            url = _address(group, row, query)
            total = sums.read(added.get(key), url) if added is not None else None
            cells = sums.cells(total) if added is not None else {}
            found[row.pk] = Head(group.title(row), url, total, cells)
        before = key
    return found


def added_up(rows: QuerySet[Any], group: Group, expressions: Mapping[str, Any]) -> Added:
    """Return the sums of the groups of rows, or of their totals, by the group's key: one query."""
    counted = rows.order_by().values(*group.paths).annotate(**expressions)
    return {tuple(row[path] for path in group.paths): row for row in counted}


def within_month(day: date, query: QueryDict, first: str, last: str) -> dict[str, str]:
    """Return the month of a day as two filters, cut to the days that the address asks for."""
    begin, end = month_of(day)
    return {
        first: max(begin, _day(query, first) or begin).isoformat(),
        last: min(end, _day(query, last) or end).isoformat(),
    }


def _address(group: Group, row: Any, query: QueryDict) -> str:
    """Return the address of the group's rows: what is asked for now, narrowed to them."""
    narrowed = group.narrowed(row, query)
    rest = QueryDict(
        without(query, GROUP, "view", "edit", *narrowed).removeprefix("?"), mutable=True
    )
    for name, value in narrowed.items():
        rest[name] = value
    return f"?{rest.urlencode()}"


def _day(query: QueryDict, name: str) -> date | None:
    try:
        return date.fromisoformat(str(query.get(name, "")))
    except ValueError:
        return None
