"""The pages that delete, block and change the kind of a contact."""

import pytest
from django.test import Client

from contacts import lifecycle
from contacts.forms import seen_of
from contacts.models import Contact
from salespeople.models import User
from tests.contacts.pages import signed_in, text_of
from tests.factories import CompanyFactory, PersonFactory, make_opportunity

VERBS = ["delete", "change_kind"]


def page_of(contact: Contact, verb: str) -> str:
    return f"/contacts/{contact.pk}/{verb}/"


def seen(contact: Contact) -> dict[str, str]:
    return {"seen": seen_of(contact)}


def test_delete_page_asks_and_deletes_with_the_people(bob: User) -> None:
    company = CompanyFactory(name="Fjord")
    PersonFactory(company=company)
    PersonFactory(company=company)
    client = signed_in(bob)
    assert "the 2 people who belong to it" in text_of(client.get(page_of(company, "delete")))
    assert Contact.objects.count() == 3
    answer = client.post(page_of(company, "delete"), seen(company), follow=True)
    assert answer.redirect_chain == [("/contacts/", 302)]
    assert "“Fjord” and 2 people were deleted." in text_of(answer)
    assert not Contact.objects.exists()


def test_delete_page_says_why_not_and_offers_to_block_d24(bob: User) -> None:
    company = CompanyFactory(name="Fjord")
    make_opportunity(bob, contact=company)
    client = signed_in(bob)
    for answer, status in (
        (client.get(page_of(company, "delete")), 200),
        (client.post(page_of(company, "delete"), seen(company)), 422),
    ):
        assert answer.status_code == status
        assert "it is used by 1 opportunity and 1 opportunity entry" in text_of(answer)
        assert f'action="/contacts/{company.pk}/block/"' in text_of(answer)
    assert Contact.objects.exists()


def test_change_kind_page_changes_it_r214(bob: User) -> None:
    company = CompanyFactory(name="Kari Nordmann")
    client = signed_in(bob)
    assert client.get(page_of(company, "change_kind")).status_code == 200
    answer = client.post(page_of(company, "change_kind"), seen(company), follow=True)
    assert answer.redirect_chain == [(f"/contacts/{company.pk}/", 302)]
    assert "“Kari Nordmann” is a person now." in text_of(answer)
    company.refresh_from_db()
    assert (company.kind, company.surname) == ("person", "Nordmann")


def test_change_kind_page_says_why_not_r214(bob: User) -> None:
    company = CompanyFactory()
    PersonFactory(company=company)
    client = signed_in(bob)
    for answer, status in (
        (client.get(page_of(company, "change_kind")), 200),
        (client.post(page_of(company, "change_kind"), seen(company)), 422),
    ):
        assert answer.status_code == status
        assert "1 person belongs to it." in text_of(answer)
    company.refresh_from_db()
    assert company.is_company


@pytest.mark.parametrize("verb", VERBS)
def test_verb_pages_show_who_was_faster(alice: User, bob: User, verb: str) -> None:
    company = CompanyFactory()
    old = seen(company)
    lifecycle.edit(company, by=alice, city="Oslo")
    answer = signed_in(bob).post(page_of(company, verb), old)
    assert answer.status_code == 409
    assert "alice has changed this contact" in text_of(answer)
    assert Contact.objects.get().is_company
    fresh = seen(Contact.objects.get())
    assert f'value="{fresh["seen"]}"' in text_of(answer)
    assert signed_in(bob).post(page_of(company, verb), fresh).status_code == 302


@pytest.mark.parametrize("verb", VERBS)
def test_verb_pages_ask_for_the_version_that_was_seen(bob: User, verb: str) -> None:
    company = CompanyFactory()
    for data in ({}, {"seen": "now"}):
        assert signed_in(bob).post(page_of(company, verb), data).status_code == 422
    assert Contact.objects.get().is_company


@pytest.mark.parametrize("verb", VERBS)
def test_verb_pages_refuse_parameters_methods_and_what_is_not_there(bob: User, verb: str) -> None:
    company = CompanyFactory()
    client = signed_in(bob)
    assert client.get(page_of(company, verb) + "?force=1").status_code == 400
    assert client.put(page_of(company, verb)).status_code == 405
    assert client.get(f"/contacts/{company.pk + 1}/{verb}/").status_code == 404
    assert client.post(f"/contacts/{company.pk + 1}/{verb}/").status_code == 404


def test_block_and_unblock_buttons(bob: User) -> None:
    company = CompanyFactory(name="Fjord")
    client = signed_in(bob)
    answer = client.post(page_of(company, "block"), follow=True)
    assert answer.redirect_chain == [(f"/contacts/{company.pk}/", 302)]
    assert "“Fjord” is blocked for anything new." in text_of(answer)
    company.refresh_from_db()
    assert (company.is_blocked, company.changed_by) == (True, bob)
    answer = client.post(page_of(company, "unblock"), follow=True)
    assert "“Fjord” may be chosen again." in text_of(answer)
    company.refresh_from_db()
    assert not company.is_blocked


@pytest.mark.parametrize("verb", ["block", "unblock"])
def test_block_refuses_get_and_what_is_not_there(bob: User, verb: str) -> None:
    company = CompanyFactory()
    client = signed_in(bob)
    assert client.get(page_of(company, verb)).status_code == 405
    assert client.post(f"/contacts/{company.pk + 1}/{verb}/").status_code == 404
    company.refresh_from_db()
    assert company.changed_at is None


@pytest.mark.parametrize("verb", [*VERBS, "block", "unblock"])
def test_verbs_are_for_who_is_signed_in(db: None, verb: str) -> None:
    company = CompanyFactory()
    answer = Client().post(page_of(company, verb), seen(company))
    assert (answer.status_code, answer["Location"]) == (
        302, f"/accounts/login/?next={page_of(company, verb)}",
    )  # fmt: skip
    assert Contact.objects.get() == company


@pytest.mark.parametrize("verb", [*VERBS, "block", "unblock", "edit"])
def test_verbs_need_the_forms_token(bob: User, verb: str) -> None:
    company = CompanyFactory()
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)
    assert client.post(page_of(company, verb), seen(company)).status_code == 403
    assert Contact.objects.get().changed_at is None
