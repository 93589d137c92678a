"""lifecycle.edit: what flows from a company to its people, and who was faster."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from contacts import lifecycle
from contacts.models import Contact
from salespeople.models import User
from tests.factories import (
    CompanyFactory,
    IndustryFactory,
    PersonFactory,
    SalespersonFactory,
    UserFactory,
    make_opportunity,
)


def fresh(contact: Contact) -> Contact:
    return Contact.objects.get(pk=contact.pk)


def test_edit_changes_what_is_given_and_nothing_else(bob: User) -> None:
    company = lifecycle.create(by=bob, name="Fjord", city="Oslo")
    industry = IndustryFactory()
    changed = lifecycle.edit(company, by=bob, name="Fjord AS", industry=industry)
    assert changed == fresh(company)
    assert (changed.name, changed.city, changed.industry) == ("Fjord AS", "Oslo", industry)
    assert changed.changed_by == bob
    assert lifecycle.version_of(changed) > changed.created_at


def test_edit_without_a_change_writes_nothing(bob: User) -> None:
    company = lifecycle.create(by=bob, name="Fjord", phone="22 33 44 55")
    same = lifecycle.edit(company, by=bob, name="Fjord", phone="22334455")
    assert (same.changed_at, fresh(company).changed_at) == (None, None)


def test_edit_tells_who_was_faster(alice: User, bob: User) -> None:
    company = lifecycle.create(by=bob, name="Fjord")
    seen = lifecycle.version_of(company)
    first = lifecycle.edit(company, by=alice, seen=seen, name="Fjord AS")
    with pytest.raises(lifecycle.Conflict) as conflict:
        lifecycle.edit(company, by=bob, seen=seen, city="Oslo")
    assert conflict.value.contact.changed_by == alice
    assert (fresh(company).name, fresh(company).city) == ("Fjord AS", "")
    assert lifecycle.edit(company, by=bob, seen=first.changed_at, city="Oslo").city == "Oslo"


def test_edit_tells_who_was_faster_even_without_a_change(alice: User, bob: User) -> None:
    company = lifecycle.create(by=bob, name="Fjord")
    seen = lifecycle.version_of(company)
    lifecycle.edit(company, by=alice, name="Fjord AS")
    with pytest.raises(lifecycle.Conflict):
        lifecycle.edit(company, by=bob, seen=seen, name="Fjord AS")


def test_edit_lets_a_change_flow_to_people_who_had_the_old_value_r210(
    alice: User, bob: User
) -> None:
    old = SalespersonFactory()
    company = CompanyFactory(
        salesperson=old, country="NO", language="nb", phone="+47 22 33 44 55",
        email="old@fjord.example", website="https://old.example",
    )  # fmt: skip
    same = PersonFactory(
        company=company, salesperson=old, country="NO", language="nb", phone="+47 22 33 44 55",
        email="old@fjord.example", website="https://old.example",
    )  # fmt: skip
    own = PersonFactory(
        company=company, salesperson=SalespersonFactory(), country="SE", language="en",
        phone="+46 8 123 456 78", email="own@fjord.example", website="https://own.example",
    )  # fmt: skip
    stranger = PersonFactory(email="old@fjord.example")
    fields = ("salesperson_id", "country", "language", "phone", "email", "website")
    before = [getattr(own, name) for name in fields]
    new: dict[str, Any] = {
        "salesperson": bob.salesperson, "country": "DK", "language": "en",
        "phone": "+45 32 12 34 56", "email": "new@fjord.example",
        "website": "https://new.example",
    }  # fmt: skip
    lifecycle.edit(company, by=alice, **new)
    assert {name: getattr(fresh(same), name) for name in new} == new
    assert [getattr(fresh(own), name) for name in fields] == before
    assert fresh(stranger).email == "old@fjord.example"
    assert (fresh(same).changed_by, fresh(own).changed_by) == (alice, None)


def test_edit_lets_the_address_flow_as_one_unit_r210(bob: User) -> None:
    where = {"address": "Storgata 1", "post_code": "0155", "city": "Oslo"}
    company = CompanyFactory(**where)
    same = PersonFactory(company=company, **where)
    upstairs = PersonFactory(company=company, **where, address_2="3rd floor")
    lifecycle.edit(company, by=bob, address="Bakken 2")
    assert (fresh(same).address, fresh(same).city) == ("Bakken 2", "Oslo")
    assert fresh(upstairs).address == "Storgata 1"


def test_edit_lets_a_first_value_flow_to_people_without_one_r210(bob: User) -> None:
    company = CompanyFactory()
    person = PersonFactory(company=company)
    lifecycle.edit(company, by=bob, email="post@fjord.example")
    assert fresh(person).email == "post@fjord.example"


def test_edit_name_of_a_company_is_that_of_its_people_at_once_r210(bob: User) -> None:
    person = PersonFactory(company=CompanyFactory(name="Fjord"))
    lifecycle.edit(person.company, by=bob, name="Fjord AS")
    assert (fresh(person).company.name, fresh(person).changed_at) == ("Fjord AS", None)


def test_edit_company_of_a_person_overwrites_and_fills_r209(bob: User) -> None:
    old = CompanyFactory(
        country="SE", phone="+46 8 123 456 78", address="Gatan 1", city="Malmö",
        salesperson=SalespersonFactory(),
    )  # fmt: skip
    new = CompanyFactory(
        country="NO", language="nb", phone="+47 22 33 44 55", email="post@new.example",
        website="https://new.example", address="Storgata 1", city="Oslo",
        salesperson=SalespersonFactory(),
    )  # fmt: skip
    person = PersonFactory(
        company=old, country="DK", language="en", phone="+46 8 123 456 78",
        email="own@own.example", address="Gatan 1", city="Malmö", salesperson=old.salesperson,
    )  # fmt: skip
    moved = lifecycle.edit(person, by=bob, company=new)
    assert moved == fresh(person)
    assert (moved.salesperson, moved.country, moved.language) == (new.salesperson, "NO", "nb")
    assert (moved.phone, moved.website) == ("+47 22 33 44 55", "https://new.example")
    assert moved.email == "own@own.example"
    assert (moved.address, moved.city) == ("Storgata 1", "Oslo")


def test_edit_company_of_a_person_keeps_an_own_address_and_what_is_given_r209(bob: User) -> None:
    new = CompanyFactory(address="Storgata 1", city="Oslo", country="NO")
    person = PersonFactory(address="Bakken 2", country="SE")
    moved = lifecycle.edit(person, by=bob, company=new, country="SE")
    assert (moved.address, moved.city, moved.country) == ("Bakken 2", "", "SE")


def test_edit_clears_the_company_of_a_person_r211(bob: User) -> None:
    person = PersonFactory(company=CompanyFactory(country="NO"), country="NO")
    alone = lifecycle.edit(person, by=bob, company=None)
    assert (alone.company, fresh(person).company, alone.country) == (None, None, "NO")


def test_edit_refuses_a_company_of_a_company_r211(bob: User) -> None:
    with pytest.raises(ValidationError) as error:
        lifecycle.edit(CompanyFactory(), by=bob, company=CompanyFactory())
    assert error.value.message_dict == {"company": ["Only a person belongs to a company."]}


def test_edit_company_of_a_person_leaves_the_opportunities_d24(bob: User) -> None:
    old, new = CompanyFactory(), CompanyFactory()
    person = PersonFactory(company=old)
    opportunity = make_opportunity(bob, contact=person, stage=2)
    lifecycle.edit(person, by=bob, company=new)
    opportunity.refresh_from_db()
    assert (opportunity.contact, opportunity.company) == (person, old)
    assert {entry.company for entry in opportunity.entries.all()} == {old}


def test_edit_keeps_name_and_parts_in_step_r213(bob: User) -> None:
    person = lifecycle.create(by=bob, kind="person", name="Kari Nordmann")
    assert lifecycle.edit(person, by=bob, middle_name="Anne").name == "Kari Anne Nordmann"
    assert lifecycle.edit(person, by=bob, surname="Lie").name == "Kari Anne Lie"
    split = lifecycle.edit(person, by=bob, name="Ola Dunk")
    assert (split.first_name, split.middle_name, split.surname) == ("Ola", "", "Dunk")


def test_edit_of_something_else_leaves_a_name_without_parts_alone_r213(bob: User) -> None:
    person = Contact.objects.create(kind="person", name="Kari", created_by=UserFactory())
    assert lifecycle.edit(person, by=bob, city="Oslo").name == "Kari"


def test_edit_refuses_a_letter_in_a_phone_number_and_keeps_everything_r216(bob: User) -> None:
    company = lifecycle.create(by=bob, name="Fjord")
    with pytest.raises(ValidationError) as error:
        lifecycle.edit(company, by=bob, name="Fjell", phone="22 33 CALL")
    assert error.value.message_dict == {"phone": ["A phone number holds no letters."]}
    assert fresh(company).name == "Fjord"


def test_edit_asks_nothing_about_what_is_left_as_it_was(bob: User) -> None:
    company = CompanyFactory(phone="12", salesperson=SalespersonFactory(is_blocked=True))
    changed = lifecycle.edit(
        company, by=bob, city="Oslo", phone="12", salesperson=company.salesperson
    )
    assert changed.city == "Oslo"


def test_edit_of_what_is_gone_is_unknown(bob: User) -> None:
    company = CompanyFactory()
    Contact.objects.all().delete()
    with pytest.raises(Contact.DoesNotExist):
        lifecycle.edit(company, by=bob, name="Fjord")
