"""What the forms ask about open tasks, and what they say about new ones (R97, R98, R108, R139)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salespeople.models import User
from tasks.models import Task
from tests.factories import (
    ActivityFactory,
    ActivityStepFactory,
    CloseReasonFactory,
    SalesCycleFactory,
    SalespersonFactory,
    make_task,
)
from tests.opportunities.pages import STAGES, address, at_stage, signed_in, stage_of

BOX = "cancel_open_tasks"
TICKED, UNTICKED = ["0", "1"], ["0"]


def with_tasks(by: User, count: int, stage: int = 2) -> Opportunity:
    """Return an opportunity with so many open tasks, and a done one."""
    opportunity = at_stage(by, stage)
    for number in range(count):
        make_task(by, opportunity=opportunity, description=f"Task {number + 1}")
    done = make_task(by, opportunity=opportunity, description="Done")
    Task.objects.filter(pk=done.pk).update(
        status="completed", closed_at=done.created_at, closed_by=by
    )
    return opportunity


def shown(by: User, opportunity: Opportunity, verb: str) -> Any:
    """Return the form of a verb as it is shown."""
    return signed_in(by).get(address(opportunity, verb)).context["form"]


def closing(kind: str) -> dict[str, Any]:
    """Return what the form of winning or losing sends, but for the box."""
    reason = CloseReasonFactory(kind="won" if kind == "win" else "lost")
    return {"reason": reason.pk, "on": today().isoformat(), "note": ""}


def sent(by: User, opportunity: Opportunity, verb: str, **data: Any) -> Any:
    """Post a verb's form."""
    return signed_in(by).post(address(opportunity, verb), {"seen": opportunity.sequence, **data})


def open_ones(opportunity: Opportunity) -> int:
    """Return how many tasks are open."""
    return Task.objects.open().filter(opportunity=opportunity).count()


@pytest.mark.parametrize(
    ("verb", "name", "is_ticked"),
    [
        ("move", BOX, False),
        ("update", BOX, False),
        ("win", BOX, True),
        ("lose", BOX, True),
        ("reassign", "hand_over_open_tasks", False),
    ],
)
def test_r98_r108_the_box_counts_the_open_tasks_and_starts_as_in_business_central(
    bob: User, verb: str, name: str, is_ticked: bool
) -> None:
    form = shown(bob, with_tasks(bob, 3), verb)
    words = "Cancel the 3 open tasks" if name == BOX else "Let the 3 open tasks follow"

    assert str(form[name].label) == words
    assert form[name].help_text == "Task 1, Task 2, Task 3"
    assert bool(form[name].value()) == is_ticked
    assert ("checked" in str(form[name])) == is_ticked


def test_one_open_task_is_spoken_of_as_one(bob: User) -> None:
    assert str(shown(bob, with_tasks(bob, 1), "move")[BOX].label) == "Cancel the open task"


def test_activating_asks_too(bob: User) -> None:
    form = shown(bob, with_tasks(bob, 4, stage=0), "activate")

    assert str(form[BOX].label) == "Cancel the 4 open tasks"
    assert form[BOX].help_text == "Task 1, Task 2, Task 3, …"
    assert not form[BOX].value()


@pytest.mark.parametrize("verb", ["move", "update", "win", "lose", "reassign"])
def test_without_open_tasks_nothing_is_asked(bob: User, verb: str) -> None:
    form = shown(bob, with_tasks(bob, 0), verb)

    assert not set(form.fields) & {BOX, "hand_over_open_tasks"}


@pytest.mark.parametrize("verb", ["win", "lose"])
@pytest.mark.parametrize(("box", "left"), [(TICKED, 0), (UNTICKED, 2), (None, 0)])
def test_r108_a_box_left_unticked_keeps_the_tasks_and_no_box_keeps_the_default(
    bob: User, verb: str, box: list[str] | None, left: int
) -> None:
    """A browser sends 0, and 1 behind it when the box is ticked; another sender sends neither."""
    opportunity = with_tasks(bob, 2)
    more = {} if box is None else {BOX: box}

    assert sent(bob, opportunity, verb, **closing(verb), **more).status_code == 302

    assert open_ones(opportunity) == left


@pytest.mark.parametrize(("box", "left"), [(TICKED, 0), (UNTICKED, 2), (None, 2)])
def test_r98_a_move_cancels_only_when_asked(bob: User, box: list[str] | None, left: int) -> None:
    opportunity = with_tasks(bob, 2)
    more = {} if box is None else {BOX: box}
    stage = stage_of(opportunity, 3)

    assert sent(bob, opportunity, "move", stage=stage.pk, **more).status_code == 302

    assert open_ones(opportunity) == left
    assert Opportunity.objects.get(pk=opportunity.pk).stage == stage


def test_an_update_that_only_cancels_writes_an_entry_that_can_be_undone(bob: User) -> None:
    opportunity = with_tasks(bob, 2)

    sent(bob, opportunity, "update", **{BOX: TICKED})

    entry = opportunity.entries.latest("sequence")
    assert (entry.action, open_ones(opportunity)) == ("updated", 0)
    lifecycle.undo(entry, by=bob)
    assert open_ones(opportunity) == 2


def test_an_update_that_would_cancel_nothing_writes_nothing(bob: User) -> None:
    opportunity = with_tasks(bob, 0)

    fresh = lifecycle.update(opportunity, by=bob, cancel_open_tasks=True)

    assert fresh.sequence == opportunity.sequence


@pytest.mark.parametrize("value", ["2", "x" * 10_000, "\x00", "yes"])
def test_what_no_box_sends_is_refused(bob: User, value: str) -> None:
    opportunity = with_tasks(bob, 1)

    response = sent(bob, opportunity, "win", **closing("win"), **{BOX: value})

    assert response.status_code == 422
    assert response.context["form"].errors[BOX] == ["Tick the box, or do not."]
    assert open_ones(opportunity) == 1


def test_a_refused_form_keeps_the_choice(bob: User) -> None:
    opportunity = with_tasks(bob, 1)

    response = sent(bob, opportunity, "win", on="", reason="", **{BOX: UNTICKED})

    assert response.status_code == 422
    assert "checked" not in str(response.context["form"][BOX])


def test_taking_the_date_of_the_formula_keeps_the_choice(bob: User) -> None:
    opportunity = with_tasks(bob, 1)
    stage = stage_of(opportunity, 3)
    stage.date_formula = "1M"
    stage.save()
    data = {"stage": stage.pk, "take": "1"}

    for box, is_ticked in ((TICKED, True), (UNTICKED, False)):
        form = sent(bob, opportunity, "move", **data, **{BOX: box}).context["form"]
        assert ("checked" in str(form[BOX])) == is_ticked


@pytest.mark.parametrize(("box", "left"), [(TICKED, 0), (UNTICKED, 1)])
def test_the_conflict_page_keeps_the_choice(
    alice: User, bob: User, box: list[str], left: int
) -> None:
    """U8: going on sends what was ticked, and what was left unticked."""
    opportunity = with_tasks(bob, 1)
    lifecycle.update(opportunity, by=alice, estimated_value=Decimal(7000))

    conflict = sent(bob, opportunity, "win", **closing("win"), **{BOX: box})
    assert conflict.status_code == 409
    kept: dict[str, Any] = {}
    for name, value in conflict.context["dispute"].kept:
        kept.setdefault(name, []).append(value)
    fresh = Opportunity.objects.get(pk=opportunity.pk)
    done = sent(bob, fresh, "win", **kept)

    assert (done.status_code, open_ones(opportunity)) == (302, left)


def test_the_conflict_page_says_what_was_wanted(alice: User, bob: User) -> None:
    opportunity = with_tasks(bob, 1)
    lifecycle.update(opportunity, by=alice, estimated_value=Decimal(7000))

    conflict = sent(bob, opportunity, "win", **closing("win"), **{BOX: UNTICKED})

    assert ("Cancel the open task", "no") in conflict.context["dispute"].wanted


@pytest.mark.parametrize(("box", "is_handed"), [(TICKED, True), (UNTICKED, False), (None, False)])
def test_r139_tasks_follow_to_the_new_salesperson_only_when_asked(
    alice: User, bob: User, box: list[str] | None, is_handed: bool
) -> None:
    opportunity = with_tasks(bob, 1)
    other = SalespersonFactory()
    more = {} if box is None else {"hand_over_open_tasks": box}

    sent(alice, opportunity, "reassign", salesperson=other.pk, **more)

    task = Task.objects.open().get(opportunity=opportunity)
    assert task.salesperson == (other if is_handed else bob.salesperson)


def test_the_move_form_says_which_tasks_it_creates(bob: User) -> None:
    opportunity = at_stage(bob, 1, sales_cycle=_with_call())

    form = shown(bob, opportunity, "move")
    page = signed_in(bob).get(address(opportunity, "move")).content.decode()

    assert [(wish.description, wish.due_on) for wish in form.creates] == [
        ("Call", today() + timedelta(days=2)),
        ("Visit", today() + timedelta(days=7)),
    ]
    assert page.index("Creates, counted from the date") < page.index("Call") < page.index("Visit")


def test_a_refused_form_counts_from_the_date_that_was_typed(bob: User) -> None:
    yesterday = today() - timedelta(days=1)
    opportunity = at_stage(bob, 1, sales_cycle=_with_call(), on=yesterday)

    response = sent(
        bob, opportunity, "move", stage=stage_of(opportunity, 2).pk, on=yesterday.isoformat(),
        estimated_value="0",
    )  # fmt: skip

    assert response.status_code == 422
    first = response.context["form"].creates[0]
    assert first.due_on == yesterday + timedelta(days=2)


def test_the_receipt_says_what_became_of_tasks(bob: User) -> None:
    opportunity = at_stage(bob, 1, sales_cycle=_with_call())
    make_task(bob, opportunity=opportunity)
    client = signed_in(bob)
    data = {"seen": opportunity.sequence, "stage": stage_of(opportunity, 2).pk, BOX: TICKED}

    page = client.post(address(opportunity, "move"), data, follow=True)

    told = str(next(iter(page.context["messages"])))
    assert told.startswith("Moved to “Stage 2”. 2 tasks planned. 1 task cancelled.")


def _with_call() -> Any:
    """Return a cycle whose second stage makes a call after 2 days, and a visit after a week."""
    cycle = SalesCycleFactory(stages=STAGES)
    activity = ActivityFactory()
    for position, (description, formula) in enumerate([("Call", "2D"), ("Visit", "1W")], 1):
        ActivityStepFactory(
            activity=activity, position=position, description=description, date_formula=formula
        )
    cycle.stages.filter(position=2).update(activity=activity)
    return cycle
