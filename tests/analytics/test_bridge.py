"""The bridge: from opening to closing to the cent, each opportunity in one bar (product.md, U2)."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.http import QueryDict
from django.test import RequestFactory
from django.utils.http import urlencode
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.bridge import BARS, MEASURES, Bridge, Span
from analytics.bridge_filters import BridgeFilter
from crm.dates import start_of
from opportunities.days import Day, end_of
from opportunities.models import Opportunity, OpportunityEntry
from salespeople.models import Salesperson, TeamMembership, User
from tests.factories import SalespersonFactory, TeamFactory, TeamMembershipFactory
from tests.opportunities.histories import START, Step, World, play, steps

ZERO = Decimal(0)
TODAY = START + timedelta(days=60)
DAY = timedelta(days=1)


@pytest.fixture
def world(alice: User) -> World:
    """Two salespeople; Bert changes from the team North to South in the middle of things."""
    north, south = TeamFactory(name="North"), TeamFactory(name="South")
    anna, bert = SalespersonFactory(name="Anna"), SalespersonFactory(name="Bert")
    TeamMembershipFactory(team=north, salesperson=anna)
    change = START + 6 * DAY
    TeamMembership.objects.create(
        team=north, salesperson=bert, from_on=date(2020, 1, 1), until_on=change
    )
    TeamMembership.objects.create(team=south, salesperson=bert, from_on=change)
    return World(alice, [anna, bert])


def bridge(
    user: User, first: date, last: date, query: dict[str, Any] | None = None, *,
    measure: str = "value", then: bool = False,
) -> Bridge:  # fmt: skip
    """Return the bridge of a person between two evenings."""
    request = RequestFactory().get("/")
    request.user = user
    data = QueryDict(urlencode(query or {}))
    asked = BridgeFilter(data, OpportunityEntry.objects.none(), request=request)
    asked.days = (first, last)
    assert asked.form.is_valid(), asked.form.errors
    days = [Day(on, end_of(on) if then else None) for on in (first, last)]
    return Bridge(Span(*days), asked, user, measure)


def in_python(  # noqa: PLR0911, C901 - the precedence, read from product.md line by line
    opening: Any, closing: Any, meets: dict[tuple[str, str], bool], column: str
) -> tuple[str, Decimal] | None:
    """Return the bar of one opportunity and its amount by the letter of U2; None for no bar."""

    def contributes(side: str, state: Any) -> bool:
        whole = ("person", "period", "other", "seen")
        return (
            state is not None and state.is_open and not state.is_deleted
            and all(meets[side, name] for name in whole)
        )  # fmt: skip

    was, comes = contributes("opening", opening), contributes("closing", closing)
    before = getattr(opening, column) if was else ZERO
    after = getattr(closing, column) if comes else ZERO
    gone = closing is not None and (closing.is_closed or closing.is_deleted)
    passed_by = opening is None and gone and all(
        meets["closing", name] for name in ("person", "period", "other", "seen")
    )  # fmt: skip
    if not (was or comes or passed_by):
        return None
    if was and not meets["closing", "seen"]:
        return "reassigned_out", after - before
    if comes and opening is not None and not meets["opening", "seen"]:
        return "reassigned_in", after - before
    if closing.status in ("won", "lost"):
        return closing.status, after - before
    if closing.is_deleted:
        return "deleted", after - before
    if opening is not None and (opening.is_closed or opening.is_deleted):
        return "reopened", after - before
    if opening is None:
        return "created", after - before
    for name, bar in (("person", "reassigned"), ("period", "period"), ("other", "other")):
        if was and not comes and not meets["closing", name]:
            return f"{bar}_out", after - before
        if comes and not was and not meets["opening", name]:
            return f"{bar}_in", after - before
    return ("up" if after > before else "down" if after < before else "same"), after - before


def expected(each: Bridge, filters: dict[str, Any]) -> dict[int, tuple[str, Decimal]]:
    """Return the bar and the amount of each opportunity, evaluated in Python from the entries."""
    states: dict[str, dict[int, Any]] = {}
    for side, day in (("opening", each.span.opening), ("closing", each.span.closing)):
        rows = OpportunityEntry.objects.filter(effective_on__lte=day.on).order_by("sequence")
        if day.at is not None:
            rows = rows.filter(recorded_at__lte=day.at)
        states[side] = {row.opportunity_id: row for row in rows}
    found = {}
    for pk in Opportunity.objects.values_list("pk", flat=True):
        opening, closing = states["opening"].get(pk), states["closing"].get(pk)
        meets = {
            (side, name): state is not None and test(state, day.on)
            for side, state, day in (
                ("opening", opening, each.span.opening), ("closing", closing, each.span.closing),
            )
            for name, test in asked_of(filters, each.user).items()
        }  # fmt: skip
        bar = in_python(opening, closing, meets, MEASURES[each.measure])
        if bar is not None:
            found[pk] = bar
    return found


def home(salesperson: int, on: date) -> int | None:
    """Return the home team of a salesperson on a day."""
    rows = TeamMembership.objects.home().on(on).filter(salesperson=salesperson)
    return rows.values_list("team", flat=True).first()


def asked_of(filters: dict[str, Any], user: Any) -> dict[str, Callable[[Any, date], bool]]:
    """Return what the filters ask of a state, in plain Python."""

    def person(state: Any, on: date) -> bool:
        return all(
            (
                filters.get("salesperson") in (None, state.salesperson_id),
                filters.get("team") in (None, home(state.salesperson_id, on)),
            )
        )

    def period(state: Any, on: date) -> bool:
        close = state.estimated_close_on
        first, last = filters.get("close_from"), filters.get("close_until")
        return (first is None or (close is not None and close >= first)) and (
            last is None or (close is not None and close <= last)
        )

    def other(state: Any, on: date) -> bool:
        return all(
            (
                filters.get("stage") in (None, state.stage_id),
                filters.get("value_from", ZERO) <= state.estimated_value,
                filters.get("contact") in (None, state.contact_id),
            )
        )

    def seen(state: Any, on: date) -> bool:
        own = getattr(user, "salesperson", None)
        if own is None or own.sees == "all":
            return True
        return state.salesperson_id == own.pk or (
            own.sees == "team" and home(state.salesperson_id, on) == home(own.pk, TODAY)
        )

    return {"person": person, "period": period, "other": other, "seen": seen}


def choices(world: World) -> list[dict[str, Any]]:
    """Return filters of every dimension, alone and together."""
    anna, bert = (person.pk for person in world.salespeople)
    north = TeamMembership.objects.filter(salesperson=anna).get().team_id
    stage = world.cycle.stages.get(position=2).pk
    period = {"close_from": date(2031, 5, 1), "close_until": date(2031, 7, 31)}
    return [
        {},
        {"salesperson": bert},
        {"team": north},
        period,
        {"stage": stage},
        {"value_from": Decimal(200)},
        {"contact": world.person.pk},
        {"salesperson": anna, "stage": stage, **period},
        {"team": north, "value_from": Decimal(200), **period},
    ]


@given(history=steps, data=st.data())
@settings(max_examples=30)
def test_any_bridge_adds_up_and_has_each_opportunity_in_exactly_one_bar(
    world: World, history: list[Step], data: st.DataObject
) -> None:
    """Any two days, any filter, both measures, now and then: SQL equals the letter of U2."""
    with transaction.atomic():
        moments = play(world, history)
        length = (moments[-1].at.date() - START).days + 2
        first = START + data.draw(st.integers(-1, length)) * DAY
        last = first + data.draw(st.integers(1, length + 1)) * DAY
        with time_machine.travel(start_of(TODAY), tick=False):
            for _n in range(3):
                filters = data.draw(st.sampled_from(choices(world)))
                measure, then = data.draw(st.sampled_from([*product(MEASURES, (False, True))]))
                check(bridge(world.user, first, last, filters, measure=measure, then=then), filters)
        transaction.set_rollback(True)


@given(history=steps, wait=st.integers(0, 20))
@settings(max_examples=15)
def test_whoever_sees_less_has_a_bridge_of_what_he_or_she_sees(
    world: World, bob: User, history: list[Step], wait: int
) -> None:
    """Anna's team of today, judged by the home team of each day; then her own alone."""
    anna = world.salespeople[0]
    with transaction.atomic():
        play(world, history)
        first = START + wait * DAY
        with time_machine.travel(start_of(TODAY), tick=False):
            for sees in ("team", "own"):
                Salesperson.objects.filter(pk=anna.pk).update(sees=sees, user=None)
                Salesperson.objects.filter(pk=bob.salesperson.pk).update(user=None)
                Salesperson.objects.filter(pk=anna.pk).update(user=bob)
                user = User.objects.get(pk=bob.pk)
                check(bridge(user, first, first + 5 * DAY), {})
        transaction.set_rollback(True)


def check(each: Bridge, filters: dict[str, Any]) -> None:
    """Compare SQL with Python, row by row, and the sums with the rows."""
    rows = each.rows(BARS, most=100)
    assert {row.pk: (row.bar, row.amount) for row in rows} == expected(each, filters)
    assert len({row.pk for row in rows}) == len(rows)
    sums = each.sums()
    assert set(sums) == {row.bar for row in rows}
    for name in sums:
        own = [row for row in rows if row.bar == name]
        assert sums[name].number == len(own)
        assert sums[name].amount == sum((row.amount for row in own), ZERO)
    opening, closing = (ends(each, day) for day in (each.span.opening, each.span.closing))
    assert sum((s.opening for s in sums.values()), ZERO) == opening
    assert sum((s.closing for s in sums.values()), ZERO) == closing
    assert opening + sum((s.amount for s in sums.values()), ZERO) == closing
    for row in rows:
        is_up = row.bar.endswith("_in") or row.bar in ("created", "reopened", "up")
        assert (row.amount >= 0) if is_up else (row.amount <= 0)


def ends(each: Bridge, day: Day) -> Decimal:
    """Return the sum of what was open on a day, as the list of that day has it."""
    rows = day.states_for(each.user).open().filter(each.asked.asked(day.on))
    return sum((getattr(row, MEASURES[each.measure]) for row in rows), ZERO)


def test_won_comes_before_everything_else(world: World) -> None:
    """Reassigned, moved out of the period and won: it stands under Won, with what it was worth."""
    play(world, [Step(3, "update", 1, 0, 0), Step(2, "reassign", 1, 0, 0), Step(1, "win", 1, 0, 0)])
    period = {"close_from": date(2031, 5, 1), "close_until": date(2031, 5, 31)}

    found = bridge(world.user, START, START + 5 * DAY, period).rows(BARS, most=9)

    assert [(r.bar, r.opening, r.closing, r.amount) for r in found] == [
        ("won", Decimal("250.25"), ZERO, Decimal("-250.25"))
    ]


def test_created_and_closed_in_between_is_listed_with_0(world: World) -> None:
    play(world, [Step(1, "create", 1, 0, 0), Step(1, "lose", 1, 0, 1)])

    sums = bridge(world.user, START, START + 5 * DAY).sums()

    assert (sums["lost"].number, sums["lost"].amount) == (1, ZERO)
    assert sums["same"].number == 1


def test_what_was_recorded_later_does_not_move_the_bridge_as_known_then(world: World) -> None:
    """Lost on the 4th, written down on the 8th: the bridge of the 5th, as known then, has none."""
    play(world, [Step(1, "lose", 5, 4, 0)])
    days = (START, START + 2 * DAY)

    assert set(bridge(world.user, *days).sums()) == {"lost"}
    assert set(bridge(world.user, *days, then=True).sums()) == {"same"}


def test_rows_come_in_pages_by_their_amounts(world: World) -> None:
    play(world, [Step(pick, "create", 1, 0, 0) for pick in (1, 2, 1, 0, 2)])
    each = bridge(world.user, START, START + 9 * DAY)
    whole = each.rows(("created",), most=9)

    found, behind = [], None
    while page := each.rows(("created",), most=2, behind=behind):
        found += page
        behind = (page[-1].amount, page[-1].pk)

    assert len(whole) == 5
    assert found == whole


def test_nobody_sees_nothing(world: World) -> None:
    play(world, [])
    nobody: Any = AnonymousUser()

    assert bridge(nobody, START - DAY, START + DAY).sums() == {}
