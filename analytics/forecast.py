"""What will land, by team and salesperson, month by month (product.md 1, Forecast; U5).

*Won* is the calculated value of what was won in a period, *calculated* that of
the open opportunities with a close date in it, *landing* both together, *best
case* what was won and the whole value of the open ones, *gap* landing less
target. A manager's adjustment stands beside landing, month by month.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.db.models.functions import TruncMonth

from analytics.figures import Reading
from analytics.forecast_figures import readings_of
from analytics.models import Adjustment
from analytics.periods import Period
from opportunities import populations
from opportunities.days import Day, end_of
from opportunities.models import OPEN, Status
from opportunities.populations import Narrowed, Population
from opportunities.sums import SUMS, Sums, sums_from, together
from salespeople.models import Salesperson, Target, Team, TeamMembership
from salespeople.visibility import Person, visible_salespeople, visible_team_ids

ZERO = Decimal(0)


@dataclass(frozen=True)
class Scope:
    """Whose forecast, on which day, as who may see it."""

    user: Person
    day: Day
    team: Team | None = None
    salesperson: Salesperson | None = None

    @property
    def narrowed(self) -> Narrowed:
        """The states of the day, and the parameters that show them in the list."""
        rows: Any = self.day.states_for(self.user)
        parameters: tuple[tuple[str, str], ...] = self.day.parameters
        if self.team:
            part = populations.of_team(self.team, self.day.on)
            rows, parameters = rows.filter(part.condition), (*parameters, *part.parameters)
        if self.salesperson:
            part = populations.of_salesperson(self.salesperson)
            rows, parameters = rows.filter(part.condition), (*parameters, *part.parameters)
        return Narrowed(rows, parameters)


@dataclass(frozen=True)
class Cell:
    """The figures of somebody in a period; `url` lists what landing and best case count."""

    period: Period
    won: Sums
    open: Sums
    url: str
    target: Decimal | None
    adjusted: Decimal | None

    @cached_property
    def readings(self) -> dict[str, Reading]:
        """Its figures with their rows, by name; those that are not given are left out."""
        return readings_of(self)

    @property
    def landing(self) -> Decimal:
        """What the system expects: won, and the calculated value of the open ones."""
        return (self.won.calculated or ZERO) + (self.open.calculated or ZERO)

    @property
    def best(self) -> Decimal:
        """What would be won if every open one were."""
        return (self.won.calculated or ZERO) + (self.open.value or ZERO)

    @property
    def expected(self) -> Decimal:
        """What is expected in the end: the manager's figure where there is one."""
        return self.landing if self.adjusted is None else self.adjusted

    @property
    def gap(self) -> Decimal | None:
        """Landing less target; None without a target."""
        return None if self.target is None else self.landing - self.target

    @property
    def is_behind(self) -> bool:
        """Say whether less is expected than is asked for."""
        return self.target is not None and self.expected < self.target


@dataclass(frozen=True)
class Line:
    """A salesperson, a team with the teams below it, or everybody (None), period by period."""

    who: Salesperson | Team | None
    depth: int
    cells: list[Cell]

    @property
    def is_team(self) -> bool:
        """Say whether it adds up others."""
        return isinstance(self.who, Team)


@dataclass(frozen=True)
class Forecast:
    """The lines in the order of the tree of teams, and all of them together."""

    periods: list[Period]
    lines: list[Line]
    total: Line


@dataclass
class Month:
    """What was found of a salesperson in a month."""

    won: dict[str, Any] | None = None
    open: dict[str, Any] | None = None
    target: Decimal | None = None
    adjusted: Decimal | None = None


def forecast_of(scope: Scope, periods: list[Period]) -> Forecast:
    """Read the forecast in a fixed number of queries, whatever the number of opportunities."""
    reader = _Reader(scope, periods)
    everybody = reader.line(None, reader.people, 0)
    if scope.salesperson:
        return Forecast(periods, [], everybody)
    return Forecast(periods, list(reader.tree()), everybody)


def closing_open(period: Period) -> Population:
    """Return the open ones with a close date in the period."""
    return populations.in_status("open") & populations.closing(period.first, period.last)


def won_in(period: Period) -> Population:
    """Return those won in the period."""
    return populations.closed_in(Status.WON, period.first, period.last)


def landing_in(period: Period) -> Population:
    """Return both."""
    return populations.in_status("not_lost") & populations.closing(period.first, period.last)


type Found = defaultdict[int, defaultdict[date, Month]]


class _Reader:
    """What the queries found, by salesperson and month."""

    def __init__(self, scope: Scope, periods: list[Period]) -> None:
        self.scope, self.periods = scope, periods
        self.narrowed = scope.narrowed
        self.first, self.last = periods[0].first, periods[-1].last
        self.found: Found = defaultdict(lambda: defaultdict(Month))
        self._read_rows()
        self._read_targets()
        self._read_adjustments()

    @cached_property
    def visible(self) -> dict[int, Salesperson]:
        """Return those whose figures the person may see."""
        rows = visible_salespeople(self.scope.user, self.scope.day.on)
        if self.scope.team:
            rows = rows.filter(
                pk__in=[pk for pk, team in self.homes.items() if team in self._below]
            )
        if self.scope.salesperson:
            rows = rows.filter(pk=self.scope.salesperson.pk)
        return {person.pk: person for person in rows.order_by("name", "pk")}

    @cached_property
    def homes(self) -> dict[int, int]:
        """Return the home team of each salesperson on the day."""
        rows = TeamMembership.objects.home().on(self.scope.day.on)
        return dict(rows.values_list("salesperson", "team"))

    @cached_property
    def teams(self) -> dict[int | None, list[Team]]:
        """Return the teams by the team above them."""
        found: dict[int | None, list[Team]] = defaultdict(list)
        for team in Team.objects.order_by("name", "pk"):
            found[team.parent_id].append(team)
        return found

    @cached_property
    def _hidden(self) -> set[int]:
        """Return the teams that the person may not look at: those above his or her own."""
        visible = visible_team_ids(self.scope.user)
        if visible is None:
            return set()
        return {team.pk for below in self.teams.values() for team in below} - visible

    @cached_property
    def _below(self) -> set[int]:
        return self._with_those_below(self.scope.team) if self.scope.team else set()

    @property
    def people(self) -> list[int]:
        """Return the salespeople with any figure, by name."""
        return [pk for pk in self.visible if pk in self.found]

    def _read_rows(self) -> None:
        wanted = Q(status__in=OPEN) | Q(status=Status.WON)
        rows: Any = (
            self.narrowed.rows.filter(wanted, estimated_close_on__range=(self.first, self.last))
            .order_by()
            .values("salesperson", month=TruncMonth("estimated_close_on"), is_won=Q(status="won"))
            .annotate(**SUMS)
        )
        for row in rows:
            month = self.found[row["salesperson"]][row["month"]]
            if row["is_won"]:
                month.won = row
            else:
                month.open = row

    def _read_targets(self) -> None:
        rows = Target.objects.filter(month__range=(self.first, self.last), value__gt=0)
        for person, month, value in rows.values_list("salesperson", "month", "value"):
            if person in self.visible:
                self.found[person][month].target = value

    def _read_adjustments(self) -> None:
        day = self.scope.day
        known = day.at or end_of(day.on)
        rows = Adjustment.objects.filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gt=known),
            adjusted_at__lte=known,
            month__range=(self.first, self.last),
            value__isnull=False,
        )
        for person, month, value in rows.values_list("salesperson", "month", "value"):
            if person in self.visible:
                self.found[person][month].adjusted = value

    def tree(self) -> Iterable[Line]:
        """Yield each team before its people and the teams below it, then those without a team.

        Of a team that the person may not look at, there is no line: only of who is in it.
        """
        top = [self.scope.team] if self.scope.team else self.teams[None]
        for team in top:
            yield from self._branch(team, 0)
        placed = {pk for pk in self.people if pk in self.homes}
        for pk in self.people:
            if pk not in placed:
                yield self.line(self.visible[pk], [pk], 0)

    def _branch(self, team: Team, depth: int) -> Iterable[Line]:
        below = self._with_those_below(team)
        members = [pk for pk in self.people if self.homes.get(pk) in below]
        if not members:
            return
        if team.pk not in self._hidden:
            yield self.line(team, members, depth)
            depth += 1
        for pk in members:
            if self.homes[pk] == team.pk:
                yield self.line(self.visible[pk], [pk], depth)
        for child in self.teams[team.pk]:
            yield from self._branch(child, depth)

    def _with_those_below(self, team: Team) -> set[int]:
        found = {team.pk}
        for child in self.teams[team.pk]:
            found |= self._with_those_below(child)
        return found

    def line(self, who: Salesperson | Team | None, people: list[int], depth: int) -> Line:
        """Add up the figures of some salespeople."""
        whose = Population()
        if isinstance(who, Team) and who != self.scope.team:
            whose = Population(parameters=(("team", str(who.pk)),))
        elif isinstance(who, Salesperson):
            whose = Population(parameters=(("salesperson", str(who.pk)),))
        return Line(who, depth, [self._cell(period, people, whose) for period in self.periods])

    def _cell(self, period: Period, people: list[int], whose: Population) -> Cell:
        months = [self.found[pk][month] for pk in people for month in period.months]
        return Cell(
            period,
            won=together(
                [sums_from(month.won, "") for month in months],
                self._url(won_in(period), whose),
            ),
            open=together(
                [sums_from(month.open, "") for month in months],
                self._url(closing_open(period), whose),
            ),
            url=self._url(landing_in(period), whose),
            target=_total(month.target for month in months),
            adjusted=self._adjusted(months),
        )

    def _url(self, population: Population, whose: Population) -> str:
        parameters = dict(self.narrowed.parameters) | dict(whose.parameters)
        return (population & Population(parameters=tuple(parameters.items()))).url

    @staticmethod
    def _adjusted(months: list[Month]) -> Decimal | None:
        """Return the managers' figures, the system's where there are none; None without any."""
        if all(month.adjusted is None for month in months):
            return None
        return sum((_expected(month) for month in months), ZERO)


def _expected(month: Month) -> Decimal:
    if month.adjusted is not None:
        return month.adjusted
    parts = [part["calculated"] or ZERO for part in (month.won, month.open) if part]
    return sum(parts, ZERO)


def _total(values: Iterable[Decimal | None]) -> Decimal | None:
    given = [value for value in values if value is not None]
    return sum(given, ZERO) if given else None
