"""Somebody was faster with a form of a room without a ledger: merge, or ask (product.md U8).

The door stays the judge of what was seen: what merges is sent to it again, with
the row as it is now as seen.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from changes import log
from crm.merging import Compared, as_shown, compare, kept_pairs, read_shown, shown_in

MOST_TRIES = 3
UNKEPT = ("csrfmiddlewaretoken", "seen", "shown")


@dataclass(frozen=True)
class Dispute:
    """What a person must decide: the fields, and what the form sends when it goes on."""

    row: Any
    seen: str
    shown: str
    fields: list[Compared]
    kept: list[tuple[str, str]]

    @property
    def is_chosen(self) -> bool:
        """Say whether there is a field of which a value is to be chosen."""
        return any(row.may_choose for row in self.fields)


class Disputed(Exception):
    """Somebody was faster, and it does not merge; `dispute` is what to show."""

    def __init__(self, dispute: Dispute) -> None:
        super().__init__(f"{dispute.row!r} is disputed")
        self.dispute = dispute


@dataclass(frozen=True, kw_only=True)
class Room:
    """How a room's form meets its door: what it raises, and the form of a row as it is now.

    `names` are the fields that are compared, `seen` the version of a row as the
    door takes it.
    """

    conflict: type[Exception]
    row_of: Callable[[Any], Any]
    form_of: Callable[[Any], forms.BaseForm]
    names: Callable[[forms.BaseForm], list[str]]
    seen: Callable[[Any], Any]


@dataclass(frozen=True)
class Done:
    """The row as it is now, and, in words, whose changes of it stand beside mine."""

    row: Any
    kept: list[str]


def done(form: forms.Form, room: Room, do: Callable[[Any], Any]) -> Done:
    """Do what a valid form asks; merge it with what somebody else did to other fields.

    `do(seen)` sends to the door what is mine in the form. Raises Disputed where
    both changed the same field.
    """
    seen, kept = form.cleaned_data["seen"], list[str]()
    for _attempt in range(MOST_TRIES):
        try:
            return Done(do(seen), kept)
        except room.conflict as conflict:
            row = room.row_of(conflict)
        fields = compared(form, room, row)
        if any(field.is_disputed for field in fields):
            break
        seen, kept = room.seen(row), kept_words(fields)
    raise Disputed(dispute_of(form, room, row, fields))


def mine(form: forms.Form, names: list[str]) -> set[str]:
    """Return the fields that were sent otherwise than they had been shown."""
    was = read_shown(form.data.get("shown", ""))
    found = compare(form, was, {name: was[name] for name in names if name in was})
    return {row.name for row in found} | {name for name in names if name not in was}


def compared(form: forms.Form, room: Room, row: Any) -> list[Compared]:
    """Return the fields that either side changed, with who did, and when."""
    there = room.form_of(row)
    present = shown_in(there, room.names(there))
    found = compare(form, read_shown(form.data.get("shown", "")), present)
    return [signed(field, row) if field.is_theirs else field for field in found]


def signed(field: Compared, row: Any) -> Compared:
    """Add who changed a field, and when."""
    newest = log.newest_of(row, field.name)
    if newest is None:
        return field
    return replace(field, who=newest.changed_by, at=newest.changed_at)


def dispute_of(form: forms.Form, room: Room, row: Any, fields: list[Compared]) -> Dispute:
    """Return what a person must decide."""
    there = room.form_of(row)
    return Dispute(
        row=row,
        seen=str(room.seen(row)),
        shown=as_shown(there, room.names(there)),
        fields=fields,
        kept=kept_pairs(form, fields, but=UNKEPT),
    )


def kept_words(fields: list[Compared]) -> list[str]:
    """Return in words for the receipt what the others changed."""
    named = _("Kept what %(name)s changed: %(label)s, %(value)s.")
    plain = _("Kept what somebody else changed: %(label)s, %(value)s.")
    return [
        (named if row.who else plain) % {"name": row.who, "label": row.label, "value": row.theirs}
        for row in fields
        if row.is_theirs
    ]
