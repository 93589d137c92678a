"""The worked numbers of Business Central R95, R96 and R153, through the door."""

from datetime import date
from decimal import Decimal

import pytest
import time_machine

from opportunities import lifecycle
from opportunities.models import Action, Opportunity, OpportunityEntry, Status
from salescycles.models import SalesCycle
from salespeople.models import User
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    SalesCycleFactory,
    SalesCycleStageFactory,
)


@pytest.mark.parametrize(
    ("method", "probability", "calculated_value"),
    [
        ("multiply", "24", "2962.9608"),
        ("add", "50", "6172.835"),
        ("chances", "60", "7407.402"),
        ("completed", "40", "4938.268"),
    ],
)
def test_r95_estimates_of_the_first_stage(
    bob: User, method: str, probability: str, calculated_value: str
) -> None:
    cycle = SalesCycleFactory(stages=[(40, 60, "")], probability_calculation=method)

    opportunity = lifecycle.create(
        by=bob,
        description="A new roof",
        contact=CompanyFactory(),
        salesperson=bob.salesperson,
        sales_cycle=cycle,
        activate=True,
        estimated_value=Decimal("12345.67"),
    )

    stored = Opportunity.objects.get(pk=opportunity.pk)
    assert (stored.probability, stored.calculated_value) == (
        Decimal(probability),
        Decimal(calculated_value),
    )


@pytest.fixture
def cycle(db: None) -> SalesCycle:
    """The cycle of R96."""
    cycle = SalesCycleFactory(stages=[])
    SalesCycleStageFactory(
        sales_cycle=cycle, position=1, completed=10, chances_of_success=20, date_formula="1M"
    )
    SalesCycleStageFactory(
        sales_cycle=cycle, position=2, completed=50, chances_of_success=40, allow_skip=True
    )
    SalesCycleStageFactory(
        sales_cycle=cycle, position=3, completed=90, chances_of_success=80, date_formula="1W"
    )
    return cycle


def figures(entry: OpportunityEntry) -> tuple[object, ...]:
    """Return what R96 says of an entry."""
    return (
        entry.action,
        entry.stage.position if entry.stage else None,
        entry.previous_stage.position if entry.previous_stage else None,
        entry.estimated_value,
        entry.probability,
        entry.calculated_value,
        entry.estimated_close_on,
    )


def test_r96_worked_life_cycle_as_amended_by_d1_d12_d13(bob: User, cycle: SalesCycle) -> None:
    first, second, third = cycle.stages.all()
    with time_machine.travel("2026-03-02 10:00"):
        opportunity = lifecycle.create(
            by=bob,
            description="A new roof",
            contact=CompanyFactory(),
            salesperson=bob.salesperson,
            sales_cycle=cycle,
        )
        opportunity = lifecycle.activate(opportunity, by=bob)
    with time_machine.travel("2026-03-10 10:00"):
        opportunity = lifecycle.move(
            opportunity, second, by=bob, estimated_value=Decimal(1000),
            chances_of_success=Decimal(45), estimated_close_on=date(2026, 3, 10),
        )  # fmt: skip
    with time_machine.travel("2026-03-12 10:00"):
        opportunity = lifecycle.move(
            opportunity, first, by=bob, estimated_close_on=date(2026, 4, 12)
        )
    with time_machine.travel("2026-03-15 10:00"):
        opportunity = lifecycle.move(opportunity, third, by=bob, chances_of_success=Decimal(70))
    with time_machine.travel("2026-03-20 10:00"):
        opportunity = lifecycle.win(
            opportunity, by=bob, reason=CloseReasonFactory(), sales_value=Decimal(1100)
        )

    entries = list(opportunity.entries.order_by("sequence"))
    assert [figures(entry) for entry in entries] == [
        (Action.CREATED, None, None, 0, 0, 0, None),
        # (a): value 0, 20 × 10 / 100 = 2 %, close date 2 March + 1M.
        (Action.ACTIVATED, 1, None, 0, 2, 0, date(2026, 4, 2)),
        # (b): 45 × 50 / 100 = 22.5 %; "closes today" is kept (D13).
        (Action.NEXT, 2, 1, 1000, Decimal("22.5"), 225, date(2026, 3, 10)),
        # (c): 20 × 10 / 100 = 2 %.
        (Action.PREVIOUS, 1, 2, 1000, 2, 20, date(2026, 4, 12)),
        # (d): the typed 70 wins (D12): 70 × 90 / 100 = 63 %.
        (Action.SKIPPED, 3, 1, 1000, 63, 630, date(2026, 4, 12)),
        # (e): closed at stage 3 (D1).
        (Action.WON, 3, 3, 1000, 100, 1100, date(2026, 3, 20)),
    ]
    spans = [(entry.effective_on, entry.superseded_on) for entry in entries]
    days = [2, 2, 10, 12, 15, 20]
    assert spans == [
        (date(2026, 3, day), date(2026, 3, after) if after else None)
        for day, after in zip(days, [*days[1:], None], strict=True)
    ]


def test_r153_one_opportunity_open_and_won(bob: User) -> None:
    cycle = SalesCycleFactory(stages=[(40, 50, "")])
    opportunity = lifecycle.create(
        by=bob,
        description="A new roof",
        contact=CompanyFactory(),
        salesperson=bob.salesperson,
        sales_cycle=cycle,
        activate=True,
        estimated_value=Decimal(100),
    )
    # 50 × 40 / 100 = 20 %, and 20 % of 100 = 20.
    assert (opportunity.estimated_value, opportunity.calculated_value) == (100, 20)

    won = lifecycle.win(opportunity, by=bob, reason=CloseReasonFactory(), sales_value=Decimal(100))

    assert (won.estimated_value, won.calculated_value) == (100, 100)
    assert Opportunity.objects.open().filter(sales_cycle=cycle).count() == 0
    assert won.status == Status.WON
