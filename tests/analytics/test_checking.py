"""Observed shares and the back-test, against histories that are read entry by entry."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.chances import Observed, Told, brier
from analytics.checking import back_test, observed_of
from crm.dates import start_of, today
from opportunities import lifecycle
from opportunities.models import Action, Opportunity, OpportunityEntry, Status
from salescycles.models import CloseReason
from salespeople.models import User
from tests.factories import CloseReasonFactory, SalesCycleFactory, make_opportunity

STAGES = [(10, 20, ""), (30, 40, "S"), (60, 60, "S"), (90, 80, "")]
START = today() - timedelta(days=400)


class World:
    """A cycle, reasons, and a clock that is set."""

    def __init__(self, by: User) -> None:
        """Make what a history needs."""
        self.by = by
        self.cycle = SalesCycleFactory(stages=STAGES)
        self.stages = list(self.cycle.stages.order_by("position"))
        self.won = CloseReasonFactory()
        self.lost = CloseReasonFactory(kind=CloseReason.Kind.LOST)

    def create(self, days: int, stage: int = 1) -> Opportunity:
        """Create one at a stage, so many days after the start."""
        on = START + timedelta(days=days)
        with lifecycle.recording_at(noon(on)):
            return make_opportunity(self.by, stage=stage, sales_cycle=self.cycle, on=on)

    def act(self, row: Opportunity, verb: str, days: int, pick: int = 0) -> None:
        """Do what may be done, so many days after the start."""
        on = START + timedelta(days=days)
        by, far = self.by, today() + timedelta(days=60)
        calls: dict[str, Any] = {
            "move": lambda: lifecycle.move(row, self.stages[pick], by=by, on=on,
                                           estimated_close_on=far),
            "update": lambda: lifecycle.update(row, by=by, on=on, estimated_close_on=far,
                                               chances_of_success=Decimal(5 + 20 * pick)),
            "win": lambda: lifecycle.win(row, by=by, on=on, reason=self.won),
            "lose": lambda: lifecycle.lose(row, by=by, on=on, reason=self.lost),
            "reopen": lambda: lifecycle.reopen(row, by=by, on=on, estimated_close_on=far),
            "delete": lambda: lifecycle.delete(row, by=by, on=on),
            "restore": lambda: lifecycle.restore(row, by=by, on=on),
            "undo": lambda: lifecycle.undo(lifecycle.newest_standing(row), by=by),
        }  # fmt: skip
        try:
            with lifecycle.recording_at(noon(on)), transaction.atomic():
                calls[verb]()
        except (ValidationError, PermissionDenied):
            pass


def noon(day: date) -> datetime:
    """Return the middle of a day."""
    return start_of(day) + timedelta(hours=12)


@pytest.fixture
def world(alice: User) -> World:
    return World(alice)


def firsts(count: int = 14) -> list[date]:
    """Return the first days of the last months, this one included, ascending."""
    number = today().year * 12 + today().month - 1
    return [date(n // 12, n % 12 + 1, 1) for n in range(number - count + 1, number + 1)]


# What the back-test reads in SQL, read here entry by entry.
def known(row: Opportunity, month: date) -> list[OpportunityEntry]:
    return list(row.entries.filter(recorded_at__lt=start_of(month)).order_by("sequence"))


def visited(entries: list[OpportunityEntry]) -> set[int | None]:
    undone = {entry.undoes_id for entry in entries}
    return {
        entry.stage_id
        for entry in entries
        if entry.status == Status.IN_PROGRESS
        and not entry.is_deleted
        and entry.action != Action.UNDONE
        and entry.pk not in undone
    }


def learned_then(rows: list[Opportunity], month: date, stage: int | None) -> Observed:
    won = count = 0
    for row in rows:
        entries = known(row, month)
        if not entries or not entries[-1].is_closed or entries[-1].is_deleted:
            continue
        if stage is None or stage in visited(entries):
            count += 1
            won += entries[-1].status == Status.WON
    return Observed(won, count)


def expected(rows: list[Opportunity], month: date) -> dict[str, list[Told]]:
    found: dict[str, list[Told]] = {"told": [], "base": [], "learned": []}
    base = learned_then(rows, month, None)
    if not base.count:
        return found
    for row in rows:
        entries = known(row, month)
        if not entries or not row.is_closed or row.is_deleted:
            continue
        then = entries[-1]
        if then.status != Status.IN_PROGRESS or then.is_deleted:
            continue
        won, told = int(row.status == Status.WON), float(then.probability) / 100
        found["told"].append(Told(told, won))
        found["base"].append(Told(base.won / base.count, won))
        learned = learned_then(rows, month, then.stage_id).learned(told)
        found["learned"].append(Told(learned, won))
    return found


# What may follow one another: moves and undone moves, then an end that may not be the last word.
calls = [
    st.lists(
        st.tuples(st.sampled_from(verbs), st.integers(1, gap), st.integers(0, 2)),
        min_size=least,
        max_size=least + 2,
    )
    for verbs, gap, least in (
        (["move", "move", "undo", "update"], 60, 2),
        (["win", "lose"], 60, 1),
        (["delete", "reopen", "undo", "win", "lose", "restore"], 40, 0),
    )
]
histories = st.lists(
    st.tuples(*calls).map(lambda parts: [*parts[0], *parts[1], *parts[2]]), min_size=4, max_size=6
)


@given(histories)
@settings(max_examples=20)
def test_the_back_test_is_what_the_entries_say(world: World, histories: Any) -> None:
    with transaction.atomic():
        for number, history in enumerate(histories):
            row, days = world.create(number * 7), number * 7
            for verb, gap, pick in history:
                days += gap
                if days <= 400:
                    world.act(row, verb, days, pick)
        rows = list(Opportunity.objects.all())
        months = firsts()

        found = back_test(Opportunity.objects.all(), months[0], months[-1], floor=1)

        whole: dict[str, list[Told]] = {"told": [], "base": [], "learned": []}
        for month, scored in zip(months, found.months, strict=True):
            wanted = expected(rows, month)
            assert scored.month == month
            assert (scored.scores is None) == (not wanted["told"])
            for name, told in wanted.items():
                whole[name] += told
                if scored.scores:
                    assert getattr(scored.scores, name) == pytest.approx(brier(told))
        assert found.scores.count == len(whole["told"])
        for name, told in whole.items():
            assert getattr(found.scores, name) == pytest.approx(brier(told))
        transaction.set_rollback(True)


def test_nothing_recorded_later_changes_what_was_learned(world: World) -> None:
    """The chance learned at the beginning of a month is the same, whatever is written after it."""
    for n in range(6):
        row = world.create(n)
        world.act(row, "move", 20 + n, 1)
        world.act(row, "win" if n % 2 else "lose", 60 + n)
    judged = world.create(10)
    months = firsts()
    month = min(m for m in months if m > START + timedelta(days=70))
    before = learned_then(list(Opportunity.objects.all()), month, world.stages[0].pk)
    assert before == Observed(3, 6)

    for row in Opportunity.objects.exclude(pk=judged.pk):
        world.act(row, "reopen", 300)
        world.act(row, "delete", 310)
    world.act(judged, "win", 320)

    scores = back_test(Opportunity.objects.all(), month, month, floor=1).months[0].scores
    assert scores is not None
    assert scores.count == 1
    told = float(judged.probability) / 100
    learned = (3 + 20 * told) / (6 + 20)
    assert scores.learned == pytest.approx((1 - learned) ** 2)
    assert scores.base == pytest.approx(0.25)


def test_a_share_counts_each_closed_opportunity_once_at_each_stage_it_was_at(world: World) -> None:
    """Three were at the first stage (one won), two at the second (one won); one is still open."""
    to_second_won, to_second_lost, lost_at_first, still_open = (world.create(n) for n in range(4))
    for row in (to_second_won, to_second_lost):
        world.act(row, "move", 30, 1)
        world.act(row, "update", 40, 2)
    world.act(to_second_won, "win", 50)
    world.act(to_second_lost, "lose", 50)
    world.act(lost_at_first, "move", 20, 1)
    world.act(lost_at_first, "undo", 21)
    world.act(lost_at_first, "lose", 50)
    world.act(still_open, "move", 30, 1)

    found = observed_of(Opportunity.objects.closed())

    first, second = world.stages[0].pk, world.stages[1].pk
    assert found == {first: Observed(1, 3), second: Observed(1, 2)}


def test_months_before_which_too_few_had_closed_are_not_scored(world: World) -> None:
    row = world.create(0)
    world.act(row, "win", 100)
    other = world.create(5)
    world.act(other, "lose", 300)
    months = firsts()

    found = back_test(Opportunity.objects.all(), months[0], months[-1])

    assert [m.scores for m in found.months] == [None] * len(months)
    assert (found.scores.count, found.scores.told, found.told) == (0, None, [])
