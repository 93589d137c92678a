"""Random histories of several opportunities through the door, by a clock that is set."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import strategies as st

from crm.dates import start_of, today
from opportunities import lifecycle
from opportunities.lifecycle.ledger import state_of
from opportunities.models import Opportunity
from salescycles.models import CloseReason, SalesCycle
from salespeople.models import Salesperson, User
from tests.factories import CloseReasonFactory, CompanyFactory, PersonFactory, SalesCycleFactory

START = date(2031, 3, 3)
VALUES = [Decimal("100.10"), Decimal("250.25"), Decimal(3000), Decimal(0)]
CLOSES = [date(2031, 4, 30), date(2031, 5, 15), date(2031, 7, 1), date(2031, 12, 31)]


@dataclass
class World:
    """What a random history needs; the first salesperson's user does everything."""

    user: User
    salespeople: list[Salesperson]
    cycle: SalesCycle = field(
        default_factory=lambda: SalesCycleFactory(
            stages=[(10, 20, ""), (30, 40, "S"), (60, 60, "S"), (90, 80, "")]
        )
    )
    won: CloseReason = field(default_factory=CloseReasonFactory)
    lost: CloseReason = field(default_factory=lambda: CloseReasonFactory(kind="lost"))
    company: Any = field(default_factory=CompanyFactory)

    def __post_init__(self) -> None:
        self.person = PersonFactory(company=self.company)


@dataclass(frozen=True)
class Step:
    """One call of the door: how many days pass before it, and how far it is dated back."""

    pick: int
    verb: str
    wait: int
    back: int
    row: int


@dataclass(frozen=True)
class Seen:
    """A moment, and the state of every opportunity as its own row held it then."""

    at: datetime
    states: dict[int, dict[str, Any]]


VERBS = (
    "create", "activate", "move", "move", "update", "update", "win", "lose", "reopen", "reassign",
    "delete", "restore", "undo",
)  # fmt: skip
steps = st.lists(
    st.builds(
        Step,
        pick=st.integers(0, 3),
        verb=st.sampled_from(VERBS),
        wait=st.sampled_from([0, 0, 1, 3]),
        back=st.sampled_from([0, 0, 1, 4]),
        row=st.integers(0, 2),
    ),
    min_size=1,
    max_size=16,
)


def calls(world: World, row: Opportunity | None, on: date, pick: int) -> dict[str, Any]:
    """Return the calls of the door that a step may make; without a row, only a new one."""
    by = world.user
    made: dict[str, Callable[[], Opportunity]] = {
        "create": lambda: lifecycle.create(
            by=by, description="Random", contact=world.person, sales_cycle=world.cycle,
            salesperson=world.salespeople[pick % len(world.salespeople)], on=on,
            estimated_value=VALUES[pick], estimated_close_on=CLOSES[pick], activate=pick % 2 > 0,
        ),
    }  # fmt: skip
    if row is None:
        return made
    stage = world.cycle.stages.get(position=pick + 1)
    close_on = CLOSES[pick]
    return made | {
        "activate": lambda: lifecycle.activate(row, by=by, on=on, estimated_close_on=close_on),
        "move": lambda: lifecycle.move(row, stage, by=by, on=on),
        "update": lambda: lifecycle.update(
            row, by=by, on=on, estimated_value=VALUES[pick], estimated_close_on=close_on
        ),
        "win": lambda: lifecycle.win(row, by=by, on=on, reason=world.won, sales_value=Decimal(77)),
        "lose": lambda: lifecycle.lose(row, by=by, on=on, reason=world.lost),
        "reopen": lambda: lifecycle.reopen(row, by=by, on=on, estimated_close_on=close_on),
        "reassign": lambda: lifecycle.reassign(
            row, by=by, on=on, salesperson=world.salespeople[pick % len(world.salespeople)],
            contact=world.company if pick > 1 else world.person,
        ),
        "delete": lambda: lifecycle.delete(row, by=by, on=on),
        "restore": lambda: lifecycle.restore(row, by=by, on=on),
        "undo": lambda: lifecycle.undo(lifecycle.newest_standing(row), by=by),
    }  # fmt: skip


def play(
    world: World, history: list[Step], *, after: Callable[[Seen], None] = lambda _seen: None
) -> list[Seen]:
    """Make the calls, those that the door refuses left out; return what was seen after each."""
    rows: list[int] = []
    found: list[Seen] = []
    at = start_of(START) + timedelta(hours=9)
    for step in [Step(1, "create", 0, 0, 0), *history]:
        at += timedelta(days=step.wait, minutes=1)
        with time_machine.travel(at, tick=False), lifecycle.recording_at(at):
            chosen = rows[step.row % len(rows)] if rows else None
            row = Opportunity.objects.get(pk=chosen) if chosen else None
            on = today() - timedelta(days=step.back)
            call = calls(world, row, on, step.pick)[step.verb]
            try:
                with transaction.atomic():
                    pk = call().pk
            except (ValidationError, PermissionDenied):
                continue
            if pk not in rows:
                rows.append(pk)
            states = {each.pk: state_of(each) for each in Opportunity.objects.order_by("pk")}
            found.append(Seen(at, states))
            after(found[-1])
    return found
