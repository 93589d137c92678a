"""What is found, in which order, by whom, and what the page says."""

from datetime import timedelta

import pytest
from django.db import DataError, connection

from crm.dates import today
from salespeople.models import User
from search.matching import Rank
from search.time_limit import Late, time_limit
from search.typed import LONGEST_TEXT, read
from tasks import interactions
from tests.factories import (
    CompanyFactory,
    PersonFactory,
    QuoteFactory,
    make_opportunity,
    make_task,
)
from tests.opportunities.pages import at_stage, deleted, signed_in, won
from tests.search.pages import found, numbers, titles

PAGE = "/search/"


def test_each_kind_is_found_by_a_part_of_a_word(bob: User) -> None:
    company = CompanyFactory(name="Nordvik Bygg AS")
    opportunity = at_stage(bob, 2, contact=company, description="Solar panels")
    quote = QuoteFactory(opportunity=opportunity)
    task = make_task(bob, opportunity=opportunity, description="Call back")

    call = interactions.log(by=bob, kind="call", subject="Wants a price", opportunity=opportunity)

    rows = (company, opportunity, quote, task, call)
    assert numbers("ordvi", bob) == [row.number for row in rows]
    assert numbers("price", bob) == [call.number]
    assert numbers("solar", bob) == [row.number for row in rows if row != company]
    assert numbers("call", bob) == [task.number]


def test_words_come_in_any_order_and_may_stand_in_different_texts(bob: User) -> None:
    kari = PersonFactory(name="Kari Berg", company=CompanyFactory(name="Nordvik AS"))
    at_stage(bob, 1, contact=kari, description="A new roof")
    at_stage(bob, 1, contact=CompanyFactory(name="Sørvik AS"), description="A new roof, twice")

    assert titles("roof nordvik", bob) == ["A new roof"]
    assert titles("nordvik roof", bob) == ["A new roof"]
    assert titles("berg new nordvik", bob) == ["A new roof"]
    assert titles("nordvik kari", bob, "contact") == ["Kari Berg"]
    assert titles("nordvik door", bob) == []


@pytest.mark.parametrize(
    "text", ["Åse Sørbø", "ase sorbo", "AASE SØRBØ", "sørbo åse", "SORBØ", "åse"]
)
def test_accents_and_norwegian_letters_are_folded(bob: User, text: str) -> None:
    PersonFactory(name="Åse Sørbø")

    assert titles(text, bob) == ["Åse Sørbø"]


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("nordvk", "Nordvik AS"),
        ("nordviik", "Nordvik AS"),
        ("halvrosen", "Halvorsen Elektro AS"),
        ("halvorssen", "Halvorsen Elektro AS"),
        ("halvorsen elktro", "Halvorsen Elektro AS"),
    ],
)
def test_typing_errors_are_forgiven_where_nothing_is_written_so(
    bob: User, typed: str, name: str
) -> None:
    for each in ("Nordvik AS", "Halvorsen Elektro AS", "Solberg Transport AS"):
        CompanyFactory(name=each)

    hits = found(typed, bob)

    assert [hit.title for hit in hits.groups[0].hits] == [name]
    assert hits.is_alike


def test_what_is_only_similar_stands_behind_what_is_written_so(bob: User) -> None:
    CompanyFactory(name="Hansson AS")
    CompanyFactory(name="Hansen AS")

    assert titles("hansen", bob) == ["Hansen AS", "Hansson AS"]
    assert not found("hansen", bob).is_alike


def test_numbers_are_found_of_one_kind_or_of_all(bob: User) -> None:
    opportunity = at_stage(bob, 2)
    quote = QuoteFactory(opportunity=opportunity)
    task = make_task(bob, opportunity=opportunity)
    number = opportunity.pk

    for text in (f"O{number}", f"o{number}", f"o-{number}", f"O {number}", f"#{number}"):
        assert numbers(text, bob)[0] == f"O{number}", text
    assert numbers(str(number), bob)[0] == f"O{number}"
    assert numbers(quote.number, bob)[0] == quote.number
    assert numbers(task.number.lower(), bob)[0] == task.number
    assert numbers(opportunity.contact.number, bob)[0] == opportunity.contact.number
    assert found(f"Q{quote.pk}", bob).groups[0].hits[0].rank == Rank.NUMBER


@pytest.mark.parametrize(
    "text",
    [
        "+47 22 33 44 55", "22334455", "22 33 44 55", "0047 22334455", "(+47) 22 33 44 55",
        "+4722334455", "223 34 455", "22-33-44-55", "3344", "33 44 55", "4722334455",
    ],
)  # fmt: skip
@pytest.mark.parametrize("kept", ["+47 22 33 44 55", "22 33 44 55", "22334455"])
def test_phone_numbers_are_found_in_any_spelling(bob: User, text: str, kept: str) -> None:
    PersonFactory(name="Kari", phone="", mobile_phone=kept)
    PersonFactory(name="Ola", phone="+47 55 44 33 22")
    if text == "4722334455" and not kept.startswith("+"):
        return  # without a plus nobody can know that 47 is a country

    assert titles(text, bob) == ["Kari"]


def test_a_number_of_another_country_is_found_with_its_zero(bob: User) -> None:
    PersonFactory(name="Björn", phone="+46 8 123 45 67")

    for text in ("+46 8 123 45 67", "08-123 45 67", "0046 8 1234567", "8 123 45"):
        assert titles(text, bob) == ["Björn"], text


def test_parts_of_an_e_mail_address_are_found(bob: User) -> None:
    PersonFactory(name="Kari Berg", email="kari.berg@nordvik.example")
    PersonFactory(name="Ola Berg", email="ola@sorvik.example")

    for text in ("kari.berg@nordvik.example", "@nordvik", "kari.b", "berg nordvik"):
        assert titles(text, bob) == ["Kari Berg"], text


def test_the_best_comes_first(bob: User) -> None:
    names = ["Berg", "Berg AS", "Bergen AS", "Ny Berg AS", "Nyberg AS"]
    for name in reversed(names):
        CompanyFactory(name=name)
    CompanyFactory(name="Mail AS", email="post@berg.example")
    PersonFactory(name="Kari", company=CompanyFactory(name="Storberg AS", is_blocked=True))

    assert titles("berg", bob) == [*names, "Storberg AS", "Mail AS", "Kari"]


def test_open_comes_before_closed_mine_before_others_new_before_old(bob: User, alice: User) -> None:
    late = today() - timedelta(days=9)
    rows = [
        won(bob),
        at_stage(alice, 1, on=late),
        at_stage(bob, 1, on=late),
        at_stage(alice, 1),
        at_stage(bob, 1),
    ]
    closed, old_other, old, other, mine = [row.number for row in rows]

    assert numbers("new roof", alice)[:5] == [other, old_other, mine, old, closed]
    assert numbers("new roof", bob)[:3] == [mine, old, closed]


def test_a_strangers_rows_are_neither_shown_nor_counted(
    alice: User, bob: User, charlie: User
) -> None:
    company = CompanyFactory(name="Nordvik AS")
    opportunity = at_stage(bob, 2, contact=company, description="Secret roof")
    QuoteFactory(opportunity=opportunity)
    make_task(bob, opportunity=opportunity, description="Secret call")
    make_task(bob, description="Secret call alone")
    interactions.log(by=bob, kind="call", subject="Secret talk", opportunity=opportunity)

    for text in ("secret", "nordvik", "secrt", opportunity.number, f"#{opportunity.pk}"):
        stranger = found(text, charlie)
        counts = {kind: group.number for kind, group in stranger.by_kind.items()}
        assert {kind for kind, count in counts.items() if count} <= {"contact"}, text
        page = signed_in(charlie).get(PAGE, {"q": text}).content.decode()
        assert "Secret" not in page.replace(text, ""), text
    assert len(numbers("secret", bob)) == 5
    assert len(numbers("secret", alice)) == 5


def test_somebody_who_is_no_salesperson_finds_contacts_only(bob: User, dora: User) -> None:
    at_stage(bob, 1, contact=CompanyFactory(name="Roof AS"))
    nobody = User.objects.create_user("nobody")

    assert titles("roof", nobody) == ["Roof AS"]
    assert titles("roof", dora) == ["Roof AS", "A new roof"]


def test_deleted_ones_are_not_found(bob: User) -> None:
    gone = deleted(bob)

    assert gone.number not in numbers("roof", bob) + numbers(gone.number, bob)


def test_counts_are_capped_and_more_is_bounded(bob: User) -> None:
    PersonFactory.create_batch(250, name="Kari Nordmann", created_by=bob)
    client = signed_in(bob)

    everything = client.get(PAGE, {"q": "nordmann"}).content.decode()
    one_kind = client.get(PAGE, {"q": "nordmann", "kind": "contact"}).content.decode()
    more = client.get(PAGE, {"q": "nordmann", "kind": "contact", "more": "1"}).content.decode()

    shown = [page.count('class="found-row"') for page in (everything, one_kind, more)]
    assert shown == [8, 50, 200]
    assert "99+" in everything
    assert "Show more" in one_kind
    assert "These are the best 200." in more
    assert 'href="/contacts/?q=nordmann"' in more


def test_one_kind_is_shown_alone_and_all_are_counted(bob: User) -> None:
    company = CompanyFactory(name="Roof AS")
    at_stage(bob, 1, contact=company)
    response = signed_in(bob).get(PAGE, {"q": "roof", "kind": "opportunity"})

    assert [g.source.kind for g in response.context["found"].groups] == ["opportunity"]
    assert [(t.label, t.group and t.group.number) for t in response.context["tabs"]] == [
        ("Everything", None), ("Opportunities", 1), ("Contacts", 1)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "What are you looking for?"),
        ("a", "That is too short"),
        ("%%%", "That is too short"),
        ("🎯", "That is too short"),
        ("xyzzy", "Nothing was found"),
        ("word " * 50, "only its beginning was searched for"),
    ],
)
def test_the_page_says_why_it_is_empty(bob: User, text: str, says: str) -> None:
    assert says in signed_in(bob).get(PAGE, {"q": text}, follow=True).content.decode()


@pytest.mark.parametrize("query", ["kind=people", "more=2", "q=a&q=b", "page=2"])
def test_an_address_that_the_page_does_not_know_is_refused(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"{PAGE}?{query}").status_code == 400


def test_only_reading_is_asked_for(bob: User) -> None:
    for address in (PAGE, "/search/suggest/", "/help/keys/"):
        assert signed_in(bob).post(address).status_code == 405


def test_what_takes_too_long_is_stopped(bob: User) -> None:
    with pytest.raises(Late), time_limit(20), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2)")
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)


def test_another_failure_of_the_database_is_not_taken_for_a_late_answer(bob: User) -> None:
    with pytest.raises(DataError), time_limit(1000), connection.cursor() as cursor:
        cursor.execute("SELECT 1/0")


def test_long_text_is_cut(bob: User) -> None:
    assert len(read("x" * 10_000).text) == LONGEST_TEXT
    assert read("x" * 10_000).is_cut
    assert not read("roof").is_cut


def test_what_was_sold_to_a_company_long_ago_is_still_found(bob: User) -> None:
    company = CompanyFactory(name="Nordvik AS")
    first = make_opportunity(bob, contact=company, description="The first one")

    assert numbers("nordvik first", bob) == [first.number]
