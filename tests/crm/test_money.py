"""Amounts and percentages by locale; rounding happens here and nowhere else (D16)."""

from decimal import Decimal

import pytest
from django.utils.translation import override
from pytest_django import Settings

from crm.money import format_compact, format_money, format_money_compact, format_percent, half_up

SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("language", "currency", "shown"),
    [
        ("en", "NOK", "NOK 1,234,567.80"),
        ("en", "USD", "$1,234,567.80"),
        ("en", "EUR", "€1,234,567.80"),
        ("en", "JPY", "¥1,234,568"),
        ("en-gb", "USD", "US$1,234,567.80"),
        ("nb", "NOK", "1 234 567,80 kr"),
        ("nb", "EUR", "1 234 567,80 €"),
        ("nb", "SEK", "1 234 567,80 SEK"),
    ],
)
def test_money_by_locale(language: str, currency: str, shown: str) -> None:
    with override(language):
        assert format_money(Decimal("1234567.8"), currency) == shown.replace(" ", SPACE)


def test_money_is_in_the_site_s_currency(settings: Settings) -> None:
    settings.SITE_CURRENCY = "GBP"
    with override("en"):
        assert format_money(5) == "£5.00"
        assert format_money_compact(5000) == "£5K"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("2962.9608", "€2,962.96"),
        ("6172.835", "€6,172.84"),
        ("7407.402", "€7,407.40"),
        ("4938.268", "€4,938.27"),
    ],
)
def test_r95_amounts_as_shown(stored: str, shown: str) -> None:
    with override("en"):
        assert format_money(Decimal(stored), "EUR") == shown


@pytest.mark.parametrize(
    ("stored", "decimals", "shown"),
    [("24", 1, "24.0%"), ("50", 1, "50.0%"), ("5.61", 1, "5.6%"), ("5.61", 0, "6%")],
)
def test_r95_percentages_as_shown(stored: str, decimals: int, shown: str) -> None:
    with override("en"):
        assert format_percent(Decimal(stored), decimals) == shown


@pytest.mark.parametrize(
    ("number", "decimals", "rounded"),
    [
        ("0.125", 2, "0.13"),
        ("0.135", 2, "0.14"),
        ("-0.125", 2, "-0.13"),
        ("2.5", 0, "3"),
        ("-0.004", 2, "0.00"),
        ("999999999999999999.9999999999", 2, "1000000000000000000.00"),
    ],
)
def test_ties_go_away_from_zero_and_there_is_no_minus_zero(
    number: str, decimals: int, rounded: str
) -> None:
    assert str(half_up(Decimal(number), decimals)) == rounded


def test_a_negative_amount_has_its_sign_before_everything() -> None:
    with override("en"):
        assert format_money(Decimal("-2.505"), "NOK") == f"-NOK{SPACE}2.51"
        assert format_money_compact(Decimal(-1250000), "NOK") == f"-NOK{SPACE}1.3M"
    with override("nb"):
        assert format_money(Decimal("-2.505"), "NOK") == f"{MINUS}2,51{SPACE}kr"
        assert format_compact(Decimal(-5)) == f"{MINUS}5"
        assert format_percent(Decimal(-5)) == f"{MINUS}5{SPACE}%"


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("0", "0"),
        ("-0.4", "0"),
        ("950", "950"),
        ("999.4", "999"),
        ("999.5", "1K"),
        ("1249", "1.2K"),
        ("1250", "1.3K"),
        ("999949", "999.9K"),
        ("999950", "1M"),
        ("1234567", "1.2M"),
        ("12500000", "12.5M"),
        ("3000000000", "3B"),
        ("-1500", "-1.5K"),
    ],
)
def test_a_compact_number_is_rounded_before_its_unit_is_chosen(number: str, shown: str) -> None:
    with override("en"):
        assert format_compact(Decimal(number)) == shown


def test_compact_money_by_locale() -> None:
    with override("en"):
        assert format_money_compact(1_234_567, "USD") == "$1.2M"
        assert format_money_compact(1_234_567, "NOK") == f"NOK{SPACE}1.2M"
    with override("nb"):
        assert format_money_compact(1_234_567, "NOK") == f"1,2{SPACE}mill.{SPACE}kr"


def test_percentages_by_locale() -> None:
    with override("en"):
        assert format_percent(Decimal("12.345"), 2) == "12.35%"
    with override("nb"):
        assert format_percent(Decimal("12.345"), 2) == f"12,35{SPACE}%"


def test_a_language_without_a_locale_is_written_as_english() -> None:
    with override("tlh"):
        assert format_money(Decimal("1234.5"), "EUR") == "€1,234.50"
