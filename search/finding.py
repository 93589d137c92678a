"""What is found for a text, over every kind, in a bounded number of bounded queries."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import QuerySet

from salespeople.models import User
from search.matching import Rank, alike, matching, mistyped
from search.sources import CONTACTS, SOURCES, Hit, Source
from search.time_limit import Late, time_limit
from search.typed import Typed

FEW = 3  # fewer hits than this, and typing errors are forgiven
MOST_COUNTED = 99
HURRY, PATIENCE = 400, 1000  # milliseconds for each query: while typing, and on the page


@dataclass(frozen=True)
class Group:
    """The hits of one kind: the first ones, and how many there are.

    `is_late` says that the database did not finish in time.
    """

    source: Source
    hits: list[Hit]
    number: int
    is_late: bool = False

    @property
    def is_capped(self) -> bool:
        """Say whether there are more than are counted."""
        return self.number > MOST_COUNTED

    @property
    def counted(self) -> int:
        """How many there are, as far as they are counted."""
        return min(self.number, MOST_COUNTED)

    @property
    def is_cut(self) -> bool:
        """Say whether there are more than these."""
        return self.number > len(self.hits)

    @property
    def is_alike(self) -> bool:
        """Say whether it has only similar words."""
        return self.hits[0].rank >= Rank.ALIKE

    @property
    def place(self) -> tuple[int, float, bool, int]:
        """Where it stands among the groups: by its best hit.

        Among those of similar words the nearest first, and names before the rest.
        """
        best = self.hits[0]
        is_other = self.is_alike and best.kind != CONTACTS.kind
        return min(best.rank, Rank.ALIKE), -best.nearness, is_other, best.rank


@dataclass(frozen=True)
class Found:
    """The groups with hits, the one with the best hit first, and every kind's group."""

    typed: Typed
    groups: list[Group]
    by_kind: dict[str, Group]

    @property
    def number(self) -> int:
        """How many there are of all kinds, as far as they were read."""
        return sum(group.number for group in self.groups)

    @property
    def is_alike(self) -> bool:
        """Say whether only similar words were found."""
        return bool(self.groups) and self.groups[0].is_alike

    @property
    def is_late(self) -> bool:
        """Say whether something could not be searched in time."""
        return any(group.is_late for group in self.by_kind.values())


def find(
    typed: Typed,
    user: User,
    *,
    each: int,
    kind: str = "",
    forgiving: bool = True,
    milliseconds: int = PATIENCE,
) -> Found:
    """Return the first `each` hits of every kind, or of `kind` alone; every kind is counted.

    Where few contain all the words, rows with similar words come behind them,
    if `forgiving`.
    """
    if not typed.is_enough:
        return Found(typed, [], {})

    def ask(way: Callable[[Source], QuerySet[Any]]) -> list[Group]:
        return [_group(source, way(source), size(source), milliseconds) for source in SOURCES]

    def size(source: Source) -> int:
        return each if kind in ("", source.kind) else 1

    groups = ask(lambda source: matching(source, typed, user))
    is_late = any(group.is_late for group in groups)
    if forgiving and not is_late and sum(group.number for group in groups) < FEW:
        words = _mistyped(typed, user, milliseconds)
        similar = ask(lambda source: alike(source, typed, user, words)) if words else []
        groups = [_joined(*pair) for pair in zip(groups, similar, strict=True)] if words else groups
    by_kind = {group.source.kind: group for group in groups}
    full = [group for group in groups if group.hits and kind in ("", group.source.kind)]
    return Found(typed, sorted(full, key=lambda group: group.place), by_kind)


def _mistyped(typed: Typed, user: User, milliseconds: int) -> tuple[str, ...]:
    """Return the words that may be mistyped; none where that cannot be said in time."""
    try:
        with time_limit(milliseconds):
            return mistyped(typed, user)
    except Late:
        return ()


def _group(source: Source, rows: QuerySet[Any], each: int, milliseconds: int) -> Group:
    try:
        with time_limit(milliseconds):
            found = list(rows[:each])
    except Late:
        return Group(source, [], 0, is_late=True)
    hits = [
        replace(source.hit(row), rank=row.rank, nearness=getattr(row, "nearness", 0))
        for row in found
    ]
    return Group(source, hits, found[0].found if found else 0)


def _joined(group: Group, similar: Group) -> Group:
    """Put what is similar behind what contains the words."""
    known = {hit.url for hit in group.hits}
    more = [hit for hit in similar.hits if hit.url not in known]
    number = max(group.number, group.number + similar.number - (len(similar.hits) - len(more)))
    return replace(
        group, hits=group.hits + more, number=number, is_late=group.is_late or similar.is_late
    )
