"""The same move, and the same refusal, through every path (house.md 5, U6)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salescycles.models import SalesCycleStage
from salespeople.models import User
from tasks.models import Task
from tests.factories import ActivityFactory, UserFactory, make_task
from tests.opportunities.pages import address, at_stage, signed_in, stage_of

type Path = Callable[[Opportunity, SalesCycleStage, User], str]


def through_the_door(opportunity: Opportunity, stage: SalesCycleStage, by: User) -> str:
    """Call the function; return the refusal."""
    try:
        lifecycle.move(opportunity, stage, by=by, seen=opportunity.sequence)
    except ValidationError as error:
        return error.messages[0]
    return ""


def through_the_page(opportunity: Opportunity, stage: SalesCycleStage, by: User) -> str:
    """Send the whole form."""
    return posted(
        opportunity,
        by,
        {
            "stage": str(stage.pk),
            "estimated_value": "1,000",
            "chances_of_success": "",
            "estimated_close_on": str(opportunity.estimated_close_on),
            "on": today().isoformat(),
            "note": "",
        },
    )


def through_the_board(opportunity: Opportunity, stage: SalesCycleStage, by: User) -> str:
    """Send what a drop sends: the stage, and where to go."""
    return posted(opportunity, by, {"stage": str(stage.pk), "next": "/pipeline/"})


def posted(opportunity: Opportunity, by: User, data: dict[str, str]) -> str:
    """Post to the move page; return the refusal."""
    response = signed_in(by).post(
        address(opportunity, "move"), {"seen": str(opportunity.sequence), **data}
    )
    if response.status_code == 302:
        return ""
    assert response.status_code == 422
    errors = response.context["form"].errors
    return str(next(iter(errors.values()))[0])


def by_possible_moves(opportunity: Opportunity, stage: SalesCycleStage, by: User) -> str:
    """Ask what the buttons ask, and do what they offer."""
    moves = {move.stage.pk: move for move in lifecycle.possible_moves(opportunity)}
    refusal = moves[stage.pk].refusal
    return refusal or through_the_door(opportunity, stage, by)


PATHS: list[Path] = [through_the_door, through_the_page, through_the_board, by_possible_moves]
# From a stage to another, with the refusal; stage 2 may be skipped, stage 4 needs a quote.
MOVES = [
    (1, 2, ""),
    (1, 3, ""),
    (1, 4, "“Stage 3” may not be skipped."),
    (2, 4, "“Stage 3” may not be skipped."),
    (3, 4, "“Stage 4” needs a quote that is neither declined nor expired."),
    (3, 1, ""),
    (3, 2, ""),
]


@pytest.mark.parametrize(("start", "goal", "refusal"), MOVES)
@pytest.mark.parametrize("path", PATHS)
def test_the_same_move_and_the_same_refusal(
    bob: User, path: Path, start: int, goal: int, refusal: str
) -> None:
    opportunity = at_stage(bob, start)

    told = path(opportunity, stage_of(opportunity, goal), bob)

    fresh = Opportunity.objects.get(pk=opportunity.pk)
    assert told == refusal
    assert fresh.stage.position == (start if refusal else goal)
    assert fresh.sequence == opportunity.sequence + (0 if refusal else 1)


MEETING_REFUSED = (
    "“Stage 2” plans a meeting, and Bob has no e-mail address to invite from. "
    "Let an administrator enter one, or give the opportunity to somebody else first."
)


@pytest.mark.parametrize("path", PATHS)
def test_the_same_tasks(bob: User, path: Path) -> None:
    """R97, R100: what enters the stage makes its tasks, and leaves the open ones alone."""
    opportunity = _before_activity(bob, [("phone_call", "2D"), ("to_do", "1W")])

    told = path(opportunity, stage_of(opportunity, 2), bob)

    tasks = Task.objects.filter(opportunity=opportunity).order_by("pk")
    entry = opportunity.entries.latest("sequence")
    assert told == ""
    assert [(t.description, t.kind, t.due_on, t.entry, t.status) for t in tasks[1:]] == [
        ("Step 1", "phone_call", today() + timedelta(days=2), entry, "not_started"),
        ("Step 2", "to_do", today() + timedelta(days=7), entry, "not_started"),
    ]
    assert tasks[0].is_open


@pytest.mark.parametrize("path", PATHS)
def test_the_same_refusal_where_nobody_can_invite_to_the_meeting(bob: User, path: Path) -> None:
    """R104."""
    opportunity = _before_activity(bob, [("to_do", ""), ("meeting", "1W")])

    told = path(opportunity, stage_of(opportunity, 2), bob)

    assert told == MEETING_REFUSED
    assert Opportunity.objects.get(pk=opportunity.pk).sequence == opportunity.sequence
    assert Task.objects.filter(opportunity=opportunity).count() == 1


def _before_activity(by: User, steps: list[tuple[str, str]]) -> Opportunity:
    """Return an opportunity with an open task, before a stage that has an activity."""
    opportunity = at_stage(by, 1)
    activity = ActivityFactory(steps=steps)
    opportunity.sales_cycle.stages.filter(position=2).update(activity=activity)
    make_task(by, opportunity=opportunity)
    return opportunity


def test_the_admin_moves_nothing(bob: User) -> None:
    opportunity = at_stage(bob, 1)
    administrator = UserFactory(role="Administrator")
    change = f"/admin/opportunities/opportunity/{opportunity.pk}/change/"

    response = signed_in(administrator).post(
        change, {"stage": stage_of(opportunity, 2).pk, "status": "won"}
    )

    assert response.status_code == 403
    assert Opportunity.objects.get(pk=opportunity.pk).stage.position == 1
