"""Where a card may be dropped: the buttons of its form, the same for all cards that share them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from opportunities import lifecycle
from opportunities.board.ground import Ground, Place
from opportunities.board.groupings import month_key, same_day_in


@dataclass(frozen=True)
class Choice:
    """A column as a button: what it sends, or why it may not be chosen."""

    key: str
    title: str
    value: str
    refusal: str = ""


@dataclass
class Choices:
    """What the form of a card offers: `verb` is where it is sent to.

    `options` are moves where the columns are stages, else `Choice`s sent as `name`.
    """

    verb: str
    options: Sequence[Any]
    template: str = "opportunities/pipeline_choices.html"
    name: str = ""

    @cached_property
    def html(self) -> str:
        """The buttons, rendered once for all cards that share them."""
        return render_to_string(self.template, {"moves": self.options, "name": self.name})


class Offer(Protocol):
    """Gives each row of a board its choices."""

    def of(self, row: Any) -> Choices:
        """Return the choices of a row of the board, with its `has_quote`."""


@dataclass
class StageOffer:
    """Stages: what the door allows, and its reasons for the others (rules D5, D20)."""

    ground: Ground
    places: Sequence[Place]
    known: dict[Any, Choices] = field(default_factory=dict)

    def of(self, row: Any) -> Choices:
        """Return the moves from where the row stands, with or without a quote."""
        key = (row.stage_id, row.has_quote)
        if key not in self.known:
            moves = lifecycle.moves_from(self.ground.stages, row.stage_id, has_quote=row.has_quote)
            self.known[key] = Choices("move", moves, "opportunities/pipeline_moves.html")
        return self.known[key]


@dataclass
class SalespersonOffer:
    """Salespeople: whoever sees one's column may give him or her something (ADR 0004)."""

    ground: Ground
    places: Sequence[Place]
    known: dict[int, Choices] = field(default_factory=dict)

    def of(self, row: Any) -> Choices:
        """Return every column but the row's own."""
        if row.salesperson_id not in self.known:
            others = [p for p in self.places if p.key != str(row.salesperson_id)]
            options = [Choice(p.key, p.title, p.key, _refusal(p)) for p in others]
            self.known[row.salesperson_id] = Choices("reassign", options, name="salesperson")
        return self.known[row.salesperson_id]


def _refusal(place: Place) -> str:
    if not place.is_blocked:
        return ""
    return _("“%(name)s” is blocked for anything new.") % {"name": place.title}


@dataclass
class MonthOffer:
    """Months: the same day of each, clamped to its length and not before today."""

    ground: Ground
    places: Sequence[Place]
    known: dict[Any, Choices] = field(default_factory=dict)

    def of(self, row: Any) -> Choices:
        """Return the months; those of the same day and column are shared."""
        day = row.estimated_close_on
        key = (day and (day.day, month_key(day)), row.is_past_close_date(self.ground.day))
        if key not in self.known:
            here = "" if key[1] or day is None else month_key(day)
            months = [p for p in self.places if not p.is_blocked and p.key != here]
            options = [
                Choice(p.key, p.title, same_day_in(p.first, day).isoformat())
                for p in months
                if p.first is not None
            ]
            self.known[key] = Choices("update", options, name="estimated_close_on")
        return self.known[key]


OFFERS: dict[str, Callable[[Ground, Sequence[Place]], Offer]] = {
    "stage": StageOffer,
    "salesperson": SalespersonOffer,
    "month": MonthOffer,
}
