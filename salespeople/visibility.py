"""Who sees whose opportunities: product.md's one set of visible salespeople."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Q, QuerySet

from crm.dates import today
from salespeople.models import Salesperson, SalespersonQuerySet, Team, TeamMembership, User
from salespeople.roles import ADMINISTRATOR, is_administrator, is_manager

type Person = User | AnonymousUser


def salesperson_of(user: Person) -> Salesperson | None:
    """Return the salesperson that `user` signs in as, if any."""
    if not isinstance(user, User):
        return None
    return getattr(user, "salesperson", None)


def sees_everything(user: Person) -> bool:
    """Say whether no row is hidden from `user`: administrators, and whoever is set so."""
    if is_administrator(user):
        return True
    salesperson = salesperson_of(user)
    return salesperson is not None and salesperson.sees == Salesperson.Sees.ALL


def visible_salespeople(user: Person, on: date | None = None) -> SalespersonQuerySet:
    """Return the salespeople whose rows `user` may see; those of a past day by their home then.

    Set per salesperson (own, team with the teams below it, all). Who sees the
    team also sees the teams that he or she manages. Administrators see all;
    a user who is no salesperson sees none.
    """
    if sees_everything(user):
        return Salesperson.objects.all()
    salesperson = salesperson_of(user)
    if salesperson is None:
        return Salesperson.objects.none()
    if salesperson.sees == Salesperson.Sees.OWN:
        return Salesperson.objects.filter(pk=salesperson.pk)
    members = TeamMembership.objects.home().on(on or today())
    members = members.filter(team__in=_teams_of(salesperson))
    return Salesperson.objects.filter(
        Q(pk=salesperson.pk) | Q(pk__in=members.order_by().values("salesperson"))
    )


def visible_ids(user: Person) -> list[int] | None:
    """Return the ids of the visible salespeople, or None where nothing is hidden.

    The answer is kept on the user object, that is, for one request.
    """
    if sees_everything(user):
        return None
    if not isinstance(user, User):
        return []
    if user.visible_ids_kept is None:
        rows = visible_salespeople(user).order_by("pk")
        user.visible_ids_kept = list(rows.values_list("pk", flat=True))
    return user.visible_ids_kept


def visible_ids_on(user: Person, day: date) -> list[int] | None:
    """Return the ids of those whose rows of a past day `user` may see; None for all.

    Whose teams they were then is asked; which teams are the user's own is
    today's (product.md 2).
    """
    if sees_everything(user):
        return None
    if day == today():
        return visible_ids(user)
    rows = visible_salespeople(user, day).order_by("pk")
    return list(rows.values_list("pk", flat=True))


def viewers_of(salesperson: Salesperson) -> QuerySet[User]:
    """Return the active users who may see the rows of `salesperson`: the other way round.

    Administrators, whoever sees all, the person, and whoever sees the team in
    which he or she is at home today, or manages a team above it.
    """
    day = today()
    homes = salesperson.memberships.home().on(day).values_list("team", flat=True)
    teams = _with_teams_above(homes)
    at_home = TeamMembership.objects.home().on(day).filter(team__in=teams).values("salesperson")
    managers = Team.objects.filter(pk__in=teams, manager__isnull=False).values("manager")
    seers = Salesperson.objects.filter(
        Q(pk=salesperson.pk)
        | Q(sees=Salesperson.Sees.ALL)
        | Q(sees=Salesperson.Sees.TEAM) & (Q(pk__in=at_home) | Q(pk__in=managers))
    )
    administrators = Group.objects.filter(name=ADMINISTRATOR).values("user")
    return User.objects.filter(
        Q(salesperson__in=seers) | Q(is_superuser=True) | Q(pk__in=administrators), is_active=True
    )


def visible_teams(user: Person) -> QuerySet[Team]:
    """Return the teams that `user` may look at: those of the salespeople whom he or she sees.

    In a team, the members shown and summed are those of `visible_salespeople`.
    """
    if sees_everything(user):
        return Team.objects.all()
    salesperson = salesperson_of(user)
    if salesperson is None:
        return Team.objects.none()
    if salesperson.sees == Salesperson.Sees.OWN:
        return Team.objects.filter(pk__in=_homes_of(salesperson))
    return Team.objects.filter(pk__in=_teams_of(salesperson))


def visible_team_ids(user: Person) -> set[int] | None:
    """Return the ids of the teams that `user` may look at, or None where none is hidden."""
    if sees_everything(user):
        return None
    return set(visible_teams(user).values_list("pk", flat=True))


def assignable_salespeople(user: Person) -> SalespersonQuerySet:
    """Return those to whom `user` may give an opportunity (product.md 2).

    A manager to anybody; others to whom they see and to their own home team.
    """
    usable = Salesperson.objects.usable()
    if is_manager(user):
        return usable
    salesperson = salesperson_of(user)
    if salesperson is None:
        return usable.none()
    homes = salesperson.memberships.home().on(today()).values("team")
    mates = TeamMembership.objects.home().on(today()).filter(team__in=homes)
    return usable.filter(
        Q(pk__in=visible_salespeople(user).order_by().values("pk"))
        | Q(pk__in=mates.values("salesperson"))
    )


def home_team(salesperson: Salesperson) -> Team | None:
    """Return the team where `salesperson` belongs today."""
    membership = salesperson.memberships.home().on(today()).select_related("team").first()
    return membership.team if membership else None


def with_teams_below(teams: Iterable[int]) -> set[int]:
    """Return the ids of `teams` and of all teams below them."""
    children = defaultdict(list)
    for pk, parent in Team.objects.order_by().values_list("pk", "parent"):
        children[parent].append(pk)
    found: set[int] = set()
    waiting = list(teams)
    while waiting:
        team = waiting.pop()
        if team not in found:
            found.add(team)
            waiting += children[team]
    return found


def _with_teams_above(teams: Iterable[int]) -> set[int]:
    """Return the ids of `teams` and of all teams above them."""
    parents = dict(Team.objects.order_by().values_list("pk", "parent"))
    found: set[int] = set()
    for team in teams:
        above: int | None = team
        while above is not None and above not in found:
            found.add(above)
            above = parents[above]
    return found


def _teams_of(salesperson: Salesperson) -> set[int]:
    if salesperson.team_ids_kept is None:
        managed = salesperson.managed_teams.values_list("pk", flat=True)
        salesperson.team_ids_kept = with_teams_below([*_homes_of(salesperson), *managed])
    return salesperson.team_ids_kept


def _homes_of(salesperson: Salesperson) -> list[int]:
    return list(salesperson.memberships.home().on(today()).values_list("team", flat=True))
