"""What the page of one opportunity shows, in a fixed number of queries."""

from dataclasses import dataclass
from typing import Any

from contacts.models import Tag
from crm.dates import today
from opportunities import lifecycle
from opportunities.history import StageTime, events_of, pushes, stage_times
from opportunities.lifecycle import Allowed, PossibleMove
from opportunities.lifecycle.moving import moves_from, stages_of
from opportunities.models import Action, Opportunity, OpportunityContact, Question, Status
from opportunities.timeline import Asked, Timeline, timeline_of
from salespeople.models import User
from salespeople.roles import is_manager
from tasks.models import InteractionFigures
from tasks.reading import OpenTasks, open_tasks


@dataclass(frozen=True)
class Step:
    """A stage on the bar, with the move that would lead there (None: it is there)."""

    time: StageTime
    move: PossibleMove | None


@dataclass(frozen=True)
class OpportunityPage:
    """The page; `next_move` is the one that the button on top proposes (R66)."""

    opportunity: Opportunity
    allowed: Allowed
    timeline: Timeline
    talk: InteractionFigures
    tasks: OpenTasks
    steps: list[Step]
    next_move: PossibleMove | None
    gate: PossibleMove | None
    quotes: list[Any]
    people: list[OpportunityContact]
    roles: list[tuple[str, Any]]
    tags: list[Tag]
    questions: list[Question]
    may_ask: bool
    pushes: int
    days_open: int
    is_past: bool


def page_of_one(opportunity: Opportunity, *, by: User, asked: Asked) -> OpportunityPage:
    """Read the page of an opportunity that `by` may see, with a part of its timeline."""
    events = events_of(opportunity)
    quotes = list(opportunity.quotes.all())
    stages = stages_of(opportunity.sales_cycle_id)
    moves = moves_from(
        stages,
        opportunity.stage_id,
        status=Status(opportunity.status),
        has_quote=any(quote.is_in_force for quote in quotes),
    )
    by_stage = {move.stage.pk: move for move in moves}
    times = stage_times(opportunity, [event.entry for event in events], stages)
    is_moving = opportunity.status == Status.IN_PROGRESS
    last = opportunity.closed_on or today()
    return OpportunityPage(
        opportunity=opportunity,
        allowed=lifecycle.allowed_actions(opportunity, by=by),
        timeline=timeline_of(opportunity, events, asked),
        talk=opportunity.interactions.figures(),
        tasks=open_tasks(opportunity.tasks.all(), by),
        steps=[Step(time, by_stage.get(time.stage.pk)) for time in times],
        next_move=next((m for m in moves if m.action == Action.NEXT), None) if is_moving else None,
        gate=next((m for m in moves if m.code == "quote"), None) if is_moving else None,
        quotes=quotes,
        people=list(opportunity.people.select_related("contact__company")),
        roles=OpportunityContact.Role.choices,
        tags=list(opportunity.tags.all()),
        questions=list(opportunity.questions.select_related("asked_by", "answered_by")),
        may_ask=is_manager(by),
        pushes=pushes(events),
        days_open=(last - opportunity.created_on).days,
        is_past=opportunity.is_past_close_date(today()),
    )
