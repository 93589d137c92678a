"""What the page tests of the journey share: one opportunity, its forms, and a client."""

from typing import Any

from django.test import Client

from opportunities import lifecycle
from opportunities.models import Opportunity
from salescycles.models import CloseReason
from salespeople.models import User
from tests.factories import CloseReasonFactory, SalesCycleFactory, make_opportunity

# Stage 2 may be passed over; stage 4 asks for a quote.
STAGES = [(10, 20, ""), (30, 40, "S"), (50, 60, ""), (90, 80, "Q")]


def signed_in(user: User) -> Client:
    """Return a client that is signed in."""
    client = Client()
    client.force_login(user)
    return client


def at_stage(by: User, stage: int, **options: Any) -> Opportunity:
    """Return an opportunity of 1,000 at a stage of `STAGES`; 0 is not started."""
    cycle = options.pop("sales_cycle", None) or SalesCycleFactory(stages=STAGES)
    return make_opportunity(by, stage=stage, sales_cycle=cycle, **options)


def won(by: User) -> Opportunity:
    """Return one that was won today."""
    reason = CloseReasonFactory(kind=CloseReason.Kind.WON)
    return lifecycle.win(at_stage(by, 2), by=by, reason=reason)


def deleted(by: User) -> Opportunity:
    """Return one that was deleted today."""
    return lifecycle.delete(at_stage(by, 0), by=by)


def stage_of(opportunity: Opportunity, position: int) -> Any:
    """Return a stage of its cycle."""
    return opportunity.sales_cycle.stages.get(position=position)


def address(opportunity: Opportunity, verb: str = "") -> str:
    """Return the fixed address of its page, or of a verb below it."""
    return f"/opportunities/{opportunity.pk}/{f'{verb}/' if verb else ''}"


def plain(text: str | None) -> str:
    """Return the text with plain spaces where a locale puts others."""
    return (text or "").replace("\xa0", " ").replace("\u202f", " ")
