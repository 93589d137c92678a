"""The page of an opportunity as it stood on a day."""

from dataclasses import dataclass

from opportunities.days import Day
from opportunities.detail import Step
from opportunities.history import Event, events_of, pushes, stage_times
from opportunities.lifecycle.moving import stages_of
from opportunities.models import Opportunity, OpportunityEntry


@dataclass(frozen=True)
class PastOpportunity:
    """What was known of the day; `state` is None where the opportunity did not exist yet."""

    state: OpportunityEntry | None
    events: list[Event]
    steps: list[Step]
    pushes: int
    days_open: int
    is_past: bool


def past_page_of(opportunity: Opportunity, day: Day) -> PastOpportunity:
    """Read the opportunity as it stood on a day: history and stages, 2 queries."""
    events = [event for event in events_of(opportunity) if _is_of(event.entry, day)]
    if not events:
        return PastOpportunity(None, [], [], 0, 0, is_past=False)
    state = events[0].entry
    spans = _spans([event.entry for event in reversed(events)], day)
    times = stage_times(state, spans, stages_of(state.sales_cycle_id))  # type: ignore[arg-type]
    close_on = state.estimated_close_on
    return PastOpportunity(
        state=state,
        events=events,
        steps=[Step(time, None) for time in times],
        pushes=pushes(events),
        days_open=((state.closed_on or day.on) - opportunity.created_on).days,
        is_past=state.is_open and close_on is not None and close_on < day.on,
    )


def _is_of(entry: OpportunityEntry, day: Day) -> bool:
    """Say whether an entry holds by the day, and was known by its moment."""
    return entry.effective_on <= day.on and (day.at is None or entry.recorded_at <= day.at)


def _spans(entries: list[OpportunityEntry], day: Day) -> list[OpportunityEntry]:
    """Return the entries with the spans that they had among themselves, until the day.

    The highest sequence holds on the day, whatever was recorded later.
    """
    until = day.on
    for entry in reversed(entries):
        entry.superseded_on = max(entry.effective_on, until)
        until = min(until, entry.effective_on)
    return entries
