"""Charts drawn on the server: where each mark stands, in the units of the drawing.

Templates write them as SVG; the same numbers stand in a table beside each.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from analytics.chances import Band
from analytics.checking import MonthScores, Scores

WIDTH, HEIGHT = 640, 240
# A coin's score, and the least that the axis covers.
COIN = 0.25
SIDE = 300


@dataclass(frozen=True)
class Series:
    """A line of a chart: `name` is its CSS class, `parts` are the points of its unbroken parts."""

    name: str
    parts: list[str]
    dots: list[tuple[float, float]]


@dataclass(frozen=True)
class Tick:
    """A value on an axis, and where it stands."""

    at: float
    value: float | date


@dataclass(frozen=True)
class Lines:
    """A line chart: its series, and the ticks of both axes."""

    series: list[Series]
    across: list[Tick]
    up: list[Tick]
    width: int = WIDTH
    height: int = HEIGHT


@dataclass(frozen=True)
class Mark:
    """A band of the reliability diagram: told across, observed up, with its interval."""

    name: str
    across: float
    up: float
    low: float
    high: float
    band: Band


def score_lines(months: Sequence[MonthScores]) -> Lines:
    """Draw the Brier scores of the months: as told, by the base rate, as learned."""
    scores = [month.scores for month in months]
    highest = max([COIN, *(value for each in scores for value in _values(each))])
    step = WIDTH / max(1, len(months) - 1)
    series = []
    for name in ("told", "base", "learned"):
        parts: list[list[tuple[float, float]]] = [[]]
        for at, each in enumerate(scores):
            value = getattr(each, name) if each else None
            if value is None:
                parts.append([])
            else:
                parts[-1].append((round(at * step, 1), round(HEIGHT * (1 - value / highest), 1)))
        points = [" ".join(f"{x},{y}" for x, y in part) for part in parts if len(part) > 1]
        series.append(Series(name, points, [dot for part in parts for dot in part]))
    across = [
        Tick(round(at * step, 1), month.month)
        for at, month in enumerate(months)
        if not at % max(1, len(months) // 6)
    ]
    up = [Tick(HEIGHT - n * HEIGHT / 4, round(highest * n / 4, 2)) for n in range(5)]
    return Lines(series, across, up)


def reliability(told: Sequence[Band], learned: Sequence[Band]) -> list[Mark]:
    """Draw, for each band of chances, the share that was won over the chance that was told."""
    return [
        _mark(name, band)
        for name, bands in (("told", told), ("learned", learned))
        for band in bands
    ]


def _mark(name: str, band: Band) -> Mark:
    low, high = band.observed.interval
    return Mark(
        name,
        across=round(band.mean * SIDE, 1),
        up=round(SIDE * (1 - (band.observed.share or 0.0)), 1),
        low=round(SIDE * (1 - low), 1),
        high=round(SIDE * (1 - high), 1),
        band=band,
    )


def _values(scores: Scores | None) -> list[float]:
    found = (scores.told, scores.base, scores.learned) if scores else ()
    return [value for value in found if value is not None]
