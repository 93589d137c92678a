"""Chances checked against what came of them: intervals, scores, learned chances (product.md, U4).

Shares lie in 0–1 here; the models keep chances in percent.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

# Below so many closed opportunities a share says nothing: "too few".
FLOOR = 20
# The configured chance counts as much as so many closed opportunities (a Beta prior).
WEIGHT = 20
# The two-sided 95 % point of the normal distribution.
Z = 1.959963984540054
BANDS = 10


@dataclass(frozen=True, slots=True)
class Observed:
    """How many of `count` were won, and the interval in which the true share lies."""

    won: int
    count: int

    @property
    def share(self) -> float | None:
        """The share that was won; None of nothing."""
        return self.won / self.count if self.count else None

    @property
    def is_too_few(self) -> bool:
        """Say whether there are too few to judge by."""
        return self.count < FLOOR

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval by Wilson (1927); 0 to 1 of nothing."""
        if not self.count:
            return 0.0, 1.0
        n, share = self.count, self.won / self.count
        middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
        half = Z / (1 + Z * Z / n) * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        low = 0.0 if self.won == 0 else max(0.0, middle - half)
        high = 1.0 if self.won == n else min(1.0, middle + half)
        return low, high

    def disagrees_with(self, chance: float) -> bool:
        """Say whether a chance lies outside the interval, and there are enough to say so."""
        low, high = self.interval
        return not self.is_too_few and not low <= chance <= high

    def learned(self, configured: float) -> float:
        """Return the chance to offer: what was observed, drawn towards what is configured.

        The mean of the Beta distribution that has seen `WEIGHT` opportunities
        of the configured chance, and then these.
        """
        return (self.won + WEIGHT * configured) / (self.count + WEIGHT)


@dataclass(frozen=True, slots=True)
class Told:
    """A chance that was given to `count` opportunities, and how many of them were won."""

    chance: float
    won: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Band:
    """The chances told between `low` and `high`: their mean beside what came of them."""

    low: float
    high: float
    mean: float
    observed: Observed


def brier(told: Iterable[Told]) -> float | None:
    """Return the mean squared distance of chances from outcomes: 0 is perfect; None of nothing."""
    squares, count = 0.0, 0
    for each in told:
        lost = each.count - each.won
        squares += each.won * (1 - each.chance) ** 2 + lost * each.chance**2
        count += each.count
    return squares / count if count else None


def skill(score: float | None, baseline: float | None) -> float | None:
    """Return by which part a score is better than a baseline's; negative: worse."""
    if score is None or not baseline:
        return None
    return 1 - score / baseline


def bands_of(told: Iterable[Told], bands: int = BANDS) -> list[Band]:
    """Return the reliability table: chances in bands of equal width, the empty ones left out."""
    found: dict[int, list[Told]] = defaultdict(list)
    for each in told:
        found[min(bands - 1, int(each.chance * bands))].append(each)
    return [_band(at / bands, (at + 1) / bands, found[at]) for at in sorted(found)]


def _band(low: float, high: float, told: Sequence[Told]) -> Band:
    count = sum(each.count for each in told)
    mean = sum(each.chance * each.count for each in told) / count
    return Band(low, high, mean, Observed(sum(each.won for each in told), count))
