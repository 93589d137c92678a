"""What the pages of teams show: the tree, the members, and their figures."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q

from crm.dates import today
from salespeople.figures import MemberFigures, member_figures, team_figures
from salespeople.models import Salesperson, Team, TeamMembership
from salespeople.visibility import Person, visible_salespeople, visible_teams


@dataclass(frozen=True)
class TeamRow:
    """A team in the tree: its depth, and the figures of it and the teams below it."""

    team: Team
    depth: int
    members: int
    figures: MemberFigures

    @property
    def indents(self) -> range:
        """One for each level above the team."""
        return range(self.depth)


@dataclass(frozen=True)
class MemberRow:
    """A membership; the figures are those of a home member of today."""

    membership: TeamMembership
    figures: MemberFigures | None


@dataclass(frozen=True)
class TeamPage:
    """A team with its members of today, those to come and gone, and the teams below it.

    `hidden` says how many members of today the person does not see; they are
    in no figure.
    """

    team: Team
    total: MemberFigures
    members: list[MemberRow] = field(default_factory=list)
    to_come: list[TeamMembership] = field(default_factory=list)
    gone: list[TeamMembership] = field(default_factory=list)
    hidden: int = 0
    below: list[TeamRow] = field(default_factory=list)


@dataclass
class _Books:
    """The home members of today by team, and the figures of each visible one."""

    figures: dict[int, MemberFigures]
    homes: dict[int, list[int]]

    def row(self, team: Team, depth: int, teams: set[int]) -> TeamRow:
        members = [person for pk in teams for person in self.homes[pk]]
        figures = team_figures(team.pk, [self.figures[person] for person in members])
        return TeamRow(team, depth, len(members), figures)


def team_tree(user: Person) -> list[TeamRow]:
    """Return the visible teams, each behind the one it belongs to, in a few queries.

    A team whose parent is not visible stands at the top.
    """
    teams = {t.pk: t for t in visible_teams(user).select_related("manager")}
    books = _books(user)
    return [books.row(team, depth, _below(team, teams)) for team, depth in _walk(teams)]


def team_page(team: Team, user: Person) -> TeamPage:
    """Return what the page of a visible team shows."""
    day = today()
    books = _books(user)
    visible = set(books.figures)
    memberships = list(
        team.memberships.select_related("salesperson").order_by(
            "salesperson__name_sort", "from_on", "pk"
        )
    )
    seen = [row for row in memberships if row.salesperson_id in visible]
    now = [row for row in memberships if row.holds_on(day)]
    teams = {t.pk: t for t in visible_teams(user).select_related("manager")}
    page = books.row(team, 0, _below(team, teams))
    return TeamPage(
        team=team,
        total=page.figures,
        members=[
            MemberRow(row, books.figures[row.salesperson_id] if row.is_home else None)
            for row in seen
            if row.holds_on(day)
        ],
        to_come=[row for row in seen if row.from_on > day],
        gone=[row for row in seen if row.until_on is not None and row.until_on <= day],
        hidden=sum(row.salesperson_id not in visible for row in now),
        below=[
            books.row(child, depth, _below(child, teams))
            for child, depth in _walk(teams, top=team.pk)
        ],
    )


def _books(user: Person) -> _Books:
    figures = member_figures(visible_salespeople(user))
    homes: dict[int, list[int]] = defaultdict(list)
    rows = TeamMembership.objects.home().on(today()).order_by()
    for team, person in rows.values_list("team", "salesperson"):
        if person in figures:
            homes[team].append(person)
    return _Books(figures, homes)


def _walk(teams: dict[int, Team], top: int | None = None) -> Iterator[tuple[Team, int]]:
    """Yield the teams below `top` (None: all of them) in the order of the tree, with depth."""
    children: dict[int | None, list[Team]] = defaultdict(list)
    for team in teams.values():
        children[team.parent_id if team.parent_id in teams else None].append(team)
    waiting = [(team, 0) for team in reversed(children[top])]
    while waiting:
        team, depth = waiting.pop()
        yield team, depth
        waiting += [(child, depth + 1) for child in reversed(children[team.pk])]


def _below(team: Team, teams: dict[int, Team]) -> set[int]:
    return {team.pk} | {below.pk for below, _depth in _walk(teams, top=team.pk)}


def memberships_of(salesperson: Salesperson, user: Person) -> list[TeamMembership]:
    """Return the salesperson's memberships in visible teams, the newest first."""
    teams = visible_teams(user).order_by().values("pk")
    found = salesperson.memberships.filter(Q(team__in=teams)).select_related("team")
    return list(found.order_by("-from_on", "pk"))
