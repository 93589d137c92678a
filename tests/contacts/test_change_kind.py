"""lifecycle.change_kind: a company becomes a person, a person a company (R214)."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.utils.formats import date_format

from contacts import lifecycle
from contacts.models import Contact
from salespeople.models import User
from tests.factories import CompanyFactory, IndustryFactory, PersonFactory, make_opportunity


def refusals(contact: Contact, kind: str, by: User) -> list[str]:
    with pytest.raises(ValidationError) as error:
        lifecycle.change_kind(contact, kind, by=by)
    assert Contact.objects.get(pk=contact.pk).kind == contact.kind
    return error.value.message_dict["kind"]


def test_change_kind_to_company_clears_what_only_a_person_has_r214(bob: User) -> None:
    person = PersonFactory(company=CompanyFactory(), job_title="Buyer", city="Oslo")
    lifecycle.change_kind(person, "company", by=bob)
    changed = Contact.objects.get(pk=person.pk)
    assert (changed.kind, changed.name, changed.city) == ("company", person.name, "Oslo")
    assert (changed.first_name, changed.surname, changed.job_title) == ("", "", "")
    assert (changed.company, changed.changed_by) == (None, bob)


def test_change_kind_to_person_splits_the_name_r214(bob: User) -> None:
    company = CompanyFactory(name="Kari Anne Nordmann")
    lifecycle.change_kind(company, "person", by=bob)
    person = Contact.objects.get(pk=company.pk)
    assert (person.kind, person.name) == ("person", "Kari Anne Nordmann")
    assert (person.first_name, person.middle_name, person.surname) == ("Kari", "Anne", "Nordmann")


def test_change_kind_refuses_what_an_opportunity_names_r214(bob: User) -> None:
    company, person = CompanyFactory(), PersonFactory()
    make_opportunity(bob, contact=company)
    make_opportunity(bob, contact=person, stage=2)
    make_opportunity(bob, contact=person)
    assert refusals(company, "person", bob) == [
        "It is used by 1 opportunity and 1 opportunity entry."
    ]
    assert refusals(person, "company", bob) == [
        "It is used by 2 opportunities and 4 opportunity entries."
    ]


def test_change_kind_refuses_a_company_with_people_or_customer_r214(bob: User) -> None:
    company = CompanyFactory(
        customer_since=date(2024, 3, 5), industry=IndustryFactory(name="Building")
    )
    PersonFactory(company=company)
    PersonFactory(company=company)
    assert refusals(company, "person", bob) == [
        "2 people belong to it.",
        f"It has been a customer since {date_format(date(2024, 3, 5))}.",
        "It has the industry “Building”.",
    ]


def test_change_kind_to_what_it_is_writes_nothing(bob: User) -> None:
    company = CompanyFactory()
    make_opportunity(bob, contact=company)
    assert lifecycle.change_kind(company, "company", by=bob).changed_at is None


def test_change_kind_refuses_an_unknown_kind(bob: User) -> None:
    assert refusals(CompanyFactory(), "robot", bob) == ["Value 'robot' is not a valid choice."]


def test_change_kind_tells_who_was_faster(alice: User, bob: User) -> None:
    company = CompanyFactory()
    seen = lifecycle.version_of(company)
    lifecycle.edit(company, by=alice, city="Oslo")
    with pytest.raises(lifecycle.Conflict):
        lifecycle.change_kind(company, "person", by=bob, seen=seen)
