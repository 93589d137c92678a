"""Products in the administration: typed in small letters, blocked instead of deleted (D19)."""

from decimal import Decimal

import pytest

from quotes import lifecycle
from quotes.lifecycle import NewLine
from quotes.models import Product
from salespeople.models import User
from tests.factories import ProductFactory
from tests.opportunities.pages import at_stage, signed_in

ADD = "/admin/quotes/product/add/"
TYPED = {
    "number": " hp-12 ",
    "name": "Heat pump",
    "unit": "pc",
    "price": "900",
    "vat_percent": "25",
}


def test_a_number_is_kept_in_capital_letters(dora: User) -> None:
    response = signed_in(dora).post(ADD, TYPED)

    product = Product.objects.get()
    assert response.status_code == 302
    assert (product.number, product.price, str(product)) == ("HP-12", 900, "Heat pump")


@pytest.mark.parametrize(
    ("field", "value"),
    [("number", ""), ("name", ""), ("price", "-1"), ("price", "1.001"), ("vat_percent", "101")],
)
def test_what_is_no_product(dora: User, field: str, value: str) -> None:
    response = signed_in(dora).post(ADD, TYPED | {field: value})

    assert list(response.context["adminform"].form.errors) == [field]


def test_two_have_not_the_same_number(dora: User) -> None:
    ProductFactory(number="HP-12")

    assert signed_in(dora).post(ADD, TYPED).status_code == 200
    assert Product.objects.count() == 1


def test_one_in_use_is_blocked_and_not_deleted(bob: User, dora: User) -> None:
    used, unused = ProductFactory(name="Used"), ProductFactory()
    lifecycle.create(at_stage(bob, 3), by=bob, lines=[NewLine(product=used)])
    client = signed_in(dora)

    refused = client.post(f"/admin/quotes/product/{used.pk}/delete/", {"post": "yes"}, follow=True)
    client.post(f"/admin/quotes/product/{unused.pk}/delete/", {"post": "yes"})

    assert list(Product.objects.all()) == [used]
    assert "“Used” is not deleted, because it is used by 1 line of a quote." in (
        refused.content.decode()
    )


def test_they_are_found_by_number_and_name(dora: User) -> None:
    found = ProductFactory(number="ABC", name="Tile", price=Decimal("12.50"))
    ProductFactory()
    client = signed_in(dora)

    for text in ("abc", "til"):
        page = client.get("/admin/quotes/product/", {"q": text})
        assert list(page.context["cl"].queryset) == [found]
    assert "NOK" in client.get("/admin/quotes/product/").content.decode()
