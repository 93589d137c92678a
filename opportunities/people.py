"""The door of people on an opportunity: who has a say, and in which role (ADR 0014).

Beside the ledger, like the description: no entry is written, and closed
opportunities may be completed. Each function locks the opportunity among those
that `by` may see, so that two people cannot add the same contact twice.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from changes import log
from changes.models import Change
from contacts.models import Contact
from opportunities.lifecycle.checks import check_kept, check_usable_contact
from opportunities.lifecycle.ledger import locked
from opportunities.models import Opportunity, OpportunityContact
from salespeople.models import User


def add(
    opportunity: Opportunity, contact: Contact | None, role: str, *, by: User
) -> OpportunityContact:  # fmt: skip
    """Say that a contact has a say in it; a contact of another company may, too.

    Asking for what is already so writes nothing; another role is for `change`.
    """
    with locked(opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        contact = check_usable_contact(contact)
        role = _check_role(role)
        there = fresh.people.filter(contact=contact).first()
        if there is not None and there.role != role:
            text = _("“%(name)s” is there already, as %(role)s.")
            words = {"name": contact.name, "role": there.get_role_display().lower()}
            raise ValidationError({"contact": text % words}, code="there")
        if there is not None:
            return there
        added = OpportunityContact.objects.create(
            opportunity=fresh, contact=contact, role=role, added_by=by
        )
        _noted(added, "add_person", "", by=by)
        return added


def change(person: OpportunityContact, role: str, *, by: User) -> OpportunityContact:
    """Give somebody another role."""
    with locked(person.opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        found: OpportunityContact = fresh.people.select_related("contact").get(pk=person.pk)
        before, found.role = found.role, _check_role(role)
        if found.role != before:
            found.save(update_fields=["role"])
            _noted(found, "change_person", before, by=by)
        return found


def remove(person: OpportunityContact, *, by: User) -> None:
    """Say that somebody has no say in it any more; twice is once."""
    with locked(person.opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        found = fresh.people.select_related("contact").filter(pk=person.pk).first()
        if found is not None:
            found.delete()
            before, found.role = found.role, ""
            _noted(found, "remove_person", before, by=by)


def take_back(noted: Change, *, by: User) -> None:
    """Give somebody the role that he or she had before the change, or none."""
    opportunity: Opportunity = noted.opportunity
    with locked(opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        contact = Contact.objects.filter(pk=noted.after["person"]).first()
        if contact is None:
            raise ValidationError(_("The contact has been deleted."), code="gone")
        there = fresh.people.filter(contact=contact).first()
        if (there.role if there else "") != noted.after["role"]:
            text = _("The role of %(name)s has been changed since.")
            raise ValidationError(text % {"name": contact}, code="newer")
        before = noted.before["role"]
        if there is None:
            add(fresh, contact, before, by=by)
        elif before:
            change(there, before, by=by)
        else:
            remove(there, by=by)


def _noted(person: OpportunityContact, verb: str, before: str, *, by: User) -> None:
    who = {"person": person.contact_id}
    was, now = who | {"role": before}, who | {"role": person.role}
    log.note(verb, person.opportunity, by=by, before=was, after=now)


def _check_role(role: str) -> str:
    if role not in OpportunityContact.Role.values:
        raise ValidationError({"role": _("Choose a role.")})
    return role
