"""Editing, starting, rescheduling, assigning and taking open tasks (Business Central R178–R187)."""

from datetime import date, time
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from salescycles.models import TaskKind
from salespeople.models import Salesperson, Team, User
from salespeople.visibility import salesperson_of
from tasks import told
from tasks.attendees import follow_contact, hand_meeting_to, have_been_replaced
from tasks.lifecycle.planning import newest_entry
from tasks.lifecycle.rows import attending, check_is_open, locked, saved
from tasks.models import Task, teams_of
from tasks.wishes import check_contacts, check_salespeople, check_teams, company_of

WRITABLE = frozenset(
    {
        "kind", "description", "note", "due_on", "start_time", "duration", "priority", "status",
        "contact", "opportunity", "campaign", "location",
        "is_recurring", "recurring_interval", "recurs_from",
    }
)  # fmt: skip


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
        attended = attending(fresh)
        if "contact" in changed:
            check_contacts([changed["contact"]])
            changed["company"] = company_of(changed["contact"])
            follow_contact(fresh, changed["contact"])
        if "opportunity" in changed:
            changed["entry"] = newest_entry(changed["opportunity"], by=by)
        if others is not None:
            contact = changed.get("contact", fresh.contact)
            have_been_replaced(fresh, contact, list(others))
        note = fresh.note
        changed_task = saved(fresh, by=by, verb="edit", attended=attended, **changed)
        told.of_note(changed_task, by=by, before=note)
        return changed_task


def start(task: Task, *, by: User, seen: int | None = None) -> Task:
    """Say that it is being worked on."""
    with locked(task, by=by, seen=seen) as fresh:
        check_is_open(fresh)
        return saved(fresh, by=by, verb="start", status=Task.Status.IN_PROGRESS)


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
        start_time = start_time or fresh.start_time
        return saved(fresh, by=by, verb="reschedule", due_on=due_on, start_time=start_time)


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
        attended = attending(fresh)
        if salesperson is not None and salesperson.pk != fresh.salesperson_id:
            check_salespeople([salesperson], by=by)
            hand_meeting_to(fresh, salesperson)
        if team is not None and team.pk != fresh.team_id:
            check_teams([team], by=by)
        holder = (fresh.salesperson_id, fresh.team_id)
        wishes = {"salesperson": salesperson, "team": team, "handed_over_by": None}
        given = saved(fresh, by=by, verb="assign", attended=attended, **wishes)
        if holder != (given.salesperson_id, given.team_id):
            told.of_giving(given, by=by)
        return given


def take(task: Task, *, by: User, seen: int | None = None) -> Task:
    """Take a task of one's team; it stays the team's (rules D21).

    Whoever takes a meeting holds it.
    """
    with locked(task, by=by, seen=seen) as fresh:
        check_is_open(fresh)
        own = salesperson_of(by)
        if own is None or fresh.team_id is None or fresh.team_id not in teams_of(by):
            raise ValidationError(_("Only a member takes a task of a team."), code="no_member")
        if fresh.salesperson_id not in (None, own.pk):
            raise ValidationError(
                _("%(name)s has taken it already.") % {"name": fresh.salesperson}, code="taken"
            )
        attended = attending(fresh)
        if fresh.salesperson_id is None:
            hand_meeting_to(fresh, own)
        told.take_back([fresh])
        return saved(fresh, by=by, verb="take", attended=attended, salesperson=own)


def _check_kinds(task: Task, kind: str) -> None:
    """Refuse to make a meeting of something else, and something else of a meeting (R178)."""
    if (kind == TaskKind.MEETING) != (task.kind == TaskKind.MEETING):
        raise ValidationError(
            {"kind": _("A meeting stays one, and nothing else becomes one: plan it anew.")}
        )
