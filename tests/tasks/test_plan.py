"""Planning tasks: what is asked for, taken over and refused (R177–R179, R186–R190, R197, R198)."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from crm.dates import today
from opportunities import lifecycle as opportunities
from salescycles.models import TaskKind, TaskPriority
from salespeople.models import Salesperson, User
from tasks import lifecycle
from tasks.lifecycle import NewTask
from tasks.models import Task
from tests.factories import (
    CompanyFactory,
    PersonFactory,
    SalespersonFactory,
    TeamFactory,
    make_opportunity,
    make_task,
)

HALF_AN_HOUR = timedelta(minutes=30)


@pytest.fixture
def seller(bob: User) -> Salesperson:
    """Bob, who may hold meetings."""
    return reachable(bob.salesperson)


def reachable(salesperson: Salesperson) -> Salesperson:
    """Give the salesperson an e-mail address."""
    salesperson.email = f"{salesperson.code}@example.com"
    salesperson.save()
    return salesperson


def refusal(by: User, **wish: Any) -> dict[str, list[str]]:
    """Return why a task is not planned, by field."""
    with pytest.raises(ValidationError) as refused:
        make_task(by, **wish)
    found: dict[str, list[str]] = refused.value.message_dict
    assert not Task.objects.exists()
    return found


def test_r177_r179_a_new_task_is_a_to_do_of_normal_priority_not_started(bob: User) -> None:
    task = make_task(bob)

    assert (task.kind, task.priority, task.status) == ("to_do", 2, "not_started")
    assert (task.is_recurring, task.closed_at, task.completed_by) == (False, None, None)
    assert (task.salesperson, task.created_by, task.edits) == (bob.salesperson, bob, 0)
    assert TaskKind.values == ["to_do", "phone_call", "meeting"]  # R178
    assert [label for _value, label in TaskPriority.choices] == ["Low", "Normal", "High"]


def test_r188_of_an_opportunity_comes_what_is_not_given(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=1)

    task = make_task(bob, opportunity=opportunity)

    assert task.salesperson == opportunity.salesperson
    assert (task.contact, task.company) == (opportunity.contact, opportunity.company)
    assert task.campaign == opportunity.campaign
    assert task.due_on == today()


def test_r188_what_is_given_counts(alice: User, bob: User) -> None:
    opportunity = make_opportunity(bob, stage=1)
    person = PersonFactory(company=CompanyFactory())

    task = make_task(alice, opportunity=opportunity, contact=person, salesperson=alice.salesperson)

    assert (task.contact, task.company, task.salesperson) == (
        person,
        person.company,
        alice.salesperson,
    )


def test_r197_the_entry_is_the_newest_one_when_it_is_planned(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=1)
    stale = make_opportunity(bob, stage=1)
    opportunities.update(stale, by=bob, note="Later.")

    assert make_task(bob, opportunity=opportunity).entry == opportunity.entries.latest("sequence")
    assert make_task(bob, opportunity=stale).entry == stale.entries.latest("sequence")
    assert make_task(bob).entry is None


def test_r198_the_company_is_that_of_the_contact(bob: User) -> None:
    company = CompanyFactory()
    person = PersonFactory(company=company)

    assert make_task(bob, contact=person).company == company
    assert make_task(bob, contact=company).company == company
    assert make_task(bob, contact=PersonFactory(company=None)).company is None


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"due_on": None}, "due_on"),
        ({"description": ""}, "description"),
        ({"description": " \n "}, "description"),
        ({"description": "x" * 101}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"note": "x" * 5001}, "note"),
        ({"location": "x" * 101}, "location"),
        ({"kind": "letter"}, "kind"),
        ({"kind": ""}, "kind"),
        ({"priority": 4}, "priority"),
        ({"salesperson": None}, "salesperson"),
        ({"attendees": (1,)}, "attendees"),
    ],
)
def test_r188_what_is_missing_or_wrong_is_refused_beside_its_field(
    bob: User, wish: dict[str, Any], field: str
) -> None:
    if "attendees" in wish:
        wish = {"attendees": (PersonFactory(),)}

    assert set(refusal(bob, **wish)) == {field}


def test_r188_everything_wrong_is_said_at_once(bob: User) -> None:
    found = refusal(bob, due_on=None, description="", salesperson=None, kind="x")

    assert set(found) == {"due_on", "description", "salesperson", "kind"}


@pytest.mark.parametrize(
    ("due_on", "is_allowed"),
    [
        (date(1899, 12, 31), False),
        (date(1900, 1, 1), True),
        (date(2999, 12, 31), True),
        (date(3000, 1, 1), False),
        (date.max, False),
        (date.min, False),
    ],
)
def test_r186_the_day_lies_between_1900_and_2999(bob: User, due_on: date, is_allowed: bool) -> None:
    if is_allowed:
        assert make_task(bob, due_on=due_on).due_on == due_on
    else:
        assert set(refusal(bob, due_on=due_on)) == {"due_on"}


@pytest.mark.parametrize(
    ("duration", "is_allowed"),
    [
        (timedelta(seconds=59), False),
        (timedelta(minutes=1), True),
        (timedelta(days=3650), True),
        (timedelta(days=3650, minutes=1), False),
        (timedelta(minutes=-1), False),
        (timedelta(0), False),
        (timedelta.max, False),
        (timedelta.min, False),
    ],
)
def test_r186_the_duration_lies_between_a_minute_and_ten_years(
    bob: User, duration: timedelta, is_allowed: bool
) -> None:
    wish = {"start_time": time(10), "duration": duration}
    if is_allowed:
        assert make_task(bob, **wish).duration == duration
    else:
        assert set(refusal(bob, **wish)) == {"duration"}


def test_r186_the_end_does_not_lie_beyond_the_calendar(bob: User) -> None:
    last = date(2999, 12, 31)

    assert make_task(bob, due_on=last).ends_on == last
    Task.objects.all().delete()
    assert set(refusal(bob, due_on=last, duration=timedelta(days=2))) == {"duration"}


@pytest.mark.parametrize(
    ("start", "duration", "ends_on", "end_time"),
    [
        (None, None, date(2026, 2, 27), None),
        (None, timedelta(days=1), date(2026, 2, 27), None),
        (None, timedelta(days=3), date(2026, 3, 1), None),
        (None, timedelta(days=1, hours=5), date(2026, 2, 27), None),
        (None, timedelta(hours=2), date(2026, 2, 27), None),
        (time(9, 30), None, date(2026, 2, 27), time(10)),
        (time(9, 30), timedelta(hours=2), date(2026, 2, 27), time(11, 30)),
        (time(23, 45), timedelta(hours=1), date(2026, 2, 28), time(0, 45)),
        (time(9), timedelta(days=2), date(2026, 3, 1), time(9)),
    ],
)
def test_r187_the_end_follows_from_day_start_and_duration(
    bob: User, start: time | None, duration: timedelta | None, ends_on: date, end_time: time | None
) -> None:
    """All day: whole days, the first and the last counted. Else: to the minute."""
    task = make_task(bob, due_on=date(2026, 2, 27), start_time=start, duration=duration)

    assert (task.is_all_day, task.ends_on, task.end_time) == (start is None, ends_on, end_time)


def test_r187_the_usual_duration_is_a_day_or_half_an_hour(bob: User) -> None:
    assert make_task(bob).duration == timedelta(days=1)
    assert make_task(bob, start_time=time(8)).duration == HALF_AN_HOUR


def test_r189_a_meeting_has_its_organizer_and_its_contact_first(
    bob: User, seller: Salesperson
) -> None:
    guest, company = SalespersonFactory(name="Guest"), CompanyFactory(name="Byggern")

    task = make_task(bob, kind="meeting", contact=company, attendees=(guest,))

    assert [(str(row), row.is_organizer) for row in task.attendees.all()] == [
        ("Bob", True),
        ("Byggern", False),
        ("Guest", False),
    ]


def test_r189_a_meeting_needs_an_organizer_with_an_e_mail_address(bob: User) -> None:
    assert refusal(bob, kind="meeting") == {
        "salesperson": ["“Bob” needs an e-mail address to hold a meeting."]
    }
    assert refusal(bob, kind="meeting", team=bob.salesperson.memberships.get().team) == {
        "organizer": ["Choose who holds the meeting."]
    }


def test_r189_nobody_is_listed_twice(bob: User, seller: Salesperson) -> None:
    company = CompanyFactory(name="Byggern")
    twice = {"attendees": ["“Byggern” is listed twice."]}
    assert refusal(bob, kind="meeting", attendees=(company, company)) == twice
    assert refusal(bob, kind="meeting", attendees=(seller,)) == {
        "attendees": ["“Bob” is listed twice."]
    }
    once = make_task(bob, kind="meeting", contact=company, attendees=(company,))
    assert once.attendees.count() == 2


def test_d24_nobody_blocked_is_invited(bob: User, seller: Salesperson) -> None:
    gone = SalespersonFactory(name="Gone", is_blocked=True)

    assert refusal(bob, kind="meeting", attendees=(gone,)) == {
        "attendees": ["“Gone” is blocked for anything new."]
    }


def test_r190_d21_a_team_gets_one_task_without_a_salesperson(alice: User) -> None:
    team = TeamFactory()

    task = make_task(alice, team=team)

    assert (task.team, task.salesperson, Task.objects.count()) == (team, None, 1)


def test_r185_a_recurring_task_needs_an_interval_and_a_base(bob: User) -> None:
    assert set(refusal(bob, is_recurring=True)) == {"recurring_interval", "recurs_from"}
    for interval in ("CM", "CD", "-1D", "1D-1D", "1Y-366D", "0", "x", "99999D"):
        wish = {"is_recurring": True, "recurring_interval": interval, "recurs_from": "due"}
        assert set(refusal(bob, **wish)) == {"recurring_interval"}, interval
    for interval in ("1D", "CM+1D", "D15", "WD1", "1Y"):
        wish = {"is_recurring": True, "recurring_interval": interval, "recurs_from": "closing"}
        assert make_task(bob, **wish).is_recurring


def test_not_recurring_the_rule_is_left_out(bob: User) -> None:
    task = make_task(bob, recurring_interval="1W", recurs_from="due")

    assert (task.is_recurring, task.recurring_interval, task.recurs_from) == (False, "", "")


def test_all_are_planned_or_none(bob: User) -> None:
    wishes = [
        NewTask(description="Call", due_on=today(), salesperson=bob.salesperson),
        NewTask(description="", due_on=today(), salesperson=bob.salesperson),
    ]

    with pytest.raises(ValidationError):
        lifecycle.plan_many(wishes, by=bob)

    assert not Task.objects.exists()


def test_another_team_and_what_one_does_not_see_are_refused(bob: User, charlie: User) -> None:
    theirs = make_opportunity(charlie, stage=1)
    with pytest.raises(PermissionDenied, match="Giving a task to another team is for managers"):
        make_task(bob, salesperson=charlie.salesperson)
    with pytest.raises(PermissionDenied, match="Giving a task to another team is for managers"):
        make_task(bob, team=charlie.salesperson.memberships.get().team)
    with pytest.raises(ValidationError, match="There is no such opportunity"):
        make_task(bob, opportunity=theirs, salesperson=bob.salesperson)

    assert not Task.objects.exists()


def test_a_deleted_opportunity_gets_no_task(bob: User) -> None:
    opportunity = opportunities.delete(make_opportunity(bob), by=bob)

    assert set(refusal(bob, opportunity=opportunity)) == {"opportunity"}


@pytest.mark.parametrize(
    "values",
    [
        {"description": ""},
        {"kind": "letter"},
        {"priority": 9},
        {"salesperson": None},
        {"duration": timedelta(0)},
        {"due_on": date(3000, 1, 1)},
        {"is_recurring": True},
        {"status": "completed"},
        {"status": "not_started", "closed_at": "2026-01-01T00:00Z"},
    ],
)
def test_the_database_refuses_what_goes_past_the_door(bob: User, values: dict[str, Any]) -> None:
    task = make_task(bob)

    with pytest.raises(IntegrityError), transaction.atomic():
        Task.objects.filter(pk=task.pk).update(**values)
