"""Whatever people do, a row of recurring tasks neither loses nor doubles a task (R185)."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.dates import today
from opportunities import lifecycle as opportunities
from opportunities.models import Opportunity, Status
from salescycles.models import CloseReason
from salespeople.models import User
from tasks import lifecycle
from tasks.models import Task
from tests.factories import CloseReasonFactory, SalespersonFactory, make_opportunity, make_task

FIRST_DAY = today() - timedelta(days=400)
type Step = tuple[str, int]
VERBS = ("complete", "complete", "cancel", "end", "reopen", "reopen", "edit", "stop", "go_on",
         "assign", "reschedule", "win", "undo")  # fmt: skip
steps = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(min_value=0, max_value=11)),
    min_size=1,
    max_size=25,
)


class World:
    """One recurring task of an opportunity, and what may happen to the row that it begins."""

    def __init__(self, by: User, others: Sequence[Any], won: CloseReason, rule: Any) -> None:
        self.by, self.others, self.won = by, others, won
        self.opportunity = make_opportunity(by, stage=1)
        self.first = make_task(by, opportunity=self.opportunity, due_on=FIRST_DAY, **rule)

    def row(self) -> list[Task]:
        """Return the tasks, each followed by the next."""
        found = [Task.objects.get(pk=self.first.pk)]
        while follower := Task.objects.filter(follows=found[-1]).first():
            found.append(follower)
        return found

    def do(self, verb: str, pick: int) -> None:
        """Do something to one of the tasks; what the door refuses changes nothing."""
        row = self.row()
        task, by = row[pick % len(row)], self.by
        calls: dict[str, Callable[[], Any]] = {
            "complete": lambda: lifecycle.complete(task, by=by),
            "cancel": lambda: lifecycle.cancel(task, by=by),
            "end": lambda: lifecycle.cancel(task, by=by, ends_recurrence=True),
            "reopen": lambda: lifecycle.reopen(task, by=by),
            "edit": lambda: lifecycle.edit(task, by=by, note=f"Note {pick}"),
            "stop": lambda: lifecycle.edit(task, by=by, is_recurring=False),
            "go_on": lambda: lifecycle.edit(
                task, by=by, is_recurring=True, recurring_interval="2W", recurs_from="due"
            ),
            "assign": lambda: lifecycle.assign(task, by=by, salesperson=self.others[pick % 2]),
            "reschedule": lambda: lifecycle.reschedule(
                task, FIRST_DAY + timedelta(days=pick), by=by
            ),
            "win": self._win,
            "undo": self._undo,
        }
        try:
            calls[verb]()
        except ValidationError:
            assert len(self.row()) == len(row)

    def _win(self) -> None:
        fresh = Opportunity.objects.get(pk=self.opportunity.pk)
        opportunities.win(fresh, by=self.by, reason=self.won)

    def _undo(self) -> None:
        fresh = Opportunity.objects.get(pk=self.opportunity.pk)
        if fresh.status == Status.WON:
            opportunities.undo(opportunities.newest_standing(fresh), by=self.by)


def check(world: World) -> None:
    """The row holds every task; what is closed and recurs is followed; it ends open or ended."""
    row = world.row()
    assert set(row) == set(Task.objects.filter(opportunity=world.opportunity)), "none beside it"
    for task, _next in pairwise(row):
        assert task.edits, "followed only once somebody has closed it"
    last = row[-1]
    assert last.is_open or not last.is_recurring, "no row ends while it recurs"
    for task in row:
        assert not task.is_recurring or task.recurring_interval, "what recurs has its rule"
        is_followed = task is not last
        assert task.is_open or not task.is_recurring or is_followed


@pytest.mark.parametrize("base", ["due", "closing"])
@settings(max_examples=25)
@given(history=steps)
def test_no_history_loses_or_doubles_a_task(alice: User, base: str, history: list[Step]) -> None:
    rule = {"is_recurring": True, "recurring_interval": "1W", "recurs_from": base}
    others = [SalespersonFactory(), SalespersonFactory()]
    world = World(alice, others, CloseReasonFactory(), rule)
    for verb, pick in history:
        before = world.row()
        world.do(verb, pick)
        after = world.row()
        assert abs(len(after) - len(before)) <= 1, "one at a time"
        check(world)


def test_completing_alone_goes_on_for_ever_one_open_at_a_time(bob: User) -> None:
    """52 weeks of a weekly call, each a week after the one before it."""
    rule = {"is_recurring": True, "recurring_interval": "1W", "recurs_from": "due"}
    task = make_task(bob, due_on=FIRST_DAY, **rule)
    for _week in range(52):
        lifecycle.complete(Task.objects.open().get(), by=bob)

    days = list(Task.objects.order_by("pk").values_list("due_on", flat=True))
    assert days == [FIRST_DAY + timedelta(weeks=n) for n in range(53)]
    assert Task.objects.open().get().description == task.description
