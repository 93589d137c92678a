"""Undo of what is done to tasks and interactions (U7, ADR 0022)."""

from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from changes import lifecycle as door
from changes import log
from changes.models import Change
from salespeople.models import User
from tasks import interactions, lifecycle
from tasks.models import Interaction, Task
from tests.changes.pages import newest, press_undo, undone
from tests.conftest import seller
from tests.factories import CompanyFactory, PersonFactory, make_task
from tests.opportunities.pages import at_stage, signed_in

DAY = date(2027, 5, 4)
UNCOUNTED = ("edits", "is_touched", "changed_at", "changed_by_id")
type Do = Callable[[Task, User], Any]
VERBS: dict[str, Do] = {
    "edit": lambda task, by: lifecycle.edit(task, by=by, description="Another", note="Bring it"),
    "start": lambda task, by: lifecycle.start(task, by=by),
    "reschedule": lambda task, by: lifecycle.reschedule(task, DAY, by=by, start_time=time(9, 30)),
    "complete": lambda task, by: lifecycle.complete(task, by=by),
    "cancel": lambda task, by: lifecycle.cancel(task, by=by),
}


def state(task: Task) -> dict[str, Any]:
    """Return every field of a task as it is now, but for what counts changes."""
    row = Task.objects.filter(pk=task.pk).values().get()
    people = list(task.attendees.order_by("pk").values_list("salesperson", "contact"))
    return {name: v for name, v in row.items() if name not in UNCOUNTED} | {"people": people}


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_undone_to_what_was(bob: User, verb: str) -> None:
    task = make_task(bob)
    before = state(task)
    VERBS[verb](task, bob)

    undone(bob, task=task)

    assert state(task) == before


@pytest.mark.parametrize("verb", VERBS)
def test_a_recurring_one_neither_doubles_nor_ends(bob: User, verb: str) -> None:
    task = make_task(bob, is_recurring=True, recurring_interval="1W", recurs_from="due")
    before = state(task)
    VERBS[verb](task, bob)

    undone(bob, task=task)

    assert (state(task), Task.objects.count()) == (before, 1)


def test_a_closing_whose_follower_was_worked_on_stays(bob: User) -> None:
    task = make_task(bob, is_recurring=True, recurring_interval="1W", recurs_from="due")
    lifecycle.complete(task, by=bob)
    change = newest(task=task)
    lifecycle.start(Task.objects.get(follows=task), by=bob)

    with pytest.raises(ValidationError, match="the task that follows it has been worked on"):
        door.undo(change, by=bob)


def test_reopening_is_undone_with_its_follower(bob: User) -> None:
    task = make_task(bob, is_recurring=True, recurring_interval="1W", recurs_from="due")
    lifecycle.complete(task, by=bob)
    closed = state(task)
    lifecycle.reopen(task, by=bob)

    undone(bob, task=task)

    assert (state(task), Task.objects.filter(follows=task).count()) == (closed, 1)


def test_planning_is_undone_by_cancelling(bob: User) -> None:
    task = lifecycle.plan(by=bob, description="Call", due_on=DAY, salesperson=bob.salesperson)

    undone(bob, task=task)

    task.refresh_from_db()
    assert task.status == "cancelled"


def test_what_was_planned_and_changed_since_stays(alice: User, bob: User) -> None:
    task = lifecycle.plan(by=bob, description="Call", due_on=DAY, salesperson=bob.salesperson)
    change = newest(task=task)
    lifecycle.reschedule(task, date(2027, 6, 1), by=alice)

    with pytest.raises(ValidationError, match="alice put the task on another day. Undo that"):
        door.undo(change, by=bob)


def test_assigning_a_meeting_is_undone_with_who_holds_it(bob: User) -> None:
    mate = seller("mate", bob.salesperson.memberships.get().team).salesperson
    for person in (bob.salesperson, mate):
        person.email = f"{person.pk}@example.com"
        person.save()
    guest = PersonFactory()
    task = make_task(
        bob, kind="meeting", start_time=time(9), salesperson=bob.salesperson, attendees=(guest,)
    )
    before = state(task)
    lifecycle.assign(task, by=bob, salesperson=mate)
    assert state(task)["people"] != before["people"]

    undone(bob, task=task)

    assert state(task) == before


def test_completing_from_the_page_is_one_act(bob: User) -> None:
    """Done, logged, the next one planned: one Undo takes all of it back."""
    row = at_stage(bob, 2)
    task = make_task(bob, opportunity=row)
    client = signed_in(bob)
    client.post(
        f"/tasks/{task.pk}/complete/",
        {
            "seen": "0", "log": "on", "kind": "call", "subject": "They want it",
            "next_description": "Send a quote", "next_kind": "to_do", "next_in": "1",
        },
    )  # fmt: skip

    press_undo(client, f"/tasks/{task.pk}/")

    task.refresh_from_db()
    assert task.is_open
    assert Interaction.objects.get().is_cancelled
    assert Task.objects.get(description="Send a quote").status == "cancelled"


def test_completing_stays_as_a_whole_when_its_next_task_was_worked_on(
    alice: User, bob: User
) -> None:
    row = at_stage(bob, 2)
    task = make_task(bob, opportunity=row)
    client = signed_in(bob)
    wish = {"seen": "0", "next_description": "Send a quote", "next_in": "1", "next_kind": "to_do"}
    client.post(f"/tasks/{task.pk}/complete/", wish)
    lifecycle.start(Task.objects.get(description="Send a quote"), by=alice)

    answer = press_undo(client, f"/tasks/{task.pk}/")

    task.refresh_from_db()
    assert (answer.status_code, task.status) == (422, "completed")
    assert "alice started the task" in answer.content.decode()


def test_logging_cancelling_and_restoring_are_undone(bob: User) -> None:
    talk = interactions.log(
        by=bob, kind="call", subject="Hello", contact=CompanyFactory(salesperson=bob.salesperson)
    )
    undone(bob, interaction=talk)
    talk.refresh_from_db()
    assert talk.is_cancelled
    interactions.restore(talk, by=bob)
    interactions.cancel(talk, by=bob)
    undone(bob, interaction=talk)
    talk.refresh_from_db()
    assert not talk.is_cancelled


def test_what_was_cancelled_since_is_not_undone_twice(bob: User) -> None:
    talk = interactions.log(by=bob, kind="call", subject="Hello", contact=CompanyFactory(),
                            salesperson=bob.salesperson)  # fmt: skip
    change = newest(interaction=talk)
    interactions.cancel(talk, by=bob)

    with pytest.raises(ValidationError, match="cancelled or restored since"):
        door.undo(change, by=bob)


def test_the_receipt_of_a_log_offers_both_undo_and_an_opportunity(bob: User) -> None:
    company = CompanyFactory(salesperson=bob.salesperson)
    client = signed_in(bob)
    client.post(
        f"/interactions/create/?contact={company.pk}",
        {"kind": "call", "subject": "Hello", "contact": company.pk,
         "salesperson": bob.salesperson.pk, "happened_at": "2026-01-05T10:00"},
    )  # fmt: skip
    talk = Interaction.objects.get()

    text = client.get(f"/contacts/{company.pk}/").content.decode()

    assert f"/opportunities/create/?interaction={talk.pk}" in text
    assert f"/changes/{newest(interaction=talk).pk}/undo/" in text


def test_the_timeline_offers_undo_of_what_was_said_and_planned(bob: User) -> None:
    row = at_stage(bob, 2)
    task = lifecycle.plan(by=bob, description="Call", due_on=DAY, opportunity=row)
    talk = interactions.log(by=bob, kind="call", subject="Hello", opportunity=row)

    text = signed_in(bob).get(f"/opportunities/{row.pk}/").content.decode()

    for change in (newest(task=task), newest(interaction=talk)):
        assert text.count(f'action="/changes/{change.pk}/undo/"') == 2  # on hover, and in a menu


def test_another_team_finds_no_undo(bob: User, charlie: User) -> None:
    task = make_task(bob)
    lifecycle.start(task, by=bob)

    answer = signed_in(charlie).post(f"/changes/{newest(task=task).pk}/undo/")

    assert answer.status_code == 404
    assert Task.objects.get(pk=task.pk).status == "in_progress"


def test_an_act_of_which_a_row_is_hidden_stays_whole(alice: User, bob: User, charlie: User) -> None:
    """Nor is anything told of the other row: for who does not see it, there is no such undo."""
    rows = [make_task(user, salesperson=user.salesperson) for user in (bob, charlie)]
    with log.one_act():
        for row in rows:
            lifecycle.reschedule(row, DAY, by=alice)
    change = Change.objects.filter(verb="reschedule").earliest("pk")

    answer = signed_in(bob).post(f"/changes/{change.pk}/undo/")

    assert answer.status_code == 404
    assert set(Task.objects.values_list("due_on", flat=True)) == {DAY}
