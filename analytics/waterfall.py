"""Where the bars of a waterfall lie: plain numbers for the attributes of an SVG."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

WIDTH = 1000
LEAST = 4  # so that a small bar can be seen, and touched
# Where all levels lie above this share of the highest, the axis begins above 0, and says so.
HIGH = Decimal("0.5")
ROOM = Decimal("0.3")
STEPS = (1, 2, 5)


@dataclass(frozen=True)
class Box:
    """A bar from `x`, `width` wide; `start` and `end` are the levels before and behind it."""

    x: int
    width: int
    start: int
    end: int

    @property
    def is_level(self) -> bool:
        """Say whether nothing is drawn but the line that joins the bars around it."""
        return not self.width


@dataclass(frozen=True)
class Axis:
    """The amounts between which all levels lie; `begin` is above 0 where 0 is far below."""

    begin: Decimal
    end: Decimal

    @property
    def is_cut(self) -> bool:
        """Say whether it does not begin at 0."""
        return self.begin != 0

    def at(self, amount: Decimal) -> int:
        """Return where an amount lies, in thousandths of the width."""
        length = self.end - self.begin
        return int((amount - self.begin) * WIDTH / length) if length else 0


def axis_of(levels: Sequence[Decimal]) -> Axis:
    """Return the axis on which these levels are drawn."""
    low, high = min(levels, default=Decimal(0)), max(levels, default=Decimal(0))
    if low <= high * HIGH or low == high:
        return Axis(Decimal(0), high)
    return Axis(rounded_down(low - (high - low) * ROOM), high)


def rounded_down(amount: Decimal) -> Decimal:
    """Return the amount with two digits, the others 0; 0 for what is negative."""
    if amount <= 0:
        return Decimal(0)
    unit = Decimal(1).scaleb(amount.adjusted() - 1)
    return amount // unit * unit


def box_between(axis: Axis, before: Decimal, after: Decimal) -> Box:
    """Return the bar that leads from one level to another; none where they are the same."""
    start, end = axis.at(before), axis.at(after)
    if before == after:
        return Box(end, 0, end, end)
    width = max(abs(end - start), LEAST)
    return Box(min(start, end, WIDTH - width), width, start, end)
