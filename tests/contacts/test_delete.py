"""lifecycle.delete: what nothing names goes, with a company's people (R215, rules D24)."""

import pytest
from django.core.exceptions import ValidationError

from contacts import lifecycle
from contacts.models import Contact
from opportunities import lifecycle as opportunities
from quotes.models import Quote
from salespeople.models import User
from tests.factories import CompanyFactory, PersonFactory, QuoteFactory, make_opportunity

BLOCK = "Block it instead: then it cannot be chosen for anything new."


def refusals(contact: Contact, by: User) -> list[str]:
    with pytest.raises(ValidationError) as error:
        lifecycle.delete(contact, by=by)
    assert Contact.objects.filter(pk=contact.pk).exists()
    return error.value.messages


def test_delete_takes_a_contact_that_nothing_names(bob: User) -> None:
    person = PersonFactory()
    assert lifecycle.delete(person, by=bob) == 0
    assert not Contact.objects.exists()


def test_delete_takes_the_people_of_a_company_with_it_r215(bob: User) -> None:
    company, other = CompanyFactory(), CompanyFactory()
    PersonFactory(company=company)
    PersonFactory(company=company)
    stays = PersonFactory(company=other)
    assert lifecycle.delete(company, by=bob) == 2
    assert set(Contact.objects.all()) == {other, stays}


def test_delete_refuses_what_an_opportunity_names_d24(bob: User) -> None:
    company = CompanyFactory(name="Fjord")
    make_opportunity(bob, contact=company)
    assert refusals(company, bob) == [
        "“Fjord” is not deleted, because it is used by 1 opportunity and 1 opportunity entry.",
        BLOCK,
    ]


def test_delete_refuses_what_only_a_deleted_opportunity_names_d24(bob: User) -> None:
    company = CompanyFactory(name="Fjord")
    opportunities.delete(make_opportunity(bob, contact=company), by=bob)
    assert refusals(company, bob) == [
        "“Fjord” is not deleted, because it is used by 1 opportunity and 2 opportunity entries.",
        BLOCK,
    ]


def test_delete_refuses_what_only_an_old_entry_names_d24(bob: User) -> None:
    old, new = CompanyFactory(name="Fjord"), CompanyFactory()
    opportunity = make_opportunity(bob, contact=old)
    opportunities.reassign(opportunity, by=bob, contact=new)
    assert refusals(old, bob) == [
        "“Fjord” is not deleted, because it is used by 1 opportunity entry.",
        BLOCK,
    ]


def test_delete_refuses_what_a_quote_names_d24(bob: User) -> None:
    old, new = CompanyFactory(name="Fjord"), CompanyFactory()
    opportunity = make_opportunity(bob, contact=new, stage=1)
    quote = QuoteFactory(opportunity=opportunity)
    Quote.objects.filter(pk=quote.pk).update(contact=old)
    assert refusals(old, bob) == [
        "“Fjord” is not deleted, because it is used by 1 quote.",
        BLOCK,
    ]


def test_delete_refuses_a_company_while_one_of_its_people_may_not_be_r215(bob: User) -> None:
    old, company = CompanyFactory(), CompanyFactory(name="Fjord")
    kari = PersonFactory(company=old, name="Kari Nordmann")
    make_opportunity(bob, contact=kari)
    lifecycle.edit(kari, by=bob, company=company)
    PersonFactory(company=company)
    assert refusals(company, bob) == [
        "“Kari Nordmann”, who belongs to it, is used by 1 opportunity and 1 opportunity entry.",
        BLOCK,
    ]
    assert company.people.count() == 2


def test_delete_tells_who_was_faster(alice: User, bob: User) -> None:
    company = CompanyFactory()
    seen = lifecycle.version_of(company)
    lifecycle.edit(company, by=alice, city="Oslo")
    with pytest.raises(lifecycle.Conflict):
        lifecycle.delete(company, by=bob, seen=seen)
    assert Contact.objects.exists()


def test_delete_does_not_count_what_one_may_not_see(bob: User, charlie: User) -> None:
    company = CompanyFactory(name="Fjord")
    make_opportunity(charlie, contact=company)

    with pytest.raises(ValidationError) as caught:
        lifecycle.delete(company, by=bob)

    assert caught.value.messages[0] == (
        "“Fjord” is not deleted, because it is used by opportunities and opportunity entries."
    )
