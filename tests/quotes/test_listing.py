"""The list of quotes: filters, sums, order, pages."""

from datetime import timedelta
from typing import Any

import pytest

from crm.dates import today
from opportunities import lifecycle as door
from quotes.models import Quote
from salespeople.models import User
from tests.factories import CloseReasonFactory, CompanyFactory, QuoteFactory
from tests.opportunities.pages import at_stage, signed_in


def listed(user: User, query: str = "") -> Any:
    """Return what the list shows."""
    response = signed_in(user).get(f"/quotes/{query}")
    assert response.status_code == 200
    return response.context


def test_it_is_filtered_by_status_text_salesperson_and_amount(alice: User, bob: User) -> None:
    roof = at_stage(bob, 3, description="A new roof", contact=CompanyFactory(name="Fjord AS"))
    wall = at_stage(alice, 3, description="A wall")
    first = QuoteFactory(opportunity=roof, amount=100)
    second = QuoteFactory(opportunity=roof, amount=200, status="sent")
    third = QuoteFactory(opportunity=wall, amount=300)

    found = {
        query: list(listed(alice, query)["page"].rows)
        for query in (
            "", "?status=sent", "?q=roof", "?q=fjord", f"?q=Q{third.pk}",
            f"?salesperson={bob.salesperson.pk}", "?value_from=200", "?value_to=100",
        )
    }  # fmt: skip

    assert list(found.values()) == [
        [third, second, first], [second], [second, first], [second, first], [third],
        [second, first], [third, second], [first],
    ]  # fmt: skip


def test_the_sums_are_those_of_the_rows(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    QuoteFactory(opportunity=opportunity, amount=100)
    QuoteFactory(opportunity=opportunity, amount=250, status="sent")

    everything, sent = listed(bob)["sums"], listed(bob, "?status=sent")["sums"]

    assert (everything.count, everything.values) == (2, {"amount": 350})
    assert (sent.count, sent.values) == (1, {"amount": 250})


def test_those_that_expire_soon_and_those_past_their_date(bob: User) -> None:
    opportunity, closed = at_stage(bob, 3), at_stage(bob, 3)
    days = {"past": -1, "today": 0, "week": 7, "later": 8}
    rows = {name: QuoteFactory(opportunity=opportunity, status="sent") for name in days}
    over = QuoteFactory(opportunity=closed, status="sent")
    draft = QuoteFactory(opportunity=opportunity)
    for name, quote in rows.items():
        valid = today() + timedelta(days=days[name])
        Quote.objects.filter(pk=quote.pk).update(valid_until=valid)
    Quote.objects.filter(pk__in=(over.pk, draft.pk)).update(valid_until=today() - timedelta(days=1))
    door.lose(closed, by=bob, reason=CloseReasonFactory(kind="lost"))

    past, soon = listed(bob, "?validity=past"), listed(bob, "?validity=soon")

    assert list(past["page"].rows) == [rows["past"]]
    assert set(soon["page"].rows) == {rows["today"], rows["week"]}
    assert [chip.text for chip in soon["chips"]] == ["that expire within a week"]


@pytest.mark.parametrize(
    "sort", ["number", "opportunity", "contact", "salesperson", "amount", "status", "valid"]
)
@pytest.mark.parametrize("direction", ["", "-"])
def test_it_pages_through_all_in_every_order(bob: User, sort: str, direction: str) -> None:
    opportunity = at_stage(bob, 3)
    pks = {QuoteFactory(opportunity=opportunity, amount=n % 7 + 1).pk for n in range(55)}
    Quote.objects.filter(pk__in=sorted(pks)[:5]).update(valid_until=None)

    query = f"?sort={direction}{sort}"
    first = listed(bob, query)["page"]
    second = listed(bob, f"{query}&cursor={first.next_cursor}")["page"]

    assert (len(first.rows), len(second.rows)) == (50, 5)
    assert {quote.pk for quote in (*first.rows, *second.rows)} == pks


@pytest.mark.parametrize(
    "query", ["?x=1", "?sort=x", "?cursor=x", "?status=sent&status=draft", "?status=x",
              "?validity=x", "?salesperson=x", "?value_from=x"]
)  # fmt: skip
def test_what_the_list_cannot_read(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"/quotes/{query}").status_code == 400


def test_the_last_day_of_all_is_a_day(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 1))

    page = signed_in(bob).get("/quotes/?created_until=9999-12-31").context["page"]

    assert page.rows == [quote]


def test_the_team_shows_its_quotes(alice: User, bob: User, charlie: User) -> None:
    mine = QuoteFactory(opportunity=at_stage(bob, 3))
    QuoteFactory(opportunity=at_stage(charlie, 3))
    team = bob.salesperson.memberships.get().team

    assert list(listed(alice, f"?team={team.pk}")["page"].rows) == [mine]
    assert list(listed(bob)["page"].rows) == [mine]


def test_nothing_is_told_apart_from_nothing_that_matches(bob: User) -> None:
    none = signed_in(bob).get("/quotes/").content.decode()
    QuoteFactory(opportunity=at_stage(bob, 3))
    unmatched = signed_in(bob).get("/quotes/?status=sent").content.decode()

    assert "No quotes yet" in none
    assert "Nothing matches the filter" in unmatched
