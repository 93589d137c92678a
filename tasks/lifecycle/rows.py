"""How a task is locked, judged and saved."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from changes import log
from salescycles.models import TaskKind
from salespeople.models import User
from tasks.models import Task
from tasks.wishes import check_task, usual_duration

TIDIED = ("duration", "recurring_interval", "recurs_from")  # by check_task, whatever was changed
COUNTED = ("edits", "is_touched", "changed_at", "changed_by")
RELATED = ("salesperson", "team", "contact__company", "opportunity", "campaign")


class Conflict(Exception):
    """Somebody changed the task after the person had looked at it; `task` is it as it is now."""

    def __init__(self, task: Task) -> None:
        """Carry the task."""
        super().__init__(f"task {task.pk} has been changed since")
        self.task = task


@contextmanager
def locked(task: Task, *, by: User, seen: int | None) -> Iterator[Task]:
    """Open a transaction and yield the row, locked, as it is now; `Conflict` if not as seen.

    The lock is taken alone and the row read after it: a join that has waited
    for a lock would show the new row beside the old rows it names.
    """
    with transaction.atomic():
        Task.objects.select_for_update(no_key=True).filter(pk=task.pk).values("pk").first()
        fresh = Task.objects.visible_to(by).select_related(*RELATED).get(pk=task.pk)
        if seen is not None and seen != fresh.edits:
            raise Conflict(fresh)
        yield fresh


def attending(task: Task) -> list[list[Any]]:
    """Return who attends a meeting as it is noted: salesperson, contact, and who holds it."""
    rows = task.attendees.order_by("pk").values_list("salesperson", "contact", "is_organizer")
    return [list(row) for row in rows] if task.kind == TaskKind.MEETING else []


def saved(
    task: Task, *, by: User, verb: str, attended: list[list[Any]] | None = None, **changes: Any
) -> Task:  # fmt: skip
    """Check, save and note what has changed of a locked task; nothing if nothing has.

    `attended` is who attended before, where that may have changed, too.
    """
    changed = {name: value for name, value in changes.items() if getattr(task, name) != value}
    attend = attending(task) if attended is not None else None
    if not changed and attend == attended:
        return task
    before = log.values_of(task, {*changed, *TIDIED})
    if "start_time" in changed and "duration" not in changed:
        is_unlike = (changed["start_time"] is None) != (task.start_time is None)
        changed |= {"duration": usual_duration(changed["start_time"])} if is_unlike else {}
    for name, value in changed.items():
        setattr(task, name, value)
    check_task(task)
    task.edits += 1
    task.is_touched = True
    task.changed_at, task.changed_by = timezone.now(), by
    task.save(update_fields={*changed, *TIDIED, *COUNTED})
    after = log.values_of(task, before)
    kept = [name for name in before if before[name] == after[name]]
    if attend != attended:
        before["attendees"], after["attendees"] = attended, attend
    was, now = ({n: v for n, v in found.items() if n not in kept} for found in (before, after))
    log.note(verb, task, by=by, before=was, after=now, version=task.edits)
    return task


def opened(task: Task, status: str) -> dict[str, Any]:
    """Return the values of a task that is open again: recurring if it was before it was closed."""
    return {
        "status": status,
        "status_before": "",
        "is_recurring": bool(task.recurring_interval),
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
