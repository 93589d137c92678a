"""What is asked for when opportunities are created, and what it is checked against."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from contacts.models import Campaign, Contact, Segment
from opportunities.lifecycle.campaigns import Campaigns, check_segment
from opportunities.lifecycle.checks import check_usable_salesperson, held_contacts
from opportunities.lifecycle.moving import first_stage
from opportunities.models import Opportunity
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.models import Salesperson, User


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


class Ground:
    """What wishes are checked against, read once for all of them; each check as for one.

    Contacts are held until the commit. Whom `by` may give something to, and the
    first stage of a cycle, are asked for once per salesperson and cycle.
    """

    def __init__(self, wishes: Iterable[NewOpportunity], *, by: User) -> None:
        wishes = list(wishes)
        self.by = by
        self.contacts = held_contacts({wish.contact.pk for wish in wishes if wish.contact})
        self.campaigns = Campaigns.of(wish.campaign for wish in wishes)
        self.segments = Segment.objects.in_bulk({w.segment.pk for w in wishes if w.segment})
        self.salespeople: dict[int, Salesperson] = {}
        self.stages: dict[int, SalesCycleStage] = {}

    def salesperson(self, salesperson: Salesperson | None) -> Salesperson:
        """Return somebody to whom `by` may give it."""
        if salesperson is not None and salesperson.pk in self.salespeople:
            return self.salespeople[salesperson.pk]
        passed = check_usable_salesperson(salesperson, by=self.by)
        self.salespeople[passed.pk] = passed
        return passed

    def segment(self, wish: NewOpportunity, campaign: Campaign | None) -> Segment | None:
        """Return the wished segment, else the campaign's only one (R142, R144)."""
        if wish.segment is None:
            return self.campaigns.only_segment(campaign)
        fresh = self.segments.get(wish.segment.pk)
        if fresh is None:
            raise ValidationError({"segment": _("There is no such segment any more.")})
        return check_segment(fresh, campaign)

    def first_stage(self, sales_cycle: SalesCycle) -> SalesCycleStage:
        """Return the stage by which a cycle begins."""
        if sales_cycle.pk not in self.stages:
            self.stages[sales_cycle.pk] = first_stage(sales_cycle)
        return self.stages[sales_cycle.pk]
