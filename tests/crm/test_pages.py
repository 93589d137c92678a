"""What every page shares: the frame, the words of the template tags, and the errors."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.template import Context, Template
from django.test import Client, RequestFactory
from django.utils import translation

from crm.dates import today
from crm.fields import AmountField
from crm.views import server_error
from salespeople.models import User
from tests.factories import SalespersonFactory
from tests.opportunities.pages import plain, signed_in


def shown(source: str, **context: object) -> str:
    """Return what a template with our tags says."""
    return plain(Template("{% load crm %}" + source).render(Context(context)))


@pytest.mark.parametrize(
    ("source", "value", "text"),
    [
        ("{{ v|money }}", Decimal("18000.00"), "NOK 18,000"),
        ("{{ v|money }}", Decimal("18000.50"), "NOK 18,000.50"),
        ("{{ v|money }}", None, "–"),
        ("{{ v|money_compact }}", Decimal(1250000), "NOK 1.3M"),
        ("{{ v|percent }}", Decimal("24.5"), "25%"),
        ("{{ v|share }}", Decimal("24.500000"), "24.5%"),
        ("{{ v|share }}", Decimal("100.000000"), "100%"),
        ("{{ v|share }}", Decimal("33.333333"), "33.33%"),
        ("{{ v|number }}", 12345, "12,345"),
        ("{{ v|day }}", date(2026, 3, 5), "5 Mar 2026"),
        ("{{ v|day }}", None, "–"),
        ("{{ v|days }}", 1, "1 day"),
        ("{{ v|initials }}", "Åse Synnøve Myklebust", "ÅM"),
        ("{{ v|initials }}", "Prince", "P"),
        ("{{ v|initials }}", "", ""),
    ],
)
def test_figures_in_words(source: str, value: object, text: str) -> None:
    assert shown(source, v=value) == text


def test_figures_in_norwegian() -> None:
    with translation.override("nb"):
        assert shown("{{ v|money }}", v=Decimal("18000.50")) == "18 000,50 kr"
        assert shown("{{ v|day }}", v=date(2026, 3, 5)) == "05.03.2026"


def test_a_distance_has_the_exact_day_on_hover() -> None:
    day = today() - timedelta(days=1)

    text = shown("{{ v|ago }}", v=day)

    assert f'datetime="{day.isoformat()}"' in text
    assert ">yesterday</time>" in text


def test_a_hostile_name_is_text(db: None) -> None:
    person = SalespersonFactory(name='"><script>alert(1)</script> X')

    assert "<script>" not in shown("{% avatar v %}", v=person)


@pytest.mark.parametrize(
    ("language", "typed", "number"),
    [
        ("en", "1,234.50", "1234.50"),
        ("en", "1234.5", "1234.5"),
        ("en", " 1,234,567 ", "1234567"),
        ("en", "1,234", "1234"),
        ("en", "1.234", "1.234"),
        ("en", "12,34", "12.34"),
        ("en", "120 000,50", "120000.50"),
        ("en", "1.234.567,5", "1234567.5"),
        ("en", "-5", "-5"),
        ("en", "1,2345", "1.2345"),
        ("en", "1,,234", None),
        ("en", "1,23,456", None),
        ("en", "12 34", None),
        ("en", "1e5", None),
        ("en", "١", None),
        ("nb", "1 234,50", "1234.50"),
        ("nb", "1\xa0234,50", "1234.50"),
        ("nb", "1234,5", "1234.5"),
        ("nb", "1,234", "1.234"),
        ("nb", "1.234", None),
        ("nb", "1.234,5", "1234.5"),
        ("nb", "12 34", None),
    ],
)
def test_amounts_are_read_as_people_write_them(
    language: str, typed: str, number: str | None
) -> None:
    field = AmountField(max_digits=18, decimal_places=6)
    with translation.override(language):
        if number is None:
            with pytest.raises(ValidationError):
                field.clean(typed)
        else:
            assert field.clean(typed) == Decimal(number)


@pytest.mark.parametrize("path", ["/nothing/", "/opportunities/999999/", "/static-nothing"])
def test_what_is_not_there_says_so_in_the_frame(bob: User, path: str) -> None:
    response = signed_in(bob).get(path)

    assert response.status_code == 404
    assert "There is nothing at this address" in response.content.decode()


def test_signed_out_nothing_is_told_apart(db: None) -> None:
    """Whether a row exists is not to be found out without signing in."""
    found = {Client().get(p).status_code for p in ("/opportunities/1/", "/opportunities/2/")}

    assert found == {302}


def test_a_stale_form_says_what_to_do(bob: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(bob)

    response = client.post("/opportunities/create/", {})

    assert response.status_code == 403
    assert "The form was open for too long" in response.content.decode()


def test_an_error_page_needs_no_database() -> None:

    response = server_error(RequestFactory().get("/"))

    assert (response.status_code, b"Something went wrong" in response.content) == (500, True)


def test_menus_are_those_of_the_role(bob: User, dora: User) -> None:
    admin = 'href="/admin/"'

    assert admin not in signed_in(bob).get("/").content.decode()
    assert admin in signed_in(dora).get("/").content.decode()
