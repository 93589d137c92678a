"""What is asked for when a task is planned, and what must hold before it is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from contacts.models import Campaign, Contact, Segment
from salescycles.date_formula import DateFormula, DateFormulaError
from salescycles.models import TaskKind, TaskPriority
from salespeople.models import Salesperson, Team, User
from salespeople.roles import is_manager
from salespeople.visibility import assignable_salespeople, visible_teams
from tasks.models import (
    FIRST_DAY,
    LAST_DAY,
    LEAST_DURATION,
    MOST_DURATION,
    WHOLE_DAY,
    Task,
    TaskAttendee,
    teams_of,
)

NOTE_LENGTH = 5000
USUAL_LENGTH = timedelta(minutes=30)  # of what has a start and no duration
SAMPLE = tuple(date(2028, 1, 1) + timedelta(days=n) for n in range(366))  # a leap year


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """A task to plan; description, day, and a salesperson or a team may not be missing (R188).

    `duration` None: a whole day, or half an hour with a start. `organizer` is
    the salesperson who holds a meeting (None: the task's own salesperson).
    Of an opportunity, contact, campaign and salesperson are taken where they
    are None (R188).
    """

    description: str
    due_on: date | None
    kind: str = TaskKind.TO_DO
    start_time: time | None = None
    duration: timedelta | None = None
    priority: int = TaskPriority.NORMAL
    note: str = ""
    salesperson: Salesperson | None = None
    team: Team | None = None
    organizer: Salesperson | None = None
    contact: Contact | None = None
    opportunity: Any = None
    entry: Any = None
    is_of_stage: bool = False
    campaign: Campaign | None = None
    segment: Segment | None = None
    location: str = ""
    is_recurring: bool = False
    recurring_interval: str = ""
    recurs_from: str = ""
    attendees: tuple[Salesperson | Contact, ...] = ()


def usual_duration(start_time: time | None) -> timedelta:
    """Return how long a task takes when nobody says (R187)."""
    return WHOLE_DAY if start_time is None else USUAL_LENGTH


def check_task(task: Task) -> None:
    """Refuse what cannot stand, all of it at once, each beside its field (R186–R188)."""
    errors: dict[str, Any] = {}
    if task.is_open and not task.is_recurring:
        task.recurring_interval = task.recurs_from = ""
    if task.due_on is None or not FIRST_DAY <= task.due_on <= LAST_DAY:
        errors["due_on"] = _("Give a date between the years 1900 and 2999.")
    elif task.ends_on > LAST_DAY:
        errors["duration"] = _("It would end after the year 2999.")
    if task.salesperson is None and task.team is None:
        errors["salesperson"] = _("Choose a salesperson or a team.")
    if task.start_time is None:
        task.duration = max(timedelta(days=task.duration.days), WHOLE_DAY)  # R187
    if not LEAST_DURATION <= task.duration <= MOST_DURATION:
        errors["duration"] = _("Between one minute and ten years.")
    errors |= _recurrence_errors(task)
    for name in ("kind", "description", "note", "priority", "location"):
        error = field_error(task, name)
        if error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)


def field_error(row: Any, name: str) -> list[str]:
    """Return what is wrong with one field of a row, after it has been tidied."""
    value = getattr(row, name)
    if isinstance(value, str):
        value = value.strip() if name in ("note", "text") else " ".join(value.split())
        setattr(row, name, value)
        if "\x00" in value:
            return [_("Null characters are not allowed.")]
        if name in ("note", "text") and len(value) > NOTE_LENGTH:
            return [_("A note has at most %(most)d characters.") % {"most": NOTE_LENGTH}]
    try:
        setattr(row, name, row._meta.get_field(name).clean(value, row))
    except ValidationError as error:
        return list(error.messages)
    return []


def _recurrence_errors(task: Task) -> dict[str, str]:
    """Refuse a recurring task without a rule, and a rule that does not lead on (R185)."""
    if not task.is_recurring:
        return {}
    errors = {}
    if task.recurs_from not in Task.RecursFrom.values:
        errors["recurs_from"] = _("Say whether it counts from the due date or from the closing.")
    try:
        formula = DateFormula.parse(task.recurring_interval)
        leads_on = all(formula.apply(day) > day for day in SAMPLE)
    except DateFormulaError as error:
        return errors | {"recurring_interval": str(error)}
    if not task.recurring_interval or not leads_on:
        errors["recurring_interval"] = _("Give an interval that leads to a later day: 1W, 1M.")
    return errors


def check_salesperson(salesperson: Salesperson | None, *, by: User) -> None:
    """Refuse somebody blocked, and somebody of another team unless `by` manages."""
    if salesperson is None:
        return
    if salesperson.is_blocked:
        raise ValidationError(
            {"salesperson": _("“%(name)s” is blocked for anything new.")
             % {"name": salesperson.name}}
        )  # fmt: skip
    if not assignable_salespeople(by).filter(pk=salesperson.pk).exists():
        raise PermissionDenied(_("Giving a task to another team is for managers."))


def check_team(team: Team | None, *, by: User) -> None:
    """Refuse a team that `by` neither sees nor belongs to, unless `by` manages."""
    if team is None or is_manager(by) or team.pk in teams_of(by):
        return
    if not visible_teams(by).filter(pk=team.pk).exists():
        raise PermissionDenied(_("Giving a task to another team is for managers."))


def check_contact(contact: Contact | None) -> None:
    """Refuse a blocked contact, and one whose company is blocked (R219)."""
    if contact is None:
        return
    if contact.is_blocked or (contact.company is not None and contact.company.is_blocked):
        raise ValidationError(
            {"contact": _("“%(name)s” is blocked for anything new.") % {"name": contact.name}}
        )


def check_organizer(organizer: Salesperson | None) -> Salesperson:
    """Refuse a meeting that nobody holds, or somebody without an e-mail address (R104, R189)."""
    if organizer is None:
        raise ValidationError({"organizer": _("Choose who holds the meeting.")})
    if not organizer.email:
        raise ValidationError(
            {"salesperson": _("“%(name)s” needs an e-mail address to hold a meeting.")
             % {"name": organizer.name}}
        )  # fmt: skip
    return organizer


def attendee_rows(
    task: Task, organizer: Salesperson | None, others: Iterable[Salesperson | Contact]
) -> list[TaskAttendee]:
    """Return the unsaved attendees of a meeting: the organizer first, nobody twice (R189)."""
    if task.kind != TaskKind.MEETING:
        if others:
            raise ValidationError({"attendees": _("Only a meeting has attendees.")})
        return []
    organizer = check_organizer(organizer)
    rows = [TaskAttendee(task=task, salesperson=organizer, is_organizer=True)]
    wanted = list(others)
    if task.contact is not None and task.contact not in wanted:
        wanted.insert(0, task.contact)
    seen: set[Any] = {organizer}
    for person in wanted:
        if person in seen:
            raise ValidationError(
                {"attendees": _("“%(name)s” is listed twice.") % {"name": person}}
            )
        seen.add(person)
        column = "contact" if isinstance(person, Contact) else "salesperson"
        rows.append(TaskAttendee(task=task, **{column: person}))
    return rows
