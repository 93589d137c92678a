"""Fields of models and forms that several rooms use."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.expressions import Combinable
from django.utils.formats import get_format, number_format
from django.utils.translation import gettext as _

HUNDRED = Decimal(100)
THOUSANDS = 3  # digits between two separators
GROUPED = re.compile(r"[0-9]+|[0-9]{1,3}(?:([ .,])[0-9]{3})(?:\1[0-9]{3})*")


class SortKey(models.Func):
    """The key by which a text is ordered (SQL function crm_sort_key)."""

    function = "crm_sort_key"
    output_field = models.TextField()


class Fold(models.Func):
    """A text as it is searched (SQL function crm_fold)."""

    function = "crm_fold"
    output_field = models.TextField()


def sort_key_field(name: str) -> models.GeneratedField:
    """Return a stored column that orders the rows by the text field `name`."""
    return models.GeneratedField(
        expression=SortKey(name),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
        editable=False,
    )


def folded_field(expression: str | Combinable) -> models.GeneratedField:
    """Return a stored column that holds the text of `expression` as it is searched."""
    return models.GeneratedField(
        expression=Fold(expression),
        output_field=models.TextField(),
        db_persist=True,
        editable=False,
    )


def percent_field(label: Any, **options: Any) -> "models.DecimalField[Any, Any]":
    """Return a percentage of 0–100 with up to 2 decimals (rules D16)."""
    return models.DecimalField(
        label,
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(HUNDRED)],
        **options,
    )


def within_hundred(field: str) -> models.Q:
    """Return the condition of a check constraint: `field` lies within 0–100."""
    return models.Q((f"{field}__gte", 0), (f"{field}__lte", HUNDRED))


def pair(at: str, by: str) -> models.Q:
    """Return the condition of a check constraint: both fields are filled, or neither."""
    return models.Q((f"{at}__isnull", True), (f"{by}__isnull", True)) | models.Q(
        (f"{at}__isnull", False), (f"{by}__isnull", False)
    )


class AmountField(forms.DecimalField):
    """A number as people type it: "1,234.50", "1 234,50", "1.234,50", "12,5".

    Blanks part thousands in every language. Where "," or "." could be either
    ("1,234"), the person's language decides; where that does not, the number
    is refused, never guessed.
    """

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
        super().__init__(**{"localize": True, "widget": widget, **options})

    def prepare_value(self, value: Any) -> Any:
        """Show a whole number without decimals."""
        is_whole = isinstance(value, Decimal) and value == value.to_integral_value()
        return value.quantize(Decimal(1)) if is_whole else value

    def to_python(self, value: Any) -> Any:
        """Return the number; ValidationError, with an example, for what could be two."""
        if not isinstance(value, str) or not value.strip():
            return super().to_python(value)
        plain = plain_number(value)
        if plain is None:
            example = number_format(Decimal("120000.50"), 2)
            text = _("Write the number like this: %(example)s")
            raise ValidationError(text % {"example": example}, code="invalid")
        return forms.DecimalField.to_python(self, plain)


def plain_number(text: str) -> str | None:
    """Return the typed number with "." and no thousands; None for what is none, or two."""
    found = re.fullmatch(r"(-?)([0-9][0-9 .,]*)", re.sub(r"\s", " ", text.strip()))
    if found is None:
        return None
    sign, body = found.groups()
    whole, point, fraction = _split(body)
    if len(fraction) == THOUSANDS and whole.isdigit() and point:  # "1,234": one or the other
        if point == get_format("THOUSAND_SEPARATOR"):
            whole, fraction = f"{whole}{point}{fraction}", ""
        elif point != get_format("DECIMAL_SEPARATOR"):
            return None
    if not GROUPED.fullmatch(whole) or not (fraction or "0").isdigit():
        return None
    return f"{sign}{re.sub('[^0-9]', '', whole)}.{fraction or 0}"


def _split(body: str) -> tuple[str, str, str]:
    """Part the decimals: behind the last "," or ".", unless that one stands there twice."""
    last = max(body.rfind(","), body.rfind("."))
    if last < 0 or body.count(body[last]) > 1:
        return body, "", ""
    return body[:last], body[last], body[last + 1 :]
