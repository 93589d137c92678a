"""The lines of a quote as a table of fields, which grows and shrinks without scripts.

A row may name a product by its number or name: then what is blank comes from the
product, and another product brings its own unit, price and VAT along.
"""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.fields import AmountField
from lists.parameters import as_id
from opportunities.inputs import PERCENT
from quotes.lifecycle import MOST_LINES, NewLine
from quotes.models import Product, QuoteLine

PREFIX = "lines"
BLANK_ROWS = 2
TAKEN = ("unit", "price", "vat_percent")

type Row = dict[str, Any]


class LineForm(forms.Form):
    """A row; one in which nothing is typed is no line."""

    product = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20)
    text = forms.CharField(
        label=gettext_lazy("Product or text"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "products", "autocomplete": "off"}),
    )
    description = forms.CharField(
        label=gettext_lazy("Description"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 1}),
    )
    quantity = AmountField(
        label=gettext_lazy("Quantity"),
        max_digits=12,
        decimal_places=3,
        min_value=Decimal("0.001"),
        required=False,
    )
    unit = forms.CharField(label=gettext_lazy("Unit"), max_length=20, required=False)
    price = AmountField(
        label=gettext_lazy("Unit price"),
        max_digits=18,
        decimal_places=2,
        min_value=Decimal(0),
        required=False,
    )
    discount_percent = AmountField(label=gettext_lazy("Discount %"), required=False, **PERCENT)
    vat_percent = AmountField(label=gettext_lazy("VAT %"), required=False, **PERCENT)

    def __init__(self, *args: Any, number: int, amount: Any = None, **options: Any) -> None:
        super().__init__(*args, **options)
        self.number = number
        self.amount = amount
        placeholders = {
            "text": self.fields["text"].label,
            "description": self.fields["description"].label,
            "quantity": 1,
            "vat_percent": settings.QUOTE_VAT_PERCENT,
        }
        for name, field in self.fields.items():
            field.widget.attrs["class"] = "form-control"
            field.widget.attrs["placeholder"] = placeholders.get(name, "")
            field.widget.attrs["aria-label"] = _("%(label)s, line %(number)d") % {
                "label": field.label or "",
                "number": number,
            }

    @property
    def is_blank(self) -> bool:
        """Say whether nothing was typed."""
        return not any(self.cleaned_data.get(name) for name in self.fields) and not self.errors

    def clean(self) -> dict[str, Any]:
        """Ask for a text and a price in a row in which something was typed."""
        data = self.cleaned_data
        if any(value not in ("", None) for value in data.values()):
            if not data.get("text") and "text" not in self.errors:
                self.add_error("text", _("Write what is offered."))
            if data.get("price") is None and "price" not in self.errors:
                self.add_error("price", _("Give a unit price."))
        return data


class LineTable:
    """The rows as they were sent, or as they are; `products` may be named in them."""

    def __init__(self, rows: Iterable[Row], products: Iterable[Product]) -> None:
        self.products = {product.pk: product for product in products}
        self.by_text: dict[str, Product] = {}
        for product in self.products.values():
            if not product.is_blocked:
                for text in (product.name, product.number, label_of(product)):
                    self.by_text[text.casefold()] = product
        self.rows = [self._taken(row) for row in rows]
        self.forms: list[LineForm] = []

    @property
    def choices(self) -> list[Product]:
        """The products that are offered while one types."""
        return [product for product in self.products.values() if not product.is_blocked]

    def do(self, wish: str) -> None:
        """Change the rows as a button of the form asks: "add", "remove-3", "up-3"."""
        verb, _dash, place = wish.partition("-")
        number = as_id(place)
        index = number if number is not None and number < len(self.rows) else None
        if verb == "remove" and index is not None:
            del self.rows[index]
        elif verb == "up" and index:
            self.rows[index - 1 : index + 1] = self.rows[index - 1 : index + 1][::-1]

    def show(self, *, blank: int = BLANK_ROWS) -> "LineTable":
        """Make the fields for looking at and typing, with some blank rows at the end."""
        filled = [row for row in self.rows if any(row.values())]
        rows = [*filled, *({} for _n in range(min(blank, MOST_LINES - len(filled))))]
        self.forms = [
            LineForm(initial=row, prefix=f"{PREFIX}-{n}", number=n + 1, amount=row.get("amount"))
            for n, row in enumerate(rows)
        ]
        return self

    def is_valid(self) -> bool:
        """Read the rows; keep what is wrong with each beside its fields."""
        self.forms = [
            LineForm(
                {f"{PREFIX}-{n}-{name}": value for name, value in row.items()},
                prefix=f"{PREFIX}-{n}",
                number=n + 1,
            )
            for n, row in enumerate(self.rows)
        ]
        judged = [form.is_valid() for form in self.forms]
        for form in self.forms:
            for name in form.errors:
                form.fields[name].widget.attrs["class"] = "form-control is-invalid"
        return all(judged)

    def wishes(self) -> list[NewLine]:
        """Return the lines that were typed, in order, for the door."""
        return [self._wish(form.cleaned_data) for form in self.forms if not form.is_blank]

    def _wish(self, data: dict[str, Any]) -> NewLine:
        return NewLine(
            product=self._product(data),
            text=data["text"],
            description=data["description"],
            unit=data["unit"],
            quantity=data["quantity"],
            price=data["price"],
            discount_percent=data["discount_percent"],
            vat_percent=data["vat_percent"],
        )

    def _product(self, row: Row) -> Product | None:
        return self.products.get(as_id(str(row.get("product") or "")) or 0)

    def _taken(self, row: Row) -> Row:
        """Return the row with what the product that its text names brings along."""
        named = self.by_text.get(str(row.get("text") or "").strip().casefold())
        before = self._product(row)
        if named is None or named == before:
            return row
        brings = {name: getattr(named, name) for name in TAKEN}
        typed = {name: row.get(name) for name in TAKEN if row.get(name) and before is None}
        return {**row, "product": str(named.pk), "text": named.name, **brings, **typed}


def label_of(product: Product) -> str:
    """Return a product as it is chosen: by its number and its name."""
    return f"{product.number} {product.name}"


def rows_of_post(data: QueryDict) -> list[Row]:
    """Return the rows that were sent, as they were typed."""
    rows: list[Row] = []
    while f"{PREFIX}-{len(rows)}-text" in data and len(rows) < MOST_LINES + BLANK_ROWS:
        start = f"{PREFIX}-{len(rows)}-"
        rows.append({name: data.get(f"{start}{name}", "") for name in LineForm.base_fields})
    return rows


def rows_of_lines(lines: Iterable[QuoteLine]) -> list[Row]:
    """Return the lines of a quote as rows, numbers without zeros at their end."""
    return [
        {
            "product": str(line.product_id or ""),
            "text": line.text,
            "description": line.description,
            "quantity": trimmed(line.quantity),
            "unit": line.unit,
            "price": line.price,
            "discount_percent": trimmed(line.discount_percent) or "",
            "vat_percent": trimmed(line.vat_percent),
            "amount": line.amount,
        }
        for line in lines
    ]


def rows_of_wishes(lines: Iterable[NewLine]) -> list[Row]:
    """Return proposed lines as rows."""
    return [
        {"text": line.text, "quantity": line.quantity, "price": line.price, "vat_percent": ""}
        for line in lines
    ]


def trimmed(number: Decimal) -> Decimal:
    """Return the number without zeros behind the decimals that it has."""
    plain = number.normalize()
    is_whole = int(plain.as_tuple().exponent) > 0
    return plain.quantize(Decimal(1)) if is_whole else plain
