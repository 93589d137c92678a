"""Somebody was faster: what merges by itself, and what a person must decide (product.md U8).

`done` is for every page that posts one of the door's forms. The door stays the
judge of `seen`: what merges is sent to it again, with the newest entry as seen.
"""

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.merging import kept_words, signed
from crm.merging import Compared, compare, in_words, kept_pairs, raw_of, sent_of
from lists.parameters import as_id
from opportunities import lifecycle
from opportunities.forms import ActForm
from opportunities.history import FACTS, Event, events_of
from opportunities.lifecycle.told import of_overwriting
from opportunities.models import STATE_FIELDS, Opportunity, OpportunityEntry
from salespeople.models import User

MOST_TRIES = 3
UNKEPT = ("csrfmiddlewaretoken", "seen", "seen_edits", "shown", "disputed")
# What a verb rests on: another's change of it is asked about. Verbs that are not here ask always.
RESTS_ON: dict[str, tuple[str, ...]] = {
    "activate": ("status", "stage", "sales_cycle", "is_deleted"),
    "move": ("status", "stage", "sales_cycle", "is_deleted"),
    "win": ("status", "stage", "sales_cycle", "contact", "estimated_value", "is_deleted"),
    "lose": ("status", "stage", "sales_cycle", "contact", "is_deleted"),
    "update": ("status", "is_deleted"),
    "reassign": ("status", "is_deleted"),
    "edit": ("is_deleted",),
    "row": ("status", "is_deleted"),
}
TOLD: list[tuple[str, Any, Callable[[Any], str]]] = [
    ("stage", gettext_lazy("Stage"), lambda stage: str(stage or _("Not started"))),
    *FACTS,
]
RELATED = ("stage", "salesperson", "contact", "company", "campaign", "sales_cycle", "recorded_by")


@dataclass(frozen=True)
class Dispute:
    """What a person must decide: the fields, what has happened since, why going on is refused.

    `kept` are the other pairs that the form sends when it goes on, `wanted` what
    was typed besides, in words, `since` the entry that was seen before the dispute.
    """

    opportunity: Opportunity
    entries: list[OpportunityEntry]
    events: list[Event]
    fields: list[Compared]
    wanted: list[tuple[str, str]]
    kept: list[tuple[str, str]]
    shown: str
    refusals: list[str]
    since: int

    @property
    def is_chosen(self) -> bool:
        """Say whether there is a field of which a value is to be chosen."""
        return any(row.may_choose for row in self.fields)


class Disputed(Exception):
    """Somebody was faster, and it does not merge; `dispute` is what to show."""

    def __init__(self, dispute: Dispute) -> None:
        super().__init__(f"opportunity {dispute.opportunity.pk} is disputed")
        self.dispute = dispute


@dataclass(frozen=True)
class Done:
    """The opportunity as it is now, and, in words, whose changes of it stand beside mine."""

    opportunity: Opportunity
    kept: list[str]


def done(
    verb: str, form: ActForm, do: Callable[[dict[str, Any]], Opportunity], *, by: User
) -> Done:  # fmt: skip
    """Do what a valid form asks; merge it with what somebody else did to other fields.

    Raises Disputed where both changed the same field, or where the verb rests
    on what was changed; and whatever the door raises.
    """
    wishes = form.wishes()
    kept: list[str] = []
    for _attempt in range(MOST_TRIES):
        try:
            with transaction.atomic():
                row = do(wishes)
                if since := _disputed(form):
                    of_overwriting(row, by=by, since=since)
            return Done(row, kept)
        except lifecycle.Conflict as conflict:
            clash = _Clash(verb, form, conflict)
        if clash.must_ask:
            break
        wishes, kept = clash.merged(), clash.kept()
    raise Disputed(clash.dispute(by=by))


class _Clash:
    """A form, and what has been done since it was shown."""

    def __init__(self, verb: str, form: ActForm, conflict: lifecycle.Conflict) -> None:
        self.verb = verb
        self.form = form
        self.fresh = conflict.opportunity
        self.newer = conflict.entries
        seen = form.cleaned_data["seen"]
        rows = self.fresh.entries.filter(sequence__gte=seen).select_related(*RELATED)
        self.entries = list(rows.order_by("sequence"))
        first = self.entries[0] if self.entries else None
        self.seen = first if first is not None and first.sequence == seen else None
        was = form.shown_then(self.seen)
        self.present = {name: raw_of(form, name, getattr(self.fresh, name)) for name in was}
        self.rows = compare(form, was, self.present, blank_keeps=form.blank_keeps)

    @property
    def must_ask(self) -> bool:
        """Say whether both changed the same, or the verb rests on what was changed."""
        if self.seen is None or self.verb not in RESTS_ON:
            return True
        rests_on = [_attribute(name) for name in RESTS_ON[self.verb]]
        is_touched = any(getattr(self.seen, n) != getattr(self.fresh, n) for n in rests_on)
        return is_touched or any(row.is_disputed for row in self.rows)

    def merged(self) -> dict[str, Any]:
        """Return what the form asks of the row as it is now; what is not mine stays so."""
        theirs = {row.name for row in self.rows if row.is_theirs and not row.is_mine}
        return self.form.merged(self.fresh, theirs)

    def kept(self) -> list[str]:
        """Return what the others did, in words for the receipt; a note where it was only that."""
        told = [row for row in self._told() if row.is_theirs]
        if not told:
            events = events_of(self.fresh)[: len(self.newer)]
            text = _("Meanwhile: %(name)s %(what)s.")
            return [text % {"name": e.entry.recorded_by, "what": e.headline} for e in events]
        return kept_words(told)

    def dispute(self, *, by: User) -> Dispute:
        """Return what a person must decide."""
        newer = {entry.pk for entry in self.newer}
        return Dispute(
            opportunity=self.fresh,
            entries=self.newer,
            events=[e for e in events_of(self.fresh) if e.entry.pk in newer],
            fields=self._told(),
            wanted=self._wanted(),
            kept=kept_pairs(self.form, self.rows, but=UNKEPT),
            shown=json.dumps(self.present) if "shown" in self.form.fields else "",
            refusals=_refusals(self.fresh, self.verb, by=by),
            since=_disputed(self.form) or self.form.cleaned_data["seen"],
        )

    def _wanted(self) -> list[tuple[str, str]]:
        """Return label and value of what was typed and stands in no entry: a reason, a note."""
        form = self.form
        names = [f.name for f in form.visible_fields() if f.name not in self.present]
        typed = [name for name in names if form.cleaned_data.get(name) not in (None, "")]
        mine = [n for n in typed if form.cleaned_data[n] != form.initial.get(n)]
        return [
            (str(form.fields[n].label), in_words(form, n, sent_of(form, n) or "")) for n in mine
        ]

    def _told(self) -> list[Compared]:
        """Return the fields, and the facts that no field of the form holds, with their authors."""
        named = {row.name for row in self.rows}
        rows = [self._signed(row) for row in self.rows]
        if self.seen is not None:
            rows += [self._signed(row) for row in _facts(self.seen, self.fresh, but=named)]
        return rows

    def _signed(self, row: Compared) -> Compared:
        """Add who changed a fact, and when: the newest of the entries that did."""
        if row.is_theirs and row.name in STATE_FIELDS:
            attribute = _attribute(row.name)
            for before, entry in reversed(list(pairwise(self.entries))):
                if getattr(before, attribute) != getattr(entry, attribute):
                    return replace(row, who=entry.recorded_by, at=entry.recorded_at)
        return signed(row, self.fresh) if row.is_theirs else row


def _disputed(form: ActForm) -> int | None:
    """Return the entry that had been seen before a dispute; None where there was none."""
    return as_id(str(form.data.get("disputed", "")))


def _facts(seen: OpportunityEntry, fresh: Opportunity, *, but: Iterable[str]) -> list[Compared]:
    """Return what others changed of the facts that the form does not ask for."""
    found = []
    for name, label, shown in TOLD:
        was, now = getattr(seen, name), getattr(fresh, name)
        if name not in but and was != now:
            words = Compared(name, str(label), was=shown(was), theirs=shown(now), is_theirs=True)
            found.append(words)
    return found


def _attribute(name: str) -> str:
    return str(getattr(Opportunity._meta.get_field(name), "attname", name))


def _refusals(opportunity: Opportunity, verb: str, *, by: User) -> list[str]:
    """Return why the verb cannot be used any more, if so."""
    try:
        lifecycle.check_may("update" if verb == "row" else verb, opportunity, by=by)
    except ValidationError as error:
        return error.messages
    except PermissionDenied as error:
        return [str(error)]
    return []
