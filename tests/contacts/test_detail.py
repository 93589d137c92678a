"""The page of a contact: who it is, its people, what is open and what became of the rest."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from contacts import lifecycle
from crm.dates import today
from opportunities import lifecycle as opportunities
from opportunities.models import Opportunity
from salescycles.models import CloseReason
from salespeople.models import User
from tests.contacts.pages import queries, signed_in, text_of
from tests.factories import CloseReasonFactory, CompanyFactory, PersonFactory, make_opportunity


def won(by: User, value: int, **options: object) -> Opportunity:
    return opportunities.win(
        make_opportunity(by, stage=1, **options),
        by=by,
        reason=CloseReasonFactory(kind=CloseReason.Kind.WON),
        sales_value=Decimal(value),
    )


def lost(by: User, value: int, **options: object) -> Opportunity:
    return opportunities.lose(
        make_opportunity(by, stage=1, estimated_value=Decimal(value), **options),
        by=by,
        reason=CloseReasonFactory(kind=CloseReason.Kind.LOST),
    )


def test_detail_shows_who_it_is_and_how_to_reach_it(bob: User) -> None:
    company = CompanyFactory(
        name="Fjord & Fjell", phone="+47 22 33 44 55", mobile_phone="+47 912 34 567",
        email="post@fjord.example", website="https://fjord.example/", address="Storgata 1",
        post_code="0155", city="Oslo", country="NO", language="nb",
        salesperson=bob.salesperson, customer_since=date(2024, 3, 5),
    )  # fmt: skip
    text = text_of(signed_in(bob).get(f"/contacts/{company.pk}/"))
    for part in (
        "Fjord &amp; Fjell", 'href="tel:+4722334455"', 'href="tel:+4791234567"',
        'href="mailto:post@fjord.example"', 'href="https://fjord.example/"', "Storgata 1",
        "0155 Oslo", "Norway", "Norwegian", f'href="/salespeople/{bob.salesperson.pk}/"',
        f'href="/opportunities/create/?contact={company.pk}"',
        f'href="/contacts/create/?company={company.pk}"',
    ):  # fmt: skip
        assert part in text


def test_detail_of_a_company_shows_its_people(bob: User) -> None:
    company = CompanyFactory()
    kari = PersonFactory(name="Kari Nordmann", company=company, job_title="Buyer")
    PersonFactory(name="Ola Fremmed")
    text = text_of(signed_in(bob).get(f"/contacts/{company.pk}/"))
    assert f'href="/contacts/{kari.pk}/"' in text
    assert "Buyer" in text
    assert f'href="/contacts/?company={company.pk}"' in text
    assert "Ola Fremmed" not in text


def test_detail_of_a_person_links_to_the_company(bob: User) -> None:
    person = PersonFactory(company=CompanyFactory(name="Fjord"), job_title="Buyer")
    text = text_of(signed_in(bob).get(f"/contacts/{person.pk}/"))
    assert f'<a href="/contacts/{person.company.pk}/">Fjord</a>' in text
    assert "Add person" not in text


def test_detail_lists_what_is_open_and_sums_up_what_is_closed(bob: User) -> None:
    company = CompanyFactory()
    person = PersonFactory(company=company)
    make_opportunity(bob, contact=company, description="Later", stage=2)
    make_opportunity(bob, contact=person, description="Not yet", estimated_value=Decimal(500))
    won(bob, 700, contact=person)
    won(bob, 300, contact=company)
    lost(bob, 250, contact=company)
    opportunities.delete(make_opportunity(bob, contact=company, description="Gone"), by=bob)
    make_opportunity(bob, contact=CompanyFactory(), description="Elsewhere")
    page = signed_in(bob).get(f"/contacts/{company.pk}/").context["page"]
    assert [row.description for row in page.opportunities] == ["Later", "Not yet"]
    assert (page.open.number, page.open.value) == (2, Decimal(1500))
    assert (page.won.number, page.won.value) == (2, Decimal(1000))
    assert (page.lost.number, page.lost.value) == (1, Decimal(250))
    own = signed_in(bob).get(f"/contacts/{person.pk}/").context["page"]
    assert [row.description for row in own.opportunities] == ["Not yet"]
    assert (own.won.number, own.won.value, own.lost.number) == (1, Decimal(700), 0)


def test_detail_figures_link_to_exactly_their_rows(bob: User) -> None:
    company = CompanyFactory()
    person = PersonFactory(company=company)
    for contact in (company, person):
        make_opportunity(bob, contact=contact)
        won(bob, 700, contact=contact)
        lost(bob, 250, contact=contact)
    client = signed_in(bob)
    for contact in (company, person):
        page = client.get(f"/contacts/{contact.pk}/").context["page"]
        for figure in (page.open, page.won, page.lost):
            listed = client.get(figure.url).context["sums"]
            assert listed.count == figure.number > 0
            assert figure.value in (listed.value, listed.calculated)


def test_detail_leaves_out_what_the_person_may_not_see(bob: User, charlie: User) -> None:
    company = CompanyFactory(salesperson=charlie.salesperson)
    make_opportunity(charlie, contact=company, description="Secret", stage=1)
    won(charlie, 700, contact=company)
    answer = signed_in(bob).get(f"/contacts/{company.pk}/")
    page = answer.context["page"]
    assert (page.open.number, page.won.number, page.opportunities) == (0, 0, [])
    assert "Secret" not in text_of(answer)
    assert f'href="/salespeople/{charlie.salesperson.pk}/"' not in text_of(answer)


def test_detail_shows_opportunities_of_the_time_at_the_old_company_d24(bob: User) -> None:
    old, new = CompanyFactory(), CompanyFactory()
    person = PersonFactory(company=old)
    make_opportunity(bob, contact=person, description="A new roof")
    lifecycle.edit(person, by=bob, company=new)
    client = signed_in(bob)
    found = {
        contact.pk: client.get(f"/contacts/{contact.pk}/").context["page"].open.number
        for contact in (old, new, person)
    }
    assert found == {old.pk: 1, new.pk: 0, person.pk: 1}


def test_detail_marks_what_is_past_its_close_date(bob: User) -> None:
    company = CompanyFactory()
    yesterday = today() - timedelta(days=1)
    make_opportunity(bob, contact=company, estimated_close_on=yesterday)
    make_opportunity(bob, contact=company, estimated_close_on=yesterday + timedelta(days=9))
    page = signed_in(bob).get(f"/contacts/{company.pk}/").context["page"]
    assert [row.is_past for row in page.opportunities] == [True, False]


def test_detail_offers_nothing_new_for_what_is_blocked(bob: User) -> None:
    company = CompanyFactory(is_blocked=True)
    person = PersonFactory(company=company)
    client = signed_in(bob)
    for contact in (company, person):
        text = text_of(client.get(f"/contacts/{contact.pk}/"))
        assert f"/opportunities/create/?contact={contact.pk}" not in text
    assert f'action="/contacts/{company.pk}/unblock/"' in text_of(
        client.get(f"/contacts/{company.pk}/")
    )


def test_detail_asks_as_much_for_30_rows_as_for_1(bob: User) -> None:
    company = CompanyFactory(salesperson=bob.salesperson)
    client = signed_in(bob)

    def add(number: int) -> None:
        for _ in range(number):
            make_opportunity(bob, contact=PersonFactory(company=company), stage=1)

    add(1)
    few = queries(client, company.get_absolute_url())
    add(29)
    assert queries(client, company.get_absolute_url()) == few


@pytest.mark.parametrize("pk", ["1", "99999999999999999999999"])
def test_detail_of_what_is_not_there_is_404(bob: User, pk: str) -> None:
    assert signed_in(bob).get(f"/contacts/{pk}/").status_code == 404


def test_detail_refuses_post_parameters_and_strangers(bob: User) -> None:
    company = CompanyFactory()
    client = signed_in(bob)
    assert client.post(f"/contacts/{company.pk}/").status_code == 405
    assert client.get(f"/contacts/{company.pk}/?tab=2").status_code == 400
    assert Client().get(f"/contacts/{company.pk}/").status_code == 302
