"""What is offered while one types; whatever the text, it never fails."""

import re

import pytest
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from opportunities.models import Opportunity
from salespeople.models import User
from tests.factories import CompanyFactory, PersonFactory, QuoteFactory, make_task
from tests.opportunities.pages import at_stage, signed_in
from tests.search.pages import found, numbers

SUGGEST = "/search/suggest/"
HOSTILE = [
    "\x00", "a\x00b", "x" * 10_000, "%", "_", "\\", "%_%", "\\\\%", "'", '"', "' OR 1=1 --", "''",
    "<script>alert(1)</script>", "🎯🎯🎯", "\u202eabc", "مرحبا", "中文字", "a" * 199 + "ø",
    "9" * 400, "O" + "9" * 18, "O" + "9" * 19, "-1", "1e9", "$1", "{}", "%s", "%(name)s", "½", "ﬁ",
    "+", "+47", "00", "(", "[a", "\t\n", "a b c d e f g h i j", "ﷺ" * 30, "e\u0301\u0301\u0301",
]  # fmt: skip


def options(page: str) -> list[str]:
    """Return the addresses that are offered."""
    return re.findall(r'role="option"[^>]*href="([^"]*)"', page)


def test_the_first_results_are_options(bob: User) -> None:
    company = CompanyFactory(name="Nordvik AS")
    opportunity = at_stage(bob, 1, contact=company)
    page = signed_in(bob).get(SUGGEST, {"q": "nordv"}).content.decode()

    assert options(page) == [
        f"/contacts/{company.pk}/", f"/opportunities/{opportunity.pk}/", "/search/?q=nordv"
    ]  # fmt: skip
    assert "<html" not in page
    assert "<mark>Nordv</mark>ik AS" in page


def test_at_most_five_of_a_kind_are_offered(bob: User) -> None:
    PersonFactory.create_batch(9, name="Kari Nordmann")
    page = signed_in(bob).get(SUGGEST, {"q": "nordmann"}).content.decode()

    assert len(options(page)) == 6


def test_commands_come_first_when_they_are_asked_for(bob: User) -> None:
    at_stage(bob, 1, description="New task force")
    client = signed_in(bob)

    assert options(client.get(SUGGEST, {"q": "new task"}).content.decode())[0] == "/tasks/create/"
    assert options(client.get(SUGGEST, {"q": ""}).content.decode())[0] == "/opportunities/create/"
    assert "/tasks/create/" not in options(client.get(SUGGEST, {"q": "force"}).content.decode())


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: repr(t[:9]))
def test_hostile_text_is_only_text(bob: User, text: str) -> None:
    CompanyFactory(name='100 % Bygg_AS \\ "O\'Brien"')
    client = signed_in(bob)
    for address in ("/search/", SUGGEST):
        response = client.get(address, {"q": text}, follow=True)
        assert response.status_code == 200
        assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("text", ["bygg_as", "o'brien", "\"o'b", "his\\th", "5%-"])
def test_signs_are_no_wildcards(bob: User, text: str) -> None:
    company = CompanyFactory(name='5%-Bygg_AS "O\'Brien" this\\that')
    CompanyFactory(name="5-ByggeAS OBrien thisthat")

    assert numbers(text, bob)[0] == company.number
    assert [g.number for g in found(text, bob, forgiving=False).groups] == [1]


@settings(max_examples=60)
@given(text=st.text(max_size=60) | st.from_regex(r"[oOcCqQtT#+ ]?[0-9 ()./+-]{1,25}"))
def test_whatever_is_typed_there_is_an_answer(bob: User, text: str) -> None:
    if not Opportunity.objects.exists():
        opportunity = at_stage(bob, 1)
        QuoteFactory(opportunity=opportunity)
        make_task(bob, opportunity=opportunity)

    assert signed_in(bob).get(SUGGEST, {"q": text}).status_code == 200


def test_somebody_signed_out_is_offered_nothing() -> None:
    assert Client().get(SUGGEST, {"q": "nordvik"}).status_code == 302
