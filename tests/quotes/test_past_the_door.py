"""What the database refuses, whatever writes: a quote and its lines agree, documents stay."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from quotes import lifecycle
from quotes.models import Quote, QuoteDocument, QuoteLine
from salespeople.models import User
from tests.factories import QuoteFactory
from tests.opportunities.pages import at_stage

type Act = Callable[[Quote], Any]


def raw(sql: str) -> Act:
    """Return an act that runs the statement for the quote's id."""

    def run(quote: Quote) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql, [quote.pk])

    return run


def extra_line(quote: Quote) -> None:
    """Write a line that the amount does not know."""
    QuoteLine.objects.create(
        quote=quote, position=9, text="More", quantity=1, price=Decimal("0.01"), vat_percent=0
    )


def committed(act: Callable[[], Any]) -> None:
    """Do it, and check what is checked at the commit."""
    act()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def another_amount(quote: Quote) -> None:
    """Save what was read, with another amount."""
    quote.amount = Decimal(899)
    quote.save()


ACTS: dict[str, Act] = {
    "another amount": lambda quote: Quote.objects.filter(pk=quote.pk).update(amount=901),
    "a saved amount": another_amount,
    "one line more": extra_line,
    "one line less": lambda quote: quote.lines.all().delete(),
    "another price": lambda quote: quote.lines.update(price=1),
    "another quantity": lambda quote: quote.lines.update(quantity=Decimal("0.999")),
    "a discount": lambda quote: quote.lines.update(discount_percent=50),
    "nothing offered": lambda quote: quote.lines.update(quantity=0),
    "below zero": lambda quote: quote.lines.update(price=-900),
    "no text": lambda quote: quote.lines.update(text=""),
    "more than all": lambda quote: quote.lines.update(discount_percent=Decimal("100.01")),
    "an unheard status": lambda quote: Quote.objects.filter(pk=quote.pk).update(status="lost"),
    "sent by nobody": raw("UPDATE quotes_quote SET sent_at = now() WHERE id = %s"),
    "a document changed": raw("UPDATE quotes_quotedocument SET pdf = '' WHERE quote_id = %s"),
    "a document deleted": raw("DELETE FROM quotes_quotedocument WHERE quote_id = %s"),
    "an amount by SQL": raw("UPDATE quotes_quote SET amount = 0 WHERE id = %s"),
}


@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS.keys())
def test_the_database_refuses(bob: User, act: Act) -> None:
    made = QuoteFactory(opportunity=at_stage(bob, 3), status="sent")
    quote = lifecycle.revise(made, by=bob)

    with pytest.raises(IntegrityError), transaction.atomic():
        committed(lambda: act(quote))

    quote.refresh_from_db()
    assert (quote.amount, quote.lines.get().amount, quote.status) == (900, 900, "draft")


def test_a_line_does_not_wander(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    first, second = (QuoteFactory(opportunity=opportunity) for _n in range(2))

    with pytest.raises(IntegrityError), transaction.atomic():
        committed(lambda: first.lines.update(quote=second, position=2))


@pytest.mark.django_db(transaction=True)
def test_what_agrees_is_committed_and_what_does_not_is_not(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3), status="sent")

    with pytest.raises(IntegrityError):
        Quote.objects.filter(pk=quote.pk).update(amount=1)
    with pytest.raises(IntegrityError):
        QuoteDocument.objects.update(amount=1)

    assert Quote.objects.get().amount == 900
