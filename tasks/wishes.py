"""What is asked for when a task is planned, and what must hold before it is written."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import lru_cache
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import prefetch_related_objects
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
    teams_of,
)

MOST_LENGTH = {"note": 5_000, "text": 100_000}  # a mail is longer than a note
USUAL_LENGTH = timedelta(minutes=30)  # of what has a start and no duration
SAMPLE = tuple(date(2028, 1, 1) + timedelta(days=n) for n in range(366))  # a leap year


@dataclass(frozen=True, kw_only=True)
class NewTask:
    """A task to plan; description, day, and a salesperson or a team may not be missing (R188).

    `duration` None: a whole day, or half an hour with a start. `organizer` is
    the salesperson who holds a meeting (None: the task's own salesperson).
    Of an opportunity, contact, campaign and salesperson are taken where they
    are None (R188); `entry` is its newest, but for what a stage makes
    (`is_of_stage`, for `tasks.stages` only).
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

    def get_kind_display(self) -> str:
        """Return the kind in words, as the task will."""
        return str(TaskKind(self.kind).label)


def usual_duration(start_time: time | None) -> timedelta:
    """Return how long a task takes when nobody says (R187)."""
    return WHOLE_DAY if start_time is None else USUAL_LENGTH


def check_task(task: Task) -> None:
    """Refuse what cannot stand, all of it at once, each beside its field (R186–R188)."""
    if task.is_open and not task.is_recurring:
        task.recurring_interval = task.recurs_from = ""
    if task.start_time is None:
        task.duration = max(timedelta(days=task.duration.days), WHOLE_DAY)  # R187
    errors: dict[str, Any] = _span_errors(task) | _recurrence_errors(task)
    if task.salesperson is None and task.team is None:
        errors["salesperson"] = _("Choose a salesperson or a team.")
    for name in ("kind", "description", "note", "priority", "location"):
        error = field_error(task, name)
        if error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)


def is_within_calendar(day: date | None) -> bool:
    """Say whether a task may be due on that day (R186)."""
    return day is not None and FIRST_DAY <= day <= LAST_DAY


def _span_errors(task: Task) -> dict[str, Any]:
    """Refuse a day, a duration or an end that no calendar of ours holds (R186)."""
    errors = {}
    if not is_within_calendar(task.due_on):
        errors["due_on"] = _("Give a date between the years 1900 and 2999.")
    if not LEAST_DURATION <= task.duration <= MOST_DURATION:
        errors["duration"] = _("Between one minute and ten years.")
    if not errors and task.ends_on > LAST_DAY:
        errors["duration"] = _("It would end after the year 2999.")
    return errors


def field_error(row: Any, name: str) -> list[str]:
    """Return what is wrong with one field of a row, after it has been tidied."""
    value = getattr(row, name)
    if isinstance(value, str):
        value = value.strip() if name in MOST_LENGTH else " ".join(value.split())
        setattr(row, name, value)
        if "\x00" in value:
            return [_("Null characters are not allowed.")]
        if len(value) > MOST_LENGTH.get(name, len(value)):
            return [_("At most %(most)d characters.") % {"most": MOST_LENGTH[name]}]
    try:
        setattr(row, name, row._meta.get_field(name).clean(value, row))
    except ValidationError as error:
        return list(error.messages)
    return []


def _recurrence_errors(task: Task) -> dict[str, Any]:
    """Refuse a recurring task without a rule, and a rule that does not lead on (R185)."""
    if not task.is_recurring:
        return {}
    errors = {}
    if task.recurs_from not in Task.RecursFrom.values:
        errors["recurs_from"] = _("Say whether it counts from the due date or from the closing.")
    try:
        if not _leads_on(task.recurring_interval):
            errors["recurring_interval"] = _("Give an interval that leads to a later day: 1W, 1M.")
    except DateFormulaError as error:
        errors["recurring_interval"] = str(error)
    return errors


@lru_cache(maxsize=256)
def _leads_on(interval: str) -> bool:
    """Say whether an interval leads to a later day, from whichever day it is counted."""
    formula = DateFormula.parse(interval)
    return all(formula.apply(day) > day for day in SAMPLE)


def blocked(name: str) -> str:
    """Return the sentence that refuses what is blocked."""
    return _("“%(name)s” is blocked for anything new.") % {"name": name}


def check_salespeople(
    salespeople: Iterable[Salesperson | None], *, by: User, field: str = "salesperson"
) -> None:
    """Refuse anybody blocked, and anybody of another team unless `by` manages: one query."""
    wanted = {row.pk: row for row in salespeople if row is not None}
    for salesperson in wanted.values():
        if salesperson.is_blocked:
            raise ValidationError({field: blocked(salesperson.name)}, code="blocked")
    if wanted and assignable_salespeople(by).filter(pk__in=wanted).count() < len(wanted):
        raise PermissionDenied(_("Giving a task to another team is for managers."))


def check_teams(teams: Iterable[Team | None], *, by: User) -> None:
    """Refuse a team that `by` neither sees nor belongs to, unless `by` manages."""
    wanted = {team.pk for team in teams if team is not None}
    if not wanted or is_manager(by):
        return
    others = wanted - set(teams_of(by))
    if visible_teams(by).filter(pk__in=others).count() < len(others):
        raise PermissionDenied(_("Giving a task to another team is for managers."))


def check_contacts(contacts: Iterable[Contact | None]) -> None:
    """Refuse a blocked contact, and one whose company is blocked (R219): one query."""
    wanted = [contact for contact in contacts if contact is not None]
    prefetch_related_objects(wanted, "company")
    for contact in wanted:
        if contact.is_blocked or (contact.company is not None and contact.company.is_blocked):
            raise ValidationError({"contact": blocked(contact.name)}, code="blocked")


def check_salesperson(salesperson: Salesperson | None, *, by: User) -> None:
    """Refuse somebody blocked, and somebody of another team unless `by` manages."""
    check_salespeople([salesperson], by=by)


def check_contact(contact: Contact | None) -> None:
    """Refuse a blocked contact, and one whose company is blocked (R219)."""
    check_contacts([contact])


def company_of(contact: Contact | None) -> Contact | None:
    """Return the company of a contact (R198)."""
    return contact.company_or_self if contact is not None else None
