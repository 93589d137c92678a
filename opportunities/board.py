"""What the board shows: the open opportunities of one cycle, by stage, in a few queries."""

from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, OuterRef, QuerySet
from django.template.loader import render_to_string

from crm.dates import month_of, today
from opportunities import lifecycle, populations
from opportunities.lifecycle.moving import stages_of
from opportunities.models import Opportunity, Status
from opportunities.next_tasks import NO_TASK, NextTask, next_tasks_of
from opportunities.populations import Narrowed, Population
from opportunities.sums import SUMS, Sums, sums_from, together
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.visibility import Person

MOST_CARDS = 50


@dataclass
class Moves:
    """Where the opportunities of one column may go: the same for all with, or without, a quote."""

    options: list[lifecycle.PossibleMove]

    @cached_property
    def html(self) -> str:
        """The choices of the "Move to…" form, rendered once for all cards that share them."""
        return render_to_string("opportunities/pipeline_moves.html", {"moves": self.options})


@dataclass(frozen=True, slots=True)
class Card:
    """An opportunity as the board shows it; `days` is its age in the stage."""

    opportunity: Opportunity
    moves: Moves
    days: int
    is_past: bool
    next_task: NextTask


@dataclass(frozen=True)
class Column:
    """A stage (None: not started), the sums of all its rows, and the first of its cards."""

    stage: SalesCycleStage | None
    sums: Sums
    cards: list[Card]

    @property
    def is_cut(self) -> bool:
        """Say whether there are more rows than cards."""
        return self.sums.count > len(self.cards)


@dataclass(frozen=True)
class Board:
    """One cycle's open opportunities, and what was won and lost this month."""

    cycle: SalesCycle
    columns: list[Column]
    total: Sums
    won: Sums
    lost: Sums
    month: date = field(default_factory=today)


def board_of(cycle: SalesCycle, narrowed: Narrowed, *, any_period: Narrowed) -> Board:
    """Read the board of `cycle`: stages, sums, cards, tasks, what closed this month: 5 queries.

    `any_period` is `narrowed` without the filters by close date: what closed
    this month is asked by the day it closed.
    """
    stages = stages_of(cycle)
    here = populations.in_cycle(cycle)
    open_here = here & populations.in_status("open")
    parts = _by(narrowed.rows_of(open_here), "stage")
    shown = [None, *(s for s in stages if not s.is_blocked or s.pk in parts)]
    sums = {
        _pk(stage): sums_from(parts.get(_pk(stage)), narrowed.url_of(here & _at(stage)))
        for stage in shown
    }
    occupied = [here & _at(stage) for stage in shown if sums[_pk(stage)].count]
    cards = _cards(narrowed, occupied, stages)
    columns = [Column(stage, sums[_pk(stage)], cards.get(_pk(stage), [])) for stage in shown]
    total = together(sums.values(), narrowed.url_of(open_here))
    return Board(cycle, columns, total, *_closed(here, any_period))


def chosen_cycle(user: Person, remembered: object) -> SalesCycle | None:
    """Return the cycle to show when none is asked for.

    The one that was looked at last, else the default, else the one with most
    open opportunities.
    """
    if isinstance(remembered, int):
        cycle = SalesCycle.objects.filter(pk=remembered).first()
        if cycle is not None:
            return cycle
    return SalesCycle.objects.default() or _busiest_cycle(user) or SalesCycle.objects.first()


def _busiest_cycle(user: Person) -> SalesCycle | None:
    open_ones = Opportunity.objects.visible_to(user).kept().open().order_by()
    counted = open_ones.values("sales_cycle").annotate(count=SUMS["count"])
    busiest = counted.order_by("-count", "sales_cycle").first()
    return SalesCycle.objects.get(pk=busiest["sales_cycle"]) if busiest else None


def _at(stage: SalesCycleStage | None) -> Population:
    return populations.at_stage(stage) if stage else populations.in_status(Status.NOT_STARTED)


def _by(rows: QuerySet[Opportunity], name: str) -> dict[Any, dict[str, Any]]:
    return {row[name]: row for row in rows.order_by().values(name).annotate(**SUMS)}


def _pk(stage: SalesCycleStage | None) -> int | None:
    return stage.pk if stage else None


def _closed(here: Population, narrowed: Narrowed) -> tuple[Sums, Sums]:
    """Return what was won and what was lost this month."""
    month = month_of(today())
    won, lost = (
        here & populations.closed_in(status, *month) for status in (Status.WON, Status.LOST)
    )
    either = Population(won.condition | lost.condition)
    parts = _by(narrowed.rows_of(either), "status")
    return (
        sums_from(parts.get(Status.WON), narrowed.url_of(won)),
        sums_from(parts.get(Status.LOST), narrowed.url_of(lost)),
    )


def _cards(
    narrowed: Narrowed, occupied: list[Population], stages: list[SalesCycleStage]
) -> dict[int | None, list[Card]]:
    """Return the first cards of each column, by their stage, the soonest close date first."""
    soonest = (F("estimated_close_on").asc(nulls_last=True), "pk")
    firsts = [
        narrowed.rows_of(column).order_by(*soonest).values("pk")[:MOST_CARDS] for column in occupied
    ]
    if not firsts:
        return {}
    chosen = firsts[0].union(*firsts[1:], all=True) if firsts[1:] else firsts[0]
    found = (
        Opportunity.objects.filter(pk__in=chosen)
        .select_related("contact", "company", "salesperson")
        .annotate(has_quote=_has_quote())
        .order_by(*soonest)
    )
    return _dealt(list(found), stages)


def _dealt(found: list[Any], stages: list[SalesCycleStage]) -> dict[int | None, list[Card]]:
    day = today()
    tasks = next_tasks_of(row.pk for row in found)
    moves: dict[tuple[int | None, bool], Moves] = {}
    cards: dict[int | None, list[Card]] = {}
    for row in found:
        key = (row.stage_id, row.has_quote)
        if key not in moves:
            options = lifecycle.moves_from(stages, row.stage_id, has_quote=row.has_quote)
            moves[key] = Moves(options)
        since = row.stage_entered_on or row.created_on
        cards.setdefault(row.stage_id, []).append(
            Card(
                opportunity=row,
                moves=moves[key],
                days=(day - since).days,
                is_past=row.is_past_close_date(day),
                next_task=tasks.get(row.pk, NO_TASK),
            )
        )
    return cards


def _has_quote() -> Exists:
    """Return the question whether a quote satisfies Quote Required (rules D20)."""
    quotes: Any = Opportunity._meta.get_field("quotes").related_model
    return Exists(quotes.objects.in_force().filter(opportunity=OuterRef("pk")))
