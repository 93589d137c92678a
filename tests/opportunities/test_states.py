"""The state on a day, as we know it now and as it was known then (product.md, U1 and U3)."""

from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.core.exceptions import BadRequest
from django.db import transaction
from django.http import QueryDict
from hypothesis import given, settings

from crm.dates import site_date, start_of, today
from opportunities import lifecycle
from opportunities.days import Day, end_of
from opportunities.lifecycle.ledger import state_of
from opportunities.models import OpportunityEntry
from salespeople.models import Salesperson, Team, TeamMembership, User
from tests.factories import SalespersonFactory, TeamMembershipFactory
from tests.opportunities.histories import START, Seen, Step, World, play, steps
from tests.opportunities.pages import at_stage

LAST = START + timedelta(days=60)
ENTRIES = OpportunityEntry.objects


@pytest.fixture
def world(alice: User) -> World:
    return World(alice, [SalespersonFactory(name="Anna"), SalespersonFactory(name="Bert")])


def known(day: date, at: datetime | None) -> dict[int, dict[str, Any]]:
    """Return the state of each opportunity; more than one of the same would be an error."""
    rows = list(Day(day, at).states().order_by("opportunity"))
    found = {row.opportunity_id: state_of(row) for row in rows}
    assert len(found) == len(rows)
    return found


def by_definition(day: date, at: datetime) -> dict[int, dict[str, Any]]:
    """Return the same from the definition: the highest sequence recorded and effective by then."""
    rows = ENTRIES.filter(recorded_at__lte=at, effective_on__lte=day).order_by("sequence")
    return {row.opportunity_id: state_of(row) for row in rows}


@given(history=steps)
@settings(max_examples=40)
def test_a_day_is_as_it_was_recorded_live_and_nothing_recorded_later_moves_it(
    world: World, history: list[Step]
) -> None:
    """`as_known(t)` equals the live rows of t; every earlier day equals what was answered at t."""
    with transaction.atomic():
        answers: dict[tuple[date, datetime], dict[int, dict[str, Any]]] = {}

        def ask(seen: Seen) -> None:
            for back in (0, 1, 3, 9):
                day = site_date(seen.at) - timedelta(days=back)
                answers[day, seen.at] = known(day, None)

        live = play(world, history, after=ask)

        for seen in live:
            assert known(site_date(seen.at), seen.at) == seen.states
        for (day, at), answer in answers.items():
            assert known(day, at) == answer == by_definition(day, at)
        at = live[-1].at
        for offset in range(-2, 30):
            day = START + timedelta(days=offset)
            assert known(day, None) == known(day, at) == known(day, at + timedelta(days=400))
        transaction.set_rollback(True)


def test_known_then_leaves_out_what_was_dated_back_later(world: World) -> None:
    """Signed on the 3rd, written down on the 5th: on the 4th it was open, as we knew it then."""
    play(world, [Step(1, "win", 5, 3, 0)])
    day = START + timedelta(days=3)

    now, then = known(day, None), known(day, end_of(day))

    assert [state["status"] for state in now.values()] == ["won"]
    assert [state["status"] for state in then.values()] == ["in_progress"]


def test_before_its_creation_an_opportunity_has_no_state(world: World) -> None:
    play(world, [])

    assert known(START - timedelta(days=1), None) == {}
    assert len(known(START, None)) == 1


def test_not_started_ones_are_there_from_the_first_second(world: World) -> None:
    """D2: creating writes an entry."""
    play(world, [Step(0, "create", 0, 0, 0)])

    assert sorted(state["status"] for state in known(START, None).values()) == [
        "in_progress", "not_started",
    ]  # fmt: skip


def test_a_past_row_is_judged_by_its_salesperson_of_that_day(bob: User, charlie: User) -> None:
    """product.md 2: given away today, it was bob's yesterday, and is charlie's now."""
    yesterday = today() - timedelta(days=1)
    row = at_stage(bob, 1, on=yesterday)
    charlie.salesperson.memberships.update(team=Team.objects.get(code="NORTH"))
    lifecycle.reassign(row, by=bob, salesperson=charlie.salesperson)
    Salesperson.objects.update(sees="own")
    bob, charlie = (User.objects.get(pk=user.pk) for user in (bob, charlie))

    seen = {
        (user.username, day): Day(day).states().seen_by(user, day).count()
        for user in (bob, charlie)
        for day in (yesterday, today())
    }

    assert seen == {
        ("bob", yesterday): 1,
        ("bob", today()): 0,
        ("charlie", yesterday): 0,
        ("charlie", today()): 1,
    }


def test_a_past_row_is_judged_by_the_home_team_of_that_day(bob: User) -> None:
    """Anna was in bob's team until today: bob sees her rows of yesterday, not those of today."""
    north = Team.objects.get(code="NORTH")
    anna = SalespersonFactory(name="Anna")
    yesterday = today() - timedelta(days=1)
    TeamMembershipFactory(team=north, salesperson=anna)
    at_stage(bob, 1, salesperson=anna, on=yesterday)
    TeamMembership.objects.filter(salesperson=anna).update(until_on=today())
    bob = User.objects.get(pk=bob.pk)

    assert Day(yesterday).states().seen_by(bob, yesterday).count() == 1
    assert Day(today()).states().seen_by(bob, today()).count() == 0


def test_whoever_sees_all_sees_all_of_the_past_and_who_does_not_sell_nothing(
    alice: User, dora: User, bob: User
) -> None:
    at_stage(bob, 1)
    nobody = User.objects.create(username="nobody")

    counts = [
        ENTRIES.as_of(today()).seen_by(user, today()).count() for user in (alice, dora, nobody)
    ]

    assert counts == [1, 1, 0]


def test_deleted_ones_are_left_out_by_kept(world: World) -> None:
    play(world, [Step(0, "create", 0, 0, 0), Step(0, "delete", 2, 0, 1)])
    rows = ENTRIES.as_of(LAST)

    assert (rows.count(), rows.kept().count(), rows.kept().open().count()) == (2, 1, 1)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", Day(date(2031, 5, 6))),
        ("on=2031-05-06", Day(date(2031, 5, 6))),
        ("on=2031-03-31", Day(date(2031, 3, 31))),
        ("on=2031-03-31&known=now", Day(date(2031, 3, 31))),
        ("on=2031-03-31&known=then", Day(date(2031, 3, 31), end_of(date(2031, 3, 31)))),
        (
            "on=2031-03-31&known=2031-04-02T00:00:00%2B02:00",
            Day(date(2031, 3, 31), start_of(date(2031, 4, 2))),
        ),
    ],
)
def test_a_day_is_read_from_the_address(query: str, expected: Day) -> None:
    with time_machine.travel(start_of(date(2031, 5, 6)) + timedelta(hours=9)):
        day = Day.of(QueryDict(query))
        again = Day.of(QueryDict(urlencode(day.parameters)))

    assert day == expected == again


@pytest.mark.parametrize(
    "query",
    [
        "on=yesterday", "on=2031-13-01", "on=2031-05-07", "on=0001-01-01", "on=9999-12-31",
        "on=%00", "known=later", "known=%00", "on=2031-05-06&known=0001-01-01T00:00:00",
    ],
)  # fmt: skip
def test_what_is_no_day_is_refused(query: str) -> None:
    with time_machine.travel(start_of(date(2031, 5, 6))), pytest.raises(BadRequest):
        Day.of(QueryDict(query))
