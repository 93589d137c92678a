"""A new quote: for an opportunity in progress, with lines of products and texts (R126, D20)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from crm.dates import today
from quotes import lifecycle
from quotes.lifecycle import NewLine
from quotes.models import Quote
from salespeople.models import User
from tests.factories import ProductFactory
from tests.opportunities.pages import at_stage, signed_in, won
from tests.quotes.pages import address, create_address, line, lines_of, typed

HOSTILE = ["0", "-1", "NaN", "1e400", "abc", "1,23,4", "9" * 20]


def test_it_is_created_for_the_contact_and_its_page_is_shown(bob: User) -> None:
    opportunity = at_stage(bob, 3)

    response = signed_in(bob).post(
        create_address(opportunity), typed(line("A roof", "1,250.50", quantity="2"))
    )

    quote = Quote.objects.get()
    assert response["Location"] == address(quote)
    assert (quote.opportunity, quote.contact, quote.amount, quote.status, quote.created_by) == (
        opportunity,
        opportunity.contact,
        Decimal("2501.00"),
        "draft",
        bob,
    )
    assert lines_of(quote) == [("A roof", 2, Decimal("1250.50"), 0, 25, Decimal("2501.00"))]


def test_what_the_opportunity_is_worth_is_proposed_as_one_line(bob: User) -> None:
    """R74, R131: so that a quote is two clicks."""
    opportunity = at_stage(bob, 3, estimated_value=Decimal(12000), description="A new roof")
    client = signed_in(bob)
    shown = client.get(create_address(opportunity)).context

    rows = [form.initial for form in shown["table"].forms]
    assert [(row.get("text"), row.get("price")) for row in rows] == [
        ("A new roof", 12000),
        (None, None),
        (None, None),
    ]
    assert shown["form"].initial["valid_until"] == today() + timedelta(days=30)
    assert shown["form"].initial["terms"] == "Payment within 30 days of the invoice date."


def test_it_leads_back_to_where_the_work_was(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    client = signed_in(bob)
    back = f"/opportunities/{opportunity.pk}/move/"

    saved = client.post(create_address(opportunity), typed(line(), next=back))
    sending = client.post(create_address(opportunity), typed(line(), next=back, do="send"))
    elsewhere = client.post(
        create_address(opportunity), typed(line(), next="https://evil.example/")
    )

    quotes = list(Quote.objects.order_by("pk"))
    assert saved["Location"] == back
    assert sending["Location"] == f"{address(quotes[1], 'send')}?next={back.replace('/', '%2F')}"
    assert elsewhere["Location"] == address(quotes[2])


def test_only_while_in_progress(bob: User) -> None:
    """R126."""
    for opportunity in (at_stage(bob, 0), won(bob)):
        client = signed_in(bob)
        shown = client.get(create_address(opportunity))
        sent = client.post(create_address(opportunity), typed(line()))
        assert (shown.status_code, sent.status_code) == (422, 422)
    assert Quote.objects.count() == 0


def test_a_product_brings_text_unit_price_and_vat(bob: User) -> None:
    product = ProductFactory(
        number="ROOF", name="Roof tile", unit="m²", price=Decimal("89.90"), vat_percent=15
    )
    client = signed_in(bob)

    client.post(
        create_address(at_stage(bob, 3)),
        typed(
            {"text": "roof", "quantity": "10"},
            {"text": "ROOF Roof tile", "price": "80", "vat_percent": "0"},
            {"text": "Roof tiles, used", "price": "5"},
        ),
    )

    quote = Quote.objects.get()
    assert lines_of(quote) == [
        ("Roof tile", 10, Decimal("89.90"), 0, 15, Decimal("899.00")),
        ("Roof tile", 1, Decimal("80.00"), 0, 0, Decimal("80.00")),
        ("Roof tiles, used", 1, Decimal("5.00"), 0, 25, Decimal("5.00")),
    ]
    assert list(quote.lines.values_list("product", "unit")) == [
        (product.pk, "m²"),
        (product.pk, "m²"),
        (None, ""),
    ]


def test_a_blocked_product_is_not_offered_and_not_taken(bob: User) -> None:
    product = ProductFactory(number="OLD", name="Old tile", is_blocked=True)
    opportunity = at_stage(bob, 3)
    client = signed_in(bob)

    shown = client.get(create_address(opportunity)).context["table"].choices
    client.post(create_address(opportunity), typed(line("OLD Old tile", "5")))

    assert shown == []
    assert Quote.objects.get().lines.get().product is None
    with pytest.raises(ValidationError, match="“Old tile” is blocked for anything new"):
        lifecycle.create(opportunity, by=bob, lines=[NewLine(product=product)])


def test_rows_come_and_go_without_saving(bob: User) -> None:
    """The buttons work without scripts: what was typed stays."""
    ProductFactory(number="P1", name="Tile", price=50)
    opportunity = at_stage(bob, 3)
    client = signed_in(bob)
    rows = [line("One", "1"), line("Two", "x"), {"text": "P1"}]

    def shown(do: str) -> list[tuple[str, str]]:
        response = client.post(create_address(opportunity), typed(*rows, do=do, terms="Mine"))
        assert response.status_code == 200
        assert response.context["form"].initial["terms"] == "Mine"
        forms = response.context["table"].forms
        return [(f["text"].value() or "", str(f["price"].value() or "")) for f in forms]

    blank = [("", ""), ("", "")]
    assert shown("add") == [("One", "1"), ("Two", "x"), ("Tile", "50"), *blank]
    assert shown("remove-0") == [("Two", "x"), ("Tile", "50"), *blank]
    assert shown("up-1") == [("Two", "x"), ("One", "1"), ("Tile", "50"), *blank]
    for nonsense in ("remove-99", "up-0", "remove-", "up-x", "dance"):
        assert shown(nonsense) == [("One", "1"), ("Two", "x"), ("Tile", "50"), *blank]
    assert Quote.objects.count() == 0


@pytest.mark.parametrize("price", HOSTILE)
def test_what_is_no_price_is_refused_beside_its_field(bob: User, price: str) -> None:
    response = signed_in(bob).post(
        create_address(at_stage(bob, 3)), typed(line("Fine", "5"), line("Wrong", price))
    )

    if price == "0":  # a gift is offered for nothing
        assert response.status_code == 302
        return
    assert response.status_code == 422
    assert [list(form.errors) for form in response.context["table"].forms] == [[], ["price"]]
    assert response.context["table"].forms[1]["price"].value() == price
    assert Quote.objects.count() == 0


@pytest.mark.parametrize(
    ("row", "field"),
    [
        ({"text": "", "price": "5"}, "text"),
        ({"text": "x", "price": ""}, "price"),
        ({"text": "x" * 201, "price": "5"}, "text"),
        ({"text": "x\x00", "price": "5"}, "text"),
        ({"text": "x", "price": "5", "quantity": "0"}, "quantity"),
        ({"text": "x", "price": "5", "quantity": "1.0001"}, "quantity"),
        ({"text": "x", "price": "5", "discount_percent": "100.01"}, "discount_percent"),
        ({"text": "x", "price": "5", "vat_percent": "-1"}, "vat_percent"),
        ({"text": "x", "price": "5", "unit": "u" * 21}, "unit"),
        ({"text": "x", "price": "5", "description": "d" * 1001}, "description"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(bob: User, row: dict[str, str], field: str) -> None:
    response = signed_in(bob).post(create_address(at_stage(bob, 3)), typed(row))

    assert response.status_code == 422
    assert [list(form.errors) for form in response.context["table"].forms] == [[field]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("valid_until", ""),
        ("valid_until", "yesterday"),
        ("valid_until", "0001-01-01"),
        ("terms", "x" * 5001),
        ("terms", "\x00"),
        ("language", "fr"),
    ],
)
def test_terms_dates_and_languages_that_no_document_holds(
    bob: User, field: str, value: str
) -> None:
    response = signed_in(bob).post(create_address(at_stage(bob, 3)), typed(line()) | {field: value})

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Quote.objects.count() == 0


def test_an_amount_that_no_column_holds_is_refused(bob: User) -> None:
    row = line("Much", "9" * 16, quantity="999999999")
    response = signed_in(bob).post(create_address(at_stage(bob, 3)), typed(row))

    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "The amount has more digits than can be kept."
    ]


def test_it_has_at_most_two_hundred_lines(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    rows = [line(f"Line {n}", "1") for n in range(200)]
    client = signed_in(bob)

    response = client.post(create_address(opportunity), typed(*rows))

    assert response.status_code == 302
    assert Quote.objects.get().amount == 200
    with pytest.raises(ValidationError, match="at most 200 lines"):
        lifecycle.create(opportunity, by=bob, lines=[NewLine(text="x", price=Decimal(1))] * 201)


def test_floats_are_no_money(bob: User) -> None:
    with pytest.raises(TypeError):
        lifecycle.create(
            at_stage(bob, 3),
            by=bob,
            lines=[NewLine(text="x", price=0.1)],  # type: ignore[arg-type]
        )


def test_another_team_cannot_make_one(bob: User, charlie: User) -> None:
    opportunity = at_stage(bob, 3)

    assert signed_in(charlie).post(create_address(opportunity), typed(line())).status_code == 404
    assert Quote.objects.count() == 0
