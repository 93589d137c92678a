"""Changing a draft: its lines, its terms; nobody overwrites anybody (U8)."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from quotes import lifecycle
from quotes.lifecycle import NewLine
from quotes.models import Quote
from salespeople.models import User
from tests.factories import ProductFactory, QuoteFactory
from tests.opportunities.pages import at_stage, signed_in
from tests.quotes.pages import address, line, lines_of, typed


def test_the_lines_are_written_in_their_order(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))

    response = signed_in(bob).post(
        address(quote, "edit"),
        typed(
            line("Second", "100", quantity="2.5", discount_percent="10", vat_percent="15"),
            line("", ""),
            line("First", "0.10", description="Two\nlines"),
            quote=quote,
            terms="Cash",
            language="nb",
        ),
    )

    quote.refresh_from_db()
    assert response["Location"] == address(quote)
    assert lines_of(quote) == [
        ("Second", Decimal("2.5"), 100, 10, 15, Decimal("225.00")),
        ("First", 1, Decimal("0.10"), 0, 25, Decimal("0.10")),
    ]
    assert (quote.amount, quote.terms, quote.language, quote.edits, quote.changed_by) == (
        Decimal("225.10"), "Cash", "nb", 1, bob,
    )  # fmt: skip
    assert quote.totals.total == Decimal("258.88")  # 225 × 1.15 + 0.10 × 1.25, each VAT rounded


def test_asking_for_what_is_already_so_writes_nothing(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    before = list(quote.lines.values_list("pk", flat=True))

    same = lifecycle.edit(
        quote, by=bob, lines=[NewLine(text="Work", price=Decimal(900))], terms=quote.terms
    )

    assert (same.edits, same.changed_by) == (0, None)
    assert list(quote.lines.values_list("pk", flat=True)) == before


def test_the_old_address_leads_to_the_page(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    client = signed_in(bob)

    assert client.get(address(quote, "edit"))["Location"] == address(quote)
    assert client.get(address(quote)).context["table"].forms[0]["text"].value() == "Work"


def test_another_product_brings_its_price_along(bob: User) -> None:
    first, second = ProductFactory(price=10), ProductFactory(price=20, vat_percent=15, unit="h")
    opportunity = at_stage(bob, 3)
    quote = lifecycle.create(opportunity, by=bob, lines=[NewLine(product=first)])
    row = {"product": str(first.pk), "text": second.number, "price": "10", "vat_percent": "25"}

    signed_in(bob).post(address(quote, "edit"), typed(row, quote=quote))

    found = quote.lines.get()
    assert (found.product, found.text, found.price, found.vat_percent, found.unit) == (
        second, second.name, 20, 15, "h",
    )  # fmt: skip


def test_a_product_keeps_its_line_when_it_is_renamed_dearer_or_blocked(bob: User) -> None:
    product = ProductFactory(name="Tile", price=10)
    quote = lifecycle.create(at_stage(bob, 3), by=bob, lines=[NewLine(product=product)])
    type(product).objects.update(name="Stone", price=99, is_blocked=True)
    client = signed_in(bob)

    page = client.get(address(quote)).context["table"]
    data = typed({name: page.forms[0][name].value() or "" for name in page.forms[0].fields},
                 line("More", "5"), quote=quote)  # fmt: skip
    client.post(address(quote, "edit"), data)

    quote.refresh_from_db()
    assert quote.amount == 15
    assert list(quote.lines.values_list("product", "text", "price")) == [
        (product.pk, "Tile", 10),
        (None, "More", 5),
    ]


def test_only_a_draft_changes(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3), status="sent")
    client = signed_in(bob)

    response = client.post(address(quote, "edit"), typed(line("Mine", "950"), quote=quote))

    quote.refresh_from_db()
    assert (response.status_code, quote.amount) == (422, 900)
    assert "Only a draft is changed" in response.content.decode()
    assert client.get(address(quote)).context["form"] is None


def test_without_lines_it_is_an_empty_draft(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))

    signed_in(bob).post(address(quote, "edit"), typed(line("", ""), quote=quote))

    quote.refresh_from_db()
    assert (quote.amount, quote.lines.count(), quote.is_in_force) == (0, 0, False)
    for status in ("sent", "accepted"):
        with pytest.raises(ValidationError, match="no lines with an amount"):
            lifecycle.change_status(quote, status, by=bob)


def test_nobody_overwrites_or_accepts_what_was_not_seen(alice: User, bob: User) -> None:
    """U8: the amount decides what it was sold for."""
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    stale = typed(line("Mine", "950"), quote=quote)
    lifecycle.edit(quote, by=alice, lines=[NewLine(text="Hers", price=Decimal(500))])
    client = signed_in(bob)

    saved = client.post(address(quote, "edit"), stale)
    accepted = client.post(address(quote, "status"), {"status": "accepted", "seen": stale["seen"]})

    quote.refresh_from_db()
    assert (saved.status_code, accepted.status_code) == (409, 409)
    assert (quote.amount, quote.status) == (500, "draft")
    dispute = saved.context["dispute"]
    lines = next(row for row in dispute.fields if row.name == "lines")
    assert (lines.mine, lines.theirs, lines.who) == (
        "1 × Mine at 950", "1 × Hers at 500", alice
    )  # fmt: skip
    again = dict(dispute.kept) | {"seen": dispute.seen, "shown": dispute.shown}
    again |= {name: value for row in dispute.fields for name, value in row.mine_sent}
    theirs = again | dict(lines.theirs_sent)
    client.post(address(quote, "edit"), theirs)
    quote.refresh_from_db()
    assert quote.amount == 500
    again["seen"] = quote.version
    assert client.post(address(quote, "edit"), again).status_code == 302
    quote.refresh_from_db()
    assert quote.amount == 950


def test_different_lines_merge(alice: User, bob: User) -> None:
    """U8: alice makes the first line dearer, bob counts the second anew."""
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    first, second = NewLine(text="A", price=Decimal(100)), NewLine(text="B", price=Decimal(10))
    lifecycle.edit(quote, by=bob, lines=[first, second])
    client = signed_in(bob)
    page = client.get(address(quote))
    shown = page.context["form"].initial["shown"]
    rows = [line("A", "100.00", quantity="1", vat_percent="25"),
            line("B", "10.00", quantity="3", vat_percent="25")]  # fmt: skip
    mine = typed(*rows, quote=Quote.objects.get(pk=quote.pk)) | {"shown": shown}
    mine["valid_until"] = Quote.objects.get(pk=quote.pk).valid_until.isoformat()
    mine["terms"] = Quote.objects.get(pk=quote.pk).terms
    lifecycle.edit(quote, by=alice, lines=[replace(first, price=Decimal(150)), second])

    saved = client.post(address(quote, "edit"), mine)

    quote.refresh_from_db()
    assert saved.status_code == 302
    assert [(text, quantity, price) for text, quantity, price, *_rest in lines_of(quote)] == [
        ("A", 1, 150),
        ("B", 3, 10),
    ]


@pytest.mark.parametrize("shown", ['{"lines": 3}', '{"lines": ["x"]}', '{"lines": ["[1]"]}'])
def test_a_form_that_does_not_say_what_it_had_shown_asks(
    alice: User, bob: User, shown: str
) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    stale = typed(line("Mine", "950"), quote=quote) | {"shown": shown}
    lifecycle.edit(quote, by=alice, lines=[NewLine(text="Hers", price=Decimal(500))])

    assert signed_in(bob).post(address(quote, "edit"), stale).status_code == 409


def test_another_team_neither_sees_nor_changes_it(bob: User, charlie: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    client = signed_in(charlie)

    answers = [
        client.get(address(quote)).status_code,
        client.get(address(quote, "pdf")).status_code,
        client.get(address(quote, "send")).status_code,
        client.post(address(quote, "edit"), typed(line())).status_code,
        client.post(address(quote, "send"), {"do": "mark"}).status_code,
        client.post(address(quote, "status"), {"status": "declined"}).status_code,
    ]

    assert answers == [404] * 6
    assert list(client.get("/quotes/").context["page"].rows) == []
    quote.refresh_from_db()
    assert (quote.amount, quote.status) == (900, "draft")
