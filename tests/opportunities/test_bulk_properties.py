"""A change of many random opportunities writes what the door's verbs would, one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from crm.dates import today
from lists import running
from lists.models import BulkRun
from opportunities import lifecycle, tagging
from opportunities.bulk import BULK
from opportunities.list_kind import OPPORTUNITIES
from opportunities.models import STATE_ATTRIBUTES, Opportunity, OpportunityEntry, Status
from salescycles.models import CloseReason, SalesCycle
from salespeople.models import Salesperson, User
from tasks import lifecycle as task_door
from tasks.models import Task
from tests.factories import (
    ActivityFactory,
    CloseReasonFactory,
    CompanyFactory,
    QuoteFactory,
    SalesCycleFactory,
    SalespersonFactory,
    make_opportunity,
    make_task,
)

SOON = today() + timedelta(days=20)
REFUSED = (ValidationError, PermissionDenied)
ACTIONS = ["move", "reassign", "redate", "lose", "tag", "plan"]
# Of each row: its stage (0: not started), whether it has a quote, a task, is lost, is deleted.
rows = st.lists(
    st.tuples(st.integers(0, 3), st.booleans(), st.booleans(), st.booleans(), st.booleans()),
    min_size=1,
    max_size=7,
)
OF_TASK = (
    "description", "due_on", "status", "status_before", "salesperson_id", "contact_id",
    "is_of_stage", "opportunity__description", "entry__sequence", "cancelled_by_entry__sequence",
    "handed_over_by__sequence", "edits", "is_touched",
)  # fmt: skip


@dataclass
class World:
    """What a random change needs: a meeting nobody can invite to, a quote asked for, a skip."""

    user: User
    cycle: SalesCycle
    other: Salesperson
    silent: Salesperson
    lost: CloseReason
    company: Contact


@pytest.fixture
def world(alice: User) -> World:
    cycle = SalesCycleFactory(stages=[(10, 20, ""), (30, 40, ""), (60, 60, "Q")])
    steps = [("phone_call", "1D"), ("meeting", "2D")]
    cycle.stages.filter(position=2).update(activity=ActivityFactory(steps=steps))
    Salesperson.objects.filter(pk=alice.salesperson.pk).update(email="alice@example.com")
    return World(
        user=User.objects.get(pk=alice.pk),
        cycle=cycle,
        other=SalespersonFactory(email="other@example.com"),
        silent=SalespersonFactory(email=""),
        lost=CloseReasonFactory(kind="lost"),
        company=CompanyFactory(),
    )


def made(world: World, wanted: list[tuple[int, bool, bool, bool, bool]]) -> list[Opportunity]:
    """Return random rows; every third is of somebody without an e-mail address."""
    found = []
    for n, (stage, has_quote, has_task, is_lost, is_deleted) in enumerate(wanted):
        of_silent = n % 3 == 2 and stage in (0, 1)
        row = make_opportunity(
            world.user,
            description=f"Row {n}",
            sales_cycle=world.cycle,
            stage=min(stage, 2),
            contact=world.company,
            salesperson=world.silent if of_silent else world.user.salesperson,
            estimated_close_on=today() + timedelta(days=5 + 15 * (n % 2)),
        )
        if has_quote and stage:
            QuoteFactory(opportunity=row, created_by=world.user)
            if stage == 3:
                last = world.cycle.stages.get(position=3)
                row = lifecycle.move(row, last, by=world.user)
        if has_task and not of_silent:
            make_task(world.user, opportunity=row)
        if is_lost:
            row = lifecycle.lose(row, by=world.user, reason=world.lost, cancel_open_tasks=False)
        elif is_deleted and row.status == Status.NOT_STARTED:
            row = lifecycle.delete(row, by=world.user)
        found.append(row)
    return found


def wishes_of(world: World, action: str, pick: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what a form sends for an action, and the same as arguments of the door."""
    stage = world.cycle.stages.get(position=pick + 1)
    cases: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
        "move": (
            {"stage": str(stage.pk), "cancel_open_tasks": "on"},
            {"stage": stage, "cancel_open_tasks": True},
        ),
        "reassign": (
            {"salesperson": str(world.other.pk), "hand_over_open_tasks": "on"},
            {"salesperson": world.other, "hand_over_open_tasks": True},
        ),
        "redate": ({"estimated_close_on": SOON.isoformat()}, {"estimated_close_on": SOON}),
        "lose": (
            {"reason": str(world.lost.pk), "cancel_open_tasks": "on"},
            {"reason": world.lost, "cancel_open_tasks": True},
        ),
        "tag": ({"name": "Solar"}, {"name": "Solar"}),
        "plan": (
            {"kind": "to_do", "description": "Call", "due_on": SOON.isoformat()},
            {"kind": "to_do", "description": "Call", "due_on": SOON},
        ),
    }
    return cases[action]


def verb_of(world: World, action: str) -> Callable[..., Any]:
    """Return what the door does for an action with one row."""
    by = world.user

    def plan(row: Opportunity, **wish: Any) -> None:
        lifecycle.check_may("reassign", row, by=by)
        task_door.plan(by=by, opportunity=row, **wish)

    def lose(row: Opportunity, **wish: Any) -> None:
        if row.status != Status.LOST:
            lifecycle.lose(row, by=by, **wish)

    verbs: dict[str, Callable[..., Any]] = {
        "move": lambda row, **wish: lifecycle.move(row, by=by, **wish),
        "reassign": lambda row, **wish: lifecycle.reassign(row, by=by, **wish),
        "redate": lambda row, **wish: lifecycle.update(row, by=by, **wish),
        "lose": lose,
        "tag": lambda row, name: tagging.add(row, name, by=by),
        "plan": plan,
    }
    return verbs[action]


def one_by_one(world: World, action: str, found: list[Opportunity], pick: int) -> list[str]:
    """Do the action with each row through the door; return why rows were refused."""
    verb, refused = verb_of(world, action), []
    _sent, wish = wishes_of(world, action, pick)
    for row in found:
        try:
            with transaction.atomic():
                verb(row, **wish)
        except REFUSED as error:
            refused.append(" ".join(getattr(error, "messages", [str(error)])))
    return sorted(refused)


def together(
    world: World, action: str, found: list[Opportunity], pick: int, *, undo: bool
) -> list[str]:
    """Do the action as one change of many, in parts of three; return why rows were refused."""
    sent, _wish = wishes_of(world, action, pick)
    chosen = [(row.pk, row.sequence) for row in found]
    run = running.begin(running.choose(OPPORTUNITIES, action, chosen, by=world.user), sent)
    while run.status == BulkRun.Status.RUNNING:
        step = BULK.step(run, by=world.user)
        run = running.go_on(run, step, position=run.position, size=3)
    if undo:
        run = running.begin_undo(run)
        while run.status == BulkRun.Status.UNDOING:
            step = BULK.undo_step(run, by=world.user)
            run = running.go_on_undoing(run, step, position=run.undo_position, size=3)
    return sorted(why for _pk, why in run.refused)


def written() -> dict[str, Any]:
    """Return all that there is to see afterwards, without ids and times."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    states = Opportunity.objects.order_by("description")
    entries = OpportunityEntry.objects.order_by("opportunity__description", "sequence")
    tags = Opportunity.tags.through.objects.order_by("opportunity__description")
    return {
        "rows": list(states.values_list("description", *STATE_ATTRIBUTES)),
        "entries": list(
            entries.values_list(
                "opportunity__description", "action", "note", "previous_stage", "superseded_on",
                "stage_name", "recorded_by", "undoes__sequence", *STATE_ATTRIBUTES,
            )
        ),
        "tasks": sorted(Task.objects.values_list(*OF_TASK), key=str),
        "tags": list(tags.values_list("opportunity__description", "tag__name")),
    }  # fmt: skip


def tried(world: World, wanted: Any, do: Callable[[list[Opportunity]], Any]) -> Any:
    """Return what `do` returns, and what is written then; leave the database as it was."""
    with transaction.atomic():
        answer = do(made(world, wanted)), written()
        transaction.set_rollback(True)
    return answer


@given(wanted=rows, action=st.sampled_from(ACTIONS), pick=st.integers(0, 2))
@settings(max_examples=30)
def test_many_at_once_are_as_one_by_one(world: World, wanted: Any, action: str, pick: int) -> None:
    alone = tried(world, wanted, lambda found: one_by_one(world, action, found, pick))
    many = tried(world, wanted, lambda found: together(world, action, found, pick, undo=False))

    assert many == alone


@given(wanted=rows, action=st.sampled_from(ACTIONS), pick=st.integers(0, 2))
@settings(max_examples=15)
def test_all_of_it_is_taken_back(world: World, wanted: Any, action: str, pick: int) -> None:
    """The rows are as they were, in all but the number and day of their newest entry."""
    before = tried(world, wanted, lambda _found: None)[1]
    after = tried(world, wanted, lambda found: together(world, action, found, pick, undo=True))[1]
    open_then = [task for task in before["tasks"] if task[2] in Task.OPEN]
    open_now = [task for task in after["tasks"] if task[2] in Task.OPEN]

    assert [(r[0], *r[3:]) for r in after["rows"]] == [(r[0], *r[3:]) for r in before["rows"]]
    assert after["tags"] == before["tags"]
    assert [(t[0], t[4]) for t in open_now] == [(t[0], t[4]) for t in open_then]


def test_a_planned_task_that_somebody_has_worked_on_stays(world: World) -> None:
    found = made(world, [(1, False, False, False, False)] * 2)
    sent, _wish = wishes_of(world, "plan", 0)
    chosen = [(row.pk, row.sequence) for row in found]
    run = running.begin(running.choose(OPPORTUNITIES, "plan", chosen, by=world.user), sent)
    run = running.go_on(run, BULK.step(run, by=world.user), position=0)
    touched, left = (Task.objects.get(pk=run.made[str(row.pk)]) for row in found)
    task_door.edit(touched, by=world.user, note="They want two.")

    run = running.begin_undo(run)
    run = running.go_on_undoing(run, BULK.undo_step(run, by=world.user), position=0)

    touched.refresh_from_db()
    left.refresh_from_db()
    assert run.kept == [[found[0].pk, "Its task has been worked on since."]]
    assert (touched.is_open, left.status) == (True, Task.Status.CANCELLED)
    assert Decimal(1000) == found[0].estimated_value
