"""The next-task signal of an opportunity: on the board, in the list, and as a filter."""

from datetime import time, timedelta
from typing import Any

import pytest

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from opportunities.next_tasks import next_tasks_of
from salescycles.models import SalesCycle
from salespeople.models import User
from tasks import lifecycle as task_door
from tests.factories import CloseReasonFactory, SalesCycleFactory, make_task
from tests.opportunities.pages import STAGES, at_stage, signed_in


@pytest.fixture
def cycle(db: None) -> SalesCycle:
    """The default cycle."""
    made: SalesCycle = SalesCycleFactory(stages=STAGES, is_default=True)
    return made


def in_days(days: int) -> Any:
    return today() + timedelta(days=days)


def four(bob: User, cycle: SalesCycle) -> dict[str, Opportunity]:
    """Return an opportunity for each signal; each but the last has a later task too."""
    found = {}
    for name, due in (("late", -1), ("today", 0), ("later", 1), ("none", None)):
        row = found[name] = at_stage(bob, 1, sales_cycle=cycle)
        if due is not None:
            make_task(bob, opportunity=row, due_on=in_days(9), description="Later")
            make_task(bob, opportunity=row, due_on=in_days(due), description="Call")
    return found


def signals(bob: User) -> dict[Opportunity, str]:
    columns = signed_in(bob).get("/pipeline/").context["board"].columns
    return {c.opportunity: c.next_task.signal for column in columns for c in column.cards}


def test_the_board_tells_of_the_task_that_is_due_first(bob: User, cycle: SalesCycle) -> None:
    rows = four(bob, cycle)

    assert signals(bob) == {row: name for name, row in rows.items()}
    page = signed_in(bob).get("/pipeline/").content.decode()
    assert "Late: Call, due yesterday" in page
    assert "Next: Call, due today" in page
    assert "Next: Call, due tomorrow" in page
    assert "No next task: plan one" in page


def test_the_signal_follows_what_is_done_put_off_cancelled_and_reopened(
    bob: User, cycle: SalesCycle
) -> None:
    row = at_stage(bob, 1, sales_cycle=cycle)
    task = make_task(bob, opportunity=row, due_on=in_days(-2))
    found = [signals(bob)[row]]
    task = task_door.reschedule(task, today(), by=bob)
    found.append(signals(bob)[row])
    task = task_door.complete(task, by=bob)
    found.append(signals(bob)[row])
    task = task_door.reopen(task, by=bob)
    found.append(signals(bob)[row])
    task_door.cancel(task, by=bob)
    found.append(signals(bob)[row])

    assert found == ["late", "today", "none", "today", "none"]


@pytest.mark.parametrize("name", ["late", "today", "later", "none"])
def test_the_list_is_filtered_by_the_signal(bob: User, cycle: SalesCycle, name: str) -> None:
    rows = four(bob, cycle)
    lost = at_stage(bob, 1, sales_cycle=cycle)
    close(lost, bob)

    response = signed_in(bob).get(f"/opportunities/?next_task={name}")

    assert list(response.context["page"].rows) == [rows[name]]
    assert [row.next_task.signal for row in response.context["page"].rows] == [name]
    assert response.context["sums"].count == 1


def close(opportunity: Opportunity, by: User) -> None:
    """Lose it, which cancels its tasks."""
    lifecycle.lose(opportunity, by=by, reason=CloseReasonFactory(kind="lost"))


def test_a_signal_that_does_not_exist_is_refused(bob: User) -> None:
    assert signed_in(bob).get("/opportunities/?next_task=soon").status_code == 400


def test_of_two_tasks_of_a_day_the_one_without_a_time_stands_first(
    bob: User, cycle: SalesCycle
) -> None:
    row = at_stage(bob, 1, sales_cycle=cycle)
    make_task(bob, opportunity=row, description="At nine", start_time=time(9))
    make_task(bob, opportunity=row, description="Some time")

    assert next_tasks_of([row.pk])[row.pk].description == "Some time"
