"""An opportunity for every contact of a segment (Business Central R38, R43, R46, rules D22)."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import Contact, Segment
from opportunities import lifecycle
from opportunities.lifecycle import NewOpportunity
from opportunities.models import Opportunity, OpportunityEntry
from salescycles.models import SalesCycle
from salespeople.models import Salesperson, User
from salespeople.visibility import assignable_salespeople


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What all of them get; without a salesperson, each contact's own (R46)."""

    description: str
    sales_cycle: SalesCycle
    salesperson: Salesperson | None = None
    activate: bool = False
    estimated_value: Decimal | None = None
    chances_of_success: Decimal | None = None
    estimated_close_on: Any = None
    note: str = ""


@dataclass(frozen=True)
class Prepared:
    """The wishes, in the order of the list, and who is left out, with the reason."""

    wishes: list[NewOpportunity]
    refused: list[tuple[Contact, str]]


def prepare(segment: Segment, plan: Plan, *, by: User) -> Prepared:
    """Return a wish for each contact that may be chosen (R43, R46).

    Raises ValidationError for a segment without contacts (R38), and when
    nobody is left.
    """
    rows = segment.rows.select_related("contact__company__salesperson", "contact__salesperson")
    assignable = {person.pk: person for person in assignable_salespeople(by)}
    wishes, refused = [], []
    for row in rows.order_by("pk"):
        contact = row.contact
        seller = plan.salesperson or _own(contact)
        if reason := _refusal(contact, seller, assignable):
            refused.append((contact, reason))
            continue
        wishes.append(
            NewOpportunity(
                description=plan.description,
                contact=contact,
                salesperson=seller,
                sales_cycle=plan.sales_cycle,
                campaign=segment.campaign,
                segment=segment,
                activate=plan.activate,
                estimated_value=plan.estimated_value,
                chances_of_success=plan.chances_of_success,
                estimated_close_on=plan.estimated_close_on,
                note=plan.note,
            )
        )
    if not wishes and not refused:
        raise ValidationError(_("The segment has no contacts."), code="empty")
    return Prepared(wishes, refused)


def check(prepared: Prepared, *, by: User) -> None:
    """Raise what creating them would raise; nothing is written."""
    if not prepared.wishes:
        raise ValidationError(_("Nobody of it may be chosen for anything new."), code="nobody")
    with transaction.atomic():
        lifecycle.create_many(prepared.wishes[:1], by=by)
        transaction.set_rollback(True)


def create_for(
    segment: Segment, plan: Plan, *, by: User, act: UUID, expected: int | None = None
) -> tuple[list[Opportunity], Prepared]:
    """Create one for each contact that may be chosen, all or none, as one act (R43, D22).

    `act` makes it happen once, however often it is sent. Raises `Changed` when
    there are not as many as `expected`.
    """
    with transaction.atomic():
        locked = Segment.objects.visible_to(by).select_related("campaign")
        fresh = locked.select_for_update(of=("self",), no_key=True).get(pk=segment.pk)
        done = OpportunityEntry.objects.filter(act=act, sequence=1)
        if done.exists():
            made = Opportunity.objects.filter(pk__in=done.values("opportunity"), segment=fresh)
            return list(made.visible_to(by)), Prepared([], [])
        prepared = prepare(fresh, plan, by=by)
        if expected is not None and len(prepared.wishes) != expected:
            raise Changed(prepared)
        check(prepared, by=by)
        return lifecycle.create_many(prepared.wishes, by=by, act=act), prepared


class Changed(Exception):
    """The list is another one than the person has confirmed; `prepared` is what it is now."""

    def __init__(self, prepared: Prepared) -> None:
        """Carry what it would come to now."""
        super().__init__("the segment has changed since it was shown")
        self.prepared = prepared


def _own(contact: Contact) -> Salesperson | None:
    """Return who looks after a contact, or after its company."""
    return contact.salesperson or (contact.company.salesperson if contact.company else None)


def _refusal(contact: Contact, seller: Salesperson | None, assignable: dict[int, Any]) -> str:
    if contact.is_blocked:
        return _("It is blocked for anything new.")
    if contact.company is not None and contact.company.is_blocked:
        return _("Its company is blocked for anything new.")
    if seller is None:
        return _("Nobody looks after it.")
    if seller.is_blocked:
        return _("%(name)s, who looks after it, is blocked.") % {"name": seller}
    if seller.pk not in assignable:
        return _("%(name)s belongs to another team: a manager may do it.") % {"name": seller}
    return ""
