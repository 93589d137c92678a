"""Groups of conditions, one of which must hold: `or1-stage=3&or1-value_from=50000&or2-overdue=1`.

What stands in the address without such a prefix holds besides: the list shows
what fulfils all of that, and all of at least one group. So a figure on a page
that is filtered so can still narrow it by a plain parameter (product.md, U9).
"""

from collections.abc import Container, Iterable, Sequence
from typing import Any, ClassVar, Self

import django_filters
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from lists.filtering import RowFilter, RowsFilter
from lists.models import MOST_PARAMETERS
from lists.several import OneOfFilter, OneOfRowsFilter

MOST = 5
MORE = "more"
PREFIXES = tuple(f"or{number}" for number in range(1, MOST + 1))
SEVERAL = (RowsFilter, OneOfRowsFilter, OneOfFilter)


def names_of(filters: Any) -> frozenset[str]:
    """Return every parameter that a FilterSet reads, those of the groups too."""
    own = frozenset(filters.base_filters)
    if not (issubclass(filters, ListFilter) and filters.has_groups):
        return own
    return own | {f"{prefix}-{name}" for prefix in PREFIXES for name in filters.wide().base_filters}


def several_of(filters: Any) -> frozenset[str]:
    """Return the parameters of a FilterSet that may stand in the address several times."""
    wide = filters.wide() if issubclass(filters, ListFilter) else filters
    found = {name for name, each in wide.base_filters.items() if isinstance(each, SEVERAL)}
    prefixed = {f"{prefix}-{name}" for prefix in PREFIXES for name in found}
    return frozenset({*found, *prefixed}) & names_of(filters)


def prefixes_in(query: QueryDict) -> list[str]:
    """Return the groups of which a condition stands in the address, in order."""
    filled = {name.partition("-")[0] for name in query if any(query.getlist(name))}
    return [prefix for prefix in PREFIXES if prefix in filled]


def among(rows: QuerySet[Any], parts: Sequence[QuerySet[Any]]) -> QuerySet[Any]:
    """Keep those of `rows` that one of the parts holds; all of them where there is none."""
    if not parts:
        return rows
    found, *others = parts
    for part in others:
        found = found | part
    return rows & found


class ListFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What every list's FilterSet can: say what is filtered, and read groups of conditions.

    `phrases` tell a filter in use, `first` are the fields that are always shown,
    `in_tabs` those that links choose.
    """

    phrases: ClassVar[dict[str, Any]] = {}
    in_tabs: ClassVar[tuple[str, ...]] = ()
    first: ClassVar[tuple[str, ...]] = ("q",)
    # The FilterSet of the groups, where it knows more than this one.
    widest: ClassVar[Any] = None
    has_groups: ClassVar[bool] = True

    @property
    def first_fields(self) -> list[Any]:
        """The fields that are always shown."""
        return [self.form[name] for name in self.first]

    @property
    def more_fields(self) -> list[Any]:
        """The fields behind "More filters"."""
        shown = [field for field in self.form.visible_fields() if field.name not in self.first]
        return [field for field in shown if field.name not in self.in_tabs]

    @property
    def uses_more(self) -> bool:
        """Say whether those are shown: when asked for, in use, or refused."""
        return MORE in self.data or any(
            field.name in self.used or field.errors for field in self.more_fields
        )

    @cached_property
    def used(self) -> dict[str, Any]:
        """The filters that are in use, by name; empty when one of them was refused."""
        if not self.form.is_valid():
            return {}
        return {
            name: value
            for name, value in self.form.cleaned_data.items()
            if value is not None and value is not False and value not in ("", [])
        }

    def sentence(self) -> dict[str, str | list[str]]:
        """Return a phrase for each filter in use, or one for each of its values."""
        used = {name: value for name, value in self.used.items() if name in self.phrases}
        return self.with_groups({name: self._told(name, value) for name, value in used.items()})

    def _told(self, name: str, value: Any) -> str | list[str]:
        if not isinstance(value, list):
            return self._phrase(name, value)
        first, *others = [self._phrase(name, one) for one in value]
        if isinstance(self.filters[name], RowsFilter):  # all of them
            return [first, *others]
        return [first, *(str(_("or %(phrase)s")) % {"phrase": phrase} for phrase in others)]

    def _phrase(self, name: str, value: Any) -> str:
        return str(self.phrases[name]) % {"value": self._shown(name, value)}

    def rows(self, but: Container[str] = ()) -> QuerySet[Any]:
        """Return what matches; nothing when a filter was refused.

        `but` names filters to leave out.
        """
        if not self.form.is_valid():
            return self.queryset.none()  # type: ignore[no-any-return]
        rows = self.queryset.all()
        for name, value in self.used.items():
            if name not in but:
                rows = self.filters[name].filter(rows, value)
        return self.narrowed_among(rows, but)

    def _shown(self, name: str, value: Any) -> str:
        """Return a value in words."""
        return str(value)

    @classmethod
    def wide(cls) -> Any:
        """Return the FilterSet by which the groups are read."""
        return vars(cls).get("widest") or cls

    @cached_property
    def alternatives(self) -> list[Self]:
        """The groups, each a FilterSet of its own; the choices are fetched once for all."""
        if self.form_prefix or not self.has_groups:
            return []
        made = []
        rows = self.queryset.model._default_manager.order_by()
        for prefix in prefixes_in(self.data):
            group = self.wide()(self.data, rows, request=self.request, prefix=prefix)
            for name, each in self.filters.items():
                if isinstance(each, RowFilter) and name in group.filters:
                    group.filters[name]._field = each.field
            made.append(group)
        return made

    @property
    def form(self) -> Any:
        """The form of the plain conditions, with the errors of the groups and of the whole."""
        if not hasattr(self, "_form"):
            form = super().form
            for text in self._errors():
                form.errors  # noqa: B018 - they are gathered before one can be added
                form.add_error(None, text)
        return self._form

    def _errors(self) -> Iterable[str]:
        if self.form_prefix:
            return
        known = names_of(type(self))
        asked = QueryDict(mutable=True)
        for name in self.data:
            if name in known:
                asked.setlist(name, self.data.getlist(name))
        if len(asked.urlencode()) > MOST_PARAMETERS:
            yield _("The filter is too long: take a part of it away.")
            return
        for group in self.alternatives:
            for name, errors in group.form.errors.items():
                label = group.form.fields[name].label
                yield from (
                    _("%(field)s: %(error)s") % {"field": label, "error": e} for e in errors
                )

    def narrowed_among(self, rows: QuerySet[Any], but: Container[str] = ()) -> QuerySet[Any]:
        """Keep those that fulfil one of the groups; `but` names conditions to leave out.

        A group of which nothing is left holds for all.
        """
        parts = []
        for group in self.alternatives:
            used = {name: value for name, value in group.used.items() if name not in but}
            if not used:
                return rows
            part = group.queryset
            for name, value in used.items():
                part = group.filters[name].filter(part, value)
            parts.append(part)
        return among(rows, parts)

    def asked_in_groups(self, but: Container[str] = ()) -> list[tuple[str, str]]:
        """Return the conditions of the groups as they stand in the address."""
        found = []
        for group in self.alternatives:
            names = [name for name in group.used if name not in but]
            if not names:
                return []
            full = [f"{group.form_prefix}-{name}" for name in names]
            found += [(name, value) for name in full for value in self.data.getlist(name) if value]
        return found

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What a form of the plain conditions carries along."""
        return [
            (name, value)
            for prefix in prefixes_in(self.data)
            for name in self.data
            if name.startswith(f"{prefix}-")
            for value in self.data.getlist(name)
            if value
        ]

    def with_groups(self, told: dict[str, str | list[str]]) -> dict[str, str | list[str]]:
        """Return the phrases of the plain conditions and those of the groups, by parameter."""
        groups = {
            f"{group.form_prefix}-{name}": phrase
            for group in self.alternatives
            for name, phrase in group.sentence().items()
        }
        return told | groups
