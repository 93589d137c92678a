"""What salespeople and teams have sold and have in hand (Business Central R150).

Opportunities and their kept totals (ADR 0032) are reached by their names only:
this room stands below theirs.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.http import urlencode

from crm.dates import month_of, today
from salespeople.models import Salesperson, SalespersonQuerySet, TeamMembership

OPEN = ("not_started", "in_progress")
STARTED = ("in_progress", "won", "lost")
WON = ("won",)
# The list's word for each of these sets of states.
WORDS = {OPEN: "open", STARTED: "started", WON: "won"}


@dataclass(frozen=True)
class Span:
    """A range of close dates, both days included; None is no limit."""

    first: date | None = None
    last: date | None = None

    @classmethod
    def of_year(cls, day: date) -> Self:
        """Return the calendar year of `day`."""
        return cls(date(day.year, 1, 1), date(day.year, 12, 31))

    def condition(self, path: str = "") -> Q:
        """Return the condition on the close date; closed ones have it on the day they closed."""
        found = Q()
        if self.first:
            found &= Q((f"{path}estimated_close_on__gte", self.first))
        if self.last:
            found &= Q((f"{path}estimated_close_on__lte", self.last))
        return found

    @property
    def is_of_months(self) -> bool:
        """Say whether it begins and ends with a month, or nowhere: totals are kept by month."""
        begins = self.first is None or self.first == month_of(self.first)[0]
        return begins and (self.last is None or self.last == month_of(self.last)[1])

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the list of opportunities."""
        limits = {"close_from": self.first, "close_until": self.last}
        return {name: day.isoformat() for name, day in limits.items() if day}


@dataclass(frozen=True)
class Figures:
    """A number of opportunities, and sums in the site's currency; `query` finds the rows."""

    number: int
    estimated_value: Decimal
    calculated_value: Decimal
    query: str = ""

    @property
    def average_estimated_value(self) -> Decimal:
        """The average estimated value; 0 over none (R150)."""
        return self.estimated_value / self.number if self.number else Decimal(0)

    @property
    def average_calculated_value(self) -> Decimal:
        """The average calculated value; 0 over none (R150)."""
        return self.calculated_value / self.number if self.number else Decimal(0)

    def __add__(self, other: "Figures") -> "Figures":
        return Figures(
            self.number + other.number,
            self.estimated_value + other.estimated_value,
            self.calculated_value + other.calculated_value,
        )


NONE = Figures(0, Decimal(0), Decimal(0))


@dataclass(frozen=True)
class SalespersonFigures:
    """All of one salesperson: every started one (R150), the open ones, won this year."""

    started: Figures
    open: Figures
    won: Figures
    won_this_year: Figures


def figures_of(salesperson: Salesperson, span: Span) -> SalespersonFigures:
    """Return the figures within a range of close dates, in one query.

    Those not started are open, but not in the figures of R150 (rules D2).
    What was won this year has the range of the year.
    """
    year = Span.of_year(today())
    sets = {
        "started": (STARTED, span),
        "open": (OPEN, span),
        "won": (WON, span),
        "won_this_year": (WON, year),
    }
    columns: dict[str, Any] = {}
    make = _columns if span.is_of_months else _counted
    for name, (statuses, within) in sets.items():
        columns |= make(name, statuses, within)
    found = Salesperson.objects.filter(pk=salesperson.pk).values("pk").annotate(**columns).get()
    return SalespersonFigures(
        **{
            name: _figures(found, name, query_of(statuses, within, salesperson=salesperson.pk))
            for name, (statuses, within) in sets.items()
        }
    )


def with_figures(people: SalespersonQuerySet) -> QuerySet[Salesperson]:
    """Return the salespeople with home team, open figures, and what they won this year.

    The columns: `team_id`, `team_name`, `team_sort`, and each of `number`,
    `estimated`, `calculated` behind `open_` and `won_this_year_`.
    """
    home = TeamMembership.objects.home().on(today()).filter(salesperson=OuterRef("pk"))
    return people.annotate(
        team_id=Subquery(home.values("team")[:1]),
        team_name=Subquery(home.values("team__name")[:1]),
        team_sort=Subquery(home.values("team__name_sort")[:1]),
        **_columns("open", OPEN, Span()),
        **_columns("won_this_year", WON, Span.of_year(today())),
    )


@dataclass(frozen=True)
class MemberFigures:
    """The open figures of a salesperson, and what was won this year."""

    open: Figures = NONE
    won_this_year: Figures = NONE

    def __add__(self, other: "MemberFigures") -> "MemberFigures":
        return MemberFigures(self.open + other.open, self.won_this_year + other.won_this_year)


def member_figures(people: SalespersonQuerySet) -> dict[int, MemberFigures]:
    """Return the figures of each of `people` by id, in one query."""
    year = Span.of_year(today())
    rows = people.order_by().values("pk").annotate(
        **_columns("open", OPEN, Span()), **_columns("won_this_year", WON, year)
    )  # fmt: skip
    return {
        row["pk"]: MemberFigures(
            _figures(row, "open", query_of(OPEN, Span(), salesperson=row["pk"])),
            _figures(row, "won_this_year", query_of(WON, year, salesperson=row["pk"])),
        )
        for row in rows
    }


def team_figures(team: int, members: Iterable[MemberFigures]) -> MemberFigures:
    """Return the sum of `members`, with the addresses of the team's rows."""
    total = sum(members, MemberFigures())
    return MemberFigures(
        _linked(total.open, query_of(OPEN, Span(), team=team)),
        _linked(total.won_this_year, query_of(WON, Span.of_year(today()), team=team)),
    )


def open_query(**parameters: object) -> str:
    """Return the list's parameters for the open opportunities of somebody."""
    return query_of(OPEN, Span(), **parameters)


def won_this_year_query(**parameters: object) -> str:
    """Return the list's parameters for what somebody won this year."""
    return query_of(WON, Span.of_year(today()), **parameters)


def _linked(figures: Figures, query: str) -> Figures:
    return Figures(figures.number, figures.estimated_value, figures.calculated_value, query)


def query_of(statuses: tuple[str, ...], span: Span, **parameters: Any) -> str:
    """Return the list's parameters for a set of states within a range of close dates."""
    return urlencode({**parameters, "status": WORDS[statuses], **span.parameters()})


def _columns(name: str, statuses: tuple[str, ...], span: Span) -> dict[str, Any]:
    """Return the annotations of a set of a salesperson's opportunities, from kept totals.

    For spans of whole months; not in one query with `_counted`.
    """
    there = Q(totals__grain="person_month", totals__status__in=statuses)
    there &= span.condition("totals__")
    return _summed(name, "totals__", there, Sum("totals__opportunities", filter=there))


def _counted(name: str, statuses: tuple[str, ...], span: Span) -> dict[str, Any]:
    """Return the same for any span, from the opportunities, without deleted ones."""
    there = Q(opportunities__status__in=statuses, opportunities__is_deleted=False)
    there &= span.condition("opportunities__")
    return _summed(name, "opportunities__", there, Count("opportunities", filter=there))


def _summed(name: str, path: str, there: Q, number: Any) -> dict[str, Any]:
    return {
        f"{name}_number": Coalesce(number, 0),
        f"{name}_estimated": Coalesce(Sum(f"{path}estimated_value", filter=there), Decimal(0)),
        f"{name}_calculated": Coalesce(Sum(f"{path}calculated_value", filter=there), Decimal(0)),
    }


def _figures(row: Mapping[str, Any], name: str, query: str) -> Figures:
    return Figures(
        row[f"{name}_number"], row[f"{name}_estimated"], row[f"{name}_calculated"], query
    )
