"""What the changes of tasks and interactions are called, and how one is taken back (ADR 0022)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.kinds import ChangeKind
from changes.lifecycle import check_newest, values_before
from changes.models import Change
from salespeople.models import User
from tasks import interactions, lifecycle, told
from tasks.lifecycle.closing import follow_up, let_follower_go
from tasks.lifecycle.rows import attending, check_is_open, locked, saved
from tasks.models import Interaction, Task, TaskAttendee
from tasks.wishes import check_salespeople

CLOSING = ("complete", "cancel")
TURNING = (*CLOSING, "reopen")


def undo(change: Change, *, by: User) -> None:
    """Take a change of a task back; what was planned is cancelled, and comes no more."""
    task: Any = change.task
    if change.verb == "plan":
        check_newest(change, task)
        lifecycle.cancel(task, by=by, ends_recurrence=True)
        return
    with locked(task, by=by, seen=None) as fresh:
        if change.verb not in TURNING:
            check_is_open(fresh)
        attended = attending(fresh)
        values = values_before(change, fresh, present={"attendees": attended})
        if values.get("salesperson") is not None and change.changed_by_id != by.pk:
            check_salespeople([values["salesperson"]], by=by)
        if change.verb in CLOSING:
            let_follower_go(fresh)
        if "attendees" in change.before:
            _let_attend(fresh, change.before["attendees"])
        told.take_back([fresh])
        saved(fresh, by=by, verb=change.verb, attended=attended, **values)
        if not fresh.is_open:
            follow_up(fresh, by=by)


def _let_attend(task: Task, noted: list[list[Any]]) -> None:
    task.attendees.all().delete()
    TaskAttendee.objects.bulk_create(
        TaskAttendee(
            task=task, salesperson_id=salesperson, contact_id=contact, is_organizer=is_organizer
        )
        for salesperson, contact, is_organizer in noted
    )


def undo_talk(change: Change, *, by: User) -> None:
    """Take back what was logged, or let what was cancelled count again (R229)."""
    interaction: Any = change.interaction
    is_cancelled = Interaction.objects.get(pk=interaction.pk).is_cancelled
    if is_cancelled != (change.verb == "cancel"):
        raise ValidationError(_("It has been cancelled or restored since."), code="newer")
    if change.verb == "cancel":
        interactions.restore(interaction, by=by)
    else:
        interactions.cancel(interaction, by=by)


TASKS = ChangeKind(
    name="task",
    rows=Task.objects.visible_to,
    undo=undo,
    words={
        "plan": gettext_lazy("planned the task"),
        "edit": gettext_lazy("edited the task"),
        "start": gettext_lazy("started the task"),
        "reschedule": gettext_lazy("put the task on another day"),
        "assign": gettext_lazy("assigned the task"),
        "take": gettext_lazy("took the task"),
        "complete": gettext_lazy("completed the task"),
        "cancel": gettext_lazy("cancelled the task"),
        "reopen": gettext_lazy("reopened the task"),
    },
    untold=frozenset({
        "status_before", "closed_at", "closed_by", "completed_by", "cancelled_by_entry",
        "handed_over_by", "entry", "company", "attendees",
    }),
)  # fmt: skip
TALK = ChangeKind(
    name="interaction",
    rows=Interaction.objects.visible_to,
    undo=undo_talk,
    words={
        "log": gettext_lazy("logged it"),
        "cancel": gettext_lazy("cancelled it"),
        "restore": gettext_lazy("let it count again"),
    },
)
