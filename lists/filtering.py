"""What the filters of every list are made of, and the sentence that says what is filtered."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lists.models import BulkRun
from lists.parameters import as_id

MOST_CHOICES = 50
MOST_NAMED = 3
# How a row that was chosen among suggestions is written: by its name and its number.
NUMBERED = re.compile(r"\([A-Z](\d{1,18})\)\s*$")
MONEY = {"min_value": Decimal(0), "max_digits": 18, "decimal_places": 2}
PERCENT = {"min_value": Decimal(0), "max_value": Decimal(100), "decimal_places": 6}


class RangeForm(forms.Form):
    """A filter's form: what begins above its own end is refused, beside the end."""

    def clean(self) -> dict[str, Any]:
        """Compare each `…_from` with its `…_to` or `…_until`."""
        data = super().clean() or {}
        for name in [name for name in self.fields if name.endswith("_from")]:
            first = data.get(name)
            for end in (name.replace("_from", "_to"), name.replace("_from", "_until")):
                last = data.get(end)
                if first is not None and last is not None and last < first:
                    self.add_error(end, _("The end lies before the beginning."))
        return data


class RowField(forms.Field):
    """A row chosen by its id from a list or, where there are more than 50, by typing its name.

    `lookups` are the text fields by which a typed name is compared, the ones
    that tell rows apart first; without any, only ids name a row. `known` holds
    the rows that ids may name, where they have been fetched already.
    """

    widget = forms.Select
    default_error_messages = {
        "unknown": gettext_lazy("There is no such choice, or you may not see it."),
        "many": gettext_lazy("“%(text)s” fits several: %(names)s. Write more of it."),
    }

    def __init__(
        self,
        *,
        queryset: QuerySet[Any],
        lookups: tuple[str, ...] = ("name",),
        empty_label: str | Promise = "",
        label_of: Callable[[Any], str] = str,
        suggest: str = "",
        known: Mapping[int, Any] | None = None,
        **options: Any,
    ) -> None:
        self.queryset = queryset
        self.known = known
        self.lookups = lookups
        self.label_of = label_of
        self.rows = None if "widget" in options else self._few()
        if self.rows is None:
            more = {"data-suggest": suggest} if suggest else {}
            options.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off", **more}))
        super().__init__(**options)
        if self.rows is not None:
            labels = [(pk, label_of(row)) for pk, row in self.rows.items()]
            self.widget.choices = [("", empty_label), *labels]

    def _few(self) -> dict[Any, Any] | None:
        rows = list(self.queryset[: MOST_CHOICES + 1])
        return {row.pk: row for row in rows} if len(rows) <= MOST_CHOICES else None

    def to_python(self, value: Any) -> Any:
        """Return the row whose id, or part of whose name, was given."""
        text = str(value or "").strip()
        if not text:
            return None
        pk = as_id(text)
        if pk is not None:
            return self._by_id(pk)
        if self.rows is not None or not self.lookups or "\x00" in text:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        numbered = NUMBERED.search(text)
        row = self.queryset.filter(pk=int(numbered[1])).first() if numbered else None
        return row if row is not None and shown(row) == text else self._by_name(text)

    def prepare_value(self, value: Any) -> Any:
        """Show an id as the row's name, where it is typed."""
        text = str(value or "")
        if self.rows is not None or as_id(text) is None or self.widget.input_type == "hidden":
            return value
        try:
            return shown(self.to_python(text))
        except ValidationError:
            return value

    def _by_id(self, pk: int) -> Any:
        rows = self.known if self.rows is None else self.rows
        row = self.queryset.filter(pk=pk).first() if rows is None else rows.get(pk)
        if row is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return row

    def _by_name(self, text: str) -> Any:
        for lookup in ("iexact", "icontains"):
            condition = Q()
            for name in self.lookups:
                condition |= Q((f"{name}__{lookup}", text[:200]))
            found = list(self.queryset.filter(condition)[: MOST_NAMED + 1])
            if len(found) == 1:
                return found[0]
            if found:
                names = ", ".join(self.label_of(row) for row in found[:MOST_NAMED])
                params = {"text": text[:40], "names": names}
                raise ValidationError(self.error_messages["many"], code="many", params=params)
        raise ValidationError(self.error_messages["unknown"], code="unknown")


class RowsInput(forms.Widget):
    """The rows that are chosen, each with a box to untick, and an input for one more."""

    template_name = "lists/rows_input.html"

    def __init__(self, one_more: Any, chosen_of: Callable[[list[str]], list[Any]]) -> None:
        super().__init__()
        self.one_more = one_more
        self.chosen_of = chosen_of

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        """Return all that was sent under the name, the empty ones left out."""
        values = data.getlist(name) if hasattr(data, "getlist") else [data.get(name) or ""]
        return [value for value in values if value.strip()]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """Return the chosen rows, and the input for one more."""
        context: dict[str, Any] = super().get_context(name, None, attrs)
        context["chosen"] = self.chosen_of(value or [])
        looks = {"class": "form-select" if hasattr(self.one_more, "choices") else "form-control"}
        one_more = self.one_more.get_context(name, None, {**(attrs or {}), **looks})
        context["one_more"] = one_more["widget"]
        return context


class RowsField(RowField):
    """Several rows, each chosen as in a `RowField`; nobody asks for more than ten."""

    most = 10

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.widget: Any = RowsInput(self.widget, self._readable)

    def to_python(self, value: Any) -> Any:
        """Return the rows, each once; ValidationError for one that is none."""
        texts = [value] if isinstance(value, str) else list(value or [])
        if len(texts) > self.most:
            text = _("At most %(most)d of them.") % {"most": self.most}
            raise ValidationError(text, code="most")
        return list(dict.fromkeys(RowField.to_python(self, text) for text in texts))

    def prepare_value(self, value: Any) -> Any:
        """Leave the values as they were sent."""
        return value

    def _readable(self, texts: list[str]) -> list[Any]:
        try:
            rows: list[Any] = self.to_python(texts)
        except ValidationError:
            return []
        return rows


def shown(row: Any) -> str:
    """Return a row as it is typed: by its name, and its number if it has one."""
    number = getattr(row, "number", "")
    return f"{row} ({number})" if number else str(row)


class RowFilter(django_filters.Filter):  # type: ignore[misc]
    """A filter by one row of those that `rows` returns for the FilterSet."""

    field_class = RowField

    def __init__(self, *args: Any, rows: Callable[[Any], QuerySet[Any]], **options: Any) -> None:
        super().__init__(*args, **options)
        self.rows = rows

    @property
    def field(self) -> forms.Field:
        """The form's field, made when the FilterSet knows who asks."""
        if not hasattr(self, "_field"):
            self.extra["queryset"] = self.rows(self.parent)
        field: forms.Field = super().field
        plain = getattr(field.widget, "one_more", field.widget)
        if isinstance(plain, forms.TextInput):
            plain.attrs.setdefault("placeholder", self.extra.get("empty_label", ""))
        return field

    def know(self, ids: Collection[int]) -> None:
        """Fetch these rows at once, where many values are read and no form is shown."""
        known = self.rows(self.parent).in_bulk(ids) if ids else {}
        self.extra |= {"widget": forms.HiddenInput, "known": known}


class RowsFilter(RowFilter):
    """A filter by several rows, all of which must be there."""

    field_class = RowsField

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        """Keep what has each of the rows."""
        for row in value or []:
            having = qs.model._default_manager.order_by().filter(**{self.field_name: row})
            qs = qs.filter(pk__in=having.values("pk"))
        return qs


class RunFilter(RowFilter):
    """A filter by one change of many rows of a list: a report leads to what was done."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            label=gettext_lazy("Changed together"),
            rows=lambda f: BulkRun.objects.filter(owner=f.request.user.pk, kind=kind),
            lookups=(),
            widget=forms.HiddenInput,
        )

    def filter(self, qs: QuerySet[Any], value: BulkRun | None) -> QuerySet[Any]:
        """Keep the rows that were done."""
        return qs if value is None else qs.filter(pk__in=value.done)


class FlagInput(forms.CheckboxInput):
    """A box to tick that passes on what was sent, so that nonsense is not read as yes."""

    def __init__(self) -> None:
        super().__init__(attrs={"value": "1"}, check_test=lambda value: value in ("1", "on", True))

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the word as it was sent."""
        return data.get(name)


class FlagField(forms.BooleanField):
    """A box to tick: `1` or nothing; any other word is refused, not ignored."""

    widget = FlagInput

    def to_python(self, value: Any) -> bool:
        """Return True for "1" and "on"."""
        if value in (None, "", False):
            return False
        if value not in ("1", "on", True):
            raise ValidationError(_("Give 1 or leave it out."), code="invalid")
        return True


class FlagFilter(django_filters.Filter):  # type: ignore[misc]
    """A filter that holds or does not, by a method of the FilterSet."""

    field_class = FlagField

    def filter(self, qs: QuerySet[Any], value: bool) -> QuerySet[Any]:
        """Leave the rows alone when the box is not ticked."""
        return super().filter(qs, value) if value else qs


def money_filter(field: str, lookup: str, label: str | Promise) -> django_filters.NumberFilter:
    """Return a filter by an amount in the site's currency."""
    return django_filters.NumberFilter(field, lookup, label=label, **MONEY)


def percent_filter(field: str, lookup: str, label: str | Promise) -> django_filters.NumberFilter:
    """Return a filter by a percentage of 0–100."""
    return django_filters.NumberFilter(field, lookup, label=label, **PERCENT)


def date_filter(
    field: str, lookup: str, label: str | Promise, **options: Any
) -> django_filters.DateFilter:  # fmt: skip
    """Return a filter by a day, asked with the browser's calendar."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return django_filters.DateFilter(field, lookup, label=label, widget=widget, **options)


@dataclass(frozen=True)
class Chip:
    """One part of the sentence that says what is filtered, and the address without it."""

    text: str
    without: str
    group: str = ""


def chips(query: QueryDict, phrases: Mapping[str, str | list[str]]) -> list[Chip]:
    """Return a chip for each phrase; `phrases` are named by their parameter.

    A parameter that stands there several times has a phrase, and a chip, for
    each of its values. `or1-stage` belongs to the group `or1`.
    """
    found: list[Chip] = []
    for name, told in phrases.items():
        group = name.partition("-")[0] if "-" in name else ""
        if isinstance(told, str):
            found.append(Chip(told, without(query, name), group))
        else:
            ways = (_without_one(query, name, n) for n in range(len(told)))
            found += [Chip(text, way, group) for text, way in zip(told, ways, strict=True)]
    return found


def _without_one(query: QueryDict, name: str, number: int) -> str:
    """Return the address's parameters without one of the values of `name`."""
    rest = query.copy()
    rest.pop("cursor", None)
    values = list(dict.fromkeys(query.getlist(name)))
    rest.setlist(name, [*values[:number], *values[number + 1 :]])
    return f"?{rest.urlencode()}"


def without(query: QueryDict, *names: str) -> str:
    """Return the address's parameters without `names`, from the first page on."""
    rest = query.copy()
    for name in (*names, "cursor"):
        rest.pop(name, None)
    return f"?{rest.urlencode()}"
