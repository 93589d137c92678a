"""The arithmetic of a quote: exact decimals, rounded half up at the named places only.

A line's amount is quantity × unit price × (1 − discount), rounded to 0.01. The amount
of the quote is the sum of its lines' (Business Central R131: without VAT, after
discounts). VAT is taken on the sum of each rate and rounded once a rate.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from crm.money import HALF_UP, half_up

HUNDRED = Decimal(100)


class HasAmount(Protocol):
    """What a total is made of."""

    @property
    def amount(self) -> Decimal:
        """The line's amount without VAT."""

    @property
    def vat_percent(self) -> Decimal:
        """The line's VAT rate."""


@dataclass(frozen=True)
class VatSum:
    """The lines of one VAT rate: their sum, and the VAT on it."""

    percent: Decimal
    base: Decimal
    vat: Decimal


@dataclass(frozen=True)
class Totals:
    """What stands below the lines: without VAT, the VAT of each rate, with VAT."""

    amount: Decimal
    rates: tuple[VatSum, ...]
    vat: Decimal

    @property
    def total(self) -> Decimal:
        """What is to be paid."""
        return self.amount + self.vat


def line_amount(quantity: Decimal, price: Decimal, discount_percent: Decimal) -> Decimal:
    """Return the amount of a line without VAT, rounded half up to 0.01."""
    whole = HALF_UP.multiply(HALF_UP.multiply(quantity, price), HUNDRED - discount_percent)
    return half_up(whole.scaleb(-2, HALF_UP), 2)


def totals_of(lines: Iterable[HasAmount]) -> Totals:
    """Return the totals; the rates in order, the highest first."""
    bases: dict[Decimal, Decimal] = {}
    for line in lines:
        rate = line.vat_percent
        bases[rate] = bases.get(rate, Decimal(0)) + line.amount
    rates = tuple(
        VatSum(rate, base, half_up(HALF_UP.multiply(base, rate).scaleb(-2, HALF_UP), 2))
        for rate, base in sorted(bases.items(), reverse=True)
    )
    return Totals(
        amount=sum((rate.base for rate in rates), Decimal(0)),
        rates=rates,
        vat=sum((rate.vat for rate in rates), Decimal(0)),
    )
