"""The lines of a quote as somebody wishes them, and what must hold of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from changes import log
from quotes.models import Product, Quote, QuoteLine
from quotes.totals import line_amount

MOST_LINES = 200
MOST_AMOUNT = Decimal(10) ** 16
COMPARED = (
    "position",
    "product_id",
    "text",
    "description",
    "unit",
    "quantity",
    "price",
    "discount_percent",
    "vat_percent",
)


NOTED = ("product", *COMPARED[2:])


@dataclass(frozen=True)
class NewLine:
    """A line as it is wished; what is None or empty comes from the product, else the usual."""

    product: Product | None = None
    text: str = ""
    description: str = ""
    unit: str | None = None
    quantity: Decimal | None = None
    price: Decimal | None = None
    discount_percent: Decimal | None = None
    vat_percent: Decimal | None = None

    def row(self, quote: Quote, position: int) -> QuoteLine:
        """Return the unsaved line: text, unit, price and VAT of the product where none is given."""
        product = self.product
        price: Any = (product.price if product else None) if self.price is None else self.price
        usual_vat = product.vat_percent if product else Decimal(settings.QUOTE_VAT_PERCENT)
        return QuoteLine(
            quote=quote,
            position=position,
            product=product,
            text=self.text.strip() or (product.name if product else ""),
            description=self.description.strip(),
            unit=(product.unit if product else "") if self.unit is None else self.unit.strip(),
            quantity=Decimal(1) if self.quantity is None else self.quantity,
            price=price,
            discount_percent=Decimal(0) if self.discount_percent is None else self.discount_percent,
            vat_percent=usual_vat if self.vat_percent is None else self.vat_percent,
        )


def checked_lines(
    quote: Quote, lines: Iterable[NewLine], *, present: Iterable[QuoteLine] = ()
) -> tuple[list[QuoteLine], Decimal]:
    """Return the unsaved lines in order, and the amount of the quote.

    Raises ValidationError, with the number of the line, for what cannot be
    written. A blocked product stays on a quote that names it already.
    """
    rows = [line.row(quote, position) for position, line in enumerate(lines, start=1)]
    if len(rows) > MOST_LINES:
        text = _("A quote has at most %(most)d lines.") % {"most": MOST_LINES}
        raise ValidationError({"lines": text})
    kept = {line.product_id for line in present}
    errors = [error for row in rows for error in _errors(row, kept)]
    if errors:
        raise ValidationError({"lines": errors})
    amounts = [line_amount(row.quantity, row.price, row.discount_percent) for row in rows]
    total = sum(amounts, Decimal(0))
    if total * 2 >= MOST_AMOUNT:  # with VAT of at most 100 %
        raise ValidationError({"lines": _("The amount has more digits than can be kept.")})
    return rows, total


def is_same(rows: Iterable[QuoteLine], present: Iterable[QuoteLine]) -> bool:
    """Say whether these lines stand there already."""
    return [_facts(row) for row in rows] == [_facts(row) for row in present]


def noted_lines(quote: Quote) -> list[dict[str, Any]]:
    """Return the lines of a quote as they are noted, read anew."""
    return [log.values_of(row, NOTED) for row in QuoteLine.objects.filter(quote=quote)]


def lines_of_noted(noted: Iterable[dict[str, Any]]) -> list[NewLine]:
    """Return the lines that were noted, as they are wished."""
    found = []
    for line in noted:
        values = {name: log.value_in(QuoteLine(), name, line[name]) for name in NOTED}
        found.append(NewLine(**values))
    return found


def _facts(row: QuoteLine) -> list[Any]:
    return [getattr(row, name) for name in COMPARED]


def _errors(row: QuoteLine, kept: set[int | None]) -> list[str]:
    """Return what is wrong with a line, a sentence each, with its number."""
    text = _("Line %(number)d: %(text)s")
    return [text % {"number": row.position, "text": error} for error in _refusals(row, kept)]


def _refusals(row: QuoteLine, kept: set[int | None]) -> list[str]:
    product = row.product
    if product is not None and product.is_blocked and product.pk not in kept:
        return [_("“%(name)s” is blocked for anything new.") % {"name": product}]
    missing = [_("Write what is offered.")] if not row.text else []
    missing += [_("Give a unit price.")] if row.price is None else []
    found = missing or [text for name in COMPARED[2:] for text in _cleaned(row, name)]
    if found:
        return found
    found = [_("Give a quantity above 0.")] if row.quantity <= 0 else []
    return found + ([_("Give a unit price of 0 or more.")] if row.price < 0 else [])


def _cleaned(row: QuoteLine, name: str) -> list[str]:
    """Put the value as its field takes it on the row; return what the field says against it."""
    field: Any = QuoteLine._meta.get_field(name)
    value = getattr(row, name)
    if isinstance(value, float):
        raise TypeError(f"{name} is a float; money and percentages are decimals")
    if isinstance(value, str) and "\x00" in value:
        return [_("Null characters are not allowed.")]
    try:
        setattr(row, name, field.clean(value, row))
    except ValidationError as error:
        return [f"{field.verbose_name}: {message}" for message in error.messages]
    return []
