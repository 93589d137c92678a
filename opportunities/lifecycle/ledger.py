"""How the ledger is written: lock, supersede, append, copy."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from opportunities.models import MOVES, STATE_ATTRIBUTES, Action, Opportunity, OpportunityEntry
from salespeople.models import User
from tasks import stages

_act: ContextVar[uuid.UUID | None] = ContextVar("act", default=None)
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)

SUPERSEDE = """
WITH moment AS (
    SELECT greatest(recorded_at, coalesce(%(moment)s, clock_timestamp())) AS at
    FROM opportunities_opportunityentry
    WHERE opportunity_id = %(opportunity)s AND superseded_at IS NULL
)
UPDATE opportunities_opportunityentry
SET superseded_at = coalesce(superseded_at, moment.at),
    superseded_on = greatest(effective_on, %(on)s)
FROM moment
WHERE opportunity_id = %(opportunity)s AND (superseded_on IS NULL OR superseded_on > %(on)s)
    AND (superseded_at IS NULL OR superseded_on > effective_on)
RETURNING moment.at
"""


class Conflict(Exception):
    """Somebody changed the opportunity after the person had looked at it.

    `opportunity` is the row as it is now; `entries` are those written since,
    the newest first.
    """

    def __init__(self, opportunity: Opportunity, seen: int) -> None:
        """Collect what was written after the entry of sequence `seen`."""
        super().__init__(f"opportunity {opportunity.pk} has moved on since entry {seen}")
        self.opportunity = opportunity
        self.entries = list(
            opportunity.entries.filter(sequence__gt=seen)
            .select_related("recorded_by")
            .order_by("-sequence")
        )


@contextmanager
def one_act(wanted: uuid.UUID | None = None) -> Iterator[uuid.UUID]:
    """Give all entries written inside one `act`, so that one Undo takes them back.

    A change of many rows that is done in parts says which act is `wanted`.
    """
    act = _act.get() or wanted or uuid.uuid4()
    token = _act.set(act)
    try:
        yield act
    finally:
        _act.reset(token)


@contextmanager
def recording_at(moment: datetime) -> Iterator[None]:
    """Record entries as of a past moment: for the demo data only (house.md 4)."""
    token = _moment.set(moment)
    try:
        yield
    finally:
        _moment.reset(token)


@contextmanager
def locked(opportunity: Opportunity, *, by: User, seen: int | None) -> Iterator[Opportunity]:
    """Open a transaction and yield the row, locked, as it is now.

    Raises `Opportunity.DoesNotExist` for what `by` may not see, and `Conflict`
    when an entry newer than `seen` exists.
    """
    with transaction.atomic():
        rows = Opportunity.objects.visible_to(by)
        fresh = rows.select_for_update(of=("self",), no_key=True).get(pk=opportunity.pk)
        if seen is not None and seen != fresh.sequence:
            raise Conflict(fresh, seen)
        yield fresh


def moment_now() -> datetime:
    """Return the database's clock, or the past moment that is being recorded."""
    set_moment = _moment.get()
    if set_moment is not None:
        return set_moment
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        now: datetime = cursor.fetchone()[0]
    return now


def current_act() -> uuid.UUID:
    """Return the act that is under way, or a new one."""
    return _act.get() or uuid.uuid4()


def write(
    opportunity: Opportunity,
    *,
    by: User,
    action: Action,
    on: date,
    note: str = "",
    undoes: OpportunityEntry | None = None,
    made_customer: bool = False,
    cancel_open_tasks: bool = False,
    **changes: Any,
) -> Opportunity:
    """Append the entry that makes `changes` hold from `on`, and save the copy.

    The opportunity must be locked. Fields not in `changes` keep their value.
    Open tasks are cancelled first if asked (R98); entering a stage creates its
    tasks (R97).
    """
    previous_stage, previous_contact = opportunity.stage, opportunity.contact_id
    changes |= {"sequence": opportunity.sequence + 1, "effective_on": on}
    for field, value in changes.items():
        setattr(opportunity, field, value)
    entry = entry_of(opportunity, by=by, action=action, note=note, at=_supersede(opportunity))
    entry.previous_stage = previous_stage
    entry.undoes = undoes
    entry.made_customer = made_customer
    entry.save(force_insert=True)
    opportunity.save(update_fields=list(changes))
    if opportunity.contact_id != previous_contact:
        opportunity.quotes.update(contact=opportunity.contact)  # R140
    if cancel_open_tasks:
        stages.cancel_open(entry, by=by)
    if action in MOVES:
        stages.enter([entry], by=by)
    return opportunity


def entry_of(
    opportunity: Opportunity, *, by: User, action: Action, note: str, at: datetime
) -> OpportunityEntry:
    """Return an unsaved entry that holds the state of `opportunity`."""
    return OpportunityEntry(
        opportunity=opportunity,
        action=action,
        note=note,
        recorded_at=at,
        recorded_by=by,
        act=current_act(),
        stage_name=opportunity.stage.name if opportunity.stage else "",
        **state_of(opportunity),
    )


def state_of(row: Opportunity | OpportunityEntry) -> dict[str, Any]:
    """Return the state columns of a row by their attribute names; loads nothing."""
    return {name: getattr(row, name) for name in STATE_ATTRIBUTES}


def _supersede(opportunity: Opportunity) -> datetime:
    """Close the spans that the coming entry claims; return the moment of recording.

    The clock is read under the lock, and never goes back.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            SUPERSEDE,
            {
                "opportunity": opportunity.pk,
                "on": opportunity.effective_on,
                "moment": _moment.get(),
            },
        )
        moment: datetime = cursor.fetchone()[0]
    return moment
