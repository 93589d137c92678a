"""The pages of the door's verbs: done with what came of it and what comes next, and the others."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client

from crm.dates import today
from salespeople.models import User
from tasks import lifecycle
from tasks.models import Interaction, Task
from tests.conftest import seller
from tests.factories import CompanyFactory, make_opportunity, make_task
from tests.opportunities.pages import won
from tests.tasks.pages import address, receipts, signed_in, text_of

DAY = timedelta(days=1)


def undo_of(answer: Any) -> tuple[str, dict[str, str]]:
    """Return where the receipt's Undo is sent, and with what."""
    (message,) = answer.context["messages"]
    tag = next(word for word in message.extra_tags.split() if word.startswith("undo:"))
    _undo, room, verb, pk, *fields = tag.split(":")
    return f"/{room}/{pk}/{verb}/", dict(field.split("=") for field in fields)


# Done.


def test_one_click_is_enough_and_can_be_taken_back(bob: User) -> None:
    task = make_task(bob)
    client = signed_in(bob)

    done = client.post(address(task, "complete"), {"seen": "0"}, follow=True)
    task.refresh_from_db()
    assert (task.status, task.completed_by) == (Task.Status.COMPLETED, bob.salesperson)
    assert receipts(done) == ["“Call back” is done."]

    client.post(*undo_of(done))
    task.refresh_from_db()
    assert task.is_open


def test_r184_done_asks_for_an_interaction_of_the_tasks_kind(bob: User) -> None:
    task = make_task(bob, kind="phone_call", contact=CompanyFactory(), description="Call Kari")

    form = signed_in(bob).get(address(task, "complete")).context["form"]

    assert (form["log"].value(), form["kind"].value(), form["subject"].value()) == (
        True,
        "call",
        "Call Kari",
    )


@pytest.mark.parametrize(
    ("kind", "logged"), [("to_do", "note"), ("phone_call", "call"), ("meeting", "meeting")]
)
def test_r184_the_kind_is_proposed_by_the_tasks_kind(bob: User, kind: str, logged: str) -> None:
    type(bob.salesperson).objects.update(email="x@example.com")
    bob.salesperson.refresh_from_db()
    task = make_task(bob, kind=kind, contact=CompanyFactory())

    form = signed_in(bob).get(address(task, "complete")).context["form"]

    assert form["kind"].value() == logged


def test_done_logs_and_plans_the_next_in_one_go(bob: User) -> None:
    opportunity = make_opportunity(bob)
    task = make_task(bob, kind="phone_call", opportunity=opportunity)
    client = signed_in(bob)

    done = client.post(
        address(task, "complete"),
        {
            "seen": "0",
            "log": "on",
            "kind": "call",
            "subject": "Price",
            "text": "Too dear",
            "evaluation": "negative",
            "is_failed": "on",
            "next_description": "Send a better offer",
            "next_kind": "to_do",
            "next_in": "3",
        },
        follow=True,
    )

    logged = Interaction.objects.get()
    planned = Task.objects.open().get()
    assert (logged.task, logged.opportunity, logged.contact) == (
        task,
        opportunity,
        opportunity.contact,
    )
    assert (logged.kind, logged.direction, logged.evaluation) == ("call", "outbound", "negative")
    assert (logged.subject, logged.text, logged.is_failed) == ("Price", "Too dear", True)
    assert (planned.description, planned.due_on) == ("Send a better offer", today() + 3 * DAY)
    assert (planned.opportunity, planned.salesperson) == (opportunity, bob.salesperson)
    assert done.redirect_chain[0][0] == f"/opportunities/{opportunity.pk}/"
    (told,) = receipts(done)
    assert told.startswith("“Call back” is done. What happened is written down. Next: ")


def test_a_typed_day_counts_before_the_quick_choice(bob: User) -> None:
    task = make_task(bob)

    wish = {"next_description": "Later", "next_in": "1", "next_on": "2027-05-04"}
    signed_in(bob).post(address(task, "complete"), {"seen": "0", **wish})

    assert Task.objects.open().get().due_on == date(2027, 5, 4)


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"log": "on", "kind": "call", "subject": ""}, "subject"),
        ({"log": "on", "kind": "party", "subject": "x"}, "kind"),
        ({"next_description": "Later"}, "next_on"),
        ({"next_description": "Later", "next_on": "never"}, "next_on"),
        ({"next_description": "Later", "next_on": "1850-01-01"}, None),
        ({"seen": "x"}, "seen"),
    ],
    ids=str,
)
def test_what_is_refused_leaves_the_task_open(
    bob: User, wish: dict[str, str], field: str | None
) -> None:
    """All of it or nothing: a next task without a day keeps the call from being done."""
    task = make_task(bob, contact=CompanyFactory())

    answer = signed_in(bob).post(address(task, "complete"), {"seen": "0"} | wish)

    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert field is None or field in answer.context["form"].errors
    task.refresh_from_db()
    assert task.is_open
    assert Task.objects.count() == 1
    assert not Interaction.objects.exists()


def test_without_a_contact_nothing_can_have_happened_with_anybody(bob: User) -> None:
    form = signed_in(bob).get(address(make_task(bob), "complete")).context["form"]

    assert not form.can_log
    assert "log" not in form.fields


def test_after_one_click_on_an_open_opportunity_the_next_is_asked_for(bob: User) -> None:
    opportunity = make_opportunity(bob)
    task = make_task(bob, opportunity=opportunity)

    page = text_of(signed_in(bob).post(address(task, "complete"), {"seen": "0"}, follow=True))

    assert f"/tasks/create/?opportunity={opportunity.pk}" in page
    assert f"/tasks/{task.pk}/complete/?next=" in page


def test_of_a_closed_opportunity_no_next_is_asked_for(bob: User) -> None:
    opportunity = won(bob)
    task = make_task(bob, opportunity=opportunity)

    page = text_of(signed_in(bob).post(address(task, "complete"), {"seen": "0"}, follow=True))

    assert "Plan the next" not in page


def test_what_happened_may_be_told_afterwards(bob: User) -> None:
    task = lifecycle.complete(make_task(bob, contact=CompanyFactory()), by=bob)
    client = signed_in(bob)
    form = client.get(address(task, "complete")).context["form"]

    answer = client.post(
        address(task, "complete"),
        {"seen": form["seen"].value(), "log": "on", "kind": "note", "subject": "Afterwards"},
        follow=True,
    )

    assert receipts(answer) == ["What happened is written down."]
    assert Interaction.objects.get().task == task


def test_r185_the_receipt_names_the_next_of_a_recurring_task(bob: User) -> None:
    task = make_task(
        bob, due_on=date(2027, 5, 4), is_recurring=True, recurring_interval="1W", recurs_from="due"
    )

    done = signed_in(bob).post(address(task, "complete"), {"seen": "0"}, follow=True)

    assert receipts(done) == [
        "“Call back” is done. Next: “Call back” on 11 May 2027.",
    ]


def test_r183_a_team_task_asks_who_has_done_it(bob: User, dora: User) -> None:
    """An administrator who does not sell says so for a member."""
    team = bob.salesperson.memberships.get().team
    task = make_task(bob, team=team)
    client = signed_in(dora)

    asked = client.post(address(task, "complete"), {"seen": "0"})
    assert asked.status_code == 422
    assert "completed_by" in asked.context["form"].errors

    answer = {"seen": "0", "completed_by": str(bob.salesperson.pk)}
    assert client.post(address(task, "complete"), answer).status_code == 302
    task.refresh_from_db()
    assert task.completed_by == bob.salesperson


def test_done_twice_is_done_once(bob: User) -> None:
    task = make_task(bob)
    client = signed_in(bob)
    client.post(address(task, "complete"), {"seen": "0"}, follow=True)

    again = client.post(address(task, "complete"), {"seen": "1"}, follow=True)

    assert receipts(again) == ["Nothing has changed."]


# Another day.


@pytest.mark.parametrize(
    ("due", "days", "expected"), [(0, 1, 1), (-5, 1, 1), (-5, 7, 7), (4, 3, 7), (0, 3, 3)]
)
def test_snoozing_counts_from_its_day_and_from_today_for_what_is_late(
    bob: User, due: int, days: int, expected: int
) -> None:
    task = make_task(bob, due_on=today() + due * DAY)

    signed_in(bob).post(address(task, "reschedule"), {"days": str(days)})

    task.refresh_from_db()
    assert task.due_on == today() + expected * DAY


def test_rescheduling_is_taken_back_with_day_and_start(bob: User) -> None:
    task = make_task(bob, due_on=date(2027, 5, 4), start_time=time(9, 30))
    client = signed_in(bob)

    moved = client.post(
        address(task, "reschedule"),
        {"seen": "0", "due_on": "2027-06-01", "start_time": "14:00"},
        follow=True,
    )
    task.refresh_from_db()
    assert (task.due_on, task.start_time) == (date(2027, 6, 1), time(14, 0))
    assert receipts(moved) == ["“Call back” is due on 1 June 2027."]

    client.post(*undo_of(moved))
    task.refresh_from_db()
    assert (task.due_on, task.start_time) == (date(2027, 5, 4), time(9, 30))


@pytest.mark.parametrize(
    "wish", [{}, {"due_on": ""}, {"due_on": "soon"}, {"days": "0"}, {"days": "x"}], ids=str
)
def test_another_day_needs_a_day(bob: User, wish: dict[str, str]) -> None:
    task = make_task(bob)

    answer = signed_in(bob).post(address(task, "reschedule"), {"seen": "0"} | wish)

    task.refresh_from_db()
    assert (answer.status_code, task.edits) == (422, 0)


# The other verbs.


def test_starting_taking_cancelling_and_reopening(bob: User) -> None:
    team = bob.salesperson.memberships.get().team
    task = make_task(bob, team=team)
    client = signed_in(bob)

    for verb, status in (
        ("take", Task.Status.NOT_STARTED),
        ("start", Task.Status.IN_PROGRESS),
        ("cancel", Task.Status.CANCELLED),
        ("reopen", Task.Status.IN_PROGRESS),
    ):
        task.refresh_from_db()
        answer = client.post(address(task, verb), {"seen": str(task.edits)})
        task.refresh_from_db()
        assert (answer.status_code, task.status) == (302, status), verb

    assert task.salesperson == bob.salesperson


def test_assigning_to_a_mate_and_to_a_team(bob: User) -> None:
    team = bob.salesperson.memberships.get().team
    mate = seller("mate", team)
    task = make_task(bob)
    client = signed_in(bob)

    client.post(address(task, "assign"), {"salesperson": str(mate.salesperson.pk), "team": ""})
    task.refresh_from_db()
    assert (task.salesperson, task.team) == (mate.salesperson, None)

    client.post(address(task, "assign"), {"salesperson": "", "team": str(team.pk)})
    task.refresh_from_db()
    assert (task.salesperson, task.team) == (None, team)

    both = {"salesperson": str(mate.salesperson.pk), "team": str(team.pk)}
    assert client.post(address(task, "assign"), both).status_code == 422
    assert client.post(address(task, "assign"), {}).status_code == 422


def test_the_last_of_a_recurring_task_is_followed_by_none(bob: User) -> None:
    wish: dict[str, Any] = {
        "is_recurring": True,
        "recurring_interval": "1W",
        "recurs_from": "due",
    }
    client = signed_in(bob)

    first, last = make_task(bob, **wish), make_task(bob, **wish)
    client.post(address(first, "cancel"), {"seen": "0"})
    client.post(address(last, "cancel"), {"seen": "0", "ends_recurrence": "on"})

    assert Task.objects.filter(follows=first).exists()
    assert not Task.objects.filter(follows=last).exists()


def test_what_the_door_refuses_is_told_with_its_reason(bob: User) -> None:
    task = lifecycle.complete(make_task(bob), by=bob)

    answer = signed_in(bob).post(address(task, "start"), {"seen": "1"})

    assert answer.status_code == 422
    assert "It is completed already. Reopen it first." in text_of(answer)


VERBS = ["start", "complete", "cancel", "reopen", "reschedule", "assign", "take"]
WITH_A_FORM = {"complete", "cancel", "reschedule", "assign"}


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_for_a_stranger_and_for_who_is_signed_out(
    bob: User, charlie: User, verb: str
) -> None:
    task = make_task(bob)

    assert signed_in(charlie).post(address(task, verb), {"seen": "0"}).status_code == 404
    assert Client().post(address(task, verb), {"seen": "0"}).status_code == 302
    expected = 200 if verb in WITH_A_FORM else 405
    assert signed_in(bob).get(address(task, verb)).status_code == expected
    task.refresh_from_db()
    assert task.edits == 0


@pytest.mark.parametrize("verb", ["start", "complete", "cancel", "reschedule", "assign"])
def test_who_was_slower_is_told_who_was_faster_and_may_go_on(bob: User, verb: str) -> None:
    mate = seller("mate", bob.salesperson.memberships.get().team)
    task = make_task(bob)
    if verb == "assign":
        lifecycle.assign(task, by=mate, salesperson=mate.salesperson)
    else:
        lifecycle.edit(task, by=mate, description="Another", due_on=date(2027, 6, 6))
    client = signed_in(bob)
    wish = {
        "seen": "0",
        "due_on": "2027-05-04",
        "salesperson": str(bob.salesperson.pk),
        "team": "",
    }

    conflict = client.post(address(task, verb), wish)

    assert conflict.status_code == 409
    assert "mate has changed this task" in text_of(conflict)
    kept = dict(conflict.context["kept"])
    assert "seen" not in kept
    went_on = client.post(address(task, verb), kept | {"seen": "1"})
    task.refresh_from_db()
    assert (went_on.status_code, task.edits) == (302, 2)


@pytest.mark.parametrize("verb", ["start", "complete", "cancel", "reschedule", "assign"])
def test_what_a_verb_does_not_rest_on_merges(bob: User, verb: str) -> None:
    """U8: another location keeps nobody from completing."""
    mate = seller("mate", bob.salesperson.memberships.get().team)
    task = make_task(bob)
    lifecycle.edit(task, by=mate, location="Bergen")
    wish = {"due_on": "2027-05-04", "salesperson": str(mate.salesperson.pk), "team": ""}

    done = signed_in(bob).post(address(task, verb), wish | {"seen": "0"})

    task.refresh_from_db()
    assert (done.status_code, task.edits, task.location) == (302, 2, "Bergen")
