"""Activities: the tasks that one makes, and assigning one by hand (Business Central R202–R204)."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.models import Campaign, Contact
from salescycles.date_formula import DateFormula, DateFormulaError
from salescycles.models import Activity, ActivityStep, TaskKind, TaskPriority
from salespeople.models import Salesperson, Team, User
from tasks.lifecycle import plan_many
from tasks.models import Task
from tasks.wishes import NewTask, blocked, is_within_calendar


def wishes_of(activity: Activity, *, on: date, **more: Any) -> list[NewTask]:
    """Return one task per step, in step order, each dated from `on` (R100, R203).

    An activity without steps makes one, of no kind and with its own words,
    dated `on` (R101). `more` are the other fields of `NewTask`.
    """
    steps = list(activity.steps.all())
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
            due_on=_due_on(step, activity, on),
            kind=step.kind,
            priority=step.priority,
            **more,
        )
        for step in steps
    ]


def has_meeting(wishes: Iterable[NewTask]) -> bool:
    """Say whether one of them is a meeting, which somebody has to hold."""
    return any(wish.kind == TaskKind.MEETING for wish in wishes)


def assign_activity(activity: Activity | None, *, by: User, **assignment: Any) -> list[Task]:
    """Plan the tasks of all its steps: all of them or none (R203).

    `assignment` are the other arguments of `wishes_for`. Raises what it and
    `plan_many` raise.
    """
    return plan_many(wishes_for(activity, **assignment), by=by)


def wishes_for(
    activity: Activity | None,
    *,
    on: date | None,
    salesperson: Salesperson | None = None,
    team: Team | None = None,
    contact: Contact | None = None,
    opportunity: Any = None,
    campaign: Campaign | None = None,
    organizer: Salesperson | None = None,
) -> list[NewTask]:
    """Return what assigning it by hand asks for, dated from `on` (R203).

    For a salesperson (None: the opportunity's) or for a team, which needs an
    `organizer` where a step is a meeting.
    """
    activity = _checked(activity, on)
    assert on is not None  # noqa: S101 - checked just now
    whose = [row for row in (salesperson, team) if row is not None]
    if len(whose) > 1 or not (whose or opportunity):
        raise ValidationError({"salesperson": _("Choose a salesperson or a team.")})
    wishes = wishes_of(
        activity,
        on=on,
        salesperson=salesperson,
        team=team,
        contact=contact,
        opportunity=opportunity,
        campaign=campaign,
        organizer=organizer if team is not None else None,
    )
    if team is not None and organizer is None and has_meeting(wishes):
        raise ValidationError({"organizer": _("Choose who holds the meeting.")})
    return wishes


def _checked(activity: Activity | None, on: date | None) -> Activity:
    """Return the activity as it is now; refuse none, a blocked one, and no day (R203)."""
    errors = {}
    if on is None:
        errors["on"] = _("Give a date.")
    elif not is_within_calendar(on):
        errors["on"] = _("Give a date between the years 1900 and 2999.")
    rows = Activity.objects.prefetch_related("steps")
    fresh = rows.filter(pk=activity.pk).first() if activity is not None else None
    if fresh is None:
        errors["activity"] = _("Choose an activity.")
    elif fresh.is_blocked:
        errors["activity"] = blocked(fresh.description)
    if errors or fresh is None:
        raise ValidationError(errors)
    return fresh


def _due_on(step: ActivityStep, activity: Activity, on: date) -> date:
    """Return the day of a step; refuse what no calendar of ours holds (R186)."""
    try:
        day = DateFormula.parse(step.date_formula).apply(on)
    except DateFormulaError:
        day = None
    if day is None or not is_within_calendar(day):
        raise ValidationError(
            _(
                "“%(step)s” of the activity “%(activity)s” would be due outside the years 1900 "
                "to 2999. Choose another date, or ask an administrator to change its formula."
            )
            % {"step": step.description, "activity": activity},
            code="calendar",
        )
    return day
