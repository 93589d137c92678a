"""The figures of the forecast: what they mean, and the tables of its file."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.exporting import Table
from analytics.figures import Figure, Reading, define

WON = define(
    "forecast_won",
    "calculated",
    gettext_lazy("Won"),
    gettext_lazy("The sales values of what was won in the period."),
)
OPEN = define(
    "forecast_open",
    "calculated",
    gettext_lazy("Calculated"),
    gettext_lazy("Estimated value × probability of the open ones that close in the period."),
)
LANDING = define(
    "forecast_landing",
    "calculated",
    gettext_lazy("Landing"),
    gettext_lazy("What was won, and the calculated value of the open ones that close in it."),
)
BEST = define(
    "forecast_best",
    "derived",
    gettext_lazy("Best case"),
    gettext_lazy("What was won, and the whole value of the open ones that close in the period."),
)
TARGET = define(
    "forecast_target",
    "target",
    gettext_lazy("Target"),
    gettext_lazy("What the salespeople are asked to win in the period; it opens the targets."),
)
GAP = define(
    "forecast_gap",
    "derived",
    gettext_lazy("Gap"),
    gettext_lazy("Landing less target; it opens what lands."),
)
EXPECTED = define(
    "forecast_expected",
    "derived",
    gettext_lazy("Managers expect"),
    gettext_lazy("The managers’ figures, the landing where there is none; it opens what lands."),
)
MEASURES: dict[str, Figure] = {
    "landing": LANDING,
    "won": WON,
    "open": OPEN,
    "best": BEST,
    "target": TARGET,
    "gap": GAP,
    "expected": EXPECTED,
}
MEAN = define(
    "forecast_mean",
    "calculated",
    gettext_lazy("Mean: the landing"),
    gettext_lazy("The mean of all that may come: what was won, and the calculated values."),
)
PERCENTILES: dict[int, Figure] = {
    10: define(
        "forecast_p10",
        "derived",
        gettext_lazy("Cautious (P10)"),
        gettext_lazy("No more than this lands with a chance of 10 %; it opens what may land."),
    ),
    50: define(
        "forecast_p50",
        "derived",
        gettext_lazy("Middle (P50)"),
        gettext_lazy("No more than this lands with a chance of 50 %; it opens what may land."),
    ),
    90: define(
        "forecast_p90",
        "derived",
        gettext_lazy("Optimistic (P90)"),
        gettext_lazy("No more than this lands with a chance of 90 %; it opens what may land."),
    ),
}
CHANCE = define(
    "forecast_chance",
    "share",
    gettext_lazy("Chance to reach the target"),
    gettext_lazy("The chance that what lands is at least the target; it opens what may land."),
)
DOUBT = define(
    "forecast_doubt",
    "share",
    gettext_lazy("Share of the doubt"),
    gettext_lazy("Its part of the variance of the sum; it opens the open ones of the period."),
)
OVERDUE = (
    define(
        "forecast_overdue_count",
        "count",
        gettext_lazy("Past their close dates"),
        gettext_lazy("The open ones whose close date lies before the day."),
    ),
    define(
        "forecast_overdue_value",
        "value",
        gettext_lazy("Value past the close dates"),
        gettext_lazy("The estimated values of the open ones whose close date lies before the day."),
    ),
)
FIGURES = (*MEASURES.values(), MEAN, *PERCENTILES.values(), CHANCE, DOUBT, *OVERDUE)


def readings_of(cell: Any) -> dict[str, Reading]:
    """Return the figures of a cell by their names; those that are not given are left out."""
    targets = f"{reverse('salespeople:targets')}?year={cell.period.first.year}"
    numbers: dict[str, tuple[Any, str]] = {
        "landing": (cell.landing, cell.url),
        "won": (cell.won.calculated, cell.won.url),
        "open": (cell.open.calculated, cell.open.url),
        "best": (cell.best, cell.url),
        "target": (cell.target, targets),
        "gap": (cell.gap, cell.url),
        "expected": (cell.adjusted, cell.url),
    }
    return {
        name: MEASURES[name].reading(number, url)
        for name, (number, url) in numbers.items()
        if number is not None
    }


def tables_of(forecast: Any, outlook: Any) -> list[Table]:
    """Return the forecast with a row for each line and period, and how sure the chosen one is."""
    columns: list[Any] = [
        _("Team, salesperson"), _("Level"), _("Period"), _("First day"), _("Last day"),
    ]  # fmt: skip
    columns += [figure.label for figure in MEASURES.values()]
    sure = _("How sure is it?")
    return [
        Table(_("Forecast"), columns, _rows(forecast)),
        Table(sure, [_("Figure"), _("Number")], _sure(outlook)),
        Table(
            _("What moves it most"),
            [_("Number"), _("Opportunity"), DOUBT.label],
            [
                [mover.opportunity.number, mover.opportunity.description, mover.reading]
                for mover in outlook.movers
            ],
        ),
    ]


def _rows(forecast: Any) -> Iterator[Sequence[Any]]:
    for line in (forecast.total, *forecast.lines):
        for cell in line.cells:
            period, found = cell.period, readings_of(cell)
            yield [
                line.who or _("All together"),
                "" if line.who is None else line.depth + 1,
                _month(period.first),
                period.first,
                period.last,
                *(found.get(name) for name in MEASURES),
            ]


def _sure(outlook: Any) -> Iterator[Sequence[Any]]:
    found = [*outlook.percentiles, outlook.mean]
    if outlook.chance_reading:
        found.append(outlook.chance_reading)
    for reading in found:
        yield [reading.figure.label, reading]


def _month(first: date) -> str:
    return date_format(first, "YEAR_MONTH_FORMAT")
