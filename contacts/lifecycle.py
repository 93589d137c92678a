"""The contacts' door: whoever changes a contact comes through a function of this module.

Each opens its own transaction and re-reads the row under a lock among those
that `by` may see; the contact handed in is only an address. They raise
`ValidationError` with sentences, `PermissionDenied` with who may do it instead,
`Conflict` when somebody was faster, and `Contact.DoesNotExist` for what `by`
may not see.

`seen` is the moment of the last change that the person was looking at:
`changed_at`, or `created_at` of what was never changed (None: whatever it is).
Rows are locked in the order of their ids, so that nobody waits in a circle.
"""

from collections.abc import Iterable
from copy import copy
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from changes import log
from changes.lifecycle import FOLLOWED, values_before
from changes.models import Change
from contacts.checks import (
    NAMES,
    check_company,
    check_contact,
    check_salesperson,
    check_texts,
    deletion_refusals,
    kind_refusals,
    named,
)
from contacts.inheritance import ADDRESS, INHERITED, flowing, taken_over, values_of
from contacts.models import Contact
from contacts.names import split_name
from salespeople.models import User
from salespeople.visibility import salesperson_of

WRITABLE = frozenset(
    {"name", *NAMES, "job_title", "company", "industry", "salutation", *INHERITED}
)  # fmt: skip


class Conflict(Exception):
    """Somebody changed the contact after the person had looked at it; `contact` is it now."""

    def __init__(self, contact: Contact) -> None:
        super().__init__(f"contact {contact.pk} has been changed since")
        self.contact = contact


def version_of(contact: Contact) -> datetime:
    """Return the moment of the last change: what a form sends back as `seen`."""
    return contact.changed_at or contact.created_at


def proposals(*, by: User, company: Contact | None = None) -> dict[str, Any]:
    """Return what a new contact starts with (R207), a person of a company from it (R209)."""
    own = salesperson_of(by)
    found: dict[str, Any] = values_of(company) if company is not None else {}
    if found.get("salesperson") is None:
        found["salesperson"] = own if own is not None and not own.is_blocked else None
    return found


def create(*, by: User, kind: str = Contact.Kind.COMPANY, **values: Any) -> Contact:
    """Create a company or a person; what is not given is proposed (R205, R207, R209)."""
    _check_known(values)
    with transaction.atomic():
        contact = Contact(kind=kind, created_by=by)
        company = values.get("company")
        if company is not None and not contact.is_company:
            company = values["company"] = check_company(_locked_company(company, by=by))
        proposed = proposals(by=by, company=company)
        if values.get("salesperson") != proposed["salesperson"]:
            check_salesperson(values.get("salesperson"), by=by)
        given = {name for name in values if name not in ADDRESS or values[name]}
        proposed = _without(given, proposed)
        written = _assign(contact, values, proposed)
        check_contact(contact, {*written, "kind"})
        contact.save(force_insert=True)
        log.note("create", contact, by=by, before={}, after={})
    return contact


def edit(contact: Contact, *, by: User, seen: datetime | None = None, **changes: Any) -> Contact:
    """Change what is given; a company's people follow it (R210), a person a new company (R209).

    A person keeps the opportunities when the company changes (rules D24).
    """
    _check_known(changes)
    with transaction.atomic(), log.one_act():
        is_flowing = not changes.keys().isdisjoint(INHERITED)
        rows = _locked(contact, by=by, with_people=is_flowing, company=changes.get("company"))
        fresh = _seen(rows, contact, seen)
        before = copy(fresh)
        given = set(changes)
        changes = {name: v for name, v in changes.items() if v != getattr(before, name)}
        proposed = {}
        if "company" in changes and not fresh.is_company:
            proposed = _without(given, _moving(fresh, changes, rows))
        if "salesperson" in changes:
            check_salesperson(changes["salesperson"], by=by)
        written = _assign(fresh, changes, proposed)
        check_contact(fresh, set(written))
        if _save(fresh, before, written, by=by) and fresh.is_company:
            _let_flow(fresh, before, rows.values(), by=by)
    return fresh


def change_kind(
    contact: Contact, kind: str, *, by: User, seen: datetime | None = None
) -> Contact:  # fmt: skip
    """Make a person a company, or a company a person (R214).

    A new company loses the parts of the name, the job title and its company;
    a new person's name is split.
    """
    with transaction.atomic():
        fresh = _seen(_locked(contact, by=by, for_key=True), contact, seen)
        before = copy(fresh)
        if kind == fresh.kind:
            return fresh
        if refusals := kind_refusals(fresh, by=by):
            raise ValidationError({"kind": refusals}, code="in_use")
        fresh.kind = kind
        parts = split_name("" if fresh.is_company else fresh.name)._asdict()
        if fresh.is_company:
            parts |= {"job_title": "", "company": None}
        for name, value in parts.items():
            setattr(fresh, name, value)
        check_contact(fresh, {"kind", *parts})
        _save(fresh, before, ["kind", *parts], by=by, verb="change_kind")
    return fresh


def delete(contact: Contact, *, by: User, seen: datetime | None = None) -> int:
    """Delete a contact that nothing names, a company with its people (R215, rules D24).

    Returns how many people went with the company.
    """
    with transaction.atomic():
        rows = _locked(contact, by=by, with_people=True, for_key=True)
        fresh = _seen(rows, contact, seen)
        if refusals := deletion_refusals(fresh, by=by):
            raise ValidationError(refusals, code="in_use")
        people = fresh.people.count()
        fresh.people.all().delete()
        fresh.delete()
    return people


def block(contact: Contact, *, by: User) -> Contact:
    """Let it be chosen for nothing new; what uses it carries on."""
    return _set_blocked(contact, is_blocked=True, by=by)


def unblock(contact: Contact, *, by: User) -> Contact:
    """Let it be chosen again."""
    return _set_blocked(contact, is_blocked=False, by=by)


def _set_blocked(contact: Contact, *, is_blocked: bool, by: User) -> Contact:
    with transaction.atomic():
        fresh = _seen(_locked(contact, by=by), contact, None)
        before = copy(fresh)
        fresh.is_blocked = is_blocked
        _save(fresh, before, ["is_blocked"], by=by, verb="block" if is_blocked else "unblock")
    return fresh


def take_back(change: Change, *, by: User) -> Contact:
    """Let the fields of a change be as they were before it (ADR 0022).

    Refused for what has been changed since. Whoever gives the contact back to
    a salesperson may give it to that one, or took it away.
    """
    contact: Contact = change.contact
    with transaction.atomic():
        fresh = _seen(_locked(contact, by=by, for_key="kind" in change.before), contact, None)
        values = values_before(change, fresh)
        before = copy(fresh)
        if "salesperson" in values and change.changed_by_id != by.pk:
            check_salesperson(values["salesperson"], by=by)
        if "kind" in values and (refusals := kind_refusals(fresh, by=by)):
            raise ValidationError(refusals, code="in_use")
        for name, value in values.items():
            setattr(fresh, name, value)
        check_contact(fresh, set(values))
        _save(fresh, before, values, by=by, verb=change.verb)
    return fresh


def _check_known(values: Iterable[str]) -> None:
    unknown = sorted(set(values) - WRITABLE)
    if unknown:
        raise TypeError(f"a contact takes no {', '.join(unknown)}")


def _locked(
    contact: Contact,
    *,
    by: User,
    with_people: bool = False,
    company: Contact | None = None,
    for_key: bool = False,
) -> dict[int, Contact]:
    """Lock the contact, and its people and a new company if asked, in the order of ids.

    `for_key` also keeps off whoever is about to name one of them.
    """
    wanted = Q(pk=contact.pk)
    if with_people:
        wanted |= Q(company=contact.pk)
    if company is not None:
        wanted |= Q(pk=company.pk)
    rows = Contact.objects.visible_to(by).filter(wanted).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(no_key=not for_key)}


def _seen(rows: dict[int, Contact], contact: Contact, seen: datetime | None) -> Contact:
    """Return the locked row; raise Conflict when it is not the one that was seen."""
    fresh = rows.get(contact.pk)
    if fresh is None:
        raise Contact.DoesNotExist
    if seen is not None and seen != version_of(fresh):
        raise Conflict(fresh)
    return fresh


def _locked_company(company: Contact, *, by: User) -> Contact:
    rows = _locked(company, by=by)
    return _there(rows, company)


def _there(rows: dict[int, Contact], company: Contact) -> Contact:
    if company.pk not in rows:
        raise ValidationError({"company": _("This company has been deleted.")}, code="gone")
    return rows[company.pk]


def _moving(person: Contact, changes: dict[str, Any], rows: dict[int, Contact]) -> dict[str, Any]:
    """Check the new company, and return what the person takes over besides the changes."""
    if changes["company"] is None:
        return {}
    new = check_company(_there(rows, changes["company"]))
    assert new is not None  # noqa: S101
    changes["company"] = new
    return taken_over(person, old=person.company, new=new)


def _without(given: set[str], proposed: dict[str, Any]) -> dict[str, Any]:
    """Leave out of what is proposed what was given; of an address, all or nothing."""
    if not given.isdisjoint(ADDRESS):
        given = given.union(ADDRESS)
    return {name: value for name, value in proposed.items() if name not in given}


def _assign(contact: Contact, values: dict[str, Any], proposed: dict[str, Any]) -> dict[str, Any]:
    """Set the values as they are kept, and what is proposed besides; return all of them."""
    kept = named(contact, check_texts(contact, values))
    written = {**proposed, **kept}
    for name, value in written.items():
        setattr(contact, name, value)
    return written


def _save(
    contact: Contact, before: Contact, written: Iterable[str], *, by: User, verb: str = "edit"
) -> bool:  # fmt: skip
    """Save what differs, with who did it and when; return whether anything did."""
    changed = [name for name in written if getattr(contact, name) != getattr(before, name)]
    if not changed:
        return False
    contact.changed_at = timezone.now()
    contact.changed_by = by
    contact.save(update_fields=[*changed, "changed_at", "changed_by"])
    was, now = log.values_of(before, changed), log.values_of(contact, changed)
    log.note(verb, contact, by=by, before=was, after=now)
    return True


def _let_flow(company: Contact, before: Contact, rows: Iterable[Contact], *, by: User) -> None:
    old = values_of(before)
    for person in rows:
        if person.company_id != company.pk:
            continue
        was = copy(person)
        changes = flowing(person, before=old, company=company)
        for name, value in changes.items():
            setattr(person, name, value)
        _save(person, was, changes, by=by, verb=FOLLOWED)
