"""What can be done with many rows of a list: each row through its door, all in one run."""

from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.utils.formats import number_format
from django.utils.functional import Promise

from lists.forms import ManyForm
from lists.models import BulkRun

PART = 50
PART_TOGETHER = 200  # where the rows of a part are read and written together

type Together = Callable[[Collection[int], Any], AbstractContextManager[Callable[[int], Any]]]


@dataclass(frozen=True)
class Step:
    """What is done with each row of a part.

    `together(ids)` opens a part and yields what finds a row; `one(row, seen)`
    does one, and returns what an undo must know, or what gives that when the
    part is over. Where `collects`, nothing is written before the part is over.
    """

    together: Callable[[Collection[int]], AbstractContextManager[Callable[[int], Any]]]
    one: Callable[[Any, int], Any]
    collects: bool

    @property
    def size(self) -> int:
        """How many rows are a part."""
        return PART_TOGETHER if self.collects else PART


class Skipped(Exception):
    """The row is so already; the message says how."""


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """One of the actions: its words, its form, and what it does with a row and takes back.

    `do(row, by=, seen=, **wishes)` raises Skipped for what is so already, and
    returns what its undo must know of the row (as JSON, None: nothing);
    `undo(row, run, by=)` finds that in `run.made` under the row's id.
    """

    name: str
    label: str | Promise
    title: str | Promise
    icon: str
    form: type[ManyForm]
    do: Callable[..., Any]
    undo: Callable[..., Any]
    is_grave: bool = False


class Bulk:
    """What a list can do with many of its rows.

    `rows` returns what a person may see, whatever the filter; `seen` is the
    number that tells what was seen of a row, `noun` gives the words for so
    many rows ("%(shown)s tasks"). `within` surrounds each row that is done,
    and says a lost race as a ValidationError. `together` surrounds the rows of
    a part where they are read and written together; what it yields finds a row.
    """

    def __init__(
        self,
        *actions: BulkAction,
        rows: Callable[[Any], QuerySet[Any]],
        seen: str | Combinable,
        noun: Callable[[int], str],
        within: Callable[[BulkRun], AbstractContextManager[Any]] = lambda _run: nullcontext(),
        together: Together | None = None,
    ) -> None:
        self.actions = {action.name: action for action in actions}
        self.rows = rows
        self.seen = seen
        self.noun = noun
        self.within = within
        self.together = together

    def __iter__(self) -> Iterator[BulkAction]:
        return iter(self.actions.values())

    def counted(self, number: int) -> str:
        """Return so many rows in words."""
        return self.noun(number) % {"shown": number_format(number, force_grouping=True)}

    def step(self, run: BulkRun, *, by: Any) -> Step:
        """Return what is done with each row; whoever asks sees the row, or it is refused."""
        action = self.actions[run.action]
        form = action.form(run.wishes, by=by)
        form.full_clean()

        def one(row: Any, seen: int) -> Any:
            if form.errors:  # what was chosen has gone since
                raise ValidationError([e for found in form.errors.values() for e in found])
            with self.within(run):
                return action.do(row, by=by, seen=seen, **form.wishes())

        return self._step(one, by=by)

    def undo_step(self, run: BulkRun, *, by: Any) -> Step:
        """Return what is taken back for each row that was done."""
        action = self.actions[run.action]

        def one(row: Any, _seen: int) -> None:
            action.undo(row, run, by=by)

        return self._step(one, by=by)

    def _step(self, one: Callable[[Any, int], Any], *, by: Any) -> Step:
        if self.together is not None:
            together = self.together
            return Step(lambda ids: together(ids, by), one, collects=True)
        return Step(lambda _ids: nullcontext(lambda pk: self.rows(by).get(pk=pk)), one,
                    collects=False)  # fmt: skip
