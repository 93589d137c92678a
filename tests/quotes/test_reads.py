"""Reads: a quote asks as many questions for one line as for thirty; old ones have a line."""

from decimal import Decimal
from importlib import import_module

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from quotes import lifecycle
from quotes.lifecycle import NewLine
from quotes.models import Quote, QuoteLine
from salespeople.models import User
from tests.factories import ProductFactory, QuoteFactory
from tests.opportunities.pages import at_stage, signed_in
from tests.quotes.pages import address


@pytest.mark.parametrize("status", ["draft", "sent"])
@pytest.mark.parametrize("verb", ["", "send", "pdf"])
def test_as_many_for_one_line_as_for_thirty(bob: User, status: str, verb: str) -> None:
    opportunity, client, counts = at_stage(bob, 3), signed_in(bob), []
    for number in (1, 30):
        lines = [NewLine(product=ProductFactory()) for _n in range(number)]
        quote = lifecycle.create(opportunity, by=bob, lines=lines)
        lifecycle.change_status(quote, status, by=bob)
        client.get(address(quote, verb))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address(quote, verb)).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_quotes_of_old_get_one_line_over_their_amount(bob: User) -> None:
    """The data migration: what was an amount only agrees with its lines afterwards."""
    quote = QuoteFactory(opportunity=at_stage(bob, 3, description="A new roof"), amount=0)
    untouched = QuoteFactory(opportunity=quote.opportunity)
    Quote.objects.filter(pk=quote.pk).update(amount=Decimal("1234.56"))
    migration = import_module("quotes.migrations.0004_lines_of_old_quotes")

    with connection.cursor() as cursor:
        cursor.execute(migration.ONE_LINE, [25])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    lines = QuoteLine.objects.values_list("quote", "text", "quantity", "amount", "vat_percent")
    assert list(lines.order_by("quote")) == [
        (quote.pk, "A new roof", 1, Decimal("1234.56"), 25),
        (untouched.pk, "Work", 1, 900, 25),
    ]
