"""How the ledger is written: lock, supersede, append, copy; for one opportunity, or for many."""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from notices import telling
from opportunities.lifecycle import told
from opportunities.lifecycle.parts import Part, collecting, current_part, one_transaction
from opportunities.models import (
    MOVES,
    STATE_ATTRIBUTES,
    STATE_FIELDS,
    Action,
    Opportunity,
    OpportunityEntry,
)
from salespeople.models import User
from tasks import stages

_act: ContextVar[uuid.UUID | None] = ContextVar("act", default=None)
_moment: ContextVar[datetime | None] = ContextVar("moment", default=None)

SUPERSEDE = """
WITH moment AS (
    SELECT e.opportunity_id, wanted.day,
        greatest(e.recorded_at, coalesce(%(moment)s, clock_timestamp())) AS at
    FROM unnest(%(opportunities)s::bigint[], %(days)s::date[]) AS wanted(opportunity_id, day)
    JOIN opportunities_opportunityentry AS e USING (opportunity_id)
    WHERE e.superseded_at IS NULL
)
UPDATE opportunities_opportunityentry AS e
SET superseded_at = coalesce(e.superseded_at, moment.at),
    superseded_on = greatest(e.effective_on, moment.day)
FROM moment
WHERE e.opportunity_id = moment.opportunity_id
    AND (e.superseded_on IS NULL OR e.superseded_on > moment.day)
    AND (e.superseded_at IS NULL OR e.superseded_on > e.effective_on)
RETURNING e.opportunity_id, moment.at
"""
COLUMNS = ", ".join(STATE_ATTRIBUTES)
COPY = f"""
UPDATE opportunities_opportunity AS o SET ({COLUMNS}) =
    ({", ".join(f"e.{name}" for name in STATE_ATTRIBUTES)})
FROM opportunities_opportunityentry AS e
WHERE e.opportunity_id = o.id AND e.superseded_at IS NULL AND o.id = ANY(%s)
"""  # noqa: S608 - names of our own columns


@dataclass(frozen=True)
class Writing:
    """An entry that is to be written, with what goes with it.

    `opportunity` holds the state after it, `before` the one before it; `beside`
    names what has changed of the opportunity and is not in the ledger.
    """

    opportunity: Opportunity
    before: Opportunity
    entry: OpportunityEntry
    by: User
    beside: list[str]
    cancel_open_tasks: bool
    hand_over_open_tasks: bool
    holds_again: OpportunityEntry | None


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
        with telling.together(act):
            yield act
    finally:
        _act.reset(token)


@contextmanager
def recording_at(moment: datetime) -> Iterator[None]:
    """Record entries as of a past moment, and tell nobody: for the demo data only (house.md 4)."""
    token = _moment.set(moment)
    try:
        with telling.silence():
            yield
    finally:
        _moment.reset(token)


@contextmanager
def locked(opportunity: Opportunity, *, by: User, seen: int | None) -> Iterator[Opportunity]:
    """Open a transaction and yield the row, locked, as it is now.

    Raises `Opportunity.DoesNotExist` for what `by` may not see, and `Conflict`
    when an entry newer than `seen` exists.
    """
    part = current_part(opportunity.pk, by=by)
    with one_transaction(part):
        rows = Opportunity.objects.visible_to(by)
        if part is not None:
            fresh = part.row(opportunity.pk)
            if any(row.opportunity is fresh for row in part.written):
                _settle(part)
        else:
            fresh = rows.select_for_update(of=("self",), no_key=True).get(pk=opportunity.pk)
        if seen is not None and seen != fresh.sequence:
            raise Conflict(fresh, seen)
        yield fresh


@contextmanager
def part_of(ids: Collection[int], *, by: User) -> Iterator[Part]:
    """Lock many rows, and write at the end what the verbs inside have decided, all of it at once.

    What cannot be written then raises as the verb would have, and nothing of
    the part is written.
    """
    with transaction.atomic():
        part = Part(ids, by=by)
        with collecting(part):
            yield part
        _settle(part)


def _settle(part: Part) -> None:
    """Write what the verbs have decided so far; what was read before is out of date."""
    _append(part.written)
    for batch in part.batches.values():
        batch.results = batch.write(batch.items)
    part.written.clear()
    part.batches.clear()
    part.read.clear()


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
    holds_again: OpportunityEntry | None = None,
    made_customer: bool = False,
    cancel_open_tasks: bool = False,
    hand_over_open_tasks: bool = False,
    **changes: Any,
) -> Opportunity:
    """Append the entry that makes `changes` hold from `on`, and save the copy.

    The opportunity must be locked. Fields not in `changes` keep their value.
    Open tasks are cancelled first if asked (R98); entering a stage creates its
    tasks (R97); open tasks follow what is reassigned if asked (R139); what writing
    `undoes` did to tasks is taken back, `holds_again` is the entry before it.
    Inside a part all of that waits until the part ends.
    """
    part = current_part(opportunity.pk, by=by)
    before = copy(opportunity)
    changes |= {"sequence": opportunity.sequence + 1, "effective_on": on}
    for field, value in changes.items():
        setattr(opportunity, field, value)
    entry = entry_of(opportunity, by=by, action=action, note=note, at=None)
    entry.previous_stage = before.stage
    entry.undoes = undoes
    entry.made_customer = made_customer
    writing = Writing(
        opportunity,
        before,
        entry,
        by,
        beside=[name for name in changes if name not in STATE_FIELDS],
        cancel_open_tasks=cancel_open_tasks,
        hand_over_open_tasks=hand_over_open_tasks,
        holds_again=holds_again,
    )
    if part is None:
        _append([writing])
    else:
        part.written.append(writing)
    return opportunity


def _append(writings: list[Writing]) -> None:
    """Write the entries of different opportunities, and what goes with them."""
    if not writings:
        return
    moments = _supersede(writings)
    for row in writings:
        row.entry.recorded_at = moments[row.opportunity.pk]
    OpportunityEntry.objects.bulk_create([row.entry for row in writings])
    with connection.cursor() as cursor:
        cursor.execute(COPY, [list(moments)])
    for row in writings:
        if row.beside:
            row.opportunity.save(update_fields=row.beside)
        if row.opportunity.contact_id != row.before.contact_id:
            row.opportunity.quotes.update(contact=row.opportunity.contact)  # R140
    by = writings[0].by
    stages.cancel_open([row.entry for row in writings if row.cancel_open_tasks], by=by)
    stages.enter([row.entry for row in writings if row.entry.action in MOVES], by=by)
    stages.hand_over(
        [(row.entry, row.before) for row in writings if row.hand_over_open_tasks], by=by
    )
    stages.undo([(row.entry.undoes, row.holds_again) for row in writings if row.holds_again], by=by)
    told.of_changes([(row.entry, row.before) for row in writings], by=by)


def entry_of(
    opportunity: Opportunity, *, by: User, action: Action, note: str, at: datetime | None
) -> OpportunityEntry:
    """Return an unsaved entry that holds the state of `opportunity`; `at` may come later."""
    moment: dict[str, Any] = {"recorded_at": at}
    return OpportunityEntry(
        opportunity=opportunity,
        action=action,
        note=note,
        **moment,
        recorded_by=by,
        act=current_act(),
        stage_name=opportunity.stage.name if opportunity.stage else "",
        **state_of(opportunity),
    )


def state_of(row: Opportunity | OpportunityEntry) -> dict[str, Any]:
    """Return the state columns of a row by their attribute names; loads nothing."""
    return {name: getattr(row, name) for name in STATE_ATTRIBUTES}


def _supersede(writings: list[Writing]) -> dict[int, datetime]:
    """Close the spans that the coming entries claim; return when each is recorded.

    The clock is read under the lock, and never goes back.
    """
    wanted: dict[str, Any] = {
        "opportunities": [row.opportunity.pk for row in writings],
        "days": [row.opportunity.effective_on for row in writings],
        "moment": _moment.get(),
    }
    with connection.cursor() as cursor:
        cursor.execute(SUPERSEDE, wanted)
        return dict(cursor.fetchall())
