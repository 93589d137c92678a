"""Undo of what is done to contacts: edits, creation, kind, block, tags (U7, ADR 0022)."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from changes import lifecycle as door
from changes.models import Change
from contacts import lifecycle, tags
from contacts.models import Contact
from salespeople.models import User
from tests.changes.pages import newest, press_undo, undone
from tests.factories import CompanyFactory, PersonFactory, make_opportunity
from tests.opportunities.pages import signed_in


def made(by: User, **values: Any) -> Contact:
    """Return a company that was created by the door."""
    return lifecycle.create(by=by, **{"name": "Fjord", "city": "Oslo", **values})


def test_an_edit_is_noted_with_before_and_after(bob: User) -> None:
    company = made(bob)

    lifecycle.edit(company, by=bob, city="Bergen", website="https://fjord.no")

    change = newest(contact=company)
    assert (change.verb, change.changed_by) == ("edit", bob)
    assert change.before == {"city": "Oslo", "website": ""}
    assert change.after == {"city": "Bergen", "website": "https://fjord.no"}


def test_an_edit_is_undone_and_what_others_did_to_other_fields_stays(
    alice: User, bob: User
) -> None:
    company = made(bob)
    lifecycle.edit(company, by=bob, city="Bergen")
    change = newest(contact=company)
    lifecycle.edit(company, by=alice, email="post@fjord.no")

    door.undo(change, by=bob)

    company.refresh_from_db()
    assert (company.city, company.email) == ("Oslo", "post@fjord.no")


def test_an_edit_on_which_a_newer_one_rests_stays_and_the_newer_one_is_named(
    alice: User, bob: User
) -> None:
    company = made(bob)
    lifecycle.edit(company, by=bob, city="Bergen")
    change = newest(contact=company)
    lifecycle.edit(company, by=alice, city="Tromsø")

    with pytest.raises(ValidationError) as refused:
        door.undo(change, by=bob)

    assert refused.value.messages == [
        "Something newer rests on it: alice edited the contact. Undo that first."
    ]
    company.refresh_from_db()
    assert company.city == "Tromsø"


def test_what_is_undone_is_not_undone_again_nor_is_the_undo(bob: User) -> None:
    company = made(bob)
    lifecycle.edit(company, by=bob, city="Bergen")
    change = newest(contact=company)
    door.undo(change, by=bob)
    undo = Change.objects.get(undoes=change)

    with pytest.raises(ValidationError, match="undone already"):
        door.undo(change, by=bob)
    with pytest.raises(ValidationError, match="An undo is not undone"):
        door.undo(undo, by=bob)


def test_r210_undoing_a_company_takes_its_people_along_where_they_still_follow(
    alice: User, bob: User
) -> None:
    company = made(bob)
    follows = lifecycle.create(by=bob, kind="person", first_name="Kari", company=company)
    strays = lifecycle.create(by=bob, kind="person", first_name="Ola", company=company)
    lifecycle.edit(company, by=bob, city="Bergen")
    change = newest(contact=company)
    lifecycle.edit(strays, by=alice, city="Tromsø")

    door.undo(change, by=bob)

    cities = [Contact.objects.get(pk=row.pk).city for row in (company, follows, strays)]
    assert cities == ["Oslo", "Oslo", "Tromsø"]


def test_a_creation_is_undone_while_nothing_hangs_on_it(bob: User) -> None:
    company = made(bob)

    undone(bob, contact=company)

    assert not Contact.objects.filter(pk=company.pk).exists()
    assert not Change.objects.exists()


@pytest.mark.parametrize("hangs", ["opportunity", "person", "edit"])
def test_a_creation_on_which_something_hangs_stays(bob: User, hangs: str) -> None:
    company = made(bob)
    change = newest(contact=company)
    if hangs == "opportunity":
        make_opportunity(bob, contact=company)
    elif hangs == "person":
        PersonFactory(company=company)
    else:
        lifecycle.edit(company, by=bob, city="Bergen")
    sentence = {
        "opportunity": "is not deleted, because it is used by 1 opportunity",
        "person": "People have been added to it since.",
        "edit": "Something newer rests on it: bob edited the contact. Undo that first.",
    }

    with pytest.raises(ValidationError) as refused:
        door.undo(change, by=bob)

    assert sentence[hangs] in refused.value.messages[0]
    assert Contact.objects.filter(pk=company.pk).exists()


def test_blocking_a_kind_and_tags_are_undone(bob: User) -> None:
    company = made(bob)
    solar = tags.add(company, "Solar", by=bob)
    undone(bob, contact=company)
    assert list(company.tags.all()) == []
    tags.add(company, "Solar", by=bob)
    tags.remove(company, solar, by=bob)
    undone(bob, contact=company)
    assert list(company.tags.all()) == [solar]

    lifecycle.block(company, by=bob)
    undone(bob, contact=company)
    company.refresh_from_db()
    assert not company.is_blocked

    lifecycle.change_kind(company, Contact.Kind.PERSON, by=bob)
    undone(bob, contact=company)
    company.refresh_from_db()
    assert (company.kind, company.name, company.surname) == ("company", "Fjord", "")


def test_a_tag_that_is_gone_again_is_not_undone(bob: User) -> None:
    company = made(bob)
    solar = tags.add(company, "Solar", by=bob)
    change = newest(contact=company)
    tags.remove(company, solar, by=bob)

    with pytest.raises(ValidationError, match="Its tags have been changed since"):
        door.undo(change, by=bob)


def test_nobody_gives_a_contact_to_another_team_by_an_undo(
    alice: User, bob: User, charlie: User
) -> None:
    company = made(bob, salesperson=bob.salesperson)
    lifecycle.edit(company, by=alice, salesperson=charlie.salesperson)
    change = newest(contact=company)

    with pytest.raises(PermissionDenied):
        door.undo(change, by=charlie)

    door.undo(change, by=alice)
    company.refresh_from_db()
    assert company.salesperson == bob.salesperson


def test_the_receipt_offers_undo_and_the_page_takes_it_back(bob: User) -> None:
    company = CompanyFactory(name="Fjord")
    client = signed_in(bob)
    client.post(f"/contacts/{company.pk}/block/")

    answer = press_undo(client, f"/contacts/{company.pk}/")

    company.refresh_from_db()
    assert (answer.status_code, company.is_blocked) == (302, False)


def test_undoing_a_creation_leads_to_the_list(bob: User) -> None:
    company = made(bob)

    answer = signed_in(bob).post(f"/changes/{newest(contact=company).pk}/undo/")

    assert answer["Location"] == "/contacts/"


def test_the_page_says_why_it_stays(alice: User, bob: User) -> None:
    company = made(bob)
    lifecycle.edit(company, by=bob, city="Bergen")
    change = newest(contact=company)
    lifecycle.edit(company, by=alice, city="Tromsø")
    client = signed_in(bob)

    asked = client.get(f"/changes/{change.pk}/undo/")
    answer = client.post(f"/changes/{change.pk}/undo/")

    assert (asked.status_code, answer.status_code) == (200, 422)
    assert "alice edited the contact. Undo that first." in answer.content.decode()


def test_the_timeline_of_a_contact_tells_its_edits_with_undo(bob: User) -> None:
    company = made(bob)
    lifecycle.edit(company, by=bob, city="Bergen")

    page = signed_in(bob).get(f"/contacts/{company.pk}/")

    edits = [item.row for item in page.context["timeline"].items if item.kind == "edit"]
    told = [(e.headline, [(f.label, f.before, f.after) for f in e.facts]) for e in edits]
    assert told == [
        ("edited the contact", [("City", "Oslo", "Bergen")]),
        ("created the contact", []),
    ]
    assert f"/changes/{newest(contact=company).pk}/undo/" in page.content.decode()
