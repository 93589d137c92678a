"""The board as it stood on a day: columns, sums over all rows, and cards that cannot be moved."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, Window
from django.db.models.functions import RowNumber

from crm.dates import month_of
from opportunities import populations
from opportunities.lifecycle.moving import stages_of
from opportunities.models import OpportunityEntry, Status
from opportunities.past_filters import StateFilter
from opportunities.past_kind import may_open
from opportunities.populations import Narrowed, Population
from opportunities.sums import SUMS, Sums, sums_from, together
from salescycles.models import SalesCycle, SalesCycleStage

MOST_CARDS = 50
PERIOD = ("close_from", "close_until", "undated")


class PastBoardFilter(StateFilter):
    """The filters of a board of the past: its columns say cycle, stage and status."""

    cycle: Any = None
    stage: Any = None
    status: Any = None
    unstaged: Any = None
    first = ("q", "salesperson", "team")


@dataclass(frozen=True)
class PastCard:
    """A state as the board shows it; `days` is its age in the stage on that day."""

    state: OpportunityEntry
    days: int
    is_past: bool


@dataclass(frozen=True)
class PastColumn:
    """A stage (None: not started), the sums of all its rows, and the first of its cards."""

    stage: SalesCycleStage | None
    sums: Sums
    cards: list[PastCard]


@dataclass(frozen=True)
class PastBoard:
    """One cycle's open opportunities on a day, and what was won and lost in its month by then."""

    columns: list[PastColumn]
    total: Sums
    won: Sums
    lost: Sums
    month: date


def past_board_of(cycle: SalesCycle, filterset: PastBoardFilter) -> PastBoard:
    """Read the board of a cycle on the filter's day: stages, sums, cards, what closed."""
    on = filterset.day.on
    narrowed = _on_the_day(filterset)
    here = populations.in_cycle(cycle)
    open_here = here & populations.in_status("open")
    rows: Any = narrowed.rows_of(open_here)
    parts = {row["stage"]: row for row in rows.order_by().values("stage").annotate(**SUMS)}
    stages = [s for s in stages_of(cycle) if not s.is_blocked or s.pk in parts]
    cards = _cards(rows, filterset, on)
    columns = []
    for stage in (None, *stages):
        pk = stage.pk if stage else None
        at = populations.at_stage(stage) if stage else populations.in_status(Status.NOT_STARTED)
        sums = sums_from(parts.get(pk), narrowed.url_of(here & at))
        columns.append(PastColumn(stage, sums, cards.get(pk, [])))
    total = together((column.sums for column in columns), narrowed.url_of(open_here))
    won, lost = _closed(here, _on_the_day(filterset, but=PERIOD), on)
    return PastBoard(columns, total, won, lost, on)


def _on_the_day(filterset: PastBoardFilter, but: tuple[str, ...] = ()) -> Narrowed:
    """Return what matches, and the day with the filters as parameters of the list."""
    found = filterset.narrowed(but)
    return Narrowed(found.rows, (*filterset.day.named, *found.parameters))


def _closed(here: Population, narrowed: Narrowed, on: date) -> tuple[Sums, Sums]:
    first = month_of(on)[0]
    won, lost = (
        here & populations.closed_in(status, first, on) for status in (Status.WON, Status.LOST)
    )
    either = Population(won.condition | lost.condition)
    rows: Any = narrowed.rows_of(either).order_by().values("status").annotate(**SUMS)
    parts = {row["status"]: row for row in rows}
    return (
        sums_from(parts.get(Status.WON), narrowed.url_of(won)),
        sums_from(parts.get(Status.LOST), narrowed.url_of(lost)),
    )


def _cards(rows: Any, filterset: PastBoardFilter, on: date) -> dict[int | None, list[PastCard]]:
    """Return the first cards of each column, by their stage, the soonest close date first."""
    soonest = (F("estimated_close_on").asc(nulls_last=True), F("opportunity").asc())
    ranked = rows.annotate(
        rank=Window(RowNumber(), partition_by=[F("stage")], order_by=soonest),
        may_open=may_open(filterset.request.user),
    )
    found = (
        ranked.filter(rank__lte=MOST_CARDS)
        .select_related("opportunity", "contact", "company", "salesperson")
        .order_by("rank")
    )
    cards: dict[int | None, list[PastCard]] = {}
    for row in found:
        since = row.stage_entered_on or row.opportunity.created_on
        late = row.estimated_close_on is not None and row.estimated_close_on < on
        cards.setdefault(row.stage_id, []).append(PastCard(row, (on - since).days, late))
    return cards
