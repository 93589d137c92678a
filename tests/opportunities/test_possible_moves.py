"""Which stages may be entered: Business Central R64, R73, R247 and R248, rules D4, D5, D20."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from opportunities import lifecycle
from opportunities.models import Action
from salescycles.models import SalesCycleStage
from salespeople.models import User
from tests.factories import QuoteFactory, SalesCycleFactory, make_opportunity

# R247: per stage completed, chances, S (allow skip), Q (quote required).
CYCLES = {
    "EX-LARGE": [(2, 10, "S"), (35, 25, "S"), (70, 60, "QS"), (85, 80, "Q"), (95, 100, "Q")],
    "EX-SMALL": [(2, 20, "S"), (50, 40, "S"), (80, 60, "Q"), (95, 80, "Q")],
    "FIRSTLARGE": [
        (2, 10, "S"), (5, 20, ""), (20, 30, ""), (40, 40, ""), (50, 60, "QS"), (80, 80, "QS"),
        (95, 100, "Q"),
    ],
    "FIRSTSMALL": [(2, 20, ""), (5, 40, ""), (40, 60, "QS"), (60, 80, "Q"), (95, 100, "Q")],
    "EXISTING": [(2, 10, "S"), (50, 40, "S"), (80, 80, "Q"), (95, 100, "Q")],
    "NEW": [(2, 10, ""), (5, 20, ""), (40, 50, "QS"), (60, 75, "Q"), (95, 100, "Q")],
}  # fmt: skip
# R248: from which stage Skip reaches which stages.
SKIPS = {
    "EX-LARGE": {1: {2, 3, 4}, 2: {3, 4}},
    "EX-SMALL": {1: {2, 3}},
    "FIRSTLARGE": {4: {5, 6, 7}, 5: {6, 7}},
    "FIRSTSMALL": {2: {3, 4}},
    "EXISTING": {1: {2, 3}},
    "NEW": {2: {3, 4}},
}
PAIRS = [
    (code, here, there)
    for code, stages in CYCLES.items()
    for here in range(1, len(stages) + 1)
    for there in range(1, len(stages) + 1)
    if here != there
]


def stages_of(code: str) -> list[SalesCycleStage]:
    """Return the stages of a cycle of R247, unsaved; the id is the position."""
    return [
        SalesCycleStage(
            pk=position,
            position=position,
            name=f"Stage {position}",
            allow_skip="S" in flags,
            quote_required="Q" in flags,
        )
        for position, (_, _, flags) in enumerate(CYCLES[code], start=1)
    ]


def expected_action(code: str, here: int, there: int) -> Action | None:
    """Say by R64 (with D4 and D5) how `there` is reached from `here`, quotes aside."""
    if there < here:
        return Action.PREVIOUS if there == here - 1 else Action.JUMPED
    if there == here + 1:
        return Action.NEXT
    return Action.SKIPPED if there in SKIPS[code].get(here, set()) else None


@pytest.mark.parametrize(("code", "here", "there"), PAIRS)
def test_r247_r248_every_pair_of_stages(code: str, here: int, there: int) -> None:
    found = {
        move.stage.position: move.action
        for move in lifecycle.moves_from(stages_of(code), here, has_quote=True)
    }

    assert found[there] == expected_action(code, here, there)


@pytest.mark.parametrize(("code", "here", "there"), PAIRS)
def test_d20_a_gated_stage_is_entered_forward_only_with_a_quote(
    code: str, here: int, there: int
) -> None:
    gated = there > here and "Q" in CYCLES[code][there - 1][2]

    found = {
        move.stage.position: move.action
        for move in lifecycle.moves_from(stages_of(code), here, has_quote=False)
    }

    assert found[there] == (None if gated else expected_action(code, here, there))


@pytest.mark.parametrize(
    ("here", "there", "refusal"),
    [
        (1, 5, "“Stage 4” may not be skipped."),
        (3, 5, "“Stage 4” may not be skipped."),
        (2, 3, "“Stage 3” needs a quote that is neither declined nor expired."),
    ],
)
def test_refusals_name_the_stage(here: int, there: int, refusal: str) -> None:
    moves = lifecycle.moves_from(stages_of("EX-LARGE"), here, has_quote=False)

    assert [move.refusal for move in moves if move.stage.position == there] == [refusal]


def test_r64_the_flag_of_the_present_stage_and_of_the_target_do_not_matter(bob: User) -> None:
    cycle = SalesCycleFactory(stages=[(10, 10, ""), (20, 20, "S"), (30, 30, ""), (40, 40, "")])
    stages = list(cycle.stages.all())

    found = [move.action for move in lifecycle.moves_from(stages, stages[0].pk, has_quote=False)]

    assert found == [Action.NEXT, Action.SKIPPED, None]


def test_a_blocked_stage_is_not_listed_and_may_be_passed_over(bob: User) -> None:
    cycle = SalesCycleFactory(stages=[(10, 10, ""), (20, 20, ""), (30, 30, "")])
    cycle.stages.filter(position=2).update(is_blocked=True)
    stages = list(cycle.stages.all())

    found = lifecycle.moves_from(stages, stages[0].pk, has_quote=False)

    assert [(move.stage.position, move.action) for move in found] == [(3, Action.NEXT)]


def test_what_is_not_started_begins_at_the_first_stage(bob: User) -> None:
    opportunity = make_opportunity(bob)

    found = lifecycle.possible_moves(opportunity)

    assert [(move.stage.position, move.action, move.refusal) for move in found] == [
        (1, Action.ACTIVATED, ""),
        (2, None, "It begins at the first stage."),
        (3, None, "It begins at the first stage."),
    ]


@pytest.mark.parametrize("status", ["draft", "sent", "accepted"])
def test_d20_any_quote_that_is_not_declined_or_expired_opens_the_gate(
    bob: User, status: str
) -> None:
    cycle = SalesCycleFactory(stages=[(10, 10, ""), (50, 50, "Q")])
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)
    QuoteFactory(opportunity=opportunity, status=status)

    moved = lifecycle.move(opportunity, cycle.stages.get(position=2), by=bob)

    assert moved.stage.position == 2


@pytest.mark.parametrize("status", ["declined", "expired"])
def test_d20_a_declined_or_expired_quote_does_not(bob: User, status: str) -> None:
    cycle = SalesCycleFactory(stages=[(10, 10, ""), (50, 50, "Q")])
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)
    QuoteFactory(opportunity=opportunity, status=status)

    with pytest.raises(ValidationError) as caught:
        lifecycle.move(opportunity, cycle.stages.get(position=2), by=bob)

    assert caught.value.message_dict == {
        "stage": ["“Stage 2” needs a quote that is neither declined nor expired."]
    }
    assert opportunity.entries.count() == 2


def test_r49_the_gate_of_the_first_stage_is_not_looked_at(bob: User) -> None:
    cycle = SalesCycleFactory(stages=[(10, 10, "Q"), (50, 50, "Q")])

    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)

    assert opportunity.stage.position == 1


def test_r125_a_gated_stage_is_entered_backward_without_a_quote(bob: User) -> None:
    cycle = SalesCycleFactory(stages=[(10, 10, ""), (50, 50, "Q"), (90, 90, "")])
    opportunity = make_opportunity(bob, sales_cycle=cycle, stage=1)
    quote = QuoteFactory(opportunity=opportunity)
    for position in (2, 3):
        opportunity = lifecycle.move(opportunity, cycle.stages.get(position=position), by=bob)
    quote.delete()

    moved = lifecycle.move(opportunity, cycle.stages.get(position=2), by=bob)

    assert (moved.stage.position, moved.chances_of_success) == (2, Decimal(50))
