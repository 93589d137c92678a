"""The list of contacts: filters, sorts, pages, and what it refuses."""

from datetime import date

import pytest
from django.test import Client

from contacts.models import Contact
from salespeople.models import Salesperson, User
from tests.contacts.pages import queries, signed_in, text_of
from tests.factories import CompanyFactory, IndustryFactory, PersonFactory

LIST = "/contacts/"


def names(client: Client, query: str = "") -> list[str]:
    answer = client.get(f"{LIST}?{query}" if query else LIST)
    assert answer.status_code == 200
    return [row.name for row in answer.context["page"].rows]


def test_list_shows_companies_and_people_by_name(bob: User) -> None:
    company = CompanyFactory(name="Ås Bygg", city="Ås", phone="+47 22 33 44 55")
    PersonFactory(name="Anne Lie", company=company, email="anne@bygg.example", is_blocked=True)
    client = signed_in(bob)
    assert names(client) == ["Anne Lie", "Ås Bygg"]
    text = text_of(client.get(LIST))
    assert f'href="/contacts/{company.pk}/"' in text
    assert 'href="tel:+4722334455"' in text
    assert 'href="mailto:anne@bygg.example"' in text
    assert text.count("Blocked</span>") == 1


def test_list_finds_by_text_kind_salesperson_industry_customer_and_block(bob: User) -> None:
    building = IndustryFactory(name="Building")
    fjord = CompanyFactory(
        name="Fjord", salesperson=bob.salesperson, industry=building,
        customer_since=date(2025, 1, 31), phone="+47 22 33 44 55",
    )  # fmt: skip
    PersonFactory(name="Kari Nordmann", company=fjord, is_blocked=True)
    CompanyFactory(name="Fjell")
    client = signed_in(bob)
    assert names(client, "q=nordmann kari") == ["Kari Nordmann"]
    assert names(client, "q=22334455") == ["Fjord"]
    assert names(client, f"q={fjord.number}") == ["Fjord"]
    assert names(client, "kind=company") == ["Fjell", "Fjord"]
    assert names(client, "kind=person") == ["Kari Nordmann"]
    assert names(client, f"salesperson={bob.salesperson.pk}") == ["Fjord"]
    assert names(client, f"industry={building.pk}") == ["Fjord"]
    assert names(client, "customer=yes") == ["Fjord"]
    assert names(client, "customer=no") == ["Fjell", "Kari Nordmann"]
    assert names(client, "blocked=yes") == ["Kari Nordmann"]
    assert names(client, "blocked=no") == ["Fjell", "Fjord"]
    assert names(client, f"company={fjord.pk}") == ["Kari Nordmann"]
    assert names(client, "kind=company&customer=no") == ["Fjell"]


def test_list_says_what_is_filtered_and_keeps_it_in_the_form(bob: User) -> None:
    fjord = CompanyFactory(name="Fjord")
    answer = signed_in(bob).get(f"{LIST}?company={fjord.pk}&kind=person&blocked=no&sort=-name")
    chips = [chip.text for chip in answer.context["chips"]]
    assert chips == ["that are people", "that are not blocked", "of the company Fjord"]
    assert answer.context["hidden"] == [("sort", "-name"), ("kind", "person")]
    assert f'name="company" value="{fjord.pk}"' in text_of(answer)
    assert "Nothing matches the filter" in text_of(answer)
    assert f"/contacts/create/?company={fjord.pk}" in text_of(answer)


def test_list_tells_none_from_nothing_matches(bob: User) -> None:
    client = signed_in(bob)
    assert "No contacts yet" in text_of(client.get(LIST))
    CompanyFactory()
    assert "Nothing matches the filter" in text_of(client.get(f"{LIST}?q=xyz"))


@pytest.mark.parametrize("sort", ["name", "company", "city", "salesperson", "customer"])
def test_list_sorts_both_ways_through_all_pages(bob: User, sort: str) -> None:
    fjord = CompanyFactory(name="Fjord", salesperson=bob.salesperson, city="Oslo")
    for number in range(60):
        PersonFactory(
            company=fjord if number % 3 else None,
            city=f"City {number % 7}",
            customer_since=date(2025, 1, 1 + number % 5) if number % 2 else None,
            salesperson=bob.salesperson if number % 4 else None,
        )
    client = signed_in(bob)
    for name in (sort, f"-{sort}"):
        first = client.get(f"{LIST}?sort={name}").context["page"]
        second = client.get(f"{LIST}?sort={name}&cursor={first.next_cursor}").context["page"]
        found = [row.pk for row in [*first.rows, *second.rows]]
        assert len(first.rows) == 50
        assert sorted(found) == sorted(Contact.objects.values_list("pk", flat=True))


@pytest.mark.parametrize(
    "query",
    [
        "colour=red", "sort=colour", "sort=-pk", "cursor=abc", "kind=robot", "kind=1&kind=2",
        "salesperson=abc", "salesperson=0", "salesperson=99999999999999999999", "industry=-1",
        "customer=maybe", "blocked=2", "company=1", "q=%00", "q=" + "a" * 201, "page=2",
    ],
)  # fmt: skip
def test_list_refuses_what_it_does_not_know(bob: User, query: str) -> None:
    CompanyFactory()
    answer = signed_in(bob).get(f"{LIST}?{query}")
    assert answer.status_code == 400


def test_list_drops_what_the_form_left_empty(bob: User) -> None:
    answer = signed_in(bob).get(f"{LIST}?q=fjord&kind=&salesperson=&customer=&blocked=")
    assert (answer.status_code, answer["Location"]) == (302, "/contacts/?q=fjord")


def test_list_filters_by_visible_salespeople_only(bob: User, charlie: User) -> None:
    hidden = Salesperson.objects.get(user=charlie)
    assert signed_in(bob).get(f"{LIST}?salesperson={hidden.pk}").status_code == 400


def test_a_group_opens_whoever_looks_after_it(bob: User, charlie: User) -> None:
    """Everybody sees every contact, and in its row who looks after it: so the head leads there."""
    row = CompanyFactory(salesperson=charlie.salesperson)
    client = signed_in(bob)

    (head,) = client.get(f"{LIST}?group=salesperson").context["heads"].values()
    answer = client.get(f"{LIST}{head.url}")

    assert (answer.status_code, head.title) == (200, "Charlie")
    assert answer.context["page"].rows == [row]


def test_list_refuses_post_and_strangers(bob: User) -> None:
    assert signed_in(bob).post(LIST).status_code == 405
    assert Client().get(LIST)["Location"] == "/accounts/login/?next=/contacts/"


def test_list_asks_as_much_for_30_rows_as_for_1(bob: User) -> None:
    client = signed_in(bob)
    fjord = CompanyFactory(salesperson=bob.salesperson)
    PersonFactory(company=fjord)
    few = queries(client, LIST)
    for _ in range(29):
        PersonFactory(company=fjord, salesperson=bob.salesperson)
    assert queries(client, LIST) == few


def test_suggest_names_what_may_be_chosen(bob: User) -> None:
    fjord = CompanyFactory(name="Fjord")
    kari = PersonFactory(name="Kari Fjordheim", company=fjord)
    CompanyFactory(name="Fjordgata", is_blocked=True)
    client = signed_in(bob)
    everybody = client.get("/contacts/suggest/?q=fjord").json()
    companies = client.get("/contacts/suggest/companies/?q=fjord").json()
    assert everybody == {"names": [f"Fjord ({fjord.number})", f"Kari Fjordheim ({kari.number})"]}
    assert companies == {"names": [f"Fjord ({fjord.number})"]}
    assert client.get("/contacts/suggest/").json() == {"names": []}
    assert client.get("/contacts/suggest/companies/?kind=x").status_code == 400
