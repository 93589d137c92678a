"""What the door of opportunities asks of tasks when an entry is written or undone.

Rows of other rooms come in as they are: tasks lie below opportunities. Each
function runs inside the door's transaction, under its lock.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.utils import timezone

from salescycles.date_formula import DateFormula
from salescycles.models import Activity, TaskKind, TaskPriority
from salespeople.models import User
from tasks.lifecycle import opened, plan_many
from tasks.models import Task
from tasks.wishes import NewTask


def wishes_of(activity: Activity, *, on: date, **more: Any) -> list[NewTask]:
    """Return one task per step, in step order, each dated from `on` (R100, R203).

    An activity without steps makes one, of no kind and with its own words,
    dated `on` (R101). `more` are the other fields of `NewTask`.
    """
    steps = list(activity.steps.order_by("position"))
    if not steps:
        return [
            NewTask(
                description=activity.description,
                due_on=on,
                kind=TaskKind.TO_DO,
                priority=TaskPriority.LOW,
                **more,
            )
        ]
    return [
        NewTask(
            description=step.description,
            due_on=DateFormula.parse(step.date_formula).apply(on),
            kind=step.kind,
            priority=step.priority,
            **more,
        )
        for step in steps
    ]


def enter(entries: Iterable[Any], *, by: User) -> list[Task]:
    """Create the tasks of the stages that `entries`, the newest ones, enter (R97, R99, R100)."""
    wishes: list[NewTask] = []
    for entry in entries:
        opportunity = entry.opportunity
        if opportunity.stage is not None and opportunity.stage.activity_id is not None:
            wishes += wishes_of(
                opportunity.stage.activity,
                on=entry.effective_on,
                opportunity=opportunity,
                entry=entry,
                is_of_stage=True,
                segment=opportunity.segment,
            )
    return plan_many(wishes, by=by) if wishes else []


def cancel_open(entry: Any, *, by: User) -> int:
    """Cancel the open tasks of the entry's opportunity, without a next of any (R98)."""
    rows = Task.objects.open().filter(opportunity=entry.opportunity_id)
    waiting = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    for task in waiting:
        task.status_before = task.status
        task.status = Task.Status.CANCELLED
        task.is_recurring = False
        task.cancelled_by_entry = entry
    return _updated(waiting, "status_before", "status", "is_recurring", "cancelled_by_entry", by=by)


def hand_over(entry: Any, before: Any, *, by: User) -> int:
    """Let the open tasks follow what the entry reassigned (R139, R140, R142).

    Only tasks that had the salesperson, contact or campaign of `before`.
    """
    changed = [n for n in ("salesperson", "contact", "campaign") if _differs(entry, before, n)]
    rows = Task.objects.open().filter(opportunity=entry.opportunity_id)
    found = list(rows.select_for_update(of=("self",), no_key=True).order_by("pk"))
    return _follow_along(found, changed, before, entry, entry, by=by)


def undo(entry: Any, before: Any, *, by: User) -> None:
    """Take back what writing `entry` did to tasks; `before` is the entry that holds again.

    Tasks it created and nobody touched are cancelled, tasks it cancelled are
    as they were, tasks it handed over go back (house.md 4).
    """
    rows = Task.objects.select_for_update(of=("self",), no_key=True).order_by("pk")
    created = list(rows.filter(entry=entry, is_of_stage=True, edits=0).open())
    for task in created:
        task.status_before, task.status = task.status, Task.Status.CANCELLED
    _updated(created, "status_before", "status", by=by)
    cancelled = list(rows.filter(cancelled_by_entry=entry))
    for task in cancelled:
        values = opened(task.status_before or Task.Status.IN_PROGRESS)
        values["is_recurring"] = bool(task.recurring_interval)
        for name, value in values.items():
            setattr(task, name, value)
    _updated(cancelled, *opened(""), "is_recurring", by=by)
    handed = list(rows.filter(handed_over_by=entry).open())
    changed = [n for n in ("salesperson", "contact", "campaign") if _differs(entry, before, n)]
    _follow_along(handed, changed, entry, before, None, by=by)


def _differs(entry: Any, before: Any, name: str) -> bool:
    return bool(getattr(entry, f"{name}_id") != getattr(before, f"{name}_id"))


def _follow_along(
    tasks: list[Task], names: list[str], old: Any, new: Any, mark: Any, *, by: User
) -> int:
    """Give the tasks that hold the `old` values the `new` ones, and mark them."""
    moved = []
    for task in tasks:
        mine = [n for n in names if getattr(task, f"{n}_id") == getattr(old, f"{n}_id")]
        for name in mine:
            setattr(task, name, getattr(new, name))
        if "salesperson" in mine and task.kind == TaskKind.MEETING:
            task.attendees.filter(salesperson=new.salesperson).delete()
            task.attendees.filter(is_organizer=True).update(salesperson=new.salesperson)
        if "contact" in mine:
            task.company = new.company
            _replace_attendee(task, old, new)
        if mine:
            task.handed_over_by = mark
            moved.append(task)
    return _updated(moved, "salesperson", "contact", "company", "campaign", "handed_over_by", by=by)


def _replace_attendee(task: Task, old: Any, new: Any) -> None:
    if not task.attendees.filter(contact=new.contact).exists():
        task.attendees.filter(contact=old.contact).update(contact=new.contact)


def _updated(tasks: list[Task], *fields: str, by: User) -> int:
    """Save the fields of many locked tasks at once, with who changed them."""
    now = timezone.now()
    for task in tasks:
        task.edits += 1
        task.changed_at, task.changed_by = now, by
        if task.status == Task.Status.CANCELLED:
            task.closed_at, task.closed_by = now, by
    names = {*fields, "edits", "changed_at", "changed_by", "closed_at", "closed_by"}
    Task.objects.bulk_update(tasks, sorted(names), batch_size=500)
    return len(tasks)
