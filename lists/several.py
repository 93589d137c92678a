"""Filters of which one may name several values: whatever has one of them matches."""

from collections.abc import Callable, Iterable
from typing import Any

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from lists.filtering import RowField, RowFilter, RowsField, RowsInput


class OneOfInput(RowsInput):
    """One value is shown as a plain choice; of several, each has a box to untick.

    `is_open` shows the boxes for one as well, so that another can be added.
    """

    is_open = False
    read: Callable[[str], str] = staticmethod(str)

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the boxes of several values and an empty choice, or the choice with the one."""
        values = [value] if isinstance(value, str) else list(value or [])
        if len(values) > 1 or (self.is_open and values):
            if hasattr(self.one_more, "choices"):
                self.one_more.choices = [("", _("or also…")), *list(self.one_more.choices)[1:]]
            return super().get_context(name, values, attrs)
        context: dict[str, Any] = super().get_context(name, [], attrs)
        given = context["one_more"]["attrs"]
        plain = self.one_more.get_context(name, self.read(values[0]) if values else "", given)
        context["one_more"] = plain["widget"]
        return context


class OneOfRowsField(RowsField):
    """Rows of which one is to be had."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget = OneOfInput(self.widget.one_more, self._readable)
        self.widget.read = self._read

    def _read(self, text: str) -> str:
        return str(RowField.prepare_value(self, text))


class OneOfRowsFilter(RowFilter):
    """A filter by rows, one of which is to be had."""

    field_class = OneOfRowsField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Keep what has one of the rows."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


class Option:
    """A choice as the boxes show it."""

    def __init__(self, pk: str, label: Any) -> None:
        self.pk = pk
        self.label = label

    def __str__(self) -> str:
        return str(self.label)


class OneOfField(forms.MultipleChoiceField):
    """Choices of which one is to be had."""

    def __init__(self, *, choices: Any, empty_label: Any, **options: Any) -> None:
        one_more = forms.Select(choices=[("", empty_label), *choices])
        options["widget"] = OneOfInput(one_more, self._options)
        super().__init__(choices=choices, **options)
        self.widget.choices = ()

    def to_python(self, value: Any) -> list[str]:
        """Return the choices, each once."""
        texts = [value] if isinstance(value, str) else value or []
        return list(dict.fromkeys(super().to_python([text for text in texts if text])))

    def _options(self, texts: list[str]) -> list[Option]:
        labels: dict[str, Any] = {str(key): label for key, label in self.choices}  # type: ignore[union-attr, misc]
        return [Option(text, labels[text]) for text in texts if text in labels]


class OneOfFilter(django_filters.Filter):  # type: ignore[misc]
    """A filter by choices, one of which is to be had."""

    field_class = OneOfField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Keep what has one of the values."""
        return qs.filter(**{f"{self.field_name}__in": value}) if value else qs


def any_of(conditions: Iterable[Q]) -> Q:
    """Return the condition that one of these holds."""
    found = Q()
    for condition in conditions:
        found |= condition
    return found
