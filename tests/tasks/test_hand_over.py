"""Open tasks that follow a reassigned opportunity (R139, R140, R142, rules D3, D21)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Campaign, Contact
from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salespeople.models import Salesperson, User
from tasks import lifecycle as door
from tasks.models import Task
from tests.factories import (
    CompanyFactory,
    PersonFactory,
    SalespersonFactory,
    make_opportunity,
    make_task,
)

type People = list[tuple[str, bool]]


@pytest.fixture
def old(bob: User) -> Salesperson:
    """Bob, who may hold meetings."""
    return reachable(bob.salesperson)


@pytest.fixture
def new(alice: User) -> Salesperson:
    """Alice, who may hold meetings."""
    return reachable(alice.salesperson)


@pytest.fixture
def opportunity(bob: User) -> Opportunity:
    """Bob's, for a person of a company."""
    company = CompanyFactory(name="Byggern")
    return make_opportunity(bob, stage=1, contact=PersonFactory(company=company, name="Kari"))


def reachable(salesperson: Salesperson) -> Salesperson:
    """Give the salesperson an e-mail address."""
    salesperson.email = f"{salesperson.code}@example.com"
    salesperson.save()
    return salesperson


def given(opportunity: Opportunity, by: User, **options: Any) -> Opportunity:
    """Reassign it with its open tasks."""
    fresh = Opportunity.objects.get(pk=opportunity.pk)
    return lifecycle.reassign(fresh, by=by, hand_over_open_tasks=True, **options)


def undone(opportunity: Opportunity, by: User) -> None:
    """Undo the newest standing entry."""
    fresh = Opportunity.objects.get(pk=opportunity.pk)
    lifecycle.undo(lifecycle.newest_standing(fresh), by=by)


def people(task: Task) -> People:
    """Return who attends, and who of them holds it."""
    rows = task.attendees.order_by("pk")
    return [(str(row.salesperson or row.contact), row.is_organizer) for row in rows]


def test_r139_only_open_tasks_with_the_old_salesperson_follow(
    alice: User, bob: User, opportunity: Opportunity
) -> None:
    third = SalespersonFactory()
    follows = make_task(bob, opportunity=opportunity)
    others = [
        make_task(alice, opportunity=opportunity, salesperson=third),
        door.complete(make_task(bob, opportunity=opportunity), by=bob),
        door.cancel(make_task(bob, opportunity=opportunity), by=bob),
        make_task(bob),
    ]

    given(opportunity, alice, salesperson=alice.salesperson)

    entry = opportunity.entries.latest("sequence")
    fresh = Task.objects.get(pk=follows.pk)
    assert (fresh.salesperson, fresh.handed_over_by) == (alice.salesperson, entry)
    for task in others:
        assert Task.objects.get(pk=task.pk).edits == task.edits


def test_r139_without_asking_no_task_follows(
    alice: User, bob: User, opportunity: Opportunity
) -> None:
    task = make_task(bob, opportunity=opportunity)

    lifecycle.reassign(opportunity, by=alice, salesperson=alice.salesperson)

    assert Task.objects.get(pk=task.pk).salesperson == bob.salesperson


def test_r139_a_meeting_is_held_by_the_new_salesperson(
    alice: User, bob: User, old: Salesperson, new: Salesperson, opportunity: Opportunity
) -> None:
    meeting = make_task(bob, opportunity=opportunity, kind="meeting")
    before = people(meeting)

    given(opportunity, alice, salesperson=new)
    assert people(meeting) == [("Alice", True), ("Kari", False)]

    undone(opportunity, alice)
    assert people(meeting) == before == [("Bob", True), ("Kari", False)]


def test_r139_where_both_attend_they_change_places(
    alice: User, bob: User, old: Salesperson, new: Salesperson, opportunity: Opportunity
) -> None:
    meeting = make_task(bob, opportunity=opportunity, kind="meeting", attendees=(new,))
    before = people(meeting)

    given(opportunity, alice, salesperson=new)
    assert sorted(people(meeting)) == [("Alice", True), ("Bob", False), ("Kari", False)]

    undone(opportunity, alice)
    assert people(meeting) == before


def test_r139_the_old_salesperson_is_replaced_where_he_only_attends(
    alice: User, bob: User, old: Salesperson, new: Salesperson, opportunity: Opportunity
) -> None:
    third = reachable(SalespersonFactory(name="Third"))
    meeting = make_task(
        alice, opportunity=opportunity, kind="meeting", salesperson=third, attendees=(old,)
    )

    given(opportunity, alice, salesperson=new)
    assert sorted(people(meeting)) == [("Alice", False), ("Kari", False), ("Third", True)]
    assert Task.objects.get(pk=meeting.pk).salesperson == third

    undone(opportunity, alice)
    assert sorted(people(meeting)) == [("Bob", False), ("Kari", False), ("Third", True)]


def test_r189_nobody_without_an_e_mail_address_comes_to_hold_a_meeting(
    alice: User, bob: User, old: Salesperson, opportunity: Opportunity
) -> None:
    make_task(bob, opportunity=opportunity, kind="meeting")

    with pytest.raises(ValidationError) as refused:
        given(opportunity, alice, salesperson=alice.salesperson)

    assert refused.value.message_dict == {
        "salesperson": ["“Alice” needs an e-mail address to hold a meeting."]
    }
    fresh = Opportunity.objects.get(pk=opportunity.pk)
    assert (fresh.salesperson, fresh.sequence) == (old, opportunity.sequence)
    without = lifecycle.reassign(fresh, by=alice, salesperson=alice.salesperson)
    assert without.salesperson == alice.salesperson


def test_r140_open_tasks_with_the_old_contact_follow_to_the_new_one(
    bob: User, old: Salesperson, opportunity: Opportunity
) -> None:
    ola = PersonFactory(company=opportunity.company, name="Ola")
    stranger = PersonFactory(company=CompanyFactory())
    call = make_task(bob, opportunity=opportunity)
    meeting = make_task(bob, opportunity=opportunity, kind="meeting")
    other = make_task(bob, opportunity=opportunity, contact=stranger)

    given(opportunity, bob, contact=ola)

    assert contacts(call, meeting, other) == [ola, ola, stranger]
    assert people(meeting) == [("Bob", True), ("Ola", False)]
    undone(opportunity, bob)
    assert contacts(call, meeting) == [opportunity.contact] * 2
    assert people(meeting) == [("Bob", True), ("Kari", False)]


def contacts(*tasks: Task) -> list[Contact | None]:
    """Return the contact of each, as it is now."""
    return [Task.objects.get(pk=task.pk).contact for task in tasks]


def test_r140_not_started_the_company_changes_along(bob: User) -> None:
    opportunity = make_opportunity(bob, contact=PersonFactory(company=CompanyFactory()))
    task = make_task(bob, opportunity=opportunity)
    other = PersonFactory(company=CompanyFactory())

    given(opportunity, bob, contact=other)

    fresh = Task.objects.get(pk=task.pk)
    assert (fresh.contact, fresh.company) == (other, other.company)


def test_r142_open_tasks_with_the_old_campaign_follow_also_when_it_was_blank(
    bob: User, opportunity: Opportunity
) -> None:
    campaign = a_campaign(bob, "Autumn")
    other = a_campaign(bob, "Spring")
    blank = make_task(bob, opportunity=opportunity)
    theirs = make_task(bob, opportunity=opportunity, campaign=other)

    given(opportunity, bob, campaign=campaign)

    assert Task.objects.get(pk=blank.pk).campaign == campaign
    assert Task.objects.get(pk=theirs.pk).campaign == other
    undone(opportunity, bob)
    assert Task.objects.get(pk=blank.pk).campaign is None


def a_campaign(by: User, description: str) -> Campaign:
    """Return a campaign that runs, and is activated."""
    return Campaign.objects.create(
        description=description, ends_on=today(), activated_at="2024-01-01T00:00Z", activated_by=by
    )


def test_handing_over_costs_as_many_queries_for_twelve_meetings_as_for_one(
    alice: User, bob: User, old: Salesperson, new: Salesperson
) -> None:
    counts = []
    for number in (1, 1, 12):
        opportunity = make_opportunity(bob, stage=1)
        for _number in range(number):
            make_task(bob, opportunity=opportunity, kind="meeting")
        with CaptureQueriesContext(connection) as queries:
            given(opportunity, alice, salesperson=new)
        counts.append(len(queries))

    assert counts[1] == counts[2]
