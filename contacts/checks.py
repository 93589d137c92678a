"""What must hold before a contact changes; each check raises sentences beside their fields."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models
from django.db.models import ForeignKey
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from changes.models import Change
from contacts.countries import country_code
from contacts.models import Contact, SegmentMember
from contacts.names import join_name, split_name
from contacts.phones import tidy_phone
from salespeople.administration import uses
from salespeople.models import Salesperson, User
from salespeople.visibility import assignable_salespeople

NAMES = ("first_name", "middle_name", "surname")
PHONES = ("phone", "mobile_phone")
MOST_PEOPLE_NAMED = 3
FOREIGN_KEYS = frozenset(
    field.name for field in Contact._meta.fields if isinstance(field, ForeignKey)
)


def check_texts(contact: Contact, changed: dict[str, Any]) -> dict[str, Any]:
    """Return the changed values as they are kept: blanks tidied, numbers and codes spelt out.

    Raises ValidationError for a NUL, a phone number that is none (R216), an
    unknown country.
    """
    kept = {name: _tidied(name, value) for name, value in changed.items()}
    errors: dict[str, Any] = {}
    if kept.get("country"):
        code = country_code(kept["country"])
        if code is None:
            errors["country"] = _("There is no country of this name.")
        kept["country"] = code
    country = kept.get("country", contact.country) or ""
    for name in PHONES:
        try:
            if name in kept:
                kept[name] = tidy_phone(kept[name], country)
        except ValidationError as error:
            errors[name] = error
    if errors:
        raise ValidationError(errors)
    return kept


def _tidied(name: str, value: Any) -> Any:
    if value is None and name not in FOREIGN_KEYS:
        return ""
    if not isinstance(value, str):
        return value
    if "\x00" in value:
        raise ValidationError({name: _("Null characters are not allowed.")}, code="invalid")
    return " ".join(value.split())


def named(contact: Contact, changed: dict[str, Any]) -> dict[str, Any]:
    """Return the changed values with the name and its parts in step (R213).

    A person's parts make the name; a name without parts is split into them.
    """
    if contact.is_company:
        return changed
    if changed.keys().isdisjoint(NAMES):
        return changed | split_name(changed["name"])._asdict() if "name" in changed else changed
    parts = [changed.get(name, getattr(contact, name)) for name in NAMES]
    return changed | {"name": join_name(*parts)}


def check_contact(contact: Contact, changed: set[str]) -> None:
    """Refuse what its kind does not have (R211, R214), no name, and values that fit no field."""
    errors: dict[str, Any] = {}
    if not contact.name:
        field = "name" if contact.is_company else "surname"
        errors[field] = _("Give a name.")
    if contact.is_company:
        if contact.company is not None:
            errors["company"] = _("Only a person belongs to a company.")
        for name in (*NAMES, "job_title"):
            if getattr(contact, name):
                errors[name] = _("Only a person has a first name and a surname.")
    kept = {field.name for field in contact._meta.fields} - changed
    try:
        contact.clean_fields(exclude=kept | FOREIGN_KEYS | errors.keys())
    except ValidationError as error:
        errors = error.error_dict | errors
    if "name" in errors and not contact.is_company:
        errors["surname"] = errors.pop("name")
    if errors:
        raise ValidationError(errors)


def check_company(company: Contact | None) -> Contact | None:
    """Refuse a company that is none (R205), and a blocked one."""
    if company is None:
        return None
    if not company.is_company:
        raise ValidationError({"company": _("Only a company has people.")}, code="kind")
    if company.is_blocked:
        raise ValidationError(
            {"company": _("“%(name)s” is blocked for anything new.") % {"name": company}},
            code="blocked",
        )
    return company


def check_salesperson(salesperson: Salesperson | None, *, by: User) -> None:
    """Refuse a blocked salesperson (R23), and one of another team unless `by` manages."""
    if salesperson is None:
        return
    if salesperson.is_blocked:
        raise ValidationError(
            {"salesperson": _("“%(name)s” is blocked for anything new.") % {"name": salesperson}},
            code="blocked",
        )
    if not assignable_salespeople(by).filter(pk=salesperson.pk).exists():
        raise PermissionDenied(_("Giving a contact to another team is for managers."))


def kind_refusals(contact: Contact, *, by: User) -> list[str]:
    """Return why the kind of `contact` may not change, with the numbers (R214).

    Opportunities and roles in them, tasks, interactions and the like; a segment
    may list it as either.
    """
    reasons = []
    if words := _used_by(contact, by=by, but=SegmentMember):
        reasons.append(_("It is used by %(uses)s.") % {"uses": words})
    if not contact.is_company:
        return reasons
    if count := contact.people.count():
        reasons.append(
            ngettext("%(count)d person belongs to it.", "%(count)d people belong to it.", count)
            % {"count": count}
        )
    if contact.customer_since:
        day = date_format(contact.customer_since)
        reasons.append(_("It has been a customer since %(date)s.") % {"date": day})
    if contact.industry is not None:
        reasons.append(_("It has the industry “%(name)s”.") % {"name": contact.industry})
    return reasons


def deletion_refusals(contact: Contact, *, by: User) -> list[str]:
    """Return why `contact` may not be deleted, by how many it is used (R215, rules D24).

    A company is not deleted while one of its people may not be.
    """
    reasons = []
    sentence = _("“%(name)s” is not deleted, because it is used by %(uses)s.")
    if words := _used_by(contact, by=by):
        reasons.append(sentence % {"name": contact, "uses": words})
    for person in contact.people.all():
        if len(reasons) > MOST_PEOPLE_NAMED:
            break
        if words := _used_by(person, by=by):
            reasons.append(_used_person(person, words))
    if reasons:
        reasons.append(_("Block it instead: then it cannot be chosen for anything new."))
    return reasons


def _used_person(person: Contact, words: str) -> str:
    text = _("“%(name)s”, who belongs to it, is used by %(uses)s.")
    return text % {"name": person, "uses": words}


def _used_by(contact: Contact, *, by: User, but: type[models.Model] = Contact) -> str:
    """Return what names the contact, other than its own people, in words.

    How often is told to whoever sees all of it: others would count rows that
    they may not see.
    """
    seen = dict(uses(contact, by=by))
    words = []
    for model, count in uses(contact):
        names = (model._meta.verbose_name, model._meta.verbose_name_plural)
        if model in (Contact, Change, but):
            continue
        if seen.get(model) == count:
            words.append(f"{count} {names[count != 1]}")
        else:
            words.append(str(names[1]))
    return get_text_list(words, _("and"))
