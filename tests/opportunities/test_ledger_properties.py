"""Any random history of door calls keeps the ledger true (house.md 4)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.dates import today
from opportunities import lifecycle
from opportunities.lifecycle.ledger import state_of
from opportunities.models import Opportunity, OpportunityEntry
from salescycles.models import CloseReason, SalesCycle
from salespeople.models import Salesperson, User
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    PersonFactory,
    SalesCycleFactory,
    SalespersonFactory,
)

FIRST_DAY = today() - timedelta(days=40)


@dataclass
class World:
    """What a random history needs."""

    user: User
    cycle: SalesCycle
    salespeople: list[Salesperson]
    won: CloseReason
    lost: CloseReason
    company: Any
    people: list[Any]


@pytest.fixture
def world(alice: User) -> World:
    company = CompanyFactory()
    return World(
        user=alice,
        cycle=SalesCycleFactory(stages=[(10, 20, ""), (30, 40, "S"), (60, 60, "S"), (90, 80, "")]),
        salespeople=[SalespersonFactory() for _ in range(2)],
        won=CloseReasonFactory(),
        lost=CloseReasonFactory(kind="lost"),
        company=company,
        people=[PersonFactory(company=company) for _ in range(2)],
    )


type Call = tuple[str, int, int]
calls = st.lists(
    st.tuples(
        st.sampled_from(
            ["activate", "move", "move", "update", "win", "lose", "reopen", "reassign", "delete",
             "restore", "undo", "undo"]
        ),
        st.integers(min_value=0, max_value=41),
        st.integers(min_value=0, max_value=3),
    ),
    min_size=1,
    max_size=14,
)  # fmt: skip


def verbs(world: World, row: Opportunity, on: date, pick: int) -> dict[str, Callable[[], Any]]:
    """Return the calls of the door that a random history may make."""
    by = world.user
    far = today() + timedelta(days=30 + pick)
    stage = world.cycle.stages.get(position=pick + 1)
    return {
        "activate": lambda: lifecycle.activate(row, by=by, on=on, estimated_close_on=far),
        "move": lambda: lifecycle.move(row, stage, by=by, on=on, estimated_close_on=far),
        "update": lambda: lifecycle.update(
            row, by=by, on=on, estimated_value=Decimal(100 + pick), estimated_close_on=far
        ),
        "win": lambda: lifecycle.win(row, by=by, on=on, reason=world.won),
        "lose": lambda: lifecycle.lose(row, by=by, on=on, reason=world.lost),
        "reopen": lambda: lifecycle.reopen(row, by=by, on=on, estimated_close_on=far),
        "reassign": lambda: lifecycle.reassign(
            row, by=by, on=on, salesperson=world.salespeople[pick % 2],
            contact=world.people[pick // 2],
        ),
        "delete": lambda: lifecycle.delete(row, by=by, on=on),
        "restore": lambda: lifecycle.restore(row, by=by, on=on),
        "undo": lambda: lifecycle.undo(lifecycle.newest_standing(row), by=by),
    }  # fmt: skip


@given(history=calls)
@settings(max_examples=60)
def test_any_history_keeps_the_ledger_true(world: World, history: list[Call]) -> None:
    with transaction.atomic():
        row = lifecycle.create(
            by=world.user,
            description="Random",
            contact=world.people[0],
            salesperson=world.salespeople[0],
            sales_cycle=world.cycle,
            estimated_value=Decimal(1000),
            on=FIRST_DAY,
        )
        snapshots = [snapshot(row)]
        for verb, days, pick in history:
            on = FIRST_DAY + timedelta(days=days - 1)
            try:
                with transaction.atomic():
                    row = verbs(world, row, on, pick)[verb]()
            except (ValidationError, PermissionDenied):
                continue
            finally:
                row = Opportunity.objects.get(pk=row.pk)
            if row.sequence > snapshots[-1][1]["sequence"]:
                snapshots.append(snapshot(row))
        check_ledger(row, snapshots)
        transaction.set_rollback(True)


def snapshot(row: Opportunity) -> tuple[datetime, dict[str, Any]]:
    """Return the database's clock and the state at that moment."""
    fresh = Opportunity.objects.get(pk=row.pk)
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0], state_of(fresh)


def check_ledger(row: Opportunity, snapshots: list[tuple[datetime, dict[str, Any]]]) -> None:
    entries = list(row.entries.order_by("sequence"))
    assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.superseded_at is None for entry in entries] == (
        [False] * (len(entries) - 1) + [True]
    )
    for older, newer in pairwise(entries):
        assert older.superseded_at == newer.recorded_at
        assert older.recorded_at <= newer.recorded_at
    assert state_of(entries[-1]) == state_of(row)
    for days in range(-1, 42):
        check_day(row, entries, FIRST_DAY + timedelta(days=days))
    for moment, state in snapshots:
        known = OpportunityEntry.objects.filter(opportunity=row).as_known_at(moment)
        assert [state_of(entry) for entry in known] == [state]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def check_day(row: Opportunity, entries: list[OpportunityEntry], day: date) -> None:
    """Compare the range query with the definition: highest sequence effective by that day."""
    claims = [entry for entry in entries if entry.effective_on <= day]
    found = OpportunityEntry.objects.filter(opportunity=row).as_of(day)
    assert [entry.pk for entry in found] == [entry.pk for entry in claims[-1:]]
