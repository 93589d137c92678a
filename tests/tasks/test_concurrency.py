"""Many at once: tasks are closed once, followed once, taken once, and nothing waits for ever."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from opportunities import lifecycle as opportunities
from opportunities.models import Opportunity
from salespeople.models import Salesperson, TeamMembership, User
from tasks import lifecycle
from tasks.models import Task
from tests.factories import (
    ActivityFactory,
    CloseReasonFactory,
    SalesCycleFactory,
    SalespersonFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
    make_opportunity,
    make_task,
)

ROUNDS = 12
MONTHLY = {"is_recurring": True, "recurring_interval": "1M", "recurs_from": "due"}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(transactional_db: None) -> User:
    """A manager who sees everything, committed."""
    user = UserFactory(username="alice", role="Manager")
    SalespersonFactory(user=user, sees=Salesperson.Sees.ALL)
    return user


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """Make all calls at the same moment; return what each said: done, or the refusal."""
    barrier = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET deadlock_timeout = '200ms'")
            barrier.wait()
            call()
        except ValidationError as error:
            return str(error.messages[0])
        except (lifecycle.Conflict, opportunities.Conflict):
            return "conflict"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def row_from(task: Task) -> list[Task]:
    """Return the task and those that follow it, one after the other."""
    found = [Task.objects.get(pk=task.pk)]
    while follower := Task.objects.filter(follows=found[-1]).first():
        found.append(follower)
    return found


def test_of_four_who_complete_it_at_once_one_makes_the_next(manager: User) -> None:
    for _round in range(ROUNDS):
        task = make_task(manager, **MONTHLY)

        said = at_once(*[partial(lifecycle.complete, task, by=manager)] * 4)

        assert said == ["done"] * 4  # what is already so writes nothing
        assert [one.edits for one in row_from(task)] == [1, 0]


def test_of_four_who_have_seen_the_same_one_succeeds(manager: User) -> None:
    for _round in range(ROUNDS):
        task = make_task(manager, **MONTHLY)

        said = at_once(*[partial(lifecycle.complete, task, by=manager, seen=0)] * 4)

        assert Counter(said) == {"done": 1, "conflict": 3}
        assert len(row_from(task)) == 2


def test_completing_and_cancelling_at_once_closes_it_one_way(manager: User) -> None:
    for _round in range(ROUNDS):
        task = make_task(manager, **MONTHLY)

        said = at_once(
            partial(lifecycle.complete, task, by=manager),
            partial(lifecycle.cancel, task, by=manager),
        )

        first, second = row_from(task)
        is_completed = first.status == "completed"
        words = "completed" if is_completed else "cancelled"
        refusal = f"It is {words} already. Reopen it first."
        assert said == (["done", refusal] if is_completed else [refusal, "done"])
        assert second.is_open


def test_completing_and_reopening_at_once_neither_loses_nor_doubles(manager: User) -> None:
    for _round in range(ROUNDS):
        task = lifecycle.complete(make_task(manager, **MONTHLY), by=manager)
        following = row_from(task)[1]

        at_once(
            partial(lifecycle.reopen, task, by=manager),
            partial(lifecycle.complete, task, by=manager),
            partial(_complete_if_there, following, manager),
        )

        row = row_from(task)
        assert row[-1].is_open
        for one in row[:-1]:
            assert one.edits
        assert len(row) in (1, 2, 3)


def _complete_if_there(task: Task, by: User) -> None:
    try:
        lifecycle.complete(task, by=by)
    except Task.DoesNotExist:  # taken back by the reopening
        return


def test_of_three_members_one_takes_the_task(manager: User) -> None:
    team = TeamFactory()
    members = [_member(team, n) for n in range(3)]
    for _round in range(ROUNDS):
        task = make_task(manager, team=team)

        said = at_once(*[partial(lifecycle.take, task, by=member) for member in members])

        taker = Task.objects.get(pk=task.pk).salesperson
        assert Counter(said) == {"done": 1, f"{taker} has taken it already.": 2}


def _member(team: Any, number: int) -> User:
    user = UserFactory(username=f"member{number}", role="Salesperson")
    salesperson = SalespersonFactory(user=user, sees=Salesperson.Sees.TEAM)
    TeamMembershipFactory(team=team, salesperson=salesperson)
    assert TeamMembership.objects.filter(salesperson=salesperson).exists()
    return user


def test_closing_the_opportunity_while_its_tasks_are_completed_leaves_none_open(
    manager: User,
) -> None:
    """The next one that a completion makes while the close waits for it is cancelled, too."""
    reason = CloseReasonFactory()
    for _round in range(ROUNDS):
        opportunity = make_opportunity(manager, stage=1)
        tasks = [make_task(manager, opportunity=opportunity, **MONTHLY) for _n in range(4)]
        fresh = Opportunity.objects.get(pk=opportunity.pk)

        said = at_once(
            *[partial(lifecycle.complete, task, by=manager) for task in reversed(tasks)],
            partial(opportunities.win, fresh, by=manager, reason=reason),
        )

        assert said[-1] == "done"
        assert set(said) <= {"done", "It is cancelled already. Reopen it first."}
        assert not Task.objects.open().filter(opportunity=opportunity).exists()


def test_a_next_one_made_while_the_close_waits_is_cancelled(manager: User) -> None:
    """Without luck: the completion holds the row until the close waits for it."""
    opportunity = make_opportunity(manager, stage=1)
    task = make_task(manager, opportunity=opportunity, **MONTHLY)
    reason = CloseReasonFactory()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lifecycle.complete(task, by=manager)
            closing = pool.submit(_closed, opportunity, manager, reason)
            _wait_for_a_lock()
        closing.result(timeout=20)

    first, second = row_from(task)
    assert (first.status, second.status, second.is_recurring) == ("completed", "cancelled", False)


def _closed(opportunity: Opportunity, by: User, reason: Any) -> None:
    try:
        opportunities.win(opportunity, by=by, reason=reason)
    finally:
        connection.close()


BLOCKED = (
    "SELECT count(*) FROM pg_stat_activity WHERE pg_backend_pid() = ANY(pg_blocking_pids(pid))"
)


def _wait_for_a_lock() -> None:
    """Return when somebody waits for a row that this connection holds."""
    for _time in range(500):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(BLOCKED)
            if cursor.fetchone()[0]:
                return
            cursor.execute("SELECT pg_sleep(0.02)")
    pytest.fail("nobody waits")


def test_moves_reassignments_and_completions_at_once_do_not_deadlock(manager: User) -> None:
    cycle = SalesCycleFactory(stages=[(10, 10, "S")] * 4)
    cycle.stages.update(activity=ActivityFactory(steps=[("to_do", ""), ("to_do", "1D")]))
    stages = list(cycle.stages.order_by("position"))
    move = partial(opportunities.move, by=manager, cancel_open_tasks=True)
    reassign = partial(opportunities.reassign, by=manager, hand_over_open_tasks=True)
    for _round in range(ROUNDS):
        opportunity = make_opportunity(manager, sales_cycle=cycle, stage=1)
        tasks = [make_task(manager, opportunity=opportunity, **MONTHLY) for _n in range(3)]
        fresh = Opportunity.objects.get(pk=opportunity.pk)

        said = at_once(
            partial(move, fresh, stages[1]),
            partial(move, fresh, stages[2]),
            partial(reassign, fresh, salesperson=SalespersonFactory()),
            *[partial(lifecycle.complete, task, by=manager) for task in tasks],
        )

        assert said[:3] == ["done"] * 3
        assert set(said) <= {"done", "It is cancelled already. Reopen it first."}


def test_a_task_given_away_while_one_waits_for_it_is_read_anew(manager: User) -> None:
    """What has waited for a lock sees the new salesperson, not none."""
    other = SalespersonFactory()
    task = make_task(manager)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            lifecycle.assign(task, by=manager, salesperson=other)
            completing = pool.submit(_completed, task, manager)
            _wait_for_a_lock()
        done = completing.result(timeout=20)

    assert (done.salesperson, done.completed_by) == (other, other)


def _completed(task: Task, by: User) -> Task:
    try:
        return lifecycle.complete(task, by=by)
    finally:
        connection.close()
