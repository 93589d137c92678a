"""The arithmetic of a quote, in Python and in the database, for any lines (R131)."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quotes import lifecycle
from quotes.lifecycle import NewLine
from quotes.totals import line_amount, totals_of
from salespeople.models import User
from tests.opportunities.pages import at_stage


def decimals(least: str, most: str, places: int) -> st.SearchStrategy[Decimal]:
    """Return decimals with up to so many places."""
    return st.decimals(Decimal(least), Decimal(most), places=places, allow_nan=False)


LINES = st.lists(
    st.builds(
        NewLine,
        text=st.just("Work"),
        quantity=decimals("0.001", "999999999", 3),
        price=decimals("0", "99999", 2),
        discount_percent=decimals("0", "100", 2) | st.sampled_from([Decimal(0), Decimal(100)]),
        vat_percent=decimals("0", "100", 2)
        | st.sampled_from([Decimal(0), Decimal(12), Decimal(15), Decimal(25)]),
    ),
    max_size=6,
)


def half_up(exact: Fraction) -> Decimal:
    """Return the fraction with two decimals, ties away from zero, by integers alone."""
    return Decimal((exact * 100 + Fraction(1, 2)).__floor__()).scaleb(-2)


@settings(max_examples=40)
@given(lines=LINES)
def test_r131_for_any_lines_the_amount_is_their_sum_and_vat_is_taken_per_rate(
    bob: User, lines: list[NewLine]
) -> None:
    """Worked out by fractions; the database works out the same."""
    opportunity = at_stage(bob, 3)
    amounts = [
        half_up(
            Fraction(line.quantity or 0)
            * Fraction(line.price or 0)
            * (100 - Fraction(line.discount_percent or 0))
            / 100
        )
        for line in lines
    ]
    rates: dict[Decimal, Decimal] = {}
    for line, amount in zip(lines, amounts, strict=True):
        rate = line.vat_percent or Decimal(0)
        rates[rate] = rates.get(rate, Decimal(0)) + amount
    vat = {rate: half_up(Fraction(base) * Fraction(rate) / 100) for rate, base in rates.items()}

    quote = lifecycle.create(opportunity, by=bob, lines=lines)
    quote.refresh_from_db()

    assert list(quote.lines.values_list("amount", flat=True)) == amounts
    assert quote.amount == sum(amounts, Decimal(0))
    assert {rate.percent: (rate.base, rate.vat) for rate in quote.totals.rates} == {
        rate: (base, vat[rate]) for rate, base in rates.items()
    }
    assert quote.totals.total == quote.amount + sum(vat.values(), Decimal(0))


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "amount"),
    [
        ("1", "0.01", "50", "0.01"),  # 0.005 goes up
        ("1", "0.01", "50.01", "0.00"),
        ("3", "33.33", "0", "99.99"),
        ("2.5", "1.01", "0", "2.53"),  # 2.525
        ("0.001", "4.99", "0", "0.00"),
        ("0.001", "5.00", "0", "0.01"),
        ("1", "100", "100", "0.00"),
        ("1", "100", "33.33", "66.67"),
        ("7", "19.99", "12.5", "122.44"),  # 122.43875
    ],
)
def test_an_amount_is_rounded_half_up_at_the_end_only(
    quantity: str, price: str, discount: str, amount: str
) -> None:
    found = line_amount(Decimal(quantity), Decimal(price), Decimal(discount))

    assert found == Decimal(amount)
    exact = Decimal(quantity) * Decimal(price) * (100 - Decimal(discount)) / 100
    assert found == exact.quantize(Decimal("0.01"), ROUND_HALF_UP)


def test_vat_is_rounded_once_a_rate_and_not_once_a_line() -> None:
    """Three times 0.02 at 25 %: 0.015 together is 0.02; line by line it would be 0.03."""

    class Line:
        amount = Decimal("0.02")
        vat_percent = Decimal(25)

    totals = totals_of([Line(), Line(), Line()])

    assert (totals.amount, totals.vat, totals.total) == (
        Decimal("0.06"), Decimal("0.02"), Decimal("0.08"),
    )  # fmt: skip


def test_no_lines_are_worth_nothing() -> None:
    totals = totals_of([])

    assert (totals.amount, totals.rates, totals.total) == (0, (), 0)
