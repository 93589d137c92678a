"""Completing, cancelling and reopening, and what follows a recurring task (R181–R185)."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.translation import gettext as _

from crm.dates import today
from salescycles.date_formula import DateFormula, DateFormulaError
from salespeople.models import Salesperson, User
from salespeople.visibility import salesperson_of
from tasks import told
from tasks.attendees import copied
from tasks.lifecycle.rows import check_is_open, locked, opened, saved
from tasks.models import LAST_DAY, Task, TaskAttendee
from tasks.wishes import check_task

# What a task that follows a recurring one takes over (R185).
RECURRING = (
    "kind", "description", "note", "start_time", "duration", "priority", "salesperson", "team",
    "contact", "company", "opportunity", "entry", "campaign", "segment", "location",
    "is_recurring", "recurring_interval", "recurs_from",
)  # fmt: skip


def complete(
    task: Task,
    *,
    by: User,
    completed_by: Salesperson | None = None,
    seen: int | None = None,
) -> Task:
    """Say that it is done; a recurring one is followed by its next (R181, R183, R185).

    A team's task that nobody has taken needs `completed_by`; None means the
    salesperson that `by` signs in as.
    """
    with locked(task, by=by, seen=seen) as fresh:
        if fresh.status == Task.Status.COMPLETED:
            return fresh
        check_is_open(fresh)
        done_by = completed_by or fresh.salesperson or salesperson_of(by)
        if done_by is None:
            raise ValidationError({"completed_by": _("Say who has completed the team's task.")})
        return _close(fresh, Task.Status.COMPLETED, by=by, verb="complete", completed_by=done_by)


def cancel(
    task: Task, *, by: User, ends_recurrence: bool = False, seen: int | None = None
) -> Task:  # fmt: skip
    """Say that it will not be done; a recurring one is still followed by its next (R182, R185).

    `ends_recurrence` makes it the last.
    """
    with locked(task, by=by, seen=seen) as fresh:
        if fresh.status == Task.Status.CANCELLED:
            return fresh
        check_is_open(fresh)
        recurs = fresh.is_recurring and not ends_recurrence
        return _close(fresh, Task.Status.CANCELLED, by=by, verb="cancel", is_recurring=recurs)


def reopen(task: Task, *, by: User, seen: int | None = None) -> Task:
    """Take a completed or cancelled task up again: it is in progress then (R181, R182).

    The task that its closing created goes, if nobody has touched it: closing
    it once more creates it anew, so that a row of recurring tasks neither
    doubles nor ends.
    """
    with locked(task, by=by, seen=seen) as fresh:
        if fresh.is_open:
            return fresh
        follower = Task.objects.select_for_update(no_key=True).filter(follows=fresh).first()
        if follower is not None and follower.is_open and not follower.edits:
            _delete(follower)
        return saved(fresh, by=by, verb="reopen", **opened(fresh, Task.Status.IN_PROGRESS))


def _close(task: Task, status: str, *, by: User, verb: str, **changes: Any) -> Task:
    """Close a locked, open task, and create the one that follows a recurring one (R185)."""
    told.take_back([task])
    closed = saved(
        task,
        by=by,
        verb=verb,
        status=status,
        status_before=task.status,
        closed_at=timezone.now(),
        closed_by=by,
        **changes,
    )
    follow_up(closed, by=by)
    return closed


def follow_up(task: Task, *, by: User) -> None:
    """Create what follows a closed recurring task, if it is not there (R185)."""
    if task.is_recurring and not Task.objects.filter(follows=task).exists():
        _follow(task, by=by)


def let_follower_go(task: Task) -> None:
    """Delete what follows a task that is taken up again; refused if it has been touched."""
    follower = Task.objects.select_for_update(no_key=True).filter(follows=task).first()
    if follower is None:
        return
    if not follower.is_open or follower.edits:
        text = _("Something newer rests on it: the task that follows it has been worked on.")
        raise ValidationError(text, code="newer")
    _delete(follower)


def _follow(task: Task, *, by: User) -> Task:
    """Create the task that follows a closed recurring one (R185)."""
    values = {name: getattr(task, name) for name in RECURRING}
    follower = Task(**values, due_on=_next_day(task), follows=task, created_by=by)
    check_task(follower)
    follower.save(force_insert=True)
    TaskAttendee.objects.bulk_create(copied(task.attendees.all(), follower))
    return follower


def _next_day(task: Task) -> date:
    """Return when the next one is due; refuse what no calendar of ours holds (R185, R186)."""
    base = task.due_on if task.recurs_from == Task.RecursFrom.DUE else today()
    try:
        day = DateFormula.parse(task.recurring_interval).apply(base)
    except DateFormulaError:
        day = None
    if day is None or not base < day <= LAST_DAY:
        raise ValidationError(
            {
                "recurring_interval": _(
                    "No next one can be planned from %(interval)s. Let the task recur no longer, "
                    "or change its interval."
                )
                % {"interval": task.recurring_interval}
            },
            code="no_next",
        )
    return day


def _delete(follower: Task) -> None:
    """Delete a task that nobody has touched; what something else names stays."""
    try:
        follower.delete()
    except ProtectedError:
        return
