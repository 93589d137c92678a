"""A list as a table: the headings, and the rows in batches, without holding all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import batched
from typing import Any

from django.db.models import QuerySet
from django.utils import translation

from lists.columns import Column, load
from lists.writing import Value

BATCH = 500


@dataclass(frozen=True)
class Table:
    """The rows of a list in their order, the columns that are wanted, and the language.

    A file is written after the request's language has been put away.
    """

    rows: QuerySet[Any]
    columns: list[Column]
    language: str
    title: str = ""

    @property
    def headings(self) -> list[str]:
        """The headings."""
        with translation.override(self.language):
            return [str(part.label) for column in self.columns for part in column.parts]

    def lines(self) -> Iterator[list[Value]]:
        """Yield the values of each row.

        The rows come by a cursor of the database, and only a batch of them is held.
        """
        parts = [part for column in self.columns for part in column.parts]
        for batch in batched(self.rows.iterator(chunk_size=BATCH), BATCH):
            found = list(batch)
            with translation.override(self.language):
                load(self.columns, found)
                lines = [[_plain(part.value(row)) for part in parts] for row in found]
            yield from lines


def _plain(value: Any) -> Value:
    """Return a lazy text as text, and everything else as it is."""
    return value if isinstance(value, int | Decimal | date | None) else str(value)
