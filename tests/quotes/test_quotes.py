"""Quotes: made while in progress, opening the gate, deciding what it was sold for (D18, D20)."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from opportunities import lifecycle as door
from opportunities.models import Opportunity
from quotes import lifecycle
from quotes.models import Quote
from salespeople.models import User
from tests.factories import CloseReasonFactory, CompanyFactory, PersonFactory, QuoteFactory
from tests.opportunities.pages import at_stage, signed_in, stage_of, won


def create_address(opportunity: Opportunity) -> str:
    """Return the address of the form for a new quote."""
    return f"/quotes/create/?opportunity={opportunity.pk}"


def test_a_quote_is_created_for_the_contact_and_leads_back(bob: User) -> None:
    opportunity = at_stage(bob, 3)

    response = signed_in(bob).post(create_address(opportunity), {"amount": "1,250.50"})

    quote = Quote.objects.get()
    assert response["Location"] == opportunity.get_absolute_url()
    assert (quote.opportunity, quote.contact, quote.amount, quote.status, quote.created_by) == (
        opportunity,
        opportunity.contact,
        Decimal("1250.50"),
        "draft",
        bob,
    )


@pytest.mark.parametrize("amount", ["", "0", "-1", "NaN", "1e400", "abc", "1,23,4", "9" * 20])
def test_what_is_no_amount_is_refused(bob: User, amount: str) -> None:
    response = signed_in(bob).post(create_address(at_stage(bob, 3)), {"amount": amount})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["amount"]
    assert Quote.objects.count() == 0


def test_only_while_in_progress(bob: User) -> None:
    """R126."""
    for opportunity in (at_stage(bob, 0), won(bob)):
        client = signed_in(bob)
        shown = client.get(create_address(opportunity))
        sent = client.post(create_address(opportunity), {"amount": "5"})
        assert (shown.status_code, sent.status_code) == (422, 422)
    assert Quote.objects.count() == 0


def test_another_team_neither_sees_nor_changes_it(bob: User, charlie: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    client = signed_in(charlie)

    answers = [
        client.get(f"/quotes/{quote.pk}/edit/").status_code,
        client.post(f"/quotes/{quote.pk}/edit/", {"amount": "1"}).status_code,
        client.post(f"/quotes/{quote.pk}/status/", {"status": "declined"}).status_code,
        client.post(create_address(quote.opportunity), {"amount": "1"}).status_code,
    ]

    assert answers == [404, 404, 404, 404]
    assert list(client.get("/quotes/").context["page"].rows) == []
    quote.refresh_from_db()
    assert (quote.amount, quote.status) == (900, "draft")


def test_only_a_draft_changes_its_amount(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    client = signed_in(bob)
    first = client.post(f"/quotes/{quote.pk}/edit/", {"amount": "950", "seen": quote.version})
    sent = lifecycle.change_status(quote, "sent", by=bob)
    second = client.post(f"/quotes/{quote.pk}/edit/", {"amount": "990", "seen": sent.version})

    quote.refresh_from_db()
    assert (first.status_code, second.status_code) == (302, 422)
    assert (quote.amount, quote.status, quote.changed_by) == (950, "sent", bob)


@pytest.mark.parametrize(
    ("before", "after"),
    [(a, b) for a in Quote.Status.values for b in Quote.Status.values if a != b],
)
def test_every_step_is_one_of_those_written_down(bob: User, before: str, after: str) -> None:
    may = {
        "draft": {"sent", "accepted", "declined", "expired"},
        "sent": {"draft", "accepted", "declined", "expired"},
        "accepted": {"draft", "declined"},
        "declined": {"draft"},
        "expired": {"draft"},
    }
    quote = QuoteFactory(opportunity=at_stage(bob, 3), status=before)

    if after in may[before]:
        assert lifecycle.change_status(quote, after, by=bob).status == after
    else:
        with pytest.raises(ValidationError):
            lifecycle.change_status(quote, after, by=bob)


def test_an_accepted_quote_offers_to_win_with_its_amount(bob: User) -> None:
    """D18, R118."""
    quote = QuoteFactory(opportunity=at_stage(bob, 3), amount=1800)
    client = signed_in(bob)

    response = client.post(
        f"/quotes/{quote.pk}/status/", {"status": "accepted", "seen": quote.version}
    )
    form = client.get(response["Location"]).context["form"]

    assert response["Location"] == f"/opportunities/{quote.opportunity_id}/win/"
    assert form.initial["sales_value"] == 1800


def test_another_sales_value_than_the_quotes_is_refused(bob: User) -> None:
    """R93: the amount of the quote overrides what was typed; we say so instead."""
    quote = QuoteFactory(opportunity=at_stage(bob, 3), amount=1800)
    response = signed_in(bob).post(
        f"/opportunities/{quote.opportunity_id}/win/",
        {
            "seen": quote.opportunity.sequence,
            "reason": CloseReasonFactory().pk,
            "on": quote.opportunity.effective_on.isoformat(),
            "sales_value": "2,000",
        },
    )

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["sales_value"]


def test_quotes_of_what_is_closed_stay_as_they_are(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    door.win(quote.opportunity, by=bob, reason=CloseReasonFactory())

    response = signed_in(bob).post(f"/quotes/{quote.pk}/status/", {"status": "declined"})

    quote.refresh_from_db()
    assert (response.status_code, quote.status) == (422, "draft")


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(statuses=st.lists(st.sampled_from(Quote.Status.values), max_size=5))
def test_the_gate_is_open_as_long_as_one_is_neither_declined_nor_expired(
    bob: User, statuses: list[str]
) -> None:
    """D20, for any quotes; the newest accepted, else sent, else draft decides."""
    opportunity = at_stage(bob, 3)
    quotes = [
        QuoteFactory(opportunity=opportunity, status=status, amount=n + 1)
        for n, status in enumerate(statuses)
    ]
    rank = {"accepted": 3, "sent": 2, "draft": 1}
    best = max(
        (q for q in quotes if q.status in rank),
        key=lambda q: (rank[q.status], q.pk),
        default=None,
    )

    moves = {move.stage.position: move for move in door.possible_moves(opportunity)}

    assert moves[4].is_allowed == (best is not None)
    assert opportunity.quotes.deciding().first() == best
    assert stage_of(opportunity, 4).quote_required


@pytest.mark.parametrize(
    "query", ["?status=x", "?x=1", "?sort=x", "?cursor=x", "?status=sent&status=draft"]
)
def test_what_the_list_cannot_read(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"/quotes/{query}").status_code == 400


def test_nobody_overwrites_or_accepts_an_amount_that_was_not_seen(alice: User, bob: User) -> None:
    """U8: the amount decides what it was sold for."""
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    seen = quote.version
    lifecycle.edit(quote, by=alice, amount=Decimal(500))
    client = signed_in(bob)

    saved = client.post(f"/quotes/{quote.pk}/edit/", {"amount": "950", "seen": seen})
    accepted = client.post(f"/quotes/{quote.pk}/status/", {"status": "accepted", "seen": seen})

    quote.refresh_from_db()
    assert (saved.status_code, accepted.status_code) == (409, 409)
    assert (quote.amount, quote.status) == (500, "draft")
    assert "alice has changed the quote" in saved.content.decode()
    assert saved.context["form"].initial["amount"] == 950


def test_the_list_pages_through_all(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    quotes = [QuoteFactory(opportunity=opportunity).pk for _n in range(60)]
    client = signed_in(bob)

    first = client.get("/quotes/").context["page"]
    second = client.get("/quotes/", {"cursor": first.next_cursor}).context["page"]

    assert [quote.pk for quote in (*first.rows, *second.rows)] == quotes[::-1]


def test_a_new_contact_takes_the_quotes_along(bob: User) -> None:
    """R140, and back again by undo."""
    company = CompanyFactory()
    person, other = PersonFactory(company=company), PersonFactory(company=company)
    quote = QuoteFactory(opportunity=at_stage(bob, 3, contact=person))

    opportunity = door.reassign(quote.opportunity, by=bob, contact=other)
    quote.refresh_from_db()
    assert quote.contact == other
    door.undo(door.newest_standing(opportunity), by=bob)
    quote.refresh_from_db()
    assert quote.contact == person


def test_the_list_is_filtered_by_status(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    QuoteFactory(opportunity=opportunity)
    sent = QuoteFactory(opportunity=opportunity, status="sent")

    assert list(signed_in(bob).get("/quotes/?status=sent").context["page"].rows) == [sent]
