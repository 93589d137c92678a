"""The door of tasks: plan, start, complete, cancel, reopen, reschedule, assign, edit.

Each function opens its own transaction, re-reads the row under a lock among
those that `by` may see, checks, and saves; the task handed in is only an
address. They raise `ValidationError` with sentences, `PermissionDenied` with
who may do it instead, `Conflict` when somebody was faster, and
`Task.DoesNotExist` for what `by` may not see.

`seen` is the number of changes (`edits`) that the person was looking at (None:
whatever it is). Asking for what is already so writes nothing.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, time
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Contact
from crm.dates import today
from salescycles.date_formula import DateFormula, DateFormulaError
from salescycles.models import TaskKind
from salespeople.models import Salesperson, Team, User
from salespeople.visibility import salesperson_of
from tasks.models import Task, TaskAttendee, teams_of
from tasks.wishes import (
    NewTask,
    attendee_rows,
    check_contact,
    check_organizer,
    check_salesperson,
    check_task,
    check_team,
    usual_duration,
)

__all__ = [
    "Conflict",
    "NewTask",
    "assign",
    "cancel",
    "complete",
    "edit",
    "plan",
    "plan_many",
    "reopen",
    "reschedule",
    "start",
    "take",
]
WRITABLE = frozenset(
    {
        "kind", "description", "note", "due_on", "start_time", "duration", "priority", "status",
        "contact", "opportunity", "campaign", "location",
        "is_recurring", "recurring_interval", "recurs_from",
    }
)  # fmt: skip
# What a task that follows a recurring one takes over (R185).
RECURRING = (
    "kind", "description", "note", "start_time", "duration", "priority", "salesperson", "team",
    "contact", "company", "opportunity", "entry", "campaign", "segment", "location",
    "is_recurring", "recurring_interval", "recurs_from",
)  # fmt: skip

TIDIED = ("duration", "recurring_interval", "recurs_from")  # by check_task, whatever was changed


class Conflict(Exception):
    """Somebody changed the task after the person had looked at it; `task` is it as it is now."""

    def __init__(self, task: Task) -> None:
        """Carry the task."""
        super().__init__(f"task {task.pk} has been changed since")
        self.task = task


def plan(*, by: User, **wish: Any) -> Task:
    """Plan one task; the arguments are the fields of `NewTask` (R188)."""
    return plan_many([NewTask(**wish)], by=by)[0]


def plan_many(wishes: Iterable[NewTask], *, by: User) -> list[Task]:
    """Plan all of them or none, in a few statements; the first that is refused raises."""
    with transaction.atomic():
        made = [_new(wish, by=by) for wish in wishes]
        Task.objects.bulk_create(task for task, _attendees in made)
        rows = [row for _task, attendees in made for row in attendees]
        for row in rows:
            row.task = row.task  # its id is known only now
        TaskAttendee.objects.bulk_create(rows)
    return [task for task, _attendees in made]


def edit(task: Task, *, by: User, seen: int | None = None, **changes: Any) -> Task:
    """Change what is given, while it is open; a meeting stays one, nothing becomes one (R178).

    `attendees` are all others than the organizer. Setting the opportunity
    stores its newest entry (R197), setting the contact its company (R198).
    """
    unknown = changes.keys() - WRITABLE - {"attendees"}
    if unknown:
        raise TypeError(f"a task has no such field to edit: {sorted(unknown)}")
    with locked(task, by=by, seen=seen) as fresh:
        check_is_open(fresh)
        others = changes.pop("attendees", None)
        changed = {name: v for name, v in changes.items() if getattr(fresh, name) != v}
        _check_kinds(fresh, changed.get("kind", fresh.kind))
        if changed.get("status", fresh.status) not in Task.OPEN:
            raise ValidationError({"status": _("Complete or cancel it instead.")})
        if "contact" in changed:
            check_contact(changed["contact"])
            changed["company"] = _company_of(changed["contact"])
        if "opportunity" in changed:
            changed["entry"] = newest_entry(changed["opportunity"], by=by)
        is_meeting = fresh.kind == TaskKind.MEETING
        is_met_by_others = others is not None and is_meeting and _has_replaced(fresh, list(others))
        return saved(fresh, by=by, is_changed=is_met_by_others, **changed)


def start(task: Task, *, by: User, seen: int | None = None) -> Task:
    """Say that it is being worked on."""
    with locked(task, by=by, seen=seen) as fresh:
        check_is_open(fresh)
        return saved(fresh, by=by, status=Task.Status.IN_PROGRESS)


def reschedule(
    task: Task,
    due_on: date,
    *,
    by: User,
    start_time: time | None = None,
    seen: int | None = None,
) -> Task:
    """Put it on another day; None keeps the start."""
    with locked(task, by=by, seen=seen) as fresh:
        check_is_open(fresh)
        return saved(fresh, by=by, due_on=due_on, start_time=start_time or fresh.start_time)


def assign(
    task: Task,
    *,
    by: User,
    salesperson: Salesperson | None = None,
    team: Team | None = None,
    seen: int | None = None,
) -> Task:
    """Give it to a salesperson, or to a team of which a member takes it (rules D21).

    The organizer of a meeting follows the salesperson.
    """
    if (salesperson is None) == (team is None):
        raise ValidationError({"salesperson": _("Choose a salesperson or a team.")})
    with locked(task, by=by, seen=seen) as fresh:
        check_is_open(fresh)
        if salesperson is not None and salesperson.pk != fresh.salesperson_id:
            check_salesperson(salesperson, by=by)
            _hand_meeting_to(fresh, salesperson)
        if team is not None and team.pk != fresh.team_id:
            check_team(team, by=by)
        return saved(fresh, by=by, salesperson=salesperson, team=team, handed_over_by=None)


def take(task: Task, *, by: User, seen: int | None = None) -> Task:
    """Take a task of one's team; it stays the team's (rules D21)."""
    with locked(task, by=by, seen=seen) as fresh:
        check_is_open(fresh)
        own = salesperson_of(by)
        if own is None or fresh.team_id is None or fresh.team_id not in teams_of(by):
            raise ValidationError(_("Only a member takes a task of a team."))
        if fresh.salesperson_id not in (None, own.pk):
            raise ValidationError(
                _("%(name)s has taken it already.") % {"name": fresh.salesperson}, code="taken"
            )
        return saved(fresh, by=by, salesperson=own)


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
        return close(fresh, Task.Status.COMPLETED, by=by, completed_by=done_by)


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
        return close(fresh, Task.Status.CANCELLED, by=by, is_recurring=recurs)


def reopen(task: Task, *, by: User, seen: int | None = None) -> Task:
    """Take a completed or cancelled task up again: it is in progress then (R181, R182).

    The task that its closing created goes, if nobody has touched it: closing
    it once more creates it anew, so that a row of recurring tasks neither
    doubles nor ends.
    """
    with locked(task, by=by, seen=seen) as fresh:
        if fresh.is_open:
            return fresh
        follower = Task.objects.select_for_update().filter(follows=fresh).first()
        if follower is not None and follower.is_open and not follower.edits:
            follower.delete()
        return saved(fresh, by=by, **opened(Task.Status.IN_PROGRESS))


@contextmanager
def locked(task: Task, *, by: User, seen: int | None) -> Iterator[Task]:
    """Open a transaction and yield the row, locked, as it is now; `Conflict` if not as seen."""
    with transaction.atomic():
        rows = Task.objects.visible_to(by).select_related(
            "salesperson", "team", "contact__company", "opportunity"
        )
        fresh = rows.select_for_update(of=("self",), no_key=True).get(pk=task.pk)
        if seen is not None and seen != fresh.edits:
            raise Conflict(fresh)
        yield fresh


def close(task: Task, status: str, *, by: User, **changes: Any) -> Task:
    """Close a locked, open task, and create the one that follows a recurring one (R185)."""
    closed = saved(
        task,
        by=by,
        status=status,
        status_before=task.status,
        closed_at=timezone.now(),
        closed_by=by,
        **changes,
    )
    if closed.is_recurring and not Task.objects.filter(follows=closed).exists():
        _follow(closed, by=by)
    return closed


def opened(status: str) -> dict[str, Any]:
    """Return the values of a task that is open again."""
    return {
        "status": status,
        "status_before": "",
        "closed_at": None,
        "closed_by": None,
        "completed_by": None,
        "cancelled_by_entry": None,
    }


def check_is_open(task: Task) -> None:
    """Refuse a change of what is completed or cancelled."""
    if not task.is_open:
        raise ValidationError(
            _("It is %(status)s already. Reopen it first.")
            % {"status": task.get_status_display().lower()},
            code="closed",
        )


def newest_entry(opportunity: Any, *, by: User) -> Any:
    """Return the newest entry of an opportunity that `by` sees (R197); None for none."""
    if opportunity is None:
        return None
    model: Any = Task._meta.get_field("opportunity").related_model
    if not model.objects.visible_to(by).kept().filter(pk=opportunity.pk).exists():
        raise ValidationError({"opportunity": _("There is no such opportunity.")})
    return opportunity.entries.get(sequence=opportunity.sequence)


def _new(wish: NewTask, *, by: User) -> tuple[Task, list[TaskAttendee]]:
    """Check a wish and return it as rows (R188)."""
    opportunity, entry = wish.opportunity, wish.entry
    if opportunity is not None and entry is None:
        entry = newest_entry(opportunity, by=by)
    salesperson = wish.salesperson
    if salesperson is None and wish.team is None and opportunity is not None:
        salesperson = opportunity.salesperson
    if not wish.is_of_stage:
        check_salesperson(wish.salesperson, by=by)
        check_team(wish.team, by=by)
        check_contact(wish.contact)
    contact = wish.contact or (opportunity.contact if opportunity is not None else None)
    values: dict[str, Any] = {"due_on": wish.due_on}  # None is refused below
    task = Task(
        kind=wish.kind,
        description=wish.description,
        note=wish.note,
        **values,
        start_time=wish.start_time,
        duration=usual_duration(wish.start_time) if wish.duration is None else wish.duration,
        priority=wish.priority,
        salesperson=salesperson,
        team=wish.team,
        contact=contact,
        company=_company_of(contact),
        opportunity=opportunity,
        entry=entry,
        is_of_stage=wish.is_of_stage,
        campaign=wish.campaign or (opportunity.campaign if opportunity is not None else None),
        segment=wish.segment,
        location=wish.location,
        is_recurring=wish.is_recurring,
        recurring_interval=wish.recurring_interval if wish.is_recurring else "",
        recurs_from=wish.recurs_from if wish.is_recurring else "",
        created_by=by,
    )
    check_task(task)
    return task, attendee_rows(task, wish.organizer or salesperson, wish.attendees)


def _company_of(contact: Contact | None) -> Contact | None:
    return contact.company_or_self if contact is not None else None


def _check_kinds(task: Task, kind: str) -> None:
    """Refuse to make a meeting of something else, and something else of a meeting (R178)."""
    if (kind == TaskKind.MEETING) != (task.kind == TaskKind.MEETING):
        raise ValidationError(
            {"kind": _("A meeting stays one, and nothing else becomes one: plan it anew.")}
        )


def _has_replaced(task: Task, others: list[Salesperson | Contact]) -> bool:
    """Replace the attendees but the organizer; say whether there was anything to replace."""
    organizer = task.attendees.filter(is_organizer=True).select_related("salesperson").first()
    rows = attendee_rows(task, organizer.salesperson if organizer else task.salesperson, others)
    before = {(row.salesperson_id, row.contact_id) for row in task.attendees.all()}
    if before == {(row.salesperson_id, row.contact_id) for row in rows}:
        return False
    task.attendees.all().delete()
    TaskAttendee.objects.bulk_create(rows)
    return True


def _hand_meeting_to(task: Task, salesperson: Salesperson) -> None:
    """Let another salesperson hold the meeting."""
    if task.kind != TaskKind.MEETING:
        return
    check_organizer(salesperson)
    task.attendees.filter(salesperson=salesperson).delete()
    task.attendees.filter(is_organizer=True).update(salesperson=salesperson)


def _follow(task: Task, *, by: User) -> Task:
    """Create the task that follows a closed recurring one (R185)."""
    base = task.due_on if task.recurs_from == Task.RecursFrom.DUE else today()
    try:
        due_on = DateFormula.parse(task.recurring_interval).apply(base)
    except DateFormulaError as error:
        raise ValidationError({"recurring_interval": str(error)}) from error
    values = {name: getattr(task, name) for name in RECURRING}
    follower = Task(**values, due_on=due_on, follows=task, created_by=by)
    check_task(follower)
    follower.save(force_insert=True)
    TaskAttendee.objects.bulk_create(
        TaskAttendee(
            task=follower,
            salesperson_id=row.salesperson_id,
            contact_id=row.contact_id,
            is_organizer=row.is_organizer,
        )
        for row in task.attendees.all()
    )
    return follower


def saved(task: Task, *, by: User, is_changed: bool = False, **changes: Any) -> Task:
    """Check and save what has changed of a locked task; nothing if nothing has.

    `is_changed` says that rows beside it have.
    """
    changed = {name: value for name, value in changes.items() if getattr(task, name) != value}
    if not changed and not is_changed:
        return task
    if "start_time" in changed and "duration" not in changed:
        is_unlike = (changed["start_time"] is None) != (task.start_time is None)
        changed |= {"duration": usual_duration(changed["start_time"])} if is_unlike else {}
    for name, value in changed.items():
        setattr(task, name, value)
    check_task(task)
    task.edits += 1
    task.changed_at, task.changed_by = timezone.now(), by
    task.save(update_fields={*changed, *TIDIED, "edits", "changed_at", "changed_by"})
    return task
