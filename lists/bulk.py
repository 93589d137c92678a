"""What can be done with many rows of a list: each row through its door, all in one run."""

from collections.abc import Callable, Iterator
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

# What is done with one row: its id, and what was seen of it; returns what an undo must know.
type Step = Callable[[int, int], Any]


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
    and says a lost race as a ValidationError.
    """

    def __init__(
        self,
        *actions: BulkAction,
        rows: Callable[[Any], QuerySet[Any]],
        seen: str | Combinable,
        noun: Callable[[int], str],
        within: Callable[[BulkRun], AbstractContextManager[Any]] = lambda _run: nullcontext(),
    ) -> None:
        self.actions = {action.name: action for action in actions}
        self.rows = rows
        self.seen = seen
        self.noun = noun
        self.within = within

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

        def step(pk: int, seen: int) -> Any:
            if form.errors:  # what was chosen has gone since
                raise ValidationError([e for found in form.errors.values() for e in found])
            row = self.rows(by).get(pk=pk)
            with self.within(run):
                return action.do(row, by=by, seen=seen, **form.wishes())

        return step

    def undo_step(self, run: BulkRun, *, by: Any) -> Step:
        """Return what is taken back for each row that was done."""
        action = self.actions[run.action]

        def step(pk: int, _seen: int) -> None:
            action.undo(self.rows(by).get(pk=pk), run, by=by)

        return step
