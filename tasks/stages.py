"""What the door of opportunities asks of tasks when an entry is written or undone.

Rows of other rooms come in as they are: tasks lie below opportunities. Each
function runs inside the door's transaction, under its lock, in a fixed number
of queries. None of them counts as touching a task (`is_touched`): what was
made with an entry goes with it (house.md 4).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Count, Q, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from salescycles.models import Activity, TaskKind
from salespeople.models import User
from tasks.activities import has_meeting, wishes_of
from tasks.attendees import check_organizer, exchange
from tasks.lifecycle import plan_many
from tasks.lifecycle.rows import opened
from tasks.models import Task, TaskAttendee
from tasks.told import take_back
from tasks.wishes import NewTask

type Change = tuple[Any, Any]  # an entry, and what was before it

FOLLOWING = ("salesperson", "contact", "campaign")  # what reassigning hands on
NEEDED = ("salesperson", "segment")
REOPENED = (
    "status", "status_before", "is_recurring",
    "closed_at", "closed_by", "completed_by", "cancelled_by_entry",
)  # fmt: skip


def enter(entries: Iterable[Any], *, by: User) -> list[Task]:
    """Create the tasks of the stages that `entries`, the newest ones, enter (R97, R99, R100).

    A blocked activity goes on at the stages that have it.
    """
    entered = [e for e in entries if e.opportunity.stage and e.opportunity.stage.activity_id]
    if not entered:
        return []
    prefetch_related_objects([entry.opportunity for entry in entered], *NEEDED)
    wanted = {entry.opportunity.stage.activity_id for entry in entered}
    activities = Activity.objects.prefetch_related("steps").in_bulk(wanted)
    wishes: list[NewTask] = []
    for entry in entered:
        opportunity = entry.opportunity
        made = wishes_of(
            activities[opportunity.stage.activity_id],
            on=entry.effective_on,
            opportunity=opportunity,
            entry=entry,
            is_of_stage=True,
            segment=opportunity.segment,
        )
        _check_can_meet(opportunity, made)
        wishes += made
    return plan_many(wishes, by=by)


def planned(stage: Any, on: date) -> list[NewTask]:
    """Return what entering the stage on that day will create; nothing where that is refused."""
    if stage is None or stage.activity_id is None:
        return []
    activity = Activity.objects.prefetch_related("steps").get(pk=stage.activity_id)
    try:
        return wishes_of(activity, on=on)
    except ValidationError:
        return []


def open_tasks(opportunity: Any) -> list[str]:
    """Return what is open on an opportunity, the next first: what a form offers to cancel (R98)."""
    rows = Task.objects.open().of_opportunity(opportunity)
    return list(rows.values_list("description", flat=True))


def cancel_open(entries: Iterable[Any], *, by: User) -> int:
    """Cancel the open tasks of the entries' opportunities, without a next of any (R98)."""
    by_opportunity = {entry.opportunity_id: entry for entry in entries}
    waiting = _locked_open(by_opportunity)
    for task in waiting:
        task.status_before, task.status = task.status, Task.Status.CANCELLED
        task.is_recurring = False
        task.cancelled_by_entry = by_opportunity[task.opportunity_id]
    return _close(waiting, "is_recurring", "cancelled_by_entry", by=by)


def hand_over(changes: Iterable[Change], *, by: User) -> int:
    """Let the open tasks follow what the entries reassigned (R139, R140, R142).

    A change is an entry and what was before it. Only tasks that had the
    salesperson, contact or campaign from before, and meetings that the
    salesperson or contact attends.
    """
    by_opportunity = {entry.opportunity_id: (entry, before) for entry, before in changes}
    theirs = _by(_locked_open(by_opportunity), "opportunity_id")
    moved = []
    for pk, tasks in theirs.items():
        entry, before = by_opportunity[pk]
        _check_can_hold(tasks, before, entry)
        for task in _follow_along(tasks, before, entry):
            task.handed_over_by = entry
            moved.append(task)
    return _update(moved, *FOLLOWING, "company", "handed_over_by", by=by)


def undo(changes: Iterable[Change], *, by: User) -> None:
    """Take back what writing the entries did to tasks.

    A change is an entry that is undone and the one that holds again. Tasks it
    created and nobody touched are cancelled, tasks it cancelled are as they
    were, tasks it handed over go back (house.md 4).
    """
    by_entry = {entry.pk: (entry, before) for entry, before in changes}
    made = Q(entry__in=by_entry, is_of_stage=True)
    rows = _locked(made | Q(cancelled_by_entry__in=by_entry) | Q(handed_over_by__in=by_entry))
    created = [task for task in rows if task.is_of_stage and task.entry_id in by_entry]
    untouched = [task for task in created if task.is_open and not task.is_touched]
    cancel(untouched, by=by)
    cancelled = [task for task in rows if task.cancelled_by_entry_id in by_entry]
    for task in cancelled:
        for name, value in opened(task, task.status_before or Task.Status.IN_PROGRESS).items():
            setattr(task, name, value)
    _update(cancelled, *REOPENED, by=by)
    handed = [task for task in rows if task.handed_over_by_id in by_entry and task.is_open]
    for pk, tasks in _by(handed, "handed_over_by_id").items():
        entry, before = by_entry[pk]
        _update(_follow_along(tasks, entry, before), *FOLLOWING, "company", by=by)
        _mark_earlier(tasks, entry)


def undo_untouched(entries: Iterable[Any], *, by: User) -> None:
    """Cancel the tasks that writing these entries created and nobody touched, all at once."""
    ids = [entry.pk for entry in entries]
    rows = _locked(Q(entry__in=ids, is_of_stage=True, changed_at=None, status__in=Task.OPEN))
    cancel(rows, by=by)


def held(ids: Collection[int], *, by: User) -> dict[int, Task]:
    """Return the tasks that `by` sees, locked in the order of their ids, as they are now."""
    rows = Task.objects.visible_to(by).filter(pk__in=ids)
    seen = set(rows.order_by().values_list("pk", flat=True))
    return {task.pk: task for task in _locked(Q(pk__in=seen))}


def cancel(tasks: list[Task], *, by: User) -> list[Task]:
    """Cancel locked tasks that nobody has touched."""
    for task in tasks:
        task.status_before, task.status = task.status, Task.Status.CANCELLED
    _close(tasks, by=by)
    return tasks


def told(entry: Any) -> list[str]:
    """Return in words what writing the entry did to tasks; one query."""
    made = Count("pk", filter=Q(entry=entry, is_of_stage=True))
    cancelled = Count("pk", filter=Q(cancelled_by_entry=entry))
    handed = Count("pk", filter=Q(handed_over_by=entry))
    rows = Task.objects.filter(opportunity=entry.opportunity_id)
    counts = rows.aggregate(made=made, cancelled=cancelled, handed=handed)
    words = {
        "made": ngettext("%(count)d task planned.", "%(count)d tasks planned.", counts["made"]),
        "cancelled": ngettext(
            "%(count)d task cancelled.", "%(count)d tasks cancelled.", counts["cancelled"]
        ),
        "handed": ngettext(
            "%(count)d task handed over.", "%(count)d tasks handed over.", counts["handed"]
        ),
    }
    return [words[name] % {"count": count} for name, count in counts.items() if count]


def _check_can_meet(opportunity: Any, wishes: list[NewTask]) -> None:
    """Refuse to enter a stage whose meeting nobody can invite to, and say what to do (R104)."""
    salesperson = opportunity.salesperson
    if has_meeting(wishes) and not salesperson.email:
        raise ValidationError(
            _(
                "“%(stage)s” plans a meeting, and %(name)s has no e-mail address to invite from. "
                "Let an administrator enter one, or give the opportunity to somebody else first."
            )
            % {"stage": opportunity.stage.name, "name": salesperson.name},
            code="no_email",
        )


def _locked(which: Q) -> list[Task]:
    """Return the tasks, locked in the order of their ids, as they are now.

    What a task's closing has added while its lock was waited for comes along:
    nothing new means that all are held. `which` asks nothing that a closing
    changes: a row that has waited and fits no more would hide what follows it.
    """
    rows = Task.objects.filter(which).order_by("pk")
    held: set[int] = set()
    while True:
        found = list(rows.select_for_update(no_key=True))
        if held >= {task.pk for task in found}:
            return found
        held |= {task.pk for task in found}


def _locked_open(opportunities: Collection[int]) -> list[Task]:
    """Return the open tasks; all are locked, or one that is being closed would be passed over."""
    if not opportunities:
        return []
    return [task for task in _locked(Q(opportunity__in=opportunities)) if task.is_open]


def _by(tasks: Iterable[Task], name: str) -> dict[int, list[Task]]:
    found: dict[int, list[Task]] = defaultdict(list)
    for task in tasks:
        found[getattr(task, name)].append(task)
    return found


def _check_can_hold(tasks: list[Task], before: Any, entry: Any) -> None:
    """Refuse that somebody without an e-mail address comes to hold a meeting (R189)."""
    held = TaskAttendee.objects.filter(salesperson=before.salesperson_id, is_organizer=True)
    is_handed = before.salesperson_id != entry.salesperson_id
    meetings = [task.pk for task in tasks if task.kind == TaskKind.MEETING]
    if is_handed and meetings and held.filter(task__in=meetings).exists():
        check_organizer(entry.salesperson)


def _follow_along(tasks: list[Task], old: Any, new: Any) -> list[Task]:
    """Give the tasks that hold the `old` values the `new` ones; return those, to be saved."""
    names = [n for n in FOLLOWING if getattr(old, f"{n}_id") != getattr(new, f"{n}_id")]
    meetings = [task for task in tasks if task.kind == TaskKind.MEETING]
    moved: set[int] = set()
    for name in names:
        for task in tasks:
            if getattr(task, f"{name}_id") == getattr(old, f"{name}_id"):
                setattr(task, name, getattr(new, name))
                moved.add(task.pk)
                if name == "contact":
                    task.company = new.company
        if name != "campaign" and meetings:
            moved |= exchange(meetings, getattr(old, name), getattr(new, name))
    return [task for task in tasks if task.pk in moved]


def _mark_earlier(tasks: list[Task], entry: Any) -> None:
    """Let what went back go on from there, when an earlier entry had handed it over, too.

    That is so for what was there before that entry, and what nobody has touched.
    """
    standing = entry.opportunity.entries.standing().filter(action=entry.action)
    earlier = standing.filter(sequence__lt=entry.sequence).order_by("-sequence").first()
    rows = Task.objects.filter(pk__in=[task.pk for task in tasks])
    rows.update(handed_over_by=None)
    if earlier is not None:
        old = rows.filter(is_touched=False, created_at__lt=earlier.recorded_at)
        old.update(handed_over_by=earlier)


def _close(tasks: list[Task], *fields: str, by: User) -> int:
    """Save many locked tasks that have been cancelled; nobody needs to be told of them."""
    take_back(tasks)
    now = timezone.now()
    for task in tasks:
        task.closed_at, task.closed_by = now, by
    return _update(tasks, "status", "status_before", "closed_at", "closed_by", *fields, by=by)


def _update(tasks: list[Task], *fields: str, by: User) -> int:
    """Save the fields of many locked tasks at once; a form that was open meanwhile is stale."""
    if not tasks:
        return 0
    now = timezone.now()
    for task in tasks:
        task.edits += 1
        task.changed_at, task.changed_by = now, by
    counted = ("edits", "changed_at", "changed_by")
    Task.objects.bulk_update(tasks, [*fields, *counted], batch_size=500)
    return len(tasks)
