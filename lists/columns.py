"""What a list can show of a row: one definition for the table, the sums and the file."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from lists.paging import Sort

PARAMETER = "columns"


@dataclass(frozen=True)
class Part:
    """A column of a file: its heading, and what stands there, as plain data.

    `value` returns text, an int, a Decimal, a date, or None.
    """

    label: str | Promise
    value: Callable[[Any], Any]


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column of a list.

    `template` names the partial of its cell, `parts` what a file holds of it,
    `total` the sum that belongs to it. `related` are joined for it; `load`
    fetches for all rows of a page at once what no join can bring. `form_field` names
    that of the row's form by which it is changed.
    """

    name: str
    label: str | Promise
    template: str
    parts: tuple[Part, ...]
    sort: Sort | None = None
    total: str = ""
    is_number: bool = False
    is_usual: bool = True
    is_wide: bool = False
    classes: str = ""
    form_field: str = ""
    related: tuple[str, ...] = ()
    load: Callable[[list[Any]], None] | None = None


class Columns:
    """The columns of a list; the first of them is always shown, and comes first."""

    def __init__(self, *columns: Column) -> None:
        self.by_name = {column.name: column for column in columns}
        self.first = columns[0]

    def __iter__(self) -> Iterator[Column]:
        return iter(self.by_name.values())

    @property
    def sorts(self) -> dict[str, Sort]:
        """The columns by which the list can be sorted."""
        return {column.name: column.sort for column in self if column.sort is not None}

    @property
    def usual(self) -> list[Column]:
        """The columns that are shown to whoever has chosen none."""
        return [column for column in self if column.is_usual]

    def chosen(self, text: str) -> list[Column]:
        """Return the columns that the address or a preference names, the usual ones for "".

        Raises BadRequest, with a sentence, for a column that there is not.
        """
        if not text:
            return self.usual
        names = dict.fromkeys([self.first.name, *text.split(",")])
        unknown = next((name for name in names if name not in self.by_name), None)
        if unknown is not None:
            raise BadRequest(_("The list has no column “%(name)s”.") % {"name": unknown[:40]})
        return [self.by_name[name] for name in names]

    def known(self, text: str) -> str:
        """Return what of a kept choice the list still knows."""
        return ",".join(name for name in text.split(",") if name in self.by_name)

    def ordered(self, chosen: Iterable[Column]) -> list[Column]:
        """Return the chosen columns, and behind them the others."""
        first = list(chosen)
        return first + [column for column in self if column not in first]


def joined(rows: QuerySet[Any], columns: Iterable[Column], *more: str) -> QuerySet[Any]:
    """Return the rows with what these columns, and whoever else, show of related ones."""
    names = {*more, *(name for column in columns for name in column.related)}
    return rows.select_related(*sorted(names)) if names else rows


def load(columns: Iterable[Column], rows: list[Any]) -> None:
    """Fetch for all rows what no join can bring: a fixed number of queries."""
    for column in columns:
        if column.load is not None:
            column.load(rows)
