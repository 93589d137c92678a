"""The cards of a board: the first of each column, more of one, and some by their ids."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from opportunities.board.choices import OFFERS, Choices
from opportunities.board.ground import Ground, Place
from opportunities.board.groupings import GROUPINGS, Grouping
from opportunities.board.orders import ORDERS, CardOrder
from opportunities.models import Opportunity
from opportunities.next_tasks import NO_TASK, NextTask, next_tasks_of

MOST_CARDS = 50
RELATED = ("contact", "company", "salesperson", "stage")


@dataclass(frozen=True, slots=True)
class Card:
    """An opportunity as the board shows it; `days` is its age in the stage.

    `place` is the key of its column, `rank` sorts it among the cards there.
    """

    opportunity: Opportunity
    moves: Choices
    days: int
    is_past: bool
    next_task: NextTask
    place: str
    rank: str


@dataclass(frozen=True)
class Arrangement:
    """How a person wants the board: what its columns stand for, and the order of its cards."""

    group: str = "stage"
    sort: str = "close"

    @property
    def grouping(self) -> Grouping:
        """What the columns stand for."""
        return GROUPINGS[self.group]

    @property
    def order(self) -> CardOrder:
        """The order of the cards."""
        return ORDERS[self.sort]


@dataclass(frozen=True)
class Dealer:
    """Makes cards of rows, for one board, at most `size` of a column at once."""

    ground: Ground
    arrangement: Arrangement
    places: Sequence[Place]
    size: int = MOST_CARDS

    def first(self, occupied: Sequence[Place]) -> list[Card]:
        """Return the first cards of each of these columns, in order: two queries."""
        order = self.arrangement.order
        firsts = [order.ordered(self._rows(p)).values("pk")[: self.size] for p in occupied]
        if not firsts:
            return []
        chosen = firsts[0].union(*firsts[1:], all=True) if firsts[1:] else firsts[0]
        return self.cards(order.ordered(_shown(Opportunity.objects.filter(pk__in=chosen))))

    def more(self, place: Place, cursor: str) -> tuple[list[Card], int]:
        """Return the next cards behind a cursor, and how many are left behind those."""
        order = self.arrangement.order
        page = order.page(_shown(self._rows(place)), cursor, self.size)
        left = 0
        if page.next_cursor:
            left = order.behind(self._rows(place), page.next_cursor).count()
        return self.cards(page.rows), left

    def some(self, ids: Iterable[int]) -> list[Card]:
        """Return the cards of those of some opportunities that the board shows."""
        ground = self.ground
        rows = _shown(ground.narrowed.rows_of(ground.open).filter(pk__in=list(ids)))
        return self.cards(self.arrangement.order.ordered(rows))

    def cards(self, rows: Iterable[Any]) -> list[Card]:
        """Return a card for each row, in the same order: one query for their tasks."""
        found = list(rows)
        tasks = next_tasks_of(row.pk for row in found)
        offer = OFFERS[self.arrangement.group](self.ground, self.places)
        grouping, order, day = self.arrangement.grouping, self.arrangement.order, self.ground.day
        return [
            Card(
                opportunity=row,
                moves=offer.of(row),
                days=(day - (row.stage_entered_on or row.created_on)).days,
                is_past=row.is_past_close_date(day),
                next_task=tasks.get(row.pk, NO_TASK),
                place=grouping.key(grouping.value(row)),
                rank=order.key(row),
            )
            for row in found
        ]

    def _rows(self, place: Place) -> QuerySet[Opportunity]:
        ground = self.ground
        return ground.narrowed.rows_of(ground.open).filter(place.condition)


def _shown(rows: QuerySet[Opportunity]) -> QuerySet[Any]:
    return rows.select_related(*RELATED).annotate(has_quote=_has_quote())


def _has_quote() -> Exists:
    """Return the question whether a quote satisfies Quote Required (rules D20)."""
    quotes: Any = Opportunity._meta.get_field("quotes").related_model
    return Exists(quotes.objects.in_force().filter(opportunity=OuterRef("pk")))
