"""Who attends a meeting: planned, copied, replaced, handed on (Business Central R139, R189)."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.models import Contact
from salescycles.models import TaskKind
from salespeople.models import Salesperson
from tasks.models import Task, TaskAttendee
from tasks.wishes import blocked

type Attendee = Salesperson | Contact


def check_organizer(organizer: Salesperson | None, *, field: str = "salesperson") -> Salesperson:
    """Refuse a meeting that nobody holds, or somebody without an e-mail address (R104, R189)."""
    if organizer is None:
        raise ValidationError({"organizer": _("Choose who holds the meeting.")})
    if not organizer.email:
        raise ValidationError(
            {field: _("“%(name)s” needs an e-mail address to hold a meeting.")
             % {"name": organizer.name}},
            code="no_email",
        )  # fmt: skip
    return organizer


def attendee_rows(
    task: Task, organizer: Salesperson | None, others: Iterable[Attendee]
) -> list[TaskAttendee]:
    """Return the unsaved attendees of a meeting: the organizer first, nobody twice (R189)."""
    if task.kind != TaskKind.MEETING:
        if others:
            raise ValidationError({"attendees": _("Only a meeting has attendees.")})
        return []
    is_own = organizer is not None and organizer == task.salesperson
    organizer = check_organizer(organizer, field="salesperson" if is_own else "organizer")
    return _rows(task, organizer, task.contact, others)


def check_guests(guests: Iterable[Attendee]) -> None:
    """Refuse to invite anybody blocked (rules D24)."""
    for guest in guests:
        if guest.is_blocked:
            raise ValidationError({"attendees": blocked(guest.name)}, code="blocked")


def _rows(
    task: Task, organizer: Salesperson, contact: Contact | None, others: Iterable[Attendee]
) -> list[TaskAttendee]:
    rows = [TaskAttendee(task=task, salesperson=organizer, is_organizer=True)]
    wanted = list(others)
    if contact is not None and contact not in wanted:
        wanted.insert(0, contact)
    seen: set[Attendee] = {organizer}
    for person in wanted:
        if person in seen:
            raise ValidationError(
                {"attendees": _("“%(name)s” is listed twice.") % {"name": person}}, code="twice"
            )
        seen.add(person)
        column = "contact" if isinstance(person, Contact) else "salesperson"
        rows.append(TaskAttendee(task=task, **{column: person}))
    return rows


def copied(rows: Iterable[TaskAttendee], task: Task) -> list[TaskAttendee]:
    """Return unsaved copies of the attendees, for another task."""
    return [
        TaskAttendee(
            task=task,
            salesperson_id=row.salesperson_id,
            contact_id=row.contact_id,
            is_organizer=row.is_organizer,
        )
        for row in rows
    ]


def have_been_replaced(task: Task, contact: Contact | None, others: list[Attendee]) -> bool:
    """Let `others` attend beside the organizer and the contact; say whether that is new."""
    if task.kind != TaskKind.MEETING:
        attendee_rows(task, None, others)  # refuses any
        return False
    present = list(task.attendees.select_related("salesperson", "contact"))
    known = {row.salesperson or row.contact for row in present}
    check_guests([person for person in others if person not in known])
    organizer = next(row.salesperson for row in present if row.is_organizer)
    assert organizer is not None  # noqa: S101 - a constraint holds it
    rows = _rows(task, organizer, contact, others)
    if {(row.salesperson_id, row.contact_id) for row in rows} == {
        (row.salesperson_id, row.contact_id) for row in present
    }:
        return False
    task.attendees.all().delete()
    TaskAttendee.objects.bulk_create(rows)
    return True


def follow_contact(task: Task, contact: Contact | None) -> None:
    """Invite the contact that a meeting is with now, instead of the one it was with."""
    if task.kind != TaskKind.MEETING:
        return
    former = task.attendees.filter(contact__isnull=False, contact=task.contact_id)
    if contact is None or task.attendees.filter(contact=contact).exists():
        former.delete()
    elif not former.update(contact=contact):
        TaskAttendee.objects.create(task=task, contact=contact)


def hand_meeting_to(task: Task, salesperson: Salesperson) -> None:
    """Let another salesperson hold the meeting; who held it attends no longer."""
    if task.kind != TaskKind.MEETING:
        return
    check_organizer(salesperson)
    task.attendees.filter(salesperson=salesperson, is_organizer=False).delete()
    task.attendees.filter(is_organizer=True).update(salesperson=salesperson)


def exchange(tasks: Iterable[Task], old: Attendee, new: Attendee) -> set[int]:
    """Let `new` attend the meetings instead of `old`; return the ids of those it changes.

    Where both attend they change places, so that the same call the other way
    round takes it back (R139, R140). Three statements at most.
    """
    column = "contact" if isinstance(old, Contact) else "salesperson"
    rows = TaskAttendee.objects.filter(task__in=[task.pk for task in tasks])
    found = {(row.task_id, getattr(row, f"{column}_id")): row for row in rows}
    leaving = [row for (_task, pk), row in found.items() if pk == old.pk]
    alone = [row for row in leaving if (row.task_id, new.pk) not in found]
    for row in alone:
        setattr(row, column, new)
    TaskAttendee.objects.bulk_update(alone, [column])
    pairs = [(row, found[row.task_id, new.pk]) for row in leaving if row not in alone]
    swapped = [(one, other) for one, other in pairs if one.is_organizer != other.is_organizer]
    _change_places(swapped)
    return {row.task_id for row in alone} | {one.task_id for one, _other in swapped}


def _change_places(pairs: list[tuple[TaskAttendee, TaskAttendee]]) -> None:
    """Let each organizer and the other one change places; at no moment there are two."""
    rows = [row for pair in pairs for row in pair]
    leaving = [row for row in rows if row.is_organizer]
    coming = [row for row in rows if not row.is_organizer]
    for row in rows:
        row.is_organizer = not row.is_organizer
    TaskAttendee.objects.bulk_update(leaving, ["is_organizer"])
    TaskAttendee.objects.bulk_update(coming, ["is_organizer"])
