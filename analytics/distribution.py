"""What a set of opportunities may bring together: the distribution of the sum (product.md, U5).

Each opportunity brings its value with its probability, or nothing, and none
knows of the others. While few sums are possible, every one of them is kept
exactly; beyond that the sums are laid on a grid of `CELLS` cells, the mass of
a sum parted between its two neighbours so that the mean stays; and all but
the `MOST_PARTS` that matter most are taken together as a normal distribution.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import accumulate
from math import erf, sqrt

MOST_SUMS = 20_000
MOST_PARTS = 250
CELLS = 2_000
MOVERS = 5
HUNDRED = Decimal(100)
# So far from its middle, in standard deviations, a normal distribution is taken to end.
TAIL = 8
STEPS = 60


@dataclass(frozen=True, slots=True)
class Part:
    """What one opportunity may bring: `value`, with a `probability` in percent; `key` names it."""

    value: Decimal
    probability: Decimal
    key: int = 0

    @property
    def calculated_value(self) -> Decimal:
        """Value × probability."""
        return self.value * self.probability / HUNDRED

    @property
    def variance(self) -> Decimal:
        """The variance of what it brings: it is 0 for what is certain, either way."""
        share = self.probability / HUNDRED
        return self.value * self.value * share * (1 - share)


@dataclass(frozen=True, slots=True)
class Rest:
    """Many parts taken together: their calculated value, the variance of it, and their value."""

    calculated_value: Decimal = Decimal(0)
    variance: Decimal = Decimal(0)
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Mover:
    """A part and its share of the variance of the sum, 0 to 1: how much of the doubt is its."""

    part: Part
    share: float


@dataclass(frozen=True)
class Distribution:
    """The distribution of `certain` plus what the parts bring.

    `sums` ascend and have the chances `masses`; a normal distribution with
    `rest_mean` and `rest_deviation` is added to each (0 and 0: nothing is).
    `mean` is exact: `certain` and the calculated values.
    """

    mean: Decimal
    certain: Decimal
    most: Decimal
    sums: Sequence[float]
    masses: Sequence[float]
    rest_mean: float = 0.0
    rest_deviation: float = 0.0

    def percentile(self, share: float) -> Decimal:
        """Return the smallest sum that is not exceeded with at least the chance `share` (0–1)."""
        if not self.rest_deviation:
            at = bisect_left(self._cumulated, share - 1e-12)
            return self._cents(self.sums[min(at, len(self.sums) - 1)] + self.rest_mean)
        low = self.sums[0] + self.rest_mean - TAIL * self.rest_deviation
        high = self.sums[-1] + self.rest_mean + TAIL * self.rest_deviation
        for _step in range(STEPS):
            middle = (low + high) / 2
            if self._below(middle) < share:
                low = middle
            else:
                high = middle
        return self._cents(high)

    def chance_of(self, amount: Decimal) -> float:
        """Return the chance (0–1) that the sum is at least `amount`."""
        if amount <= self.certain:
            return 1.0
        if amount > self.most:
            return 0.0
        wanted = float(amount)
        if self.rest_deviation:
            return min(1.0, max(0.0, 1.0 - self._below(wanted)))
        at = bisect_left(self.sums, wanted - self.rest_mean - 0.005)
        return 1.0 - (self._cumulated[at - 1] if at else 0.0)

    def _below(self, amount: float) -> float:
        """Return the chance that the sum with its normal part is not above `amount`."""
        scale = self.rest_deviation * sqrt(2)
        start = amount - self.rest_mean
        return sum(
            mass * (1 + erf((start - middle) / scale)) / 2
            for middle, mass in zip(self.sums, self.masses, strict=True)
        )

    @cached_property
    def _cumulated(self) -> list[float]:
        return list(accumulate(self.masses))

    def _cents(self, amount: float) -> Decimal:
        cents = Decimal(round(amount * 100)).scaleb(-2)
        return min(max(cents, self.certain), self.most)


def distribution_of(
    parts: Iterable[Part], certain: Decimal = Decimal(0), others: Rest | None = None
) -> Distribution:
    """Return the distribution of `certain`, which is won, plus what the parts may bring.

    Values are not negative and in whole cents; probabilities lie in 0–100.
    `others` are parts that the caller has added up, the least doubtful ones.
    """
    ordered = sorted(parts, key=lambda part: (part.variance, part.value), reverse=True)
    doubtful = [part for part in ordered if part.variance]
    sure = sum((p.value for p in ordered if p.probability == HUNDRED), Decimal(0))
    shown, rest = doubtful[:MOST_PARTS], _together(doubtful[MOST_PARTS:], others or Rest())
    floor = certain + sure
    masses = _sums(shown) or _grid(shown)
    doubted = sum((part.calculated_value for part in shown), Decimal(0))
    return Distribution(
        mean=floor + doubted + rest.calculated_value,
        certain=floor,
        most=floor + sum((part.value for part in shown), Decimal(0)) + rest.value,
        sums=[float(floor) + amount for amount in masses],
        masses=list(masses.values()),
        rest_mean=float(rest.calculated_value),
        rest_deviation=sqrt(rest.variance),
    )


def _together(parts: Sequence[Part], others: Rest) -> Rest:
    return Rest(
        others.calculated_value + sum((part.calculated_value for part in parts), Decimal(0)),
        others.variance + sum((part.variance for part in parts), Decimal(0)),
        others.value + sum((part.value for part in parts), Decimal(0)),
    )


def movers_of(
    parts: Iterable[Part], others: Rest | None = None, most: int = MOVERS
) -> tuple[list[Mover], float]:
    """Return the parts that move the sum most, and the share of all others: they add up to 1.

    Without any doubt there are no movers, and the others have 0.
    """
    found = list(parts)
    added = others.variance if others else Decimal(0)
    whole = added + sum((part.variance for part in found), Decimal(0))
    if not whole:
        return [], 0.0
    first = sorted(found, key=lambda part: (-part.variance, part.key))[:most]
    movers = [Mover(part, float(part.variance / whole)) for part in first if part.variance]
    left = whole - sum((mover.part.variance for mover in movers), Decimal(0))
    return movers, float(left / whole)


def _sums(parts: Sequence[Part]) -> dict[float, float]:
    """Return every possible sum with its chance, ascending; nothing when there are too many."""
    found = {0: 1.0}
    for part in parts:
        cents, chance = int(part.value.scaleb(2)), float(part.probability) / 100
        grown: dict[int, float] = {}
        for amount, mass in found.items():
            grown[amount] = grown.get(amount, 0.0) + mass * (1 - chance)
            grown[amount + cents] = grown.get(amount + cents, 0.0) + mass * chance
        if len(grown) > MOST_SUMS:
            return {}
        found = grown
    return {amount / 100: found[amount] for amount in sorted(found)}


def _grid(parts: Sequence[Part]) -> dict[float, float]:
    """Return the sums laid on a grid from 0 to the highest, with their chances."""
    width = float(sum(part.value for part in parts)) / (CELLS - len(parts) - 1)
    masses = [1.0] + [0.0] * (CELLS - 1)
    for part in parts:
        chance = float(part.probability) / 100
        whole, split = divmod(float(part.value) / width, 1)
        masses = _convolved(masses, int(whole), chance * (1 - split), chance * split, 1 - chance)
    return {width * at: mass for at, mass in enumerate(masses) if mass}


def _convolved(
    masses: list[float], cells: int, near: float, far: float, stays: float
) -> list[float]:
    """Return the masses when a part adds `cells` cells, or one more, with its chances."""
    here = [0.0] * cells + masses[: CELLS - cells]
    beyond = [0.0, *here[:-1]]
    return [
        stays * old + near * one + far * other
        for old, one, other in zip(masses, here, beyond, strict=True)
    ]
