"""Undo beside the ledger: description and priority, tags, roles, creation (U7, ADR 0022)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from changes import lifecycle as door
from crm.dates import today
from opportunities import lifecycle, people, snoozing, tagging
from opportunities.models import Opportunity, OpportunityContact, Snooze
from salespeople.models import User
from tests.changes.pages import newest, press_undo, undone
from tests.factories import CompanyFactory, PersonFactory, SalesCycleFactory
from tests.opportunities.pages import STAGES, address, at_stage, signed_in


def test_an_edit_is_undone_by_its_receipt(bob: User) -> None:
    row = at_stage(bob, 2)
    client = signed_in(bob)
    data = {"seen": row.sequence, "description": "A red roof", "priority": 3}
    client.post(address(row, "edit"), data)

    press_undo(client, address(row))

    fresh = Opportunity.objects.get(pk=row.pk)
    assert (fresh.description, fresh.priority) == (row.description, row.priority)


def test_an_edit_that_was_edited_again_stays(alice: User, bob: User) -> None:
    row = at_stage(bob, 2)
    lifecycle.edit(row, by=bob, description="A red roof")
    change = newest(opportunity=row)
    lifecycle.edit(row, by=alice, description="A blue roof")

    with pytest.raises(ValidationError, match="rests on it: alice edited it. Undo that first"):
        door.undo(change, by=bob)


def test_nothing_beside_a_deleted_one_is_undone(bob: User) -> None:
    row = at_stage(bob, 0)
    lifecycle.edit(row, by=bob, description="A red roof")
    lifecycle.delete(row, by=bob)

    with pytest.raises(ValidationError, match="It has been deleted. Restore it first."):
        undone(bob, opportunity=row)


def test_a_tag_and_its_removal_are_undone(bob: User) -> None:
    row = at_stage(bob, 2)
    tag = tagging.add(row, "Solar", by=bob)
    undone(bob, opportunity=row)
    assert list(row.tags.all()) == []
    tagging.add(row, "Solar", by=bob)
    tagging.remove(row, tag, by=bob)
    undone(bob, opportunity=row)
    assert list(row.tags.all()) == [tag]


def test_roles_are_undone(bob: User) -> None:
    row, person = at_stage(bob, 2), PersonFactory()
    added = people.add(row, person, "user", by=bob)
    people.change(added, "buyer", by=bob)
    undone(bob, opportunity=row)
    assert row.people.get().role == "user"
    people.remove(row.people.get(), by=bob)
    undone(bob, opportunity=row)
    assert [(p.contact, p.role) for p in row.people.all()] == [(person, "user")]


def test_a_role_that_was_changed_since_stays(alice: User, bob: User) -> None:
    row, person = at_stage(bob, 2), PersonFactory(name="Kari")
    added = people.add(row, person, "user", by=bob)
    change = newest(opportunity=row)
    people.change(added, "buyer", by=alice)

    with pytest.raises(ValidationError, match="has been changed since"):
        door.undo(change, by=bob)

    assert OpportunityContact.objects.get().role == "buyer"


def created(client: Any, bob: User) -> Opportunity:
    """Create one by the form."""
    data = {
        "description": "A pier",
        "contact": CompanyFactory(salesperson=bob.salesperson).pk,
        "salesperson": bob.salesperson.pk,
        "sales_cycle": SalesCycleFactory(stages=STAGES).pk,
        "priority": 2,
        "estimated_value": "5000",
        "estimated_close_on": (today() + timedelta(days=30)).isoformat(),
        "activate": "on",
    }
    assert client.post("/opportunities/create/", data).status_code == 302
    return Opportunity.objects.get(description="A pier")


def test_a_creation_is_undone_by_its_receipt_and_can_be_restored(bob: User) -> None:
    """It was in progress at once: undo takes the start back, then deletes it."""
    client = signed_in(bob)
    row = created(client, bob)

    press_undo(client, address(row))

    row.refresh_from_db()
    assert (row.is_deleted, row.status) == (True, "not_started")
    assert [e.action for e in row.entries.order_by("sequence")] == [
        "created", "activated", "undone", "deleted"
    ]  # fmt: skip
    assert not lifecycle.restore(row, by=bob).is_deleted


def test_a_creation_that_somebody_worked_on_stays_and_says_so(bob: User) -> None:
    client = signed_in(bob)
    row = created(client, bob)
    lifecycle.edit(row, by=bob, description="A long pier")

    answer = press_undo(client, address(row))

    row.refresh_from_db()
    assert not row.is_deleted
    assert "It has been edited since." in client.get(answer["Location"]).content.decode()


def test_a_snooze_is_undone_to_the_day_before(bob: User) -> None:
    row = at_stage(bob, 2)
    first = today() + timedelta(days=20)
    snoozing.snooze(row, by=bob, until_on=first)
    client = signed_in(bob)
    client.post(address(row, "snooze"), {"days": "3", "next": address(row)})
    page = client.get(address(row))
    message = next(iter(page.context["messages"]))
    fields = dict(part.split("=") for part in message.extra_tags.split(":")[4:])

    client.post(address(row, "snooze"), fields)

    assert Snooze.objects.get().until_on == first


def test_the_timeline_tells_edits_roles_and_tags(bob: User) -> None:
    row = at_stage(bob, 2, description="Roof")
    person = PersonFactory(name="Kari Nes")
    lifecycle.edit(row, by=bob, description="Red roof")
    people.add(row, person, "buyer", by=bob)
    tagging.add(row, "Solar", by=bob)

    page = signed_in(bob).get(address(row) + "?show=changes")

    edits = [item.row for item in page.context["timeline"].items if item.kind == "edit"]
    assert [(e.headline, [(f.label, f.after) for f in e.facts]) for e in edits] == [
        ("put a tag on it", [("Tag", "Solar")]),
        ("gave somebody a role in it", [("Contact", str(person)), ("Role", "Buyer")]),
        ("edited it", [("Description", "Red roof")]),
    ]
    assert [e.may_undo for e in edits] == [True, True, True]
