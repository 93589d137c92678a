"""The model field and the form field of a date formula."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import get_language

from salescycles.date_formula import MAX_LENGTH, DateFormula, DateFormulaError

if TYPE_CHECKING:  # Django's fields take type parameters in their stubs only
    StringField = models.CharField[str, str]
else:
    StringField = models.CharField


class DateFormulaFormField(forms.CharField):
    """Reads and shows a date formula in the person's language (Business Central R245).

    The cleaned value is the formula in its form of storage.
    """

    def to_python(self, value: Any) -> str:
        """Return the form of storage of what was typed."""
        return _stored(super().to_python(value) or "", get_language())

    def prepare_value(self, value: Any) -> Any:
        """Return the formula as it is typed; what cannot be read stays as it is."""
        try:
            language = get_language()
            return DateFormula.parse(str(value or ""), language).localized(language)
        except DateFormulaError:
            return value


class DateFormulaField(StringField):
    """A date formula, kept as a string in its form of storage.

    Django prepares values for the database by `to_python`: `save()`, `update()` and an
    exact lookup use the form of storage too, and refuse what is not a formula.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", MAX_LENGTH)
        super().__init__(*args, **kwargs)

    def to_python(self, value: Any) -> Any:
        """Return the form of storage; raises ValidationError for what is not a formula."""
        value = super().to_python(value)
        return value if value is None else _stored(value, None)

    def formfield(self, **kwargs: Any) -> Any:
        """Return a field that speaks the person's language."""
        return super().formfield(**{"form_class": DateFormulaFormField, **kwargs})


def _stored(text: str, language: str | None) -> str:
    try:
        return str(DateFormula.parse(text, language))
    except DateFormulaError as error:
        raise ValidationError(str(error), code="date_formula") from error
