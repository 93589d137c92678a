"""Many opportunities in one transaction: locked and read together, judged one by one.

Inside `part_of` the verbs of the door do what they always do, each with its own
checks; only the rows that they ask for have been read for all of them, and the
entries that they write are written at the end, in a few statements.
"""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import prefetch_related_objects

from opportunities.models import Opportunity
from salespeople.models import User

NEEDED = ("stage", "sales_cycle", "salesperson")

_part: ContextVar["Part | None"] = ContextVar("part", default=None)


@dataclass
class Batch:
    """What is written for several rows by one call at the end of a part."""

    write: Callable[[list[Any]], list[Any]]
    items: list[Any] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)


class Part:
    """The rows of a part, locked, and what waits until all of them have been judged.

    `rows` are those of `ids` that `by` may see, `written` the entries that are to
    be written at the end, `batches` what is written after that, and `read` what
    has been read for all rows.
    """

    def __init__(self, ids: Collection[int], *, by: User) -> None:
        """Lock the rows in the order of their ids, without a join (house.md 5)."""
        self.ids = frozenset(ids)
        self.by = by
        rows = Opportunity.objects.visible_to(by).filter(pk__in=self.ids).order_by("pk")
        locked = list(rows.select_for_update(of=("self",), no_key=True))
        prefetch_related_objects(locked, *NEEDED)
        self.rows = {row.pk: row for row in locked}
        self.read: dict[Any, Any] = {}
        self.written: list[Any] = []
        self.batches: dict[Any, Batch] = {}

    def row(self, pk: int) -> Opportunity:
        """Return a row as it is now; `Opportunity.DoesNotExist` for what `by` may not see."""
        if pk not in self.rows:
            raise Opportunity.DoesNotExist
        return self.rows[pk]


def current_part(opportunity: int, *, by: User | None = None) -> Part | None:
    """Return the part that is under way, if the opportunity is of it and `by` asked for it."""
    part = _part.get()
    if part is None or opportunity not in part.ids or (by is not None and by != part.by):
        return None
    return part


def once[T](key: Any, read: Callable[[], T]) -> T:
    """Return what `read` returns; inside a part it is read once for all rows."""
    part = _part.get()
    if part is None:
        return read()
    if key not in part.read:
        part.read[key] = read()
    found: T = part.read[key]
    return found


def together_with(opportunity: int) -> Collection[int]:
    """Return the ids of the rows of the part; outside of one, the row's alone."""
    part = current_part(opportunity)
    return [opportunity] if part is None else part.rows.keys()


def at_end(key: Any, item: Any, write: Callable[[list[Any]], list[Any]]) -> Callable[[], Any]:
    """Let `write` write the items of all rows when the part ends; outside of one, now.

    It returns a result for each item, in order. Call what is returned, once it
    has been written, for the result of `item`.
    """
    part = _part.get()
    batch = Batch(write) if part is None else part.batches.setdefault(key, Batch(write))
    number = len(batch.items)
    batch.items.append(item)
    if part is None:
        batch.results = write(batch.items)
    return lambda: batch.results[number]


@contextmanager
def collecting(part: Part) -> Iterator[None]:
    """Let the verbs find the part."""
    token = _part.set(part)
    try:
        yield
    finally:
        _part.reset(token)


@contextmanager
def one_transaction(part: Part | None) -> Iterator[None]:
    """Open a transaction, unless the part's is open and nothing is written before its end."""
    if part is None:
        with transaction.atomic():
            yield
    else:
        yield
