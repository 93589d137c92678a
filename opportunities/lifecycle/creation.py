"""Creating opportunities, one or many (Business Central R36–R42, rules D2, D8, D25)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import Campaign, Contact, Segment
from crm.dates import today
from opportunities.lifecycle.checks import (
    check_close_date,
    check_estimates,
    check_field,
    check_first_day,
    check_note,
    check_usable_contact,
    check_usable_cycle,
    check_usable_salesperson,
    held_contacts,
)
from opportunities.lifecycle.ledger import entry_of, moment_now, one_act
from opportunities.lifecycle.moving import entering, first_stage
from opportunities.models import Action, Opportunity, OpportunityEntry, Status
from salescycles.models import SalesCycle
from salespeople.models import Salesperson, User
from tasks import interactions, stages
from tasks.models import Interaction

LONGEST_DESCRIPTION = 100


@dataclass(frozen=True, kw_only=True)
class NewOpportunity:
    """What is asked for; the four things of rule D8 may not be missing.

    None for an estimate: value 0, chances and close date those of the first
    stage once activated. `activate` needs an estimated value (R39).
    """

    description: str
    contact: Contact | None
    salesperson: Salesperson | None
    sales_cycle: SalesCycle | None
    campaign: Campaign | None = None
    segment: Segment | None = None
    priority: int = Opportunity.Priority.NORMAL
    activate: bool = False
    estimated_value: Decimal | None = None
    chances_of_success: Decimal | None = None
    estimated_close_on: date | None = None
    on: date | None = None
    note: str = ""


def create(*, by: User, description: str, contact: Contact | None,
           salesperson: Salesperson | None, sales_cycle: SalesCycle | None,
           **more: Any) -> Opportunity:  # fmt: skip
    """Create one opportunity; `more` are the other fields of `NewOpportunity`."""
    wish = NewOpportunity(
        description=description,
        contact=contact,
        salesperson=salesperson,
        sales_cycle=sales_cycle,
        **more,
    )
    return create_many([wish], by=by)[0]


def create_from_interaction(interaction: Interaction, *, by: User, **wishes: Any) -> Opportunity:
    """Create one from what happened, and link the two (Business Central R44, R232).

    What is not wished for is taken over: description, contact, salesperson,
    campaign, and the default cycle. Refused of what was cancelled or is linked.
    """

    def make(fresh: Interaction) -> Opportunity:
        taken: dict[str, Any] = {
            "description": fresh.subject[:LONGEST_DESCRIPTION],
            "contact": fresh.contact,
            "salesperson": fresh.salesperson,
            "campaign": fresh.campaign,
            "sales_cycle": SalesCycle.objects.default(),
        }
        return create(by=by, **(taken | wishes))

    made: Opportunity = interactions.lead(interaction, make, by=by)
    return made


def create_many(wishes: Iterable[NewOpportunity], *, by: User) -> list[Opportunity]:
    """Create all of them or none, as one act, with their entries, in a few statements.

    The first wish that is refused raises, as `create` would.
    """
    with transaction.atomic(), one_act():
        moment = moment_now()
        wishes = list(wishes)
        held = held_contacts({wish.contact.pk for wish in wishes if wish.contact})
        made: list[Opportunity] = []
        entries: list[OpportunityEntry] = []
        for wish in wishes:
            opportunity = _new(wish, held, by=by)
            opportunity.created_at = moment
            created = entry_of(
                opportunity, by=by, action=Action.CREATED, note=check_note(wish.note), at=moment
            )
            made.append(opportunity)
            entries.append(created)
            if wish.activate:
                entries.append(_activated(opportunity, created))
        Opportunity.objects.bulk_create(made, batch_size=1000)
        for entry in entries:
            entry.opportunity = entry.opportunity
        OpportunityEntry.objects.bulk_create(entries, batch_size=1000)
        stages.enter([entry for entry in entries if entry.action == Action.ACTIVATED], by=by)
        return made


def _new(wish: NewOpportunity, held: Mapping[int, Contact], *, by: User) -> Opportunity:
    """Check a wish in the order of Business Central R39 and return it as a row."""
    on = wish.on or today()
    if on > today():
        raise ValidationError({"on": _("The date lies in the future.")}, code="future")
    check_first_day(on)
    description = check_field("description", " ".join(wish.description.split()))
    contact = check_usable_contact(wish.contact, held)
    salesperson = check_usable_salesperson(wish.salesperson, by=by)
    sales_cycle = check_usable_cycle(wish.sales_cycle)
    return Opportunity(
        description=description,
        priority=check_field("priority", wish.priority),
        created_on=on,
        created_by=by,
        effective_on=on,
        status=Status.NOT_STARTED,
        sales_cycle=sales_cycle,
        salesperson=salesperson,
        contact=contact,
        company=contact.company_or_self,
        campaign=wish.campaign,
        segment=wish.segment,
        estimated_value=check_field("estimated_value", wish.estimated_value or Decimal(0)),
        chances_of_success=check_field("chances_of_success", wish.chances_of_success or Decimal(0)),
        estimated_close_on=check_close_date(wish.estimated_close_on),
    )


def _activated(opportunity: Opportunity, created: OpportunityEntry) -> OpportunityEntry:
    """Put a new opportunity into the first stage, and close the span of its first entry."""
    on = opportunity.effective_on
    stage = first_stage(opportunity.sales_cycle)
    changes = entering(stage, opportunity, on=on)
    check_estimates(
        estimated_value=opportunity.estimated_value,
        chances_of_success=changes["chances_of_success"],
        close_on=changes["estimated_close_on"],
        on=on,
    )
    for field, value in changes.items():
        setattr(opportunity, field, value)
    opportunity.sequence = 2
    created.superseded_on = on
    created.superseded_at = created.recorded_at
    return entry_of(
        opportunity,
        by=created.recorded_by,
        action=Action.ACTIVATED,
        note="",
        at=created.recorded_at,
    )
