"""Creating and activating through the door: R36–R42, R48–R53, rules D2, D7, D8, D25."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Action, Opportunity, OpportunityEntry, Status
from salespeople.models import User
from tests.factories import (
    CompanyFactory,
    PersonFactory,
    SalesCycleFactory,
    SalespersonFactory,
    make_opportunity,
)


def wish(by: User, **options: Any) -> dict[str, Any]:
    """Return what `create` asks for; `options` replace parts of it."""
    return {
        "by": by,
        "description": "A new roof",
        "contact": CompanyFactory(),
        "salesperson": by.salesperson,
        "sales_cycle": SalesCycleFactory(),
    } | options


def refusal(**options: Any) -> dict[str, list[str]]:
    """Return what `create` says against a wish; nothing may be written."""
    with pytest.raises(ValidationError) as caught:
        lifecycle.create(**options)
    assert (Opportunity.objects.count(), OpportunityEntry.objects.count()) == (0, 0)
    return caught.value.message_dict


def test_d2_creating_writes_the_entry_created(bob: User) -> None:
    opportunity = lifecycle.create(**wish(bob, estimated_value=Decimal(500)))

    entry = opportunity.entries.get()
    assert (entry.sequence, entry.action, entry.status, entry.stage, entry.effective_on) == (
        1,
        Action.CREATED,
        Status.NOT_STARTED,
        None,
        today(),
    )
    # D25: estimates may be given at creation; nothing is calculated before the first stage.
    assert (entry.estimated_value, entry.calculated_value) == (500, 0)


@pytest.mark.parametrize(
    ("field", "message"),
    [
        ("contact", "Choose the contact involved."),
        ("salesperson", "Choose a salesperson."),
        ("sales_cycle", "Choose a sales cycle."),
    ],
)
def test_d8_what_is_always_required(bob: User, field: str, message: str) -> None:
    assert refusal(**wish(bob, **{field: None})) == {field: [message]}


def test_d8_a_description_of_blanks_is_none(bob: User) -> None:
    assert refusal(**wish(bob, description="  \t ")) == {
        "description": ["This field cannot be blank."]
    }


def test_r24_the_company_follows_the_contact(bob: User) -> None:
    company = CompanyFactory()
    person = PersonFactory(company=company)
    alone = PersonFactory()

    companies = [
        lifecycle.create(**wish(bob, contact=contact)).company
        for contact in (company, person, alone)
    ]

    assert companies == [company, company, None]


def test_r3_r23_r34_what_is_blocked_is_refused(bob: User) -> None:
    company = CompanyFactory(name="Shut", is_blocked=True)
    assert refusal(**wish(bob, contact=company)) == {
        "contact": ["“Shut” is blocked for anything new."]
    }
    assert refusal(**wish(bob, contact=PersonFactory(company=company, name="Kari"))) == {
        "contact": ["“Kari” is blocked for anything new."]
    }
    cycle = SalesCycleFactory(name="Old", is_blocked=True)
    assert refusal(**wish(bob, sales_cycle=cycle)) == {
        "sales_cycle": ["“Old” is blocked for anything new."]
    }
    salesperson = SalespersonFactory(name="Gone", is_blocked=True)
    assert refusal(**wish(bob, salesperson=salesperson)) == {
        "salesperson": ["“Gone” is blocked for anything new."]
    }


def test_giving_it_to_another_team_is_for_managers(alice: User, bob: User, charlie: User) -> None:
    with pytest.raises(PermissionDenied):
        lifecycle.create(**wish(bob, salesperson=charlie.salesperson))

    given = lifecycle.create(**wish(alice, salesperson=charlie.salesperson))

    assert given.salesperson == charlie.salesperson


def test_r39_activating_at_creation_needs_a_value(bob: User) -> None:
    assert refusal(**wish(bob, activate=True)) == {
        "estimated_value": ["Give an estimated value above 0."]
    }


def test_r40_amended_activating_at_creation_refuses_a_past_close_date(bob: User) -> None:
    options = wish(
        bob,
        activate=True,
        estimated_value=Decimal(1),
        estimated_close_on=today() - timedelta(days=1),
    )

    assert list(refusal(**options)) == ["estimated_close_on"]


def test_r50_activating_takes_the_estimates_of_the_first_stage(bob: User) -> None:
    cycle = SalesCycleFactory(stages=[(10, 20, "QS")])
    cycle.stages.update(date_formula="2W")
    opportunity = make_opportunity(bob, sales_cycle=cycle, estimated_value=None)

    activated = lifecycle.activate(opportunity, by=bob)

    # D25: value 0 where none was given; 20 × 10 / 100 = 2.
    assert (
        activated.status,
        activated.stage,
        activated.estimated_value,
        activated.chances_of_success,
        activated.completed,
        activated.probability,
        activated.calculated_value,
        activated.estimated_close_on,
    ) == (
        Status.IN_PROGRESS,
        cycle.stages.get(),
        0,
        20,
        10,
        2,
        0,
        today() + timedelta(days=14),
    )


def test_d25_activating_keeps_the_estimates_of_the_creation(bob: User) -> None:
    close_on = today() + timedelta(days=3)
    opportunity = make_opportunity(
        bob,
        estimated_value=Decimal(700),
        chances_of_success=Decimal(55),
        estimated_close_on=close_on,
    )

    activated = lifecycle.activate(opportunity, by=bob)

    assert (
        activated.estimated_value,
        activated.chances_of_success,
        activated.estimated_close_on,
    ) == (700, 55, close_on)


def test_r49_the_first_stage_is_the_one_with_the_lowest_position(bob: User) -> None:
    cycle = SalesCycleFactory()
    cycle.stages.filter(position=1).update(position=7)

    activated = lifecycle.activate(make_opportunity(bob, sales_cycle=cycle), by=bob)

    assert activated.stage.position == 2


@pytest.mark.parametrize("at_creation", [True, False])
def test_d7_a_cycle_without_stages_is_refused(bob: User, at_creation: bool) -> None:
    cycle = SalesCycleFactory(name="Empty", stages=[])
    message = {"sales_cycle": ["The sales cycle “Empty” has no stages."]}
    if at_creation:
        options = wish(bob, sales_cycle=cycle, activate=True, estimated_value=Decimal(1))
        assert refusal(**options) == message
        return
    opportunity = make_opportunity(bob, sales_cycle=cycle)

    with pytest.raises(ValidationError) as caught:
        lifecycle.activate(opportunity, by=bob)

    assert caught.value.message_dict == message
    assert opportunity.entries.count() == 1


def test_r48_activating_twice_is_refused(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=1)

    with pytest.raises(ValidationError, match="started already"):
        lifecycle.activate(opportunity, by=bob)


def test_r3_an_opportunity_in_a_blocked_cycle_carries_on(bob: User) -> None:
    cycle = SalesCycleFactory()
    opportunity = make_opportunity(bob, sales_cycle=cycle)
    cycle.is_blocked = True
    cycle.save()

    moved = lifecycle.move(
        lifecycle.activate(opportunity, by=bob), cycle.stages.get(position=2), by=bob
    )

    assert moved.stage.position == 2


def test_create_many_creates_all_as_one_act_or_none(bob: User) -> None:
    wishes = [
        lifecycle.NewOpportunity(
            description=f"Number {number}",
            contact=CompanyFactory(),
            salesperson=bob.salesperson,
            sales_cycle=SalesCycleFactory(),
            activate=number % 2 == 0,
            estimated_value=Decimal(100),
        )
        for number in range(4)
    ]

    made = lifecycle.create_many(wishes, by=bob)

    assert [row.status for row in made] == [Status.IN_PROGRESS, Status.NOT_STARTED] * 2
    assert OpportunityEntry.objects.count() == 6
    assert len(set(OpportunityEntry.objects.values_list("act", flat=True))) == 1
    bad = lifecycle.NewOpportunity(description="", contact=None, salesperson=None, sales_cycle=None)
    with pytest.raises(ValidationError):
        lifecycle.create_many([*wishes, bad], by=bob)
    assert Opportunity.objects.count() == 4


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("estimated_value", Decimal("NaN")),
        ("estimated_value", Decimal("-1")),
        ("estimated_value", Decimal("1E30")),
        ("estimated_value", Decimal("0.001")),
        ("chances_of_success", Decimal("100.01")),
        ("estimated_close_on", date(1, 1, 1)),
        ("priority", 9),
        ("description", "x" * 10_000),
        ("description", "nul\x00"),
        ("note", "x" * 10_000),
        ("on", today() + timedelta(days=1)),
    ],
)
def test_hostile_values_are_refused(bob: User, field: str, value: Any) -> None:
    assert list(refusal(**wish(bob, **{field: value}))) == [field]
