"""What the board shows: the open opportunities of one cycle in columns, in a few queries."""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.exceptions import BadRequest
from django.utils.translation import gettext as _

from crm.dates import month_of
from opportunities import populations
from opportunities.board.cards import MOST_CARDS, Arrangement, Card, Dealer
from opportunities.board.ground import PERIOD, Ground, Place
from opportunities.board.groupings import GROUPINGS
from opportunities.board.orders import ORDERS
from opportunities.models import Status
from opportunities.populations import Population
from opportunities.sums import Sums, sums_by, sums_from, together
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.visibility import Person

__all__ = [
    "GROUPINGS",
    "ORDERS",
    "PERIOD",
    "Arrangement",
    "Board",
    "Card",
    "Column",
    "Ground",
    "chosen_cycle",
]


@dataclass(frozen=True)
class Column:
    """A column, the sums of all its rows, and some of its cards: the first, or those asked for.

    `left` counts the rows behind the last card, `cursor` is where they begin.
    """

    place: Place
    sums: Sums
    cards: list[Card]
    left: int = 0
    cursor: str = ""

    @property
    def stage(self) -> SalesCycleStage | None:
        """The stage, where the columns are stages; None: not started."""
        return self.place.stage

    @property
    def is_cut(self) -> bool:
        """Say whether there are more rows behind the last card."""
        return self.left > 0

    @property
    def last(self) -> int:
        """Which of the column's rows the last card is."""
        return self.sums.count - self.left

    @property
    def first(self) -> int:
        """Which of the column's rows the first card is."""
        return self.last - len(self.cards) + 1


class Board:
    """One cycle's open opportunities as a person arranged them.

    Columns, sums, cards, tasks and what closed this month take 5 queries, and
    those of the grouping; what is not asked for is not read.
    """

    def __init__(
        self,
        ground: Ground,
        arrangement: Arrangement,
        *,
        further: tuple[str, str] | None = None,
        size: int = MOST_CARDS,
    ) -> None:
        """Prepare to read, at most `size` cards of a column at once.

        `further` is a column and the cursor where its cards begin. Raises
        BadRequest, when it is read, for a column that there is not.
        """
        self.ground = ground
        self.arrangement = arrangement
        self.further = further
        self.size = size

    @property
    def cycle(self) -> SalesCycle:
        """The cycle that is shown."""
        return self.ground.cycle

    @cached_property
    def parts(self) -> dict[str, list[dict[str, Any]]]:
        """The sums of what is open, by the key of the column: one query."""
        ground, grouping = self.ground, self.arrangement.grouping
        parts: dict[str, list[dict[str, Any]]] = defaultdict(list)
        rows = sums_by(ground.narrowed, ground.open, grouping.expression, grouping.key_of_totals)
        for row in rows:
            parts[grouping.key(row["part"])].append(row)
        return dict(parts)

    @cached_property
    def places(self) -> list[Place]:
        """The columns in order."""
        return self.arrangement.grouping.places(self.ground, self.parts.keys())

    @cached_property
    def sums(self) -> dict[str, Sums]:
        """The sums of each column, by its key."""
        return {
            place.key: together(
                [sums_from(row, "") for row in self.parts.get(place.key, [])], place.url
            )
            for place in self.places
        }

    @cached_property
    def dealer(self) -> Dealer:
        """Makes the cards."""
        return Dealer(self.ground, self.arrangement, self.places, self.size)

    @cached_property
    def columns(self) -> list[Column]:
        """The columns with their cards."""
        occupied = [p for p in self.places if p.key in self.parts]
        if self.further:
            occupied = [p for p in occupied if p.key != self.further[0]]
        cards: dict[str, list[Card]] = defaultdict(list)
        for card in self.dealer.first(occupied):
            cards[card.place].append(card)
        found = {place.key: self._column(place, cards[place.key]) for place in self.places}
        if self.further:
            found[self.further[0]] = self.column(*self.further)
        return list(found.values())

    @property
    def heads(self) -> list[Column]:
        """The columns with their sums alone."""
        return [Column(place, self.sums[place.key], []) for place in self.places]

    def column(self, key: str, cursor: str) -> Column:
        """Return one column with the cards behind a cursor."""
        place = next((p for p in self.places if p.key == key), None)
        if place is None:
            raise BadRequest(_("The board has no such column."))
        cards, left = self.dealer.more(place, cursor)
        return Column(place, self.sums[key], cards, left, self._cursor(cards))

    @cached_property
    def total(self) -> Sums:
        """The sums of everything that is open, in columns or not."""
        rows = [sums_from(row, "") for part in self.parts.values() for row in part]
        return together(rows, self.ground.url_of(self.ground.open))

    @property
    def unseen(self) -> int:
        """How many columns with rows are not shown, because there are too many."""
        return len(self.parts.keys() - self.sums.keys())

    @property
    def won(self) -> Sums:
        """What was won this month."""
        return self._closed[Status.WON]

    @property
    def lost(self) -> Sums:
        """What was lost this month."""
        return self._closed[Status.LOST]

    @cached_property
    def _closed(self) -> dict[Status, Sums]:
        """What was won and what was lost this month: one query."""
        ground = self.ground
        closed = {
            status: ground.here & populations.closed_in(status, *month_of(ground.day))
            for status in (Status.WON, Status.LOST)
        }
        either = Population(closed[Status.WON].condition | closed[Status.LOST].condition)
        rows = sums_by(ground.any_period, either, "status")
        parts = {row["part"]: row for row in rows}
        return {
            status: sums_from(parts.get(status), ground.any_period.url_of(population))
            for status, population in closed.items()
        }

    def _column(self, place: Place, cards: list[Card]) -> Column:
        sums = self.sums[place.key]
        left = max(0, sums.count - len(cards)) if len(cards) >= self.size else 0
        return Column(place, sums, cards, left, self._cursor(cards) if left else "")

    def _cursor(self, cards: list[Card]) -> str:
        return self.arrangement.order.cursor(cards[-1].opportunity) if cards else ""


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
    found = sums_by(populations.seen_by(user), populations.in_status("open"), "sales_cycle")
    if not found:
        return None
    busiest = min(found, key=lambda row: (-row["count"], row["part"]))
    return SalesCycle.objects.get(pk=busiest["part"])
