"""Creating opportunities, one or many (Business Central R36–R42, rules D2, D8, D25)."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from contacts.models import Campaign, Contact
from crm.dates import today
from opportunities.lifecycle import told
from opportunities.lifecycle.checks import (
    check_close_date,
    check_estimates,
    check_field,
    check_first_day,
    check_note,
    check_usable_contact,
    check_usable_cycle,
)
from opportunities.lifecycle.ledger import entry_of, moment_now, one_act
from opportunities.lifecycle.moving import entering
from opportunities.lifecycle.wishes import Ground, NewOpportunity
from opportunities.models import Action, Opportunity, OpportunityEntry, Status
from salescycles.models import SalesCycle
from salespeople.models import Salesperson, User
from tasks import interactions, stages
from tasks.models import Interaction

LONGEST_DESCRIPTION = 100


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
            "campaign": fresh.campaign if _runs(fresh.campaign) else None,
            "sales_cycle": SalesCycle.objects.default(),
        }
        return create(by=by, **(taken | wishes))

    made: Opportunity = interactions.lead(interaction, make, by=by)
    return made


def create_many(
    wishes: Iterable[NewOpportunity], *, by: User, act: UUID | None = None
) -> list[Opportunity]:
    """Create all of them or none, as one act, with their entries, in a few statements.

    The first wish that is refused raises, as `create` would. `act` names the
    act, so that it can be undone, and is not done twice.
    """
    with transaction.atomic(), one_act(act):
        moment = moment_now()
        wishes = list(wishes)
        ground = Ground(wishes, by=by)
        made: list[Opportunity] = []
        entries: list[OpportunityEntry] = []
        for wish in wishes:
            opportunity = _new(wish, ground)
            opportunity.created_at = moment
            created = entry_of(
                opportunity, by=by, action=Action.CREATED, note=check_note(wish.note), at=moment
            )
            made.append(opportunity)
            entries.append(created)
            if wish.activate:
                entries.append(_activated(opportunity, created, ground))
        Opportunity.objects.bulk_create(made, batch_size=1000)
        for entry in entries:
            entry.opportunity = entry.opportunity
        OpportunityEntry.objects.bulk_create(entries, batch_size=1000)
        stages.enter([entry for entry in entries if entry.action == Action.ACTIVATED], by=by)
        told.of_creation([entry for entry in entries if entry.action == Action.CREATED], by=by)
        return made


def _new(wish: NewOpportunity, ground: Ground) -> Opportunity:
    """Check a wish in the order of Business Central R39 and return it as a row."""
    on = wish.on or today()
    if on > today():
        raise ValidationError({"on": _("The date lies in the future.")}, code="future")
    check_first_day(on)
    description = check_field("description", " ".join(wish.description.split()))
    contact = check_usable_contact(wish.contact, ground.contacts)
    salesperson = ground.salesperson(wish.salesperson)
    sales_cycle = check_usable_cycle(wish.sales_cycle)
    campaign = ground.campaigns.checked(wish.campaign, created_on=on)
    return Opportunity(
        description=description,
        priority=check_field("priority", wish.priority),
        created_on=on,
        created_by=ground.by,
        effective_on=on,
        status=Status.NOT_STARTED,
        sales_cycle=sales_cycle,
        salesperson=salesperson,
        contact=contact,
        company=contact.company_or_self,
        campaign=campaign,
        segment=ground.segment(wish, campaign),
        estimated_value=check_field("estimated_value", wish.estimated_value or Decimal(0)),
        chances_of_success=check_field("chances_of_success", wish.chances_of_success or Decimal(0)),
        estimated_close_on=check_close_date(wish.estimated_close_on),
    )


def _activated(
    opportunity: Opportunity, created: OpportunityEntry, ground: Ground
) -> OpportunityEntry:
    """Put a new opportunity into the first stage, and close the span of its first entry."""
    on = opportunity.effective_on
    stage = ground.first_stage(opportunity.sales_cycle)
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


def _runs(campaign: Campaign | None) -> bool:
    """Say whether something that is created today may name the campaign (R142)."""
    return campaign is not None and campaign.is_activated and campaign.was_running_on(today())
