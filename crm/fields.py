"""Fields of models and forms that several rooms use."""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.expressions import Combinable
from django.utils.formats import get_format

HUNDRED = Decimal(100)
THOUSANDS = 3  # digits between two separators


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
    """A number as people type it in their language: "1,234.50", "1 234,50", "1234,5".

    A separator that stands where no thousands end is refused, not dropped:
    "1234,50" is not 123,450 in English.
    """

    def __init__(self, **options: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"localize": True, "widget": widget, **options})

    def prepare_value(self, value: Any) -> Any:
        """Show a whole number without decimals."""
        is_whole = isinstance(value, Decimal) and value == value.to_integral_value()
        return value.quantize(Decimal(1)) if is_whole else value

    def to_python(self, value: Any) -> Any:
        """Return the number; ValidationError for what could be read in two ways."""
        if isinstance(value, str):
            separator = get_format("THOUSAND_SEPARATOR")
            whole = value.strip().split(get_format("DECIMAL_SEPARATOR"))[0]
            groups = re.split(r"\s" if separator.isspace() else re.escape(separator), whole)
            if len(groups) > 1 and any(len(group) != THOUSANDS for group in groups[1:]):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
            if separator.isspace():
                value = re.sub(r"(?<=\d)\s(?=\d)", "", value)
        return super().to_python(value)
