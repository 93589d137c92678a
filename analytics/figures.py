"""The registry of figures: each number has one name, one sentence, one definition, and its rows.

A `Reading` is a figure's number together with the address of the rows that
add up to it. A template cannot take it apart: what it prints is the link.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Avg, Count, QuerySet, Sum
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from crm.money import (
    format_compact,
    format_money,
    format_money_compact,
    format_percent,
    format_quantity,
    half_up,
)

# What a number can be of its rows. The page behind it shows the same under the same name.
MEASURES: dict[str, Aggregate] = {
    "count": Count("pk"),
    "value": Sum("estimated_value"),
    "calculated": Sum("calculated_value"),
    "average": Avg("estimated_value"),
}
MONEY = ("value", "calculated", "average", "amount", "target")
# What is no sum of rows: its link leads to what it is made of.
OTHERS = ("amount", "share", "ratio", "target", "days", "derived", "score", "tally")
DECIMALS = {"days": 1, "score": 4}
PLAIN = ("count", "tally", "share", "ratio", "days", "score")
ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True)
class Figure:
    """The definition of a number: what it is called, and which sentence says what it counts.

    `measure` says what of its rows it is: one of `MEASURES`, or the `amount`
    by which they change, a `share` in %, a `ratio` or a number of `days` (their links
    lead to what they are of), or a `target`; or an amount `derived` from others, a
    `score` of forecasts, or a `tally` of what is no opportunity.
    """

    name: str
    label: str | Promise
    sentence: str | Promise
    measure: str

    def reading(self, number: Any, url: str) -> "Reading":
        """Return the figure's number, bound to the address of its rows."""
        return Reading(self, ZERO if number is None else number, url)


@dataclass(frozen=True)
class Reading:
    """A number that can be printed with its link, and no other way.

    Templates do not reach names that begin with an underscore.
    """

    figure: Figure
    _number: Decimal | int
    url: str
    shown: Decimal | None = None  # rounded as the page asks for; its title has it exactly

    @property
    def is_zero(self) -> bool:
        """Say whether there is nothing to add up."""
        return not self._number

    @property
    def is_negative(self) -> bool:
        """Say whether it is below 0."""
        return self._number < 0

    def __str__(self) -> str:
        return self.link()

    def __html__(self) -> str:
        return self.link()

    def _text(self, *, is_compact: bool = False) -> str:
        """Return the number as people read it."""
        match self.figure.measure:
            case "count" | "tally":
                return format_quantity(self._number)
            case "share":
                return format_percent(self._number)
            case "ratio":
                return f"{format_quantity(half_up(self._number, 1))}\N{NO-BREAK SPACE}×"
            case "days" | "score" as measure:
                places = DECIMALS[measure]
                return number_format(round(Decimal(self._number), places), places)
            case "amount":
                text = _money(self._number, is_compact=is_compact)
                return f"+{text}" if self._number > 0 else text
        return _money(self._number, is_compact=is_compact)

    def _printed(self, *, is_compact: bool, is_plain: bool) -> str:
        """Return the number as the page shows it: rounded, rough, or without its currency."""
        if self.shown is not None:
            return format_quantity(self.shown)
        if is_plain and self.figure.measure not in PLAIN:
            return format_compact(self._number)
        return self._text(is_compact=is_compact)

    def link(self, *, is_compact: bool = False, is_plain: bool = False) -> SafeString:
        """Return the number as a link to its rows, with its sentence on hover."""
        return format_html(
            '<a class="figure" href="{}" title="{}" data-figure="{}" data-measure="{}"'
            ' data-number="{}">{}</a>',
            self.url,
            f"{self._text()} · {self.figure.sentence}",
            self.figure.name,
            self.figure.measure,
            self._number,
            self._printed(is_compact=is_compact, is_plain=is_plain),
        )


def in_words(reading: Reading) -> str:
    """Return the number of a reading, for the title of a drawing that is itself the link."""
    return reading._text()


def in_percent(part: float | None) -> Decimal:
    """Return a part of one (0–1) in percent."""
    return Decimal(str(part or 0)) * 100


def number_of(reading: Reading) -> Decimal | int:
    """Return the exact number of a reading, for a file, where there are no links."""
    return reading._number


def _money(amount: Decimal | int, *, is_compact: bool) -> str:
    if is_compact:
        return format_money_compact(amount)
    return format_money(half_up(amount, 2), is_brief=True)


class Registry:
    """All figures by their names; a name is given once."""

    def __init__(self) -> None:
        self._figures: dict[str, Figure] = {}

    def add(self, figure: Figure) -> Figure:
        """Enter a figure; ValueError for a name that is taken or a measure that there is not."""
        if figure.name in self._figures:
            raise ValueError(f"there is a figure {figure.name} already")
        if figure.measure not in (*MEASURES, *OTHERS):
            raise ValueError(f"there is no measure {figure.measure}")
        self._figures[figure.name] = figure
        return figure

    def __getitem__(self, name: str) -> Figure:
        return self._figures[name]

    def all(self) -> list[Figure]:
        """Return the figures in the order in which they were entered."""
        return list(self._figures.values())


FIGURES = Registry()


def define(name: str, measure: str, label: Any, sentence: Any) -> Figure:
    """Enter a figure into the registry and return it."""
    return FIGURES.add(Figure(name=name, measure=measure, label=label, sentence=sentence))


def aggregates(figures: Iterable[Figure]) -> dict[str, Aggregate]:
    """Return what a query has to add up for these figures, by their names."""
    return {each.name: MEASURES[each.measure] for each in figures if each.measure in MEASURES}


def readings(
    figures: Iterable[Figure], numbers: Mapping[str, Any] | None, url: str
) -> list[Reading]:
    """Return the figures of a row of an aggregation by `aggregates`; zeros for no row."""
    return [each.reading((numbers or {}).get(each.name), url) for each in figures]


def numbers_of(figures: Iterable[Figure], rows: QuerySet[Any]) -> dict[str, Any]:
    """Return the numbers of these figures over the rows, by their names: one query."""
    return rows.order_by().aggregate(**aggregates(figures))


OPEN_COUNT = define(
    "open_count",
    "count",
    _("Opportunities"),
    _("The opportunities that are open on the day: not started, or in progress."),
)
OPEN_VALUE = define(
    "open_value",
    "value",
    _("Estimated value"),
    _("The estimated values of the opportunities that are open on the day, added up."),
)
OPEN_CALCULATED = define(
    "open_calculated",
    "calculated",
    _("Calculated value"),
    _("Estimated value × probability of each open opportunity, added up; 0 while not started."),
)
OPEN_AVERAGE = define(
    "open_average", "average", _("Average value"),
    _("The estimated value of the open opportunities, divided by their number."),
)  # fmt: skip
OPEN_SHARE = define(
    "open_share",
    "share",
    _("Share"),
    _("Its part of the estimated value of all that are shown."),
)
OPEN = (OPEN_COUNT, OPEN_VALUE, OPEN_CALCULATED, OPEN_AVERAGE)
