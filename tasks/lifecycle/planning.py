"""Planning tasks, one or many (Business Central R188, R189, R197, R198)."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.utils.translation import gettext as _

from changes import log
from salespeople.models import User
from tasks import told
from tasks.attendees import attendee_rows, check_guests
from tasks.models import Task, TaskAttendee
from tasks.wishes import (
    NewTask,
    check_contacts,
    check_salespeople,
    check_task,
    check_teams,
    company_of,
    usual_duration,
)

TAKEN_OVER = ("contact__company", "salesperson", "campaign")  # from an opportunity (R188)


def plan(*, by: User, **wish: Any) -> Task:
    """Plan one task; the arguments are the fields of `NewTask` (R188)."""
    return plan_many([NewTask(**wish)], by=by)[0]


def plan_many(wishes: Iterable[NewTask], *, by: User) -> list[Task]:
    """Plan all of them or none, in a few statements; the first that is refused raises."""
    wishes = list(wishes)
    with transaction.atomic():
        by_hand = [wish for wish in wishes if not wish.is_of_stage]
        opportunities = [wish.opportunity for wish in wishes if wish.opportunity is not None]
        prefetch_related_objects(opportunities, *TAKEN_OVER)
        entries = _entries([wish.opportunity for wish in by_hand if wish.opportunity], by=by)
        _check_named(by_hand, by=by)
        made = [_new(wish, entries, by=by) for wish in wishes]
        Task.objects.bulk_create(task for task, _attendees in made)
        rows = [row for _task, attendees in made for row in attendees]
        for row in rows:
            row.task = row.task  # its id is known only now
        TaskAttendee.objects.bulk_create(rows)
        planned = [task for task, _attendees in made if not task.is_of_stage]
        log.note_many("plan", planned, by=by)
        told.of_planning(planned, by=by)
    return [task for task, _attendees in made]


def newest_entry(opportunity: Any, *, by: User) -> Any:
    """Return the newest entry of an opportunity that `by` sees (R197); None for none."""
    return _entries([opportunity], by=by)[opportunity.pk] if opportunity is not None else None


def _entries(opportunities: Iterable[Any], *, by: User) -> dict[int, Any]:
    """Return the newest entry of each; refuse what `by` does not see, and what is deleted."""
    wanted = {opportunity.pk for opportunity in opportunities}
    if not wanted:
        return {}
    model: Any = Task._meta.get_field("opportunity").related_model
    if model.objects.visible_to(by).kept().filter(pk__in=wanted).count() < len(wanted):
        raise ValidationError({"opportunity": _("There is no such opportunity.")})
    entries: Any = Task._meta.get_field("entry").related_model
    newest = entries.objects.filter(opportunity__in=wanted, superseded_at__isnull=True)
    return {entry.opportunity_id: entry for entry in newest}


def _check_named(wishes: list[NewTask], *, by: User) -> None:
    """Refuse whoever may not be named for something new; what a stage makes names nobody."""
    check_salespeople([_salesperson(wish) for wish in wishes], by=by)
    check_salespeople([wish.organizer for wish in wishes], by=by, field="organizer")
    check_teams([wish.team for wish in wishes], by=by)
    check_contacts([wish.contact for wish in wishes])
    check_guests(guest for wish in wishes for guest in wish.attendees)


def _salesperson(wish: NewTask) -> Any:
    """Return whose task it is: of a team nobody's, else the opportunity's where none is given."""
    if wish.salesperson is None and wish.team is None and wish.opportunity is not None:
        return wish.opportunity.salesperson
    return wish.salesperson


def _new(wish: NewTask, entries: Mapping[int, Any], *, by: User) -> tuple[Task, list[TaskAttendee]]:
    """Check a wish and return it as rows (R188)."""
    opportunity, salesperson = wish.opportunity, _salesperson(wish)
    entry = wish.entry
    if opportunity is not None and not wish.is_of_stage:
        entry = entries[opportunity.pk]
    contact = wish.contact or getattr(opportunity, "contact", None)
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
        company=company_of(contact),
        opportunity=opportunity,
        entry=entry,
        is_of_stage=wish.is_of_stage,
        campaign=wish.campaign or getattr(opportunity, "campaign", None),
        segment=wish.segment,
        location=wish.location,
        is_recurring=wish.is_recurring,
        recurring_interval=wish.recurring_interval if wish.is_recurring else "",
        recurs_from=wish.recurs_from if wish.is_recurring else "",
        created_by=by,
    )
    check_task(task)
    return task, attendee_rows(task, wish.organizer or salesperson, wish.attendees)
