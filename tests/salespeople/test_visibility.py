"""Who sees whom: own, team or all, by the home team of today (product.md 2)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.dates import today
from salespeople.models import Salesperson, Team, User
from salespeople.visibility import (
    Person,
    assignable_salespeople,
    home_team,
    viewers_of,
    visible_ids,
    visible_salespeople,
    visible_teams,
    with_teams_below,
)
from tests.factories import (
    SalespersonFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
)

DAY = timedelta(days=1)


def member(team: Team, **options: Any) -> Salesperson:
    """Return a salesperson who is in `team`, at home unless the options say otherwise."""
    salesperson = SalespersonFactory()
    TeamMembershipFactory(team=team, salesperson=salesperson, **options)
    return salesperson


def seen_by(user: Person) -> set[Salesperson]:
    """Return whom the user sees, after asking both doors."""
    found = set(visible_salespeople(user))
    ids = visible_ids(user)
    assert found == (
        set(Salesperson.objects.all())
        if ids is None
        else set(Salesperson.objects.in_bulk(ids).values())
    )
    return found


@pytest.fixture
def north(bob: User) -> Team:
    """The team of bob."""
    return Team.objects.get(code="NORTH")


def sees(user: User, what: str) -> User:
    """Return the user afresh, who sees so much from now on."""
    Salesperson.objects.filter(user=user).update(sees=what)
    return User.objects.get(pk=user.pk)


def test_own_is_oneself_alone_even_as_the_manager_of_a_team(bob: User, north: Team) -> None:
    member(north)
    TeamFactory(manager=bob.salesperson)

    assert seen_by(sees(bob, "own")) == {bob.salesperson}


def test_team_is_the_home_team_with_all_teams_below_it(
    bob: User, charlie: User, north: Team
) -> None:
    below = TeamFactory(parent=north)
    further = TeamFactory(parent=below)
    mates = {member(north), member(below), member(further)}
    north.parent = TeamFactory()
    north.save()
    member(north.parent)

    assert seen_by(bob) == {bob.salesperson, *mates}


def test_team_is_also_each_team_that_one_manages(bob: User, charlie: User) -> None:
    managed = TeamFactory(manager=bob.salesperson)
    below = TeamFactory(parent=managed)
    theirs = {member(managed), member(below)}

    assert seen_by(bob) == {bob.salesperson, *theirs}
    assert set(visible_teams(bob)) == {managed, below, home_team(bob.salesperson)}


def test_all_is_everybody_in_a_team_or_not(alice: User, bob: User, charlie: User) -> None:
    loose = SalespersonFactory(is_blocked=True)

    assert seen_by(alice) == {alice.salesperson, bob.salesperson, charlie.salesperson, loose}
    assert visible_ids(alice) is None


@pytest.mark.parametrize(
    ("first", "until", "is_seen"),
    [
        (0, None, True),
        (0, 1, True),
        (-30, 1, True),
        (1, None, False),
        (-30, 0, False),
        (-30, -1, False),
    ],
)
def test_the_dates_of_the_membership_decide_and_the_last_one_is_outside(
    bob: User, north: Team, first: int, until: int | None, is_seen: bool
) -> None:
    mate = member(
        north,
        from_on=today() + first * DAY,
        until_on=None if until is None else today() + until * DAY,
    )

    assert (mate in seen_by(bob)) == is_seen


def test_a_membership_that_is_no_home_shows_nobody_to_anybody(
    bob: User, charlie: User, north: Team
) -> None:
    TeamMembershipFactory(team=north, salesperson=charlie.salesperson, is_home=False)

    assert seen_by(bob) == {bob.salesperson}
    assert seen_by(charlie) == {charlie.salesperson}


def test_who_left_the_team_sees_it_no_more(bob: User, north: Team) -> None:
    mate = member(north)
    bob.salesperson.memberships.update(until_on=today())

    assert seen_by(bob) == {bob.salesperson}
    assert home_team(bob.salesperson) is None
    assert home_team(mate) == north


def test_an_administrator_sees_everybody_without_being_a_salesperson(
    dora: User, bob: User, charlie: User
) -> None:
    assert seen_by(dora) == {bob.salesperson, charlie.salesperson}
    assert set(visible_teams(dora)) == set(Team.objects.all())


def test_a_superuser_sees_everybody_and_an_inactive_administrator_nobody(
    dora: User, bob: User
) -> None:
    dora.is_active = False

    assert seen_by(UserFactory(is_superuser=True)) == {bob.salesperson}
    assert seen_by(dora) == set()


@pytest.mark.parametrize("role", ["", "Salesperson", "Manager"])
def test_a_user_who_is_no_salesperson_sees_nobody(bob: User, role: str) -> None:
    user = UserFactory(role=role)

    assert seen_by(user) == set()
    assert visible_ids(user) == []
    assert list(visible_teams(user)) == []


def test_a_visitor_sees_nobody(bob: User) -> None:
    assert seen_by(AnonymousUser()) == set()
    assert list(visible_teams(AnonymousUser())) == []
    assert list(assignable_salespeople(AnonymousUser())) == []


def test_the_ids_are_kept_for_one_request(bob: User, north: Team) -> None:
    before = visible_ids(bob)
    mate = member(north)

    assert visible_ids(bob) == before
    assert visible_ids(User.objects.get(pk=bob.pk)) == sorted([bob.salesperson.pk, mate.pk])


def test_own_shows_the_home_team_and_no_team_below(bob: User, north: Team) -> None:
    TeamFactory(parent=north)

    assert set(visible_teams(sees(bob, "own"))) == {north}


def test_a_salesperson_gives_to_those_seen_and_to_the_own_home_team(
    bob: User, charlie: User, north: Team
) -> None:
    mate = member(north)
    below = member(TeamFactory(parent=north))

    assert set(assignable_salespeople(bob)) == {bob.salesperson, mate, below}
    assert set(assignable_salespeople(sees(bob, "own"))) == {bob.salesperson, mate}


def test_nobody_gives_to_a_blocked_one(alice: User, bob: User, north: Team) -> None:
    Salesperson.objects.filter(pk=member(north).pk).update(is_blocked=True)

    assert set(assignable_salespeople(bob)) == {bob.salesperson}
    assert set(assignable_salespeople(alice)) == {alice.salesperson, bob.salesperson}


def test_a_manager_gives_to_anybody_whatever_he_sees(bob: User, charlie: User) -> None:
    manager = UserFactory(role="Manager")

    assert set(assignable_salespeople(manager)) == {bob.salesperson, charlie.salesperson}


def test_a_user_without_a_role_and_salesperson_gives_to_nobody(bob: User) -> None:
    assert list(assignable_salespeople(UserFactory())) == []


@dataclass
class Plan:
    """A random house: each team's parent and manager, and each person's memberships.

    Teams and people are named by their place. The memberships are (team,
    is it a home, first day, last day), the days counted from today; None is
    no end.
    """

    parents: list[int | None]
    managers: list[int | None]
    memberships: list[list[tuple[int, bool, int, int | None]]]


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Return a house of up to 6 teams and 5 people, without contradicting memberships."""
    teams = draw(st.integers(1, 6))
    people = draw(st.integers(1, 5))
    parents = [draw(st.none() | st.integers(0, n - 1)) if n else None for n in range(teams)]
    managers = [draw(st.none() | st.integers(0, people - 1)) for _ in range(teams)]
    return Plan(parents, managers, [draw(_memberships(teams)) for _ in range(people)])


@st.composite
def _memberships(draw: st.DrawFn, teams: int) -> list[tuple[int, bool, int, int | None]]:
    """Return homes one behind the other, and others in teams that are no home."""
    days = draw(st.lists(st.integers(-3, 3), max_size=4, unique=True).map(sorted))
    is_endless = draw(st.booleans())
    homes = []
    for first, until in pairwise([*days, None]):
        if first is not None and (until is not None or is_endless):
            homes.append((draw(st.integers(0, teams - 1)), True, first, until))
    free = sorted(set(range(teams)) - {team for team, *_rest in homes})
    others = draw(st.sets(st.sampled_from(free))) if free else set()
    return [*homes, *((team, False, -1, None) for team in others)]


def naive(plan: Plan, person: int) -> set[int]:
    """Return whom a person sees who sees the team, by the words of product.md."""

    def home(one: int) -> int | None:
        for team, is_home, first, until in plan.memberships[one]:
            if is_home and first <= 0 and (until is None or until > 0):
                return team
        return None

    def above(team: int | None) -> Iterable[int]:
        while team is not None:
            yield team
            team = plan.parents[team]

    def is_seen(one: int) -> bool:
        mine = home(person)
        return one == person or any(
            team == mine or plan.managers[team] == person for team in above(home(one))
        )

    return {one for one in range(len(plan.memberships)) if is_seen(one)}


def build(plan: Plan) -> list[Any]:
    """Return the people of the plan, in its teams, each of whom sees the team."""
    people: list[Any] = [
        SalespersonFactory(user=UserFactory(), sees=Salesperson.Sees.TEAM) for _ in plan.memberships
    ]
    teams: list[Team] = []
    for parent, manager in zip(plan.parents, plan.managers, strict=True):
        teams.append(
            TeamFactory(
                parent=None if parent is None else teams[parent],
                manager=None if manager is None else people[manager],
            )
        )
    for person, memberships in zip(people, plan.memberships, strict=True):
        for team, is_home, first, until in memberships:
            TeamMembershipFactory(
                team=teams[team],
                salesperson=person,
                is_home=is_home,
                from_on=today() + first * DAY,
                until_on=None if until is None else today() + until * DAY,
            )
    return people


@settings(max_examples=60)
@given(plan=plans())
def test_the_visible_ones_are_those_of_a_naive_computation(db: None, plan: Plan) -> None:
    with transaction.atomic():
        people = build(plan)
        expected = [{people[n].pk for n in naive(plan, p)} for p in range(len(people))]

        found = [set(visible_ids(User.objects.get(pk=p.user_id)) or ()) for p in people]

        transaction.set_rollback(True)
    assert found == expected


def test_a_ring_of_teams_is_walked_once(db: None) -> None:
    one, other = TeamFactory(), TeamFactory()
    Team.objects.filter(pk=one.pk).update(parent=other)
    Team.objects.filter(pk=other.pk).update(parent=one)

    assert with_teams_below([one.pk]) == {one.pk, other.pk}


def test_the_viewers_of_a_salesperson_are_those_who_see_him_or_her(
    alice: User, bob: User, charlie: User, dora: User
) -> None:
    """The other way round of `visible_salespeople`, over a tree of teams and every setting."""
    top = TeamFactory(code="TOP", manager=SalespersonFactory(user=UserFactory(), sees="team"))
    north = bob.salesperson.memberships.get().team
    Team.objects.filter(pk=north.pk).update(parent=top)
    below = TeamFactory(code="BELOW", parent=north)
    for team, sees in ((below, "team"), (below, "own"), (top, "team"), (north, "own")):
        seller = SalespersonFactory(user=UserFactory(), sees=sees)
        TeamMembershipFactory(team=team, salesperson=seller)
    past = SalespersonFactory(user=UserFactory(), sees="team")
    TeamMembershipFactory(team=north, salesperson=past, until_on=today())
    guest = SalespersonFactory(user=UserFactory(), sees="team")
    TeamMembershipFactory(team=north, salesperson=guest, is_home=False)
    UserFactory(is_superuser=True)
    gone = UserFactory(is_active=False)
    SalespersonFactory(user=gone, sees="all")

    for salesperson in Salesperson.objects.all():
        users = User.objects.filter(is_active=True)
        seeing = {u for u in users if salesperson in visible_salespeople(u)}
        assert set(viewers_of(salesperson)) == seeing, salesperson
