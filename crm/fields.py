"""Model fields and validators that several rooms use."""

from decimal import Decimal
from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.expressions import Combinable

HUNDRED = Decimal(100)


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
