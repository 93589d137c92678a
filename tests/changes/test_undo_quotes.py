"""Undo of what is done to quotes: lines, and what was said of them (U7, ADR 0022)."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from changes import lifecycle as door
from opportunities import lifecycle as opportunities
from quotes import lifecycle
from quotes.lifecycle import NewLine
from quotes.models import Quote
from salespeople.models import User
from tests.changes.pages import newest, press_undo, undone
from tests.factories import CloseReasonFactory, ProductFactory, QuoteFactory
from tests.opportunities.pages import at_stage, signed_in
from tests.quotes.pages import lines_of

UNCOUNTED = ("edits", "changed_at", "changed_by_id")
C = NewLine(text="C", price=Decimal(1))
type Do = Callable[[Quote, User], Any]


def state(quote: Quote) -> dict[str, Any]:
    """Return every field of a quote and its lines as they are, but for what counts changes."""
    row = Quote.objects.filter(pk=quote.pk).values().get()
    return {n: v for n, v in row.items() if n not in UNCOUNTED} | {"lines": lines_of(quote)}


@pytest.fixture
def quote(bob: User) -> Quote:
    """A draft of two lines."""
    found: Quote = QuoteFactory(opportunity=at_stage(bob, 3))
    product = ProductFactory(price=Decimal(100))
    wanted = [NewLine(product=product, quantity=Decimal(2)), NewLine(text="B", price=Decimal(10))]
    return lifecycle.edit(found, by=bob, lines=wanted)


VERBS: dict[str, tuple[tuple[str, ...], Do]] = {
    "lines": ((), lambda q, by: lifecycle.edit(q, by=by, lines=[C])),
    "terms": ((), lambda q, by: lifecycle.edit(q, by=by, terms="Cash.")),
    "accept": (("send",), lambda q, by: lifecycle.accept(q, by=by)),
    "decline": (("send",), lambda q, by: lifecycle.decline(q, by=by)),
    "expire": (("send",), lambda q, by: lifecycle.expire(q, by=by)),
    "revise": (("send",), lambda q, by: lifecycle.revise(q, by=by)),
}  # fmt: skip


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_is_undone_to_what_was(quote: Quote, bob: User, verb: str) -> None:
    first, do = VERBS[verb]
    if first:
        lifecycle.send(quote, by=bob)
    before = state(quote)
    do(quote, bob)
    assert state(quote) != before

    undone(bob, quote=quote)

    assert state(quote) == before


def test_what_was_marked_as_sent_becomes_the_draft_of_the_next_revision(
    quote: Quote, bob: User
) -> None:
    """The document that was kept stays for good."""
    lifecycle.send(quote, by=bob)

    undone(bob, quote=quote)

    quote.refresh_from_db()
    assert (quote.status, quote.revision, quote.documents.count()) == ("draft", 2, 1)


def test_no_mail_comes_back(quote: Quote, bob: User) -> None:
    lifecycle.mail(quote, by=bob, to="kari@example.com", subject="Offer", text="See it.")

    with pytest.raises(ValidationError, match="no mail comes back. Revise it instead"):
        undone(bob, quote=quote)


def test_the_win_that_rests_on_an_accepted_quote_is_named(quote: Quote, bob: User) -> None:
    lifecycle.accept(quote, by=bob)
    change = newest(quote=quote)
    opportunities.win(quote.opportunity, by=bob, reason=CloseReasonFactory(kind="won"))

    with pytest.raises(ValidationError) as refused:
        door.undo(change, by=bob)

    assert refused.value.messages == [
        "Something newer rests on it: the opportunity is won. Undo that first."
    ]


def test_an_edit_of_what_was_sent_since_stays(quote: Quote, bob: User) -> None:
    lifecycle.edit(quote, by=bob, terms="Cash.")
    change = newest(quote=quote)
    lifecycle.send(quote, by=bob)

    with pytest.raises(ValidationError, match="the quote is sent. Undo that first"):
        door.undo(change, by=bob)


def test_lines_that_were_changed_again_stay(quote: Quote, alice: User, bob: User) -> None:
    change = newest(quote=quote)
    lifecycle.edit(quote, by=alice, lines=[NewLine(text="Hers", price=Decimal(7))])

    with pytest.raises(ValidationError, match="alice changed the lines of the quote"):
        door.undo(change, by=bob)


def test_the_receipt_of_a_status_takes_it_back(quote: Quote, bob: User) -> None:
    client = signed_in(bob)
    lifecycle.send(quote, by=bob)
    client.post(f"/quotes/{quote.pk}/status/", {"status": "declined"})

    press_undo(client, f"/quotes/{quote.pk}/")

    quote.refresh_from_db()
    assert quote.status == "sent"
