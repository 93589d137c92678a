"""What undoing an entry does to tasks (house.md 4, U7)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salespeople.models import User
from tasks import lifecycle as door
from tasks.models import Task
from tests.factories import (
    ActivityFactory,
    CloseReasonFactory,
    PersonFactory,
    SalesCycleFactory,
    SalespersonFactory,
    make_task,
)
from tests.opportunities.pages import STAGES, at_stage, stage_of


@pytest.fixture
def opportunity(bob: User) -> Opportunity:
    """One at stage 1; stage 2 makes three tasks."""
    cycle = SalesCycleFactory(stages=STAGES)
    activity = ActivityFactory(steps=[("to_do", ""), ("phone_call", "2D"), ("to_do", "1W")])
    cycle.stages.filter(position=2).update(activity=activity)
    return at_stage(bob, 1, sales_cycle=cycle)


def undone(opportunity: Opportunity, by: User) -> Opportunity:
    """Undo the newest standing entry."""
    fresh = Opportunity.objects.get(pk=opportunity.pk)
    return lifecycle.undo(lifecycle.newest_standing(fresh), by=by)


def moved(opportunity: Opportunity, by: User, **options: Any) -> Opportunity:
    """Enter the stage that makes tasks."""
    return lifecycle.move(opportunity, stage_of(opportunity, 2), by=by, **options)


def statuses(opportunity: Opportunity) -> list[str]:
    """Return the status of each task, in the order in which they were made."""
    rows = Task.objects.filter(opportunity=opportunity).order_by("pk")
    return list(rows.values_list("status", flat=True))


def test_tasks_that_the_move_made_are_cancelled(bob: User, opportunity: Opportunity) -> None:
    moved(opportunity, bob)

    undone(opportunity, bob)

    assert statuses(opportunity) == ["cancelled"] * 3
    assert set(Task.objects.values_list("closed_by", "cancelled_by_entry")) == {(bob.pk, None)}


TOUCHES: dict[str, Callable[[Task, User], Any]] = {
    "start": lambda task, by: door.start(task, by=by),
    "edit": lambda task, by: door.edit(task, by=by, note="Ask for Kari."),
    "reschedule": lambda task, by: door.reschedule(task, today() + timedelta(days=9), by=by),
    "assign": lambda task, by: door.assign(task, by=by, salesperson=SalespersonFactory()),
    "complete": lambda task, by: door.complete(task, by=by),
}


@pytest.mark.parametrize("touch", TOUCHES)
def test_what_somebody_has_touched_stays(
    alice: User, bob: User, opportunity: Opportunity, touch: str
) -> None:
    moved(opportunity, bob)
    first = Task.objects.earliest("pk")
    touched = TOUCHES[touch](first, alice)

    undone(opportunity, bob)

    assert statuses(opportunity) == [touched.status, "cancelled", "cancelled"]
    assert Task.objects.get(pk=first.pk).edits == touched.edits


def test_what_the_move_cancelled_is_as_it_was(bob: User, opportunity: Opportunity) -> None:
    weekly = {"is_recurring": True, "recurring_interval": "1W", "recurs_from": "closing"}
    make_task(bob, opportunity=opportunity, **weekly)
    door.edit(make_task(bob, opportunity=opportunity), by=bob, status="postponed")
    door.cancel(make_task(bob, opportunity=opportunity), by=bob)
    names = [f.attname for f in Task._meta.concrete_fields]
    names = [n for n in names if n not in ("edits", "changed_at", "changed_by_id")]
    before = list(Task.objects.order_by("pk").values(*names))

    moved(opportunity, bob, cancel_open_tasks=True)
    undone(opportunity, bob)

    assert list(Task.objects.order_by("pk").values(*names))[:3] == before


@pytest.mark.parametrize("verb", ["win", "lose"])
def test_undoing_a_close_opens_what_it_cancelled(
    bob: User, opportunity: Opportunity, verb: str
) -> None:
    """Those that the stage made count as untouched afterwards, too."""
    moved(opportunity, bob)
    by_hand = door.start(make_task(bob, opportunity=opportunity), by=bob)
    reason = CloseReasonFactory(kind="won" if verb == "win" else "lost")
    getattr(lifecycle, verb)(opportunity, by=bob, reason=reason)
    assert statuses(opportunity) == ["cancelled"] * 4

    undone(opportunity, bob)
    assert statuses(opportunity) == ["not_started"] * 3 + ["in_progress"]

    undone(opportunity, bob)
    assert statuses(opportunity) == ["cancelled"] * 3 + ["in_progress"]
    assert Task.objects.get(pk=by_hand.pk).status_before == ""


def test_what_somebody_opened_after_the_close_stays_as_that_person_left_it(
    bob: User, opportunity: Opportunity
) -> None:
    task = make_task(bob, opportunity=opportunity)
    lifecycle.win(opportunity, by=bob, reason=CloseReasonFactory())
    door.reopen(task, by=bob)
    done = door.complete(task, by=bob)

    undone(opportunity, bob)

    assert Task.objects.get(pk=task.pk).edits == done.edits
    assert statuses(opportunity) == ["completed"]


def test_reopening_is_no_undo_and_leaves_what_was_cancelled(
    bob: User, opportunity: Opportunity
) -> None:
    make_task(bob, opportunity=opportunity)
    lost = CloseReasonFactory(kind="lost")
    opportunity = lifecycle.lose(opportunity, by=bob, reason=lost)

    lifecycle.reopen(opportunity, by=bob)

    assert statuses(opportunity) == ["cancelled"]


def test_what_was_handed_over_goes_back(alice: User, bob: User, opportunity: Opportunity) -> None:
    task = make_task(bob, opportunity=opportunity)
    other = PersonFactory(company=None)
    elsewhere = make_task(bob, opportunity=opportunity, contact=other)
    opportunity = Opportunity.objects.get(pk=opportunity.pk)
    lifecycle.reassign(
        opportunity, by=alice, salesperson=alice.salesperson, hand_over_open_tasks=True
    )
    assert owners() == [alice.salesperson.pk] * 2

    undone(opportunity, alice)

    assert owners() == [bob.salesperson.pk] * 2
    assert Task.objects.get(pk=elsewhere.pk).contact == other
    assert Task.objects.get(pk=task.pk).is_touched is False


def owners() -> list[Any]:
    """Return whose the tasks are, in the order in which they were made."""
    return list(Task.objects.order_by("pk").values_list("salesperson", flat=True))


def test_what_somebody_gave_on_by_hand_does_not_go_back(
    alice: User, bob: User, opportunity: Opportunity
) -> None:
    task = make_task(bob, opportunity=opportunity)
    lifecycle.reassign(
        opportunity, by=alice, salesperson=alice.salesperson, hand_over_open_tasks=True
    )
    third = SalespersonFactory()
    door.assign(task, by=alice, salesperson=third)

    undone(opportunity, alice)

    assert owners() == [third.pk]


def test_two_handovers_are_undone_one_after_the_other(
    alice: User, bob: User, opportunity: Opportunity
) -> None:
    make_task(bob, opportunity=opportunity)
    third = SalespersonFactory()
    for salesperson in (alice.salesperson, third):
        opportunity = lifecycle.reassign(
            opportunity, by=alice, salesperson=salesperson, hand_over_open_tasks=True
        )
    found = [owners()]
    for _time in range(2):
        undone(opportunity, alice)
        found.append(owners())

    assert found == [[third.pk], [alice.salesperson.pk], [bob.salesperson.pk]]


def test_a_handover_and_a_move_are_undone_one_after_the_other(
    alice: User, bob: User, opportunity: Opportunity
) -> None:
    """Handing over is not touching: what the stage made goes with the stage."""
    opportunity = moved(opportunity, bob)
    lifecycle.reassign(
        opportunity, by=alice, salesperson=alice.salesperson, hand_over_open_tasks=True
    )

    undone(opportunity, alice)
    undone(opportunity, alice)

    assert statuses(opportunity) == ["cancelled"] * 3
    assert owners() == [bob.salesperson.pk] * 3


def test_a_form_that_was_open_meanwhile_is_a_conflict(bob: User, opportunity: Opportunity) -> None:
    task = make_task(bob, opportunity=opportunity)
    lifecycle.win(opportunity, by=bob, reason=CloseReasonFactory())
    undone(opportunity, bob)

    with pytest.raises(door.Conflict) as conflict:
        door.start(task, by=bob, seen=task.edits)

    assert conflict.value.task.changed_by == bob
