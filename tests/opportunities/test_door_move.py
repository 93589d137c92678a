"""Moving and updating through the door: R57–R82, rules D4–D6, D12, D13, D23."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Action, Opportunity, Status
from salescycles.models import SalesCycle
from salespeople.models import User
from tests.factories import (
    CloseReasonFactory,
    QuoteFactory,
    SalesCycleFactory,
    make_opportunity,
)

TODAY = today()


def days(number: int) -> date:
    """Return the day so many days from today."""
    return TODAY + timedelta(days=number)


@pytest.fixture
def cycle(db: None) -> SalesCycle:
    """Five stages; the second and the third may be skipped."""
    return SalesCycleFactory(
        stages=[(10, 20, ""), (30, 40, "S"), (50, 60, "S"), (70, 80, ""), (90, 90, "")]
    )


def at(cycle: SalesCycle, position: int) -> Any:
    """Return the stage at a position."""
    return cycle.stages.get(position=position)


def refusal(opportunity: Opportunity, stage: Any, by: User, **options: Any) -> dict[str, list[str]]:
    """Return what `move` says against it; nothing may be written."""
    before = opportunity.entries.count()
    with pytest.raises(ValidationError) as caught:
        lifecycle.move(opportunity, stage, by=by, **options)
    assert opportunity.entries.count() == before
    return caught.value.message_dict


@pytest.mark.parametrize(
    ("start", "target", "action"),
    [
        (1, 2, Action.NEXT),
        (1, 3, Action.SKIPPED),
        (1, 4, Action.SKIPPED),
        (3, 2, Action.PREVIOUS),
        (4, 1, Action.JUMPED),
        (4, 2, Action.JUMPED),
    ],
)
def test_d4_each_move_has_its_action(
    bob: User, cycle: SalesCycle, start: int, target: int, action: Action
) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=start)

    moved = lifecycle.move(opportunity, at(cycle, target), by=bob)

    entry = moved.entries.get(superseded_at=None)
    assert (entry.action, entry.stage.position, entry.previous_stage.position) == (
        action,
        target,
        start,
    )
    assert entry.stage_name == at(cycle, target).name
    assert moved.stage_entered_on == TODAY


def test_r65_passing_a_stage_that_may_not_be_skipped_is_refused(
    bob: User, cycle: SalesCycle
) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)

    assert refusal(opportunity, at(cycle, 5), bob) == {"stage": ["“Stage 4” may not be skipped."]}


def test_r73_a_stage_of_another_cycle_is_refused(bob: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)
    stranger = SalesCycleFactory().stages.first()

    assert refusal(opportunity, stranger, bob) == {
        "stage": ["“Stage 1” is no stage of its sales cycle."]
    }


def test_r62_a_closed_opportunity_is_not_moved(bob: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)
    lifecycle.lose(opportunity, by=bob, reason=CloseReasonFactory(kind="lost"))

    with pytest.raises(ValidationError, match="already lost"):
        lifecycle.move(opportunity, at(cycle, 2), by=bob)


def test_r69_d23_none_takes_the_chances_of_the_stage_and_keeps_value_and_date(
    bob: User, cycle: SalesCycle
) -> None:
    cycle.stages.update(date_formula="1W")
    opportunity = make_opportunity(
        bob, sales_cycle=cycle, stage=1, estimated_close_on=days(40), chances_of_success=Decimal(33)
    )

    moved = lifecycle.move(opportunity, at(cycle, 2), by=bob)

    # 40 × 30 / 100 = 12 %, and 12 % of 1,000 = 120.
    assert (
        moved.chances_of_success,
        moved.completed,
        moved.probability,
        moved.estimated_value,
        moved.calculated_value,
        moved.estimated_close_on,
    ) == (40, 30, 12, 1000, 120, days(40))


def test_d12_typed_chances_win_on_skip_and_jump(bob: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)

    skipped = lifecycle.move(opportunity, at(cycle, 4), by=bob, chances_of_success=Decimal("12.5"))
    jumped = lifecycle.move(skipped, at(cycle, 1), by=bob, chances_of_success=Decimal(7))

    assert [
        entry.chances_of_success for entry in opportunity.entries.order_by("-sequence")[:2]
    ] == [7, Decimal("12.5")]
    # 7 × 10 / 100
    assert jumped.probability == Decimal("0.7")


def test_r78_values_that_say_nothing_are_refused_all_at_once(bob: User, cycle: SalesCycle) -> None:
    cycle.stages.update(chances_of_success=0)
    opportunity = lifecycle.activate(
        make_opportunity(
            bob, sales_cycle=cycle, on=days(-9), estimated_value=None, estimated_close_on=days(-5)
        ),
        by=bob,
        on=days(-9),
    )

    found = refusal(opportunity, at(cycle, 2), bob)

    assert list(found) == ["estimated_value", "chances_of_success", "estimated_close_on"]


def test_r78_a_close_date_on_the_day_of_the_change_is_kept(bob: User, cycle: SalesCycle) -> None:
    cycle.stages.update(date_formula="1W")
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)

    moved = lifecycle.move(opportunity, at(cycle, 2), by=bob, estimated_close_on=TODAY)

    assert moved.estimated_close_on == TODAY


def test_r81_amended_a_date_in_the_future_is_refused(bob: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)

    assert refusal(opportunity, at(cycle, 2), bob, on=days(1)) == {
        "on": ["The date lies in the future."]
    }


def test_d9_a_small_edit_today_does_not_forbid_signed_on_friday(
    bob: User, cycle: SalesCycle
) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1, on=days(-10))
    opportunity = lifecycle.update(
        opportunity, by=bob, estimated_value=Decimal(2000), estimated_close_on=days(5)
    )

    moved = lifecycle.move(opportunity, at(cycle, 2), by=bob, on=days(-3))

    assert moved.effective_on == days(-3)
    update = moved.entries.get(action=Action.UPDATED)
    assert (update.effective_on, update.superseded_on) == (TODAY, TODAY)


def test_d9_a_move_is_not_dated_before_the_move_before_it(bob: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1, on=days(-10))
    opportunity = lifecycle.move(
        opportunity, at(cycle, 2), by=bob, on=days(-4), estimated_close_on=days(5)
    )

    assert list(refusal(opportunity, at(cycle, 3), bob, on=days(-5))) == ["on"]
    assert lifecycle.move(opportunity, at(cycle, 3), by=bob, on=days(-4)).stage.position == 3


def test_d9_an_update_is_not_dated_before_the_newest_entry(bob: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(
        bob, sales_cycle=cycle, stage=1, on=days(-10), estimated_close_on=days(5)
    )
    lifecycle.update(opportunity, by=bob, on=days(-2), estimated_value=Decimal(1))

    with pytest.raises(ValidationError) as caught:
        lifecycle.update(opportunity, by=bob, on=days(-3), estimated_value=Decimal(2))

    assert list(caught.value.message_dict) == ["on"]


def test_d9_an_undone_move_does_not_hold_the_date(bob: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(
        bob, sales_cycle=cycle, stage=1, on=days(-10), estimated_close_on=days(5)
    )
    moved = lifecycle.move(opportunity, at(cycle, 2), by=bob)
    lifecycle.undo(lifecycle.newest_standing(moved), by=bob)

    again = lifecycle.move(opportunity, at(cycle, 2), by=bob, on=days(-7))

    assert again.effective_on == days(-7)


def test_r80_an_update_refreshes_completed_and_probability(bob: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(
        bob, sales_cycle=cycle, stage=1, estimated_close_on=days(5), chances_of_success=Decimal(50)
    )
    cycle.stages.filter(position=1).update(completed=80)
    cycle.probability_calculation = "add"
    cycle.save()

    updated = lifecycle.update(opportunity, by=bob, estimated_value=Decimal(200))

    # R87: (50 + 80) / 2 = 65 %, and 65 % of 200 = 130; the chances are kept.
    assert (updated.chances_of_success, updated.probability, updated.calculated_value) == (
        50,
        65,
        130,
    )
    entry = updated.entries.get(superseded_at=None)
    assert (entry.action, entry.stage, entry.previous_stage) == (
        Action.UPDATED,
        at(cycle, 1),
        at(cycle, 1),
    )


def test_an_update_without_a_change_writes_only_when_there_is_a_note(
    bob: User, cycle: SalesCycle
) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)
    before = opportunity.entries.count()

    lifecycle.update(opportunity, by=bob, estimated_value=opportunity.estimated_value)
    lifecycle.move(opportunity, at(cycle, 1), by=bob)
    assert opportunity.entries.count() == before
    lifecycle.update(opportunity, by=bob, note="  Called: they wait for the budget. ")

    newest = opportunity.entries.get(superseded_at=None)
    assert (newest.sequence, newest.action, newest.note) == (
        before + 1,
        Action.UPDATED,
        "Called: they wait for the budget.",
    )


def test_before_the_first_stage_an_update_changes_estimates_and_cycle(
    bob: User, cycle: SalesCycle
) -> None:
    opportunity = make_opportunity(bob, estimated_value=None)

    updated = lifecycle.update(opportunity, by=bob, estimated_value=Decimal(50), sales_cycle=cycle)

    assert (updated.status, updated.sales_cycle, updated.estimated_value) == (
        Status.NOT_STARTED,
        cycle,
        50,
    )
    assert updated.calculated_value == 0


def test_r145_the_cycle_does_not_change_after_the_start(bob: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)

    with pytest.raises(ValidationError) as caught:
        lifecycle.update(opportunity, by=bob, sales_cycle=SalesCycleFactory())

    assert list(caught.value.message_dict) == ["sales_cycle"]


def test_move_activates_what_is_not_started_by_its_first_stage(
    bob: User, cycle: SalesCycle
) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle)

    assert list(refusal(opportunity, at(cycle, 2), bob)) == ["stage"]
    moved = lifecycle.move(opportunity, at(cycle, 1), by=bob)

    assert moved.entries.get(superseded_at=None).action == Action.ACTIVATED


def test_d20_the_gate_is_checked_when_skipping_onto_it_not_when_passing(bob: User) -> None:
    cycle = SalesCycleFactory(stages=[(10, 10, ""), (40, 40, "QS"), (60, 60, "")])
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)

    assert list(refusal(opportunity, at(cycle, 2), bob)) == ["stage"]
    passed = lifecycle.move(opportunity, at(cycle, 3), by=bob)
    QuoteFactory(opportunity=opportunity)

    assert passed.stage.position == 3


def test_seen_something_older_is_a_conflict_even_when_the_wish_is_already_so(
    bob: User, alice: User, cycle: SalesCycle
) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)
    seen = opportunity.sequence
    lifecycle.move(opportunity, at(cycle, 2), by=alice, note="They signed the intent.")

    with pytest.raises(lifecycle.Conflict) as caught:
        lifecycle.move(opportunity, at(cycle, 2), by=bob, seen=seen)

    assert [(entry.recorded_by, entry.note) for entry in caught.value.entries] == [
        (alice, "They signed the intent.")
    ]
    assert caught.value.opportunity.stage.position == 2


def test_what_one_may_not_see_does_not_exist(bob: User, charlie: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)

    with pytest.raises(Opportunity.DoesNotExist):
        lifecycle.move(opportunity, at(cycle, 2), by=charlie)


def test_floats_are_refused(bob: User, cycle: SalesCycle) -> None:
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)

    with pytest.raises(TypeError):
        lifecycle.move(opportunity, at(cycle, 2), by=bob, estimated_value=0.1)  # type: ignore[arg-type]
