"""A form that two people had open: mine, theirs and what it was, field by field (product.md U8).

Values are compared as a browser sends them, so that every kind of field can be:
what was left as it had been shown is nobody's wish, and takes nothing back.
"""

import json
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _

# A value as a form sends it: a text, a tick, or several lines.
type Raw = str | bool | list[str]

UNSAID = "–"


@dataclass(frozen=True)
class Compared:
    """A field of the form in words: what it was, what I typed, what is there now, and by whom.

    `mine_sent` and `theirs_sent` are the pairs that a form sends for either.
    """

    name: str
    label: str
    was: str = UNSAID
    mine: str = UNSAID
    theirs: str = UNSAID
    is_mine: bool = False
    is_theirs: bool = False
    is_same: bool = False
    mine_sent: tuple[tuple[str, str], ...] = ()
    theirs_sent: tuple[tuple[str, str], ...] = ()
    who: Any = None
    at: datetime | None = None

    @property
    def is_disputed(self) -> bool:
        """Say whether both changed it, and not to the same."""
        return self.is_mine and self.is_theirs and not self.is_same

    @property
    def may_choose(self) -> bool:
        """Say whether one value can be chosen by a button: a field of several lines cannot."""
        return self.is_disputed and len(self.mine_sent) == len(self.theirs_sent) == 1


def raw_of(form: forms.BaseForm, name: str, value: Any) -> Raw:
    """Return a value as the form sends it when nobody touches it."""
    field = form.fields[name]
    prepared = field.prepare_value(getattr(value, "pk", value))
    if isinstance(prepared, list | bool):
        return prepared
    if isinstance(field.widget, forms.widgets.Input):
        prepared = field.widget.format_value(prepared)
    return "" if prepared is None else str(prepared).replace("\r\n", "\n")


def sent_of(form: forms.BaseForm, name: str) -> Raw | None:
    """Return a value as it was sent; None where the sender did not ask."""
    value = form.fields[name].widget.value_from_datadict(
        form.data, form.files, form.add_prefix(name)
    )
    if value is None or isinstance(value, list | bool):
        return value
    return str(value).replace("\r\n", "\n")


def is_same(form: forms.BaseForm, name: str, one: Raw, other: Raw) -> bool:
    """Say whether two values mean the same: "1,000" and "1000.00" do."""
    if one == other:
        return True
    field = form.fields[name]
    try:
        return bool(field.clean(one) == field.clean(other))
    except ValidationError:
        return False


def in_words(form: forms.BaseForm, name: str, value: Raw) -> str:
    """Return a value as people read it."""
    if isinstance(value, list):
        return ", ".join(value) or UNSAID
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    field: Any = form.fields[name]
    try:
        meant = field.clean(value) if value else None
    except ValidationError:
        return value
    return _meant_in_words(field, meant, value) or UNSAID


def shown_in(form: forms.BaseForm, names: Iterable[str]) -> dict[str, Raw]:
    """Return what the form shows, for it to be sent back beside what is typed."""
    return {name: raw_of(form, name, form.get_initial_for_field(form.fields[name], name))
            for name in names}  # fmt: skip


def as_shown(form: forms.BaseForm, names: Iterable[str]) -> str:
    """Return what the form shows as the text of a hidden field."""
    return json.dumps(shown_in(form, names))


def read_shown(text: str) -> dict[str, Raw]:
    """Return what a form had shown; nothing for what no form of ours sends."""
    try:
        found = json.loads(text or "")
    except (ValueError, RecursionError):
        return {}
    rows = found.items() if isinstance(found, dict) else ()
    return {name: value for name, value in rows if _is_raw(value)}


def _is_raw(value: Any) -> bool:
    if isinstance(value, list):
        return all(isinstance(line, str) for line in value)
    return isinstance(value, str | bool)


def compare(
    form: forms.BaseForm,
    was: Mapping[str, Raw],
    present: Mapping[str, Raw],
    *,
    blank_keeps: Container[str] = (),
) -> list[Compared]:
    """Return the fields of a bound form that either side changed, in the order of the form.

    `was` is what the form had shown, `present` what it would show now. What a
    form does not say that it had shown is both sides', where they differ. Sent
    empty, those of `blank_keeps` are no wish.
    """
    found = []
    for name in form.fields:
        if name in present:
            sent = sent_of(form, name)
            is_wish = sent is not None and not (sent == "" and name in blank_keeps)
            mine = sent if sent is not None and is_wish else was.get(name, present[name])
            found.append(_compared(form, name, was.get(name), mine, present[name]))
    return [row for row in found if row.is_mine or row.is_theirs]


def kept_pairs(
    form: forms.BaseForm, rows: Iterable[Compared], *, but: Container[str]
) -> list[tuple[str, str]]:
    """Return what the form sends when it goes on, without the fields that are to be chosen.

    What only the others changed is sent as it is now.
    """
    theirs = [row for row in rows if row.is_theirs and not row.is_mine]
    told = {row.name for row in theirs} | {row.name for row in rows if row.may_choose}
    data: Any = form.data
    mine = [(name, value) for name, values in data.lists() for value in values]
    kept = [pair for pair in mine if pair[0] not in told and pair[0] not in but]
    return kept + [pair for row in theirs for pair in row.theirs_sent]


def _compared(
    form: forms.BaseForm, name: str, was: Raw | None, mine: Raw, present: Raw
) -> Compared:  # fmt: skip
    is_alike = is_same(form, name, mine, present)
    return Compared(
        name=name,
        label=str(form.fields[name].label or name),
        was=UNSAID if was is None else in_words(form, name, was),
        mine=in_words(form, name, mine),
        theirs=in_words(form, name, present),
        is_mine=not (is_alike if was is None else is_same(form, name, mine, was)),
        is_theirs=not (is_alike if was is None else is_same(form, name, present, was)),
        is_same=is_alike,
        mine_sent=_pairs(name, mine),
        theirs_sent=_pairs(name, present),
    )


def _pairs(name: str, value: Raw) -> tuple[tuple[str, str], ...]:
    if isinstance(value, bool):
        return ((name, "on" if value else "false"),)
    return tuple((name, line) for line in ([value] if isinstance(value, str) else value))


def _meant_in_words(field: Any, meant: Any, value: str) -> str:
    """Return what a field has read; a row by its name, a text as it was typed."""
    if isinstance(meant, bool):
        return _("yes") if meant else _("no")
    if isinstance(meant, date):
        return date_format(meant, "DATE_FORMAT")
    if isinstance(meant, Decimal):
        is_whole = meant == meant.to_integral_value()
        return number_format(int(meant) if is_whole else meant, force_grouping=True)
    choices = {str(key): str(label) for key, label in getattr(field, "choices", ())}
    return choices.get(value, str(meant) if hasattr(meant, "pk") else value)
