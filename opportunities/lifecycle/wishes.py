"""What is asked for when opportunities are created, and what it is checked against."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from contacts.models import Campaign, Contact, Segment
from opportunities.models import Opportunity
from salescycles.models import SalesCycle
from salespeople.models import Salesperson


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
