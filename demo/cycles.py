"""The six sales cycles and the eighteen close reasons of the demo data (R246, R247, R250)."""

from typing import NamedTuple

from salescycles.models import CloseReason, SalesCycle, SalesCycleStage
from salescycles.probability import ProbabilityCalculation


class Stage(NamedTuple):
    """Completed % and chances % of a stage; flags "S" (allow skip) and "Q" (quote required)."""

    completed: int
    chances: int
    flags: str
    name: str
    description: str


class Cycle(NamedTuple):
    """A cycle and its stages in order."""

    code: str
    name: str
    description: str
    calculation: ProbabilityCalculation
    stages: tuple[Stage, ...]


EX_LARGE = Cycle(
    "EX-LARGE",
    "Existing customer, large sale",
    "More than a season's work for a customer we know: several people decide, and a contract.",
    ProbabilityCalculation.MULTIPLY,
    (
        Stage(2, 10, "S", "Need seen", "The customer has told us of a plan, or we have seen one."),
        Stage(35, 25, "S", "Needs analysed", "We have been on site and know what is asked for."),
        Stage(70, 60, "QS", "Offer presented", "The offer has been gone through with them."),
        Stage(85, 80, "Q", "Negotiation", "Price and terms are the only open questions."),
        Stage(95, 100, "Q", "Contract agreed", "Both have said yes; the signature is missing."),
    ),
)
EX_SMALL = Cycle(
    "EX-SMALL",
    "Existing customer, small sale",
    "An order that one person at the customer can decide on.",
    ProbabilityCalculation.ADD,
    (
        Stage(2, 20, "S", "Need seen", "The customer has asked, or service has told us."),
        Stage(50, 40, "S", "Solution agreed", "We agree on what is to be delivered."),
        Stage(80, 60, "Q", "Offer sent", "They have the offer in hand."),
        Stage(95, 80, "Q", "Verbal yes", "They have said yes; the order is on its way."),
    ),
)
FIRST_LARGE = Cycle(
    "FIRSTLARGE",
    "First sale, large",
    "A first contract with somebody who does not know us yet; allow half a year.",
    ProbabilityCalculation.MULTIPLY,
    (
        Stage(2, 10, "S", "Prospect found", "They have a building that we could do better."),
        Stage(5, 20, "", "First meeting", "We have met somebody who can decide."),
        Stage(20, 30, "", "Needs analysed", "We have measured, and they agree with the findings."),
        Stage(40, 40, "", "Solution workshop", "The solution has been drawn together with them."),
        Stage(50, 60, "QS", "Offer presented", "The offer has been gone through with them."),
        Stage(80, 80, "QS", "Negotiation", "Price and terms are the only open questions."),
        Stage(95, 100, "Q", "Contract out for signing", "They have the contract to sign."),
    ),
)
FIRST_SMALL = Cycle(
    "FIRSTSMALL",
    "First sale, small",
    "A first order, small enough to be decided in a month.",
    ProbabilityCalculation.ADD,
    (
        Stage(2, 20, "", "First contact", "They have answered and want to hear more."),
        Stage(5, 40, "", "Meeting held", "We know what they need and who decides."),
        Stage(40, 60, "QS", "Offer sent", "They have the offer in hand."),
        Stage(60, 80, "Q", "Negotiation", "They want it; price or time is open."),
        Stage(95, 100, "Q", "Order out for signing", "They have the order to sign."),
    ),
)
EXISTING = Cycle(
    "EXISTING",
    "Existing customers, short",
    "Renewals and additions, counted by how far they have come.",
    ProbabilityCalculation.COMPLETED,
    (
        Stage(2, 10, "S", "Identified", "An agreement runs out, or something is to be added."),
        Stage(50, 40, "S", "Needs confirmed", "The customer has confirmed what they want."),
        Stage(80, 80, "Q", "Offer sent", "They have the offer in hand."),
        Stage(95, 100, "Q", "Ready to sign", "Everything is agreed; the signature is missing."),
    ),
)
NEW = Cycle(
    "NEW",
    "New customers",
    "What we propose for anything new, counted by what we believe in.",
    ProbabilityCalculation.CHANCES,
    (
        Stage(2, 10, "", "First contact", "They have answered and want to hear more."),
        Stage(5, 20, "", "Qualified", "Need, money, time and who decides are known."),
        Stage(40, 50, "QS", "Offer sent", "They have the offer in hand."),
        Stage(60, 75, "Q", "Negotiation", "Price and terms are the only open questions."),
        Stage(95, 100, "Q", "Contract out for signing", "They have the contract to sign."),
    ),
)
CYCLES = (EX_LARGE, EX_SMALL, FIRST_LARGE, FIRST_SMALL, EXISTING, NEW)

WON = (
    ("BUSINESS_W", "We knew their business best"),
    ("CONSULT_W", "Our consultants convinced them"),
    ("RELATION_W", "Good relations with the customer"),
    ("PRICE_W", "Our price was better"),
    ("PRODUCT_W", "Our product was better"),
    ("PRESALES_W", "Good work before the sale"),
    ("SALESREP_W", "The salesperson made the difference"),
    ("PORTAL_W", "Closed by a purchasing portal"),
)
LOST = (
    ("BUSINESS_L", "We knew too little of their business"),
    ("CONSULT_L", "Our consultants did not convince them"),
    ("RELATION_L", "Weak relations with the customer"),
    ("PRICE_L", "Our price was too high"),
    ("PRODUCT_L", "Our product did not fit"),
    ("PRESALES_L", "Weak work before the sale"),
    ("SALESREP_L", "They did not get on with the salesperson"),
    ("NOCOMMIT_L", "They never committed themselves"),
    ("POSTPONE_L", "They have postponed it"),
    ("WALKED_L", "We walked away"),
)


def create_cycles() -> dict[str, SalesCycle]:
    """Create the cycles with their stages, by code; NEW is the default unless there is one."""
    has_default = SalesCycle.objects.filter(is_default=True).exists()
    return {
        cycle.code: _create_cycle(cycle, is_default=cycle is NEW and not has_default)
        for cycle in CYCLES
    }


def _create_cycle(cycle: Cycle, *, is_default: bool) -> SalesCycle:
    made = SalesCycle.objects.create(
        code=cycle.code,
        name=cycle.name,
        description=cycle.description,
        probability_calculation=cycle.calculation,
        is_default=is_default,
    )
    SalesCycleStage.objects.bulk_create(
        SalesCycleStage(
            sales_cycle=made,
            position=position,
            name=stage.name,
            description=stage.description,
            completed=stage.completed,
            chances_of_success=stage.chances,
            allow_skip="S" in stage.flags,
            quote_required="Q" in stage.flags,
        )
        for position, stage in enumerate(cycle.stages, start=1)
    )
    return made


def create_reasons() -> list[CloseReason]:
    """Create the reasons for winning and for losing."""
    kinds = ((CloseReason.Kind.WON, WON), (CloseReason.Kind.LOST, LOST))
    return CloseReason.objects.bulk_create(
        CloseReason(code=code, description=description, kind=kind)
        for kind, reasons in kinds
        for code, description in reasons
    )
