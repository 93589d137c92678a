"""What can be done with many tasks at once, and what takes it back: all through the door."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from contacts.inputs import salesperson_field
from crm.forms import day_input
from lists.bulk import Bulk, BulkAction, Skipped
from lists.forms import ManyForm, tick
from lists.models import BulkRun
from notices.telling import together
from salespeople.models import Salesperson, Team, User
from tasks import lifecycle
from tasks.models import Task

type Verb = Callable[..., Task]


class RescheduleManyForm(ManyForm):
    """The new day."""

    due_on = day_input(gettext_lazy("New day"), required=True)


class AssignManyForm(ManyForm):
    """The new salesperson."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["salesperson"] = salesperson_field(self.by, required=True)


class CancelManyForm(ManyForm):
    """Whether a recurring one is the last."""

    ends_recurrence = tick(gettext_lazy("Recurring ones end, too"))


@contextmanager
def one_row(run: BulkRun) -> Iterator[None]:
    """Tell everybody once of all that is done in a run, and say who was faster."""
    try:
        with together(run.act):
            yield
    except lifecycle.Conflict as conflict:
        words = {"name": conflict.task.changed_by}
        raise ValidationError(_("%(name)s has changed it meanwhile.") % words) from conflict


def _changed(verb: Verb) -> Callable[..., dict[str, Any]]:
    """Return the door's verb; it leaves what its undo must know: how the task was before."""

    def do(row: Task, *, by: User, **wishes: Any) -> dict[str, Any]:
        fresh = verb(row, by=by, **wishes)
        if fresh.edits == row.edits:
            raise Skipped(_("It is so already."))
        return {
            "edits": fresh.edits,
            "status": row.status,
            "due_on": row.due_on.isoformat(),
            "salesperson": row.salesperson_id,
            "team": row.team_id,
            "completed_by": row.completed_by_id,
        }

    return do


def _reschedule(row: Task, *, due_on: date, **who: Any) -> Task:
    return lifecycle.reschedule(row, due_on, **who)


def _taking_back(undo: Callable[..., Any]) -> Callable[..., None]:
    """Return an undo that gets what was noted, and leaves what somebody has changed since."""

    def do(row: Task, run: BulkRun, *, by: User) -> None:
        made = run.made[str(row.pk)]
        with one_row(run):
            undo(row, made, by=by, seen=made["edits"])

    return do


def _open_again(row: Task, made: dict[str, Any], *, by: User, seen: int) -> None:
    """Open it in the state in which it was closed."""
    fresh = lifecycle.reopen(row, by=by, seen=seen)
    if made["status"] != fresh.status:
        lifecycle.edit(fresh, by=by, status=made["status"])


def _close_again(row: Task, made: dict[str, Any], *, by: User, seen: int) -> None:
    if made["status"] == Task.Status.CANCELLED:
        lifecycle.cancel(row, by=by, seen=seen)
        return
    done_by = Salesperson.objects.filter(pk=made["completed_by"]).first()
    lifecycle.complete(row, by=by, completed_by=done_by, seen=seen)


def _put_back(row: Task, made: dict[str, Any], *, by: User, seen: int) -> None:
    lifecycle.reschedule(row, date.fromisoformat(made["due_on"]), by=by, seen=seen)


def _give_back(row: Task, made: dict[str, Any], *, by: User, seen: int) -> None:
    """Give it back to whose it was: a salesperson, or a team of which nobody had taken it."""
    salesperson = Salesperson.objects.filter(pk=made["salesperson"]).first()
    team = Team.objects.filter(pk=made["team"]).first() if salesperson is None else None
    lifecycle.assign(row, by=by, salesperson=salesperson, team=team, seen=seen)


BULK = Bulk(
    BulkAction(
        name="complete",
        label=gettext_lazy("Done"),
        title=gettext_lazy("Complete the tasks"),
        icon="check",
        form=ManyForm,
        do=_changed(lifecycle.complete),
        undo=_taking_back(_open_again),
    ),
    BulkAction(
        name="reschedule",
        label=gettext_lazy("Another day"),
        title=gettext_lazy("Move the tasks to another day"),
        icon="calendar",
        form=RescheduleManyForm,
        do=_changed(_reschedule),
        undo=_taking_back(_put_back),
    ),
    BulkAction(
        name="assign",
        label=gettext_lazy("Assign"),
        title=gettext_lazy("Give the tasks to another salesperson"),
        icon="user",
        form=AssignManyForm,
        do=_changed(lifecycle.assign),
        undo=_taking_back(_give_back),
    ),
    BulkAction(
        name="reopen",
        label=gettext_lazy("Reopen"),
        title=gettext_lazy("Reopen the tasks"),
        icon="rotate",
        form=ManyForm,
        do=_changed(lifecycle.reopen),
        undo=_taking_back(_close_again),
    ),
    BulkAction(
        name="cancel",
        label=gettext_lazy("Cancel"),
        title=gettext_lazy("Cancel the tasks"),
        icon="circle-x",
        form=CancelManyForm,
        do=_changed(lifecycle.cancel),
        undo=_taking_back(_open_again),
        is_grave=True,
    ),
    rows=Task.objects.visible_to,
    seen="edits",
    noun=lambda number: ngettext("%(shown)s task", "%(shown)s tasks", number),
    within=one_row,
)
