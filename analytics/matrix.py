"""The opportunities matrix (Business Central R154–R161): who, over periods of closing.

Each cell counts the entries that were in force on the day, of one status, with
a close date in the period; closing sets that date, so closed ones stand in
the period in which they closed. A company's line counts all its
opportunities, its people's too, and so does the list behind it (R158; unlike
R160, whose list leaves the people's out).
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Avg, Case, Count, Exists, F, OuterRef, QuerySet, Sum, When
from django.db.models.functions import Coalesce, Trunc
from django.utils.translation import gettext_lazy as _

from analytics.exporting import Table
from analytics.figures import Figure, Reading, define
from analytics.periods import Period
from contacts.models import Campaign, Contact
from lists.paging import PAGE_SIZE, Page, Sort, page_of
from opportunities import populations
from opportunities.populations import Narrowed, Population
from salespeople.models import Salesperson

MEASURES: Mapping[str, tuple[Any, Any]] = {
    "calculated": (_("Calculated value"), Sum("calculated_value")),
    "count": (_("Number"), Count("pk")),
    "value": (_("Estimated value"), Sum("estimated_value")),
    "average_value": (_("Average estimated value"), Avg("estimated_value")),
    "average_calculated": (_("Average calculated value"), Avg("calculated_value")),
}
FIGURES: Mapping[str, Figure] = {
    name: define(f"matrix_{name}", measure, MEASURES[name][0], sentence)
    for name, measure, sentence in (
        ("calculated", "calculated", _("The calculated values of what closes in the period.")),
        ("count", "count", _("How many of the status have their close date in the period.")),
        ("value", "value", _("The estimated values of what closes in the period, added up.")),
        ("average_value", "average", _("The estimated value divided by the number.")),
        (
            "average_calculated",
            "derived",
            _("The calculated value divided by the number; it opens what is divided."),
        ),
    )
}
# The factor divides, and the step rounds (R159); "" leaves the figure as it is.
ROUNDINGS: Mapping[str, tuple[Any, Decimal, Decimal | None]] = {
    "": (_("As they are"), Decimal(1), None),
    "1": (_("Whole numbers"), Decimal(1), Decimal(1)),
    "1000": (_("Thousands"), Decimal(1000), Decimal("0.1")),
    "1000000": (_("Millions"), Decimal(1_000_000), Decimal("0.1")),
}

MOST_LINES = 5_000


@dataclass(frozen=True)
class Look:
    """What is shown: which lines, over which kind of period, which figure, how rounded."""

    show: str
    by: str
    measure: str
    rounding: str


@dataclass(frozen=True)
class Cell:
    """The figure of a line in a period; blank where it is 0 as it is shown (R159)."""

    reading: Reading
    is_blank: bool


@dataclass(frozen=True)
class Line:
    """A salesperson, contact or campaign; `is_below` says that it is a person of a company."""

    who: Any
    cells: list[Cell]
    is_below: bool = False


@dataclass(frozen=True)
class Lines:
    """What the lines are: their rows, their order, and how the states name them."""

    label: Any
    rows: Callable[[QuerySet[Any]], QuerySet[Any]]
    columns: tuple[str, ...]
    population: Callable[[Any], Population]
    group: tuple[Sort, ...] = ()
    name: str = "name_sort"


def rounded(value: Decimal, rounding: str) -> Decimal | None:
    """Return the figure as it is shown; None, a blank, where that is 0 (R159)."""
    _label, factor, step = ROUNDINGS[rounding]
    divided = value / factor
    shown = divided if step is None else divided.quantize(step, ROUND_HALF_UP)
    return shown or None


def matrix_of(
    narrowed: Narrowed, look: Look, periods: list[Period], cursor: str, size: int = PAGE_SIZE
) -> tuple[list[Line], Page[Any]]:
    """Return a page of the matrix: its lines and their page, in three queries at most.

    A line is there when it has anything of the status, in any period (R154).
    """
    lines = LINES[look.show]
    page = page_of(
        lines.rows(narrowed.rows),
        sorts={"name": Sort(lines.name)},
        sort="name",
        cursor=cursor,
        size=size,
        group=lines.group,
    )
    found = _found(narrowed, lines, page.rows, periods, look.measure)
    whose = {who.pk: lines.population(who) for who in page.rows}

    def cell(who: Any, period: Period) -> Cell:
        value = found[_column(lines, who)].get((who.pk, period.first)) or Decimal(0)
        closing = populations.closing(period.first, period.last)
        url = narrowed.url_of(whose[who.pk] & closing)
        shown = rounded(value, look.rounding)
        reading = FIGURES[look.measure].reading(value, url)
        if look.rounding:
            reading = replace(reading, shown=shown)
        return Cell(reading, shown is None)

    return [
        Line(who, [cell(who, period) for period in periods], bool(getattr(who, "company_id", None)))
        for who in page.rows
    ], page


def tables_of(narrowed: Narrowed, look: Look, periods: list[Period]) -> list[Table]:
    """Return up to `MOST_LINES` lines of the matrix for a file, exact whatever the rounding."""
    lines, _page = matrix_of(narrowed, look, periods, "", MOST_LINES)
    columns = [LINES[look.show].label, *(f"{p.first} – {p.last}" for p in periods)]
    rows = [[str(line.who), *(cell.reading for cell in line.cells)] for line in lines]
    return [Table(MEASURES[look.measure][0], columns, rows)]


def _found(
    narrowed: Narrowed, lines: Lines, rows: list[Any], periods: list[Period], measure: str
) -> dict[str, dict[Any, Decimal]]:
    """Return the figures by the column that names the line, the line, and its period."""
    found: dict[str, dict[Any, Decimal]] = defaultdict(dict)
    for column in lines.columns:
        wanted = [who.pk for who in rows if _column(lines, who) == column]
        if not wanted:
            continue
        counted: Any = (
            narrowed.rows.filter(
                estimated_close_on__range=(periods[0].first, periods[-1].last),
                **{f"{column}__in": wanted},
            )
            .order_by()
            .values(who=F(column), first=Trunc("estimated_close_on", periods[0].kind))
            .annotate(figure=MEASURES[measure][1])
        )
        for row in counted:
            found[column][row["who"], row["first"]] = Decimal(row["figure"])
    return found


def _column(lines: Lines, who: Any) -> str:
    """Return the column of the states that names a line: a company's is `company`."""
    return lines.columns[-1] if getattr(who, "is_company", False) else lines.columns[0]


def _with_any(rows: QuerySet[Any], states: QuerySet[Any], *columns: str) -> QuerySet[Any]:
    asked: Any = Exists(states.order_by().filter(**{columns[0]: OuterRef("pk")}))
    for column in columns[1:]:
        asked |= Exists(states.order_by().filter(**{column: OuterRef("pk")}))
    return rows.filter(asked)


def _contacts(states: QuerySet[Any]) -> QuerySet[Contact]:
    """Return companies before their people, by the company's name (R154)."""
    rows = Contact.objects.annotate(
        lead_sort=Coalesce("company__name_sort", "name_sort"),
        lead=Coalesce("company_id", "pk"),
        is_person=Case(When(kind=Contact.Kind.PERSON, then=1), default=0),
    )
    return _with_any(rows.select_related("company"), states, "contact", "company")


LINES: Mapping[str, Lines] = {
    "salesperson": Lines(
        label=_("Salespeople"),
        rows=lambda states: _with_any(Salesperson.objects.all(), states, "salesperson"),
        columns=("salesperson",),
        population=populations.of_salesperson,
    ),
    "contact": Lines(
        label=_("Contacts"),
        rows=_contacts,
        columns=("contact", "company"),
        population=lambda who: Population(parameters=(("contact", str(who.pk)),)),
        group=(Sort("lead_sort"), Sort("lead"), Sort("is_person")),
    ),
    "campaign": Lines(
        label=_("Campaigns"),
        rows=lambda states: _with_any(Campaign.objects.all(), states, "campaign"),
        columns=("campaign",),
        population=lambda who: Population(parameters=(("campaign", str(who.pk)),)),
        name="description",
    ),
}
