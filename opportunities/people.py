"""The door of people on an opportunity: who has a say, and in which role (ADR 0014).

Beside the ledger, like the description: no entry is written, and closed
opportunities may be completed. Each function locks the opportunity among those
that `by` may see, so that two people cannot add the same contact twice.
"""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

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
        return OpportunityContact.objects.create(
            opportunity=fresh, contact=contact, role=role, added_by=by
        )


def change(person: OpportunityContact, role: str, *, by: User) -> OpportunityContact:
    """Give somebody another role."""
    with locked(person.opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        found: OpportunityContact = fresh.people.select_related("contact").get(pk=person.pk)
        found.role = _check_role(role)
        found.save(update_fields=["role"])
        return found


def remove(person: OpportunityContact, *, by: User) -> None:
    """Say that somebody has no say in it any more; twice is once."""
    with locked(person.opportunity, by=by, seen=None) as fresh:
        check_kept(fresh)
        fresh.people.filter(pk=person.pk).delete()


def _check_role(role: str) -> str:
    if role not in OpportunityContact.Role.values:
        raise ValidationError({"role": _("Choose a role.")})
    return role
