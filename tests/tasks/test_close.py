"""Completing, cancelling, reopening, and what follows a recurring task (R181–R185)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from crm.dates import today
from opportunities import lifecycle as opportunities
from salespeople.models import User
from tasks import interactions, lifecycle
from tasks.models import Task
from tests.factories import CompanyFactory, SalespersonFactory, make_opportunity, make_task

MONTHLY = {"is_recurring": True, "recurring_interval": "1M", "recurs_from": "due"}
DAILY_FROM_CLOSING = {"is_recurring": True, "recurring_interval": "3D", "recurs_from": "closing"}


def refreshed(task: Task) -> Task:
    """Return the task as it is now."""
    return Task.objects.get(pk=task.pk)


def follower(task: Task) -> Task:
    """Return the task that follows it."""
    return Task.objects.get(follows=task)


def test_r181_completing_closes_it_by_its_salesperson(alice: User, bob: User) -> None:
    task = lifecycle.edit(make_task(bob), by=bob, status="waiting")

    done = lifecycle.complete(task, by=alice)

    assert (done.status, done.completed_by, done.closed_by) == (
        "completed",
        bob.salesperson,
        alice,
    )
    assert done.closed_at is not None
    assert not Task.objects.exclude(pk=task.pk).exists()


def test_r182_cancelling_closes_it_by_nobody(bob: User) -> None:
    gone = lifecycle.cancel(make_task(bob), by=bob)

    assert (gone.status, gone.completed_by, gone.closed_by) == ("cancelled", None, bob)


@pytest.mark.parametrize("verb", ["complete", "cancel"])
def test_r181_r182_reopened_it_is_in_progress(bob: User, verb: str) -> None:
    task = make_task(bob)
    getattr(lifecycle, verb)(task, by=bob)

    again = lifecycle.reopen(task, by=bob)

    assert (again.status, again.closed_at, again.closed_by, again.completed_by) == (
        "in_progress",
        None,
        None,
        None,
    )


def test_twice_is_once(bob: User) -> None:
    task = make_task(bob, **MONTHLY)
    for verb in ("complete", "complete"):
        getattr(lifecycle, verb)(task, by=bob)
    assert (refreshed(task).edits, Task.objects.count()) == (1, 2)

    open_one = follower(task)
    assert lifecycle.reopen(open_one, by=bob).edits == open_one.edits


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [("complete", "cancel", "completed"), ("cancel", "complete", "cancelled")],
)
def test_what_was_closed_one_way_is_not_closed_the_other_way(
    bob: User, first: str, second: str, words: str
) -> None:
    task = make_task(bob)
    getattr(lifecycle, first)(task, by=bob)

    with pytest.raises(ValidationError, match=f"It is {words} already. Reopen it first."):
        getattr(lifecycle, second)(task, by=bob)


def test_r183_a_task_of_a_team_is_completed_by_somebody(alice: User, bob: User, dora: User) -> None:
    team = bob.salesperson.memberships.get().team
    by_member, by_name = make_task(alice, team=team), make_task(alice, team=team)

    with pytest.raises(ValidationError) as refused:
        lifecycle.complete(by_member, by=dora)  # who sells nothing
    sentence = "Say who has completed the team's task."
    assert refused.value.message_dict == {"completed_by": [sentence]}
    assert lifecycle.complete(by_member, by=bob).completed_by == bob.salesperson
    done = lifecycle.complete(by_name, by=dora, completed_by=bob.salesperson)
    assert (done.completed_by, done.salesperson) == (bob.salesperson, None)


def test_r183_cancelling_a_task_of_a_team_needs_nobody(alice: User, bob: User, dora: User) -> None:
    task = make_task(alice, team=bob.salesperson.memberships.get().team)

    assert lifecycle.cancel(task, by=dora).status == "cancelled"


def test_r184_an_interaction_carries_what_the_task_carries(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=1)
    task = make_task(bob, kind="phone_call", opportunity=opportunity)
    lifecycle.complete(task, by=bob)

    call = interactions.log(by=bob, kind="call", subject="They want a green roof", task=task)

    assert (call.task, call.opportunity, call.contact, call.salesperson) == (
        task,
        opportunity,
        opportunity.contact,
        bob.salesperson,
    )


@pytest.mark.parametrize("verb", ["complete", "cancel"])
@pytest.mark.parametrize(
    ("due_on", "rule", "expected"),
    [
        (date(2025, 1, 31), {"recurring_interval": "1M", "recurs_from": "due"}, date(2025, 2, 28)),
        (date(2024, 1, 31), {"recurring_interval": "1M", "recurs_from": "due"}, date(2024, 2, 29)),
        (date(2025, 3, 3), {"recurring_interval": "CM+1D", "recurs_from": "due"},
         date(2025, 4, 1)),
        (date(2020, 1, 1), {"recurring_interval": "1W", "recurs_from": "closing"},
         today() + timedelta(days=7)),
        (date(2900, 1, 1), {"recurring_interval": "3D", "recurs_from": "closing"},
         today() + timedelta(days=3)),
    ],
)  # fmt: skip
def test_r185_the_next_one_is_counted_from_the_due_date_or_from_today(
    bob: User, verb: str, due_on: date, rule: dict[str, str], expected: date
) -> None:
    task = make_task(bob, due_on=due_on, is_recurring=True, **rule)

    getattr(lifecycle, verb)(task, by=bob)

    assert follower(task).due_on == expected


def test_r185_the_next_one_takes_over_everything_but_the_closing(bob: User) -> None:
    bob.salesperson.email = "bob@example.com"
    bob.salesperson.save()
    guest = SalespersonFactory(name="Guest")
    opportunity = make_opportunity(bob, stage=1)
    task = make_task(
        bob, kind="meeting", opportunity=opportunity, attendees=(guest,), note="Bring samples.",
        priority=3, location="Their office", **MONTHLY,
    )  # fmt: skip
    lifecycle.edit(task, by=bob, status="postponed")

    lifecycle.complete(task, by=bob)

    new = follower(task)
    differing = {
        field.attname
        for field in Task._meta.concrete_fields
        if getattr(new, field.attname) != getattr(refreshed(task), field.attname)
    }
    assert differing == {
        "id", "due_on", "status", "status_before", "follows_id", "completed_by_id", "closed_at",
        "closed_by_id", "created_at", "changed_at", "changed_by_id", "edits", "is_touched",
    }  # fmt: skip
    assert (new.status, new.edits, new.is_touched) == ("not_started", 0, False)
    assert [str(row) for row in new.attendees.all()] == [str(row) for row in task.attendees.all()]


def test_r185_cancelled_for_good_it_is_the_last(bob: User) -> None:
    task = make_task(bob, **MONTHLY)

    lifecycle.cancel(task, by=bob, ends_recurrence=True)

    assert Task.objects.count() == 1


def test_reopened_after_the_end_it_recurs_as_before(bob: User) -> None:
    task = make_task(bob, **MONTHLY)
    lifecycle.cancel(task, by=bob, ends_recurrence=True)

    again = lifecycle.reopen(task, by=bob)

    assert (again.is_recurring, again.recurring_interval) == (True, "1M")
    lifecycle.complete(task, by=bob)
    assert Task.objects.filter(follows=task).count() == 1


def test_r185_reopened_it_takes_back_the_next_one_that_nobody_has_touched(bob: User) -> None:
    """Stricter than R185, whose reopening and closing again doubles the task."""
    task = make_task(bob, **MONTHLY)
    for _time in range(3):
        lifecycle.complete(task, by=bob)
        lifecycle.reopen(task, by=bob)
    assert list(Task.objects.all()) == [task]

    lifecycle.complete(task, by=bob)
    assert Task.objects.count() == 2


@pytest.mark.parametrize("touch", ["edit", "interaction", "complete", "handover"])
def test_r185_what_somebody_has_touched_stays_and_closing_again_makes_no_other(
    alice: User, bob: User, touch: str
) -> None:
    contact = CompanyFactory()
    opportunity = make_opportunity(bob, stage=1, contact=contact)
    task = make_task(bob, opportunity=opportunity, **MONTHLY)
    lifecycle.complete(task, by=bob)
    new = follower(task)
    touched: dict[str, Any] = {
        "edit": lambda: lifecycle.edit(new, by=bob, note="x"),
        "interaction": lambda: interactions.log(by=bob, kind="note", subject="x", task=new),
        "complete": lambda: lifecycle.complete(new, by=bob),
        "handover": lambda: _hand_over(opportunity, alice),
    }
    touched[touch]()

    lifecycle.reopen(task, by=bob)
    assert refreshed(new).follows == task
    lifecycle.complete(task, by=bob)

    assert Task.objects.filter(follows=task).count() == 1


def _hand_over(opportunity: Any, by: User) -> None:
    opportunities.reassign(
        opportunity, by=by, salesperson=by.salesperson, hand_over_open_tasks=True
    )


def test_r186_a_next_one_beyond_the_calendar_is_refused_and_says_what_to_do(bob: User) -> None:
    task = make_task(bob, due_on=date(2999, 12, 15), **MONTHLY)

    for verb in ("complete", "cancel"):
        with pytest.raises(ValidationError) as refused:
            getattr(lifecycle, verb)(task, by=bob)
        assert set(refused.value.message_dict) == {"recurring_interval"}
    assert refreshed(task).is_open
    lifecycle.edit(task, by=bob, is_recurring=False)
    assert lifecycle.complete(task, by=bob).status == "completed"


def test_an_interval_that_leads_on_from_most_days_only_ends_in_a_sentence(bob: User) -> None:
    """4 years are 1461 days but around 2100: then it would come on the same day for ever."""
    rule = {"recurring_interval": "4Y-1460D", "recurs_from": "due", "is_recurring": True}
    task = make_task(bob, due_on=date(2097, 1, 1), **rule)

    with pytest.raises(ValidationError, match="No next one can be planned from 4Y-1460D"):
        lifecycle.complete(task, by=bob)


def test_the_database_lets_one_task_follow(bob: User) -> None:
    task = make_task(bob, **MONTHLY)
    lifecycle.complete(task, by=bob)
    other = make_task(bob)

    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=other.pk).update(follows=task)
