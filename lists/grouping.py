"""Rows of a list in groups: what keeps them together, and where they are listed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import Promise

from lists.paging import Sort, value_of


@dataclass(frozen=True, kw_only=True)
class Group:
    """A way to group the rows of a list.

    `sorts` order the groups and tell them apart; `title` and `narrowed` name
    the group of a row, and the filters that leave exactly its rows of what the
    address already asks for. `related` are joined, `prepared` annotates.
    """

    label: str | Promise
    sorts: tuple[Sort, ...]
    title: Callable[[Any], str]
    narrowed: Callable[[Any, QueryDict], dict[str, str]]
    related: tuple[str, ...] = ()
    prepared: Callable[[QuerySet[Any]], QuerySet[Any]] = lambda rows: rows

    @property
    def paths(self) -> list[str]:
        """The columns that tell groups apart."""
        return [sort.path for sort in self.sorts]

    def key(self, row: Any) -> tuple[Any, ...]:
        """Return what all rows of the same group have alike."""
        return tuple(value_of(row, path) for path in self.paths)
