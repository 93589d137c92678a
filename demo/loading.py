"""Loads the demo data: one transaction, one seed, the same every time on the same day."""

from dataclasses import dataclass
from random import Random

from django.db import transaction
from django.utils import timezone

from contacts.models import Contact
from crm.dates import today
from demo.activities import ACTIVITIES
from demo.companies import create_campaigns, create_contacts
from demo.cycles import CYCLES, LOST, WON
from demo.daily import Daily
from demo.histories import Inventor
from demo.marketing import create_marketing
from demo.people import PROFILES, TEAMS, block_those_who_left, create_administrator, create_staff
from demo.playing import Player
from demo.products import CATALOGUE
from demo.targets import create_targets
from opportunities.models import Opportunity
from quotes.models import Product
from salescycles.models import Activity, CloseReason, SalesCycle
from salespeople.models import Salesperson, Team, User

SEED = 20
HOLDERS = (Contact, Salesperson, SalesCycle, Opportunity)


@dataclass(frozen=True)
class Loaded:
    """What was loaded; `made_administrator` is False where a user `admin` was there before."""

    opportunities: int
    made_administrator: bool


def has_data() -> bool:
    """Say whether anybody has begun to work: a contact, salesperson, cycle or opportunity."""
    return any(model._default_manager.exists() for model in HOLDERS)


def in_the_way() -> str:
    """Return the first user, code or reason that the demo data want and somebody has; or ""."""
    wanted = (
        (User, "username", [profile.username for profile in PROFILES]),
        (Salesperson, "code", [profile.code for profile in PROFILES]),
        (Team, "code", [code for code, _, _ in TEAMS]),
        (Product, "number", [row[0] for row in CATALOGUE]),
        (SalesCycle, "code", [cycle.code for cycle in CYCLES]),
        (Activity, "code", [code for code, *_ in ACTIVITIES]),
        (CloseReason, "code", [code for code, _ in (*WON, *LOST)]),
    )
    for model, field, values in wanted:
        found = model._default_manager.filter(**{f"{field}__in": values}).first()
        if found is not None:
            return f"{model._meta.verbose_name} “{getattr(found, field)}”"
    return ""


def load(seed: int = SEED) -> Loaded:
    """Load everything, or nothing."""
    random = Random(seed)
    day, now = today(), timezone.now()
    with transaction.atomic():
        staff = create_staff(day)
        customers = create_contacts(random, staff, day)
        campaigns = create_campaigns(staff, day)
        player = Player(random, staff)
        inventor = Inventor(random, staff, customers, campaigns, today=day, now=now)
        count = player.play(inventor.plans())
        Daily(Random(seed), staff, today=day, now=now).live()
        create_targets(staff, day)
        create_marketing(Random(seed), staff, campaigns)
        block_those_who_left(staff)
        return Loaded(count, create_administrator())
