"""The door of segments: create, edit, delete, and whose names stand in them (R234, R236, D22).

Each function opens its own transaction and re-reads the segment under a lock.
They raise `ValidationError` with sentences, `PermissionDenied` with who may do
it, and `Conflict` when somebody was faster (ADR 0014).
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.checks import check_salesperson
from contacts.models import Campaign, Contact, Segment, SegmentMember
from salespeople.administration import deletion_refusal
from salespeople.models import Salesperson, User
from salespeople.roles import is_manager
from salespeople.visibility import salesperson_of

MOST = 10_000  # contacts added at once
MOST_PASTED = 5_000
WORD = re.compile(r"[^\s,;<>\"]+")
NUMBER = re.compile(r"[Cc]?(\d{1,18})")


class Conflict(Exception):
    """Somebody changed the segment after the person had looked at it."""

    def __init__(self, segment: Segment) -> None:
        """Carry the segment as it is now."""
        super().__init__(f"segment {segment.pk} has been changed since")
        self.segment = segment


@dataclass(frozen=True)
class Added:
    """What adding came to: how many are new, were there, or are blocked; what was not found.

    `unclear` are addresses that several contacts have.
    """

    new: int = 0
    there: int = 0
    blocked: int = 0
    unknown: list[str] = field(default_factory=list)
    unclear: list[str] = field(default_factory=list)


def may_change(segment: Segment, *, by: User) -> bool:
    """Say whether `by` manages, made it, or is its salesperson."""
    own = salesperson_of(by)
    is_own = own is not None and segment.salesperson_id == own.pk
    return is_manager(by) or segment.created_by_id == by.pk or is_own


def check_may_change(segment: Segment, *, by: User) -> None:
    """Raise PermissionDenied, with who may, for whoever may not."""
    if not may_change(segment, by=by):
        raise PermissionDenied(
            _("A manager may do that, the segment's salesperson, or the person who made it.")
        )


def create(
    *,
    by: User,
    description: str,
    salesperson: Salesperson | None = None,
    campaign: Campaign | None = None,
) -> Segment:
    """Create a segment without contacts."""
    segment = Segment(created_by=by)
    check_salesperson(salesperson, by=by)
    _assign(segment, description=description, salesperson=salesperson, campaign=campaign)
    segment.save(force_insert=True)
    return segment


def edit(segment: Segment, *, by: User, seen: int | None = None, **changes: Any) -> Segment:
    """Change what is given: description, salesperson, campaign."""
    with _locked(segment, by=by, seen=seen) as fresh:
        changed = {name: v for name, v in changes.items() if v != getattr(fresh, name)}
        if "salesperson" in changed:
            check_salesperson(changed["salesperson"], by=by)
        _assign(fresh, **changed)
        if changed:
            fresh.edits += 1
            fresh.changed_at, fresh.changed_by = timezone.now(), by
            fresh.save(update_fields=[*changed, "edits", "changed_at", "changed_by"])
        return fresh


def delete(segment: Segment, *, by: User, seen: int | None = None) -> None:
    """Delete it with its list, not what was sold by it: that keeps it (R236, rules D19, D24)."""
    with _locked(segment, by=by, seen=seen) as fresh:
        if refusal := deletion_refusal(fresh):
            raise ValidationError(refusal, code="in_use")
        fresh.delete()


def add(segment: Segment, contacts: QuerySet[Contact], *, by: User) -> Added:
    """Add the contacts of a query, each once; the blocked ones are left out (R219)."""
    with _locked(segment, by=by) as fresh:
        seen = contacts.filter(pk__in=Contact.objects.visible_to(by).order_by().values("pk"))
        columns = ("pk", "is_blocked", "company__is_blocked")
        rows = list(seen.order_by("name_sort", "pk").values_list(*columns)[: MOST + 1])
        if len(rows) > MOST:
            text = ngettext("At most %(most)d contact.", "At most %(most)d contacts at once.", MOST)
            raise ValidationError(text % {"most": MOST}, code="most")
        usable = [pk for pk, *are_blocked in rows if not any(are_blocked)]
        before = fresh.rows.count()
        SegmentMember.objects.bulk_create(
            (SegmentMember(segment=fresh, contact_id=pk, added_by=by) for pk in usable),
            ignore_conflicts=True,
            batch_size=1000,
        )
        new = fresh.rows.count() - before
        return Added(new=new, there=len(usable) - new, blocked=len(rows) - len(usable))


def add_pasted(segment: Segment, text: str, *, by: User) -> Added:
    """Add the contacts whose numbers or e-mail addresses stand in a text.

    What is not found, and an address that several contacts have, is told.
    """
    words = list(dict.fromkeys(WORD.findall(text.replace("\x00", ""))))
    if not words:
        raise ValidationError({"text": _("Paste numbers or e-mail addresses of contacts.")})
    if len(words) > MOST_PASTED:
        told = _("At most %(most)d at once.") % {"most": MOST_PASTED}
        raise ValidationError({"text": told}, code="most")
    found = _found(words, by=by)
    unclear = [word for word in words if len(found[word]) > 1]
    unknown = [word for word in words if not found[word]]
    wanted = {pks[0] for pks in found.values() if len(pks) == 1}
    with transaction.atomic():
        added = add(segment, Contact.objects.filter(pk__in=wanted), by=by)
    return Added(added.new, added.there, added.blocked, unknown, unclear)


def remove(segment: Segment, contacts: Iterable[int], *, by: User) -> int:
    """Take contacts, by their ids, out of the list; return how many were in it."""
    with _locked(segment, by=by) as fresh:
        gone, _per_model = fresh.rows.filter(contact__in=list(contacts)).delete()
        return gone


def _found(words: list[str], *, by: User) -> dict[str, list[int]]:
    """Return the ids of the contacts that each word names: by number, or by e-mail."""
    numbers = {word: int(m[1]) for word in words if (m := NUMBER.fullmatch(word))}
    rows = Contact.objects.visible_to(by).order_by("pk")
    known = set(rows.filter(pk__in=numbers.values()).values_list("pk", flat=True))
    mails = {word.casefold() for word in words if "@" in word}
    by_mail = defaultdict(list)
    lowered = rows.annotate(lowered=Lower("email")).filter(lowered__in=mails)
    for pk, mail in lowered.values_list("pk", "lowered"):
        by_mail[mail].append(pk)
    found = {word: list(by_mail.get(word.casefold(), [])) for word in words}
    return found | {word: [pk] if pk in known else [] for word, pk in numbers.items()}


def _assign(segment: Segment, **values: Any) -> None:
    if unknown := sorted(values.keys() - {"description", "salesperson", "campaign"}):
        raise TypeError(f"a segment takes no {', '.join(unknown)}")
    for name, value in values.items():
        setattr(segment, name, " ".join(value.split()) if isinstance(value, str) else value)
    if "\x00" in segment.description:
        raise ValidationError({"description": _("Null characters are not allowed.")})
    segment.clean_fields(exclude={"salesperson", "campaign", "created_by"})


@contextmanager
def _locked(segment: Segment, *, by: User, seen: int | None = None) -> Iterator[Segment]:
    with transaction.atomic():
        rows = Segment.objects.visible_to(by).select_related("salesperson", "campaign")
        fresh = rows.select_for_update(of=("self",)).get(pk=segment.pk)
        check_may_change(fresh, by=by)
        if seen is not None and seen != fresh.edits:
            raise Conflict(fresh)
        yield fresh
