"""The plus of a column: four fields, a contact on the fly, and the gates of the door."""

from datetime import timedelta
from typing import Any

import pytest

from contacts.models import Contact
from crm.dates import today
from crm.htmx import DIALOG
from opportunities.adding import stages_to_add
from opportunities.models import Action, Opportunity, Status
from salescycles.models import SalesCycle
from salespeople.models import User
from tests.factories import CompanyFactory, PersonFactory, SalesCycleFactory
from tests.opportunities.pages import STAGES, signed_in

SOON = today() + timedelta(days=20)
in_dialog: Any = {"headers": {"HX-Target": DIALOG}}


@pytest.fixture
def cycle(db: None) -> SalesCycle:
    """Stage 2 may be passed over, stage 4 needs a quote."""
    made: SalesCycle = SalesCycleFactory(stages=STAGES)
    return made


def path(cycle: SalesCycle, position: int) -> str:
    """Return the address behind the plus of a column; 0 is not started."""
    if position == 0:
        return f"/opportunities/add/?cycle={cycle.pk}"
    return f"/opportunities/add/?stage={cycle.stages.get(position=position).pk}"


def typed(**changes: Any) -> dict[str, Any]:
    """Return what a person types for a contact that is there."""
    return {
        "description": "  A   new roof ",
        "contact": "Fjordlys AS",
        "estimated_value": "5,000",
        "estimated_close_on": SOON.isoformat(),
        **changes,
    }


@pytest.mark.parametrize(
    ("position", "actions"),
    [
        (0, [Action.CREATED]),
        (1, [Action.CREATED, Action.ACTIVATED]),
        (2, [Action.CREATED, Action.ACTIVATED, Action.NEXT]),
        (3, [Action.CREATED, Action.ACTIVATED, Action.SKIPPED]),
    ],
)
def test_it_is_created_at_the_stage_of_the_column_in_one_act(
    bob: User, cycle: SalesCycle, position: int, actions: list[Action]
) -> None:
    company = CompanyFactory(name="Fjordlys AS")

    response = signed_in(bob).post(path(cycle, position), typed(next="/pipeline/?q=a"))

    made = Opportunity.objects.get()
    assert (response.status_code, response["Location"]) == (302, "/pipeline/?q=a")
    assert (made.description, made.contact, made.salesperson) == (
        "A new roof", company, bob.salesperson,
    )  # fmt: skip
    assert (made.estimated_value, made.estimated_close_on) == (5000, SOON)
    assert made.status == (Status.IN_PROGRESS if position else Status.NOT_STARTED)
    assert [e.action for e in made.entries.order_by("sequence")] == actions
    assert made.entries.values("act").distinct().count() == 1


@pytest.mark.parametrize("where", [{}, in_dialog])
def test_a_gate_holds_with_its_sentence_and_nothing_is_kept(
    bob: User, cycle: SalesCycle, where: Any
) -> None:
    """D5: not even the contact that was created on the way."""
    client = signed_in(bob)
    data = typed(who="company")
    shown = client.get(path(cycle, 4), **where)
    refused = client.post(path(cycle, 4), data, **where)

    assert "“Stage 3” may not be skipped." in shown.content.decode()
    assert refused.status_code == 422
    assert refused.context["form"].non_field_errors() == ["“Stage 3” may not be skipped."]
    assert (Opportunity.objects.count(), Contact.objects.count()) == (0, 0)


def test_only_columns_in_which_something_may_begin_have_a_plus(
    bob: User, cycle: SalesCycle
) -> None:
    stages = list(cycle.stages.order_by("position"))

    assert stages_to_add(stages) == {stage.pk for stage in stages[:3]}
    assert stages_to_add([]) == set()


@pytest.mark.parametrize(
    ("who", "kind", "surname"), [("company", "company", ""), ("person", "person", "Hansen")]
)
def test_a_contact_is_created_of_a_name_alone(
    bob: User, cycle: SalesCycle, who: str, kind: str, surname: str
) -> None:
    """R205, R213."""
    signed_in(bob).post(path(cycle, 1), typed(contact="Kari  Hansen", who=who))

    made = Opportunity.objects.get().contact
    assert (made.name, made.kind, made.surname) == ("Kari Hansen", kind, surname)


@pytest.mark.parametrize("where", [{}, in_dialog])
def test_a_name_that_is_nobodys_is_asked_about_with_those_that_come_close(
    bob: User, cycle: SalesCycle, where: Any
) -> None:
    """The warning of a duplicate: whoever is called nearly so is offered first."""
    close = CompanyFactory(name="Fjordlys Vest AS")
    CompanyFactory(name="Bakeri Nord")

    response = signed_in(bob).post(path(cycle, 1), typed(contact="Fjordlis"), **where)

    form = response.context["form"]
    assert response.status_code == 422
    assert list(form.errors) == ["who"]
    assert [value for value, _label in form.fields["who"].choices] == [
        str(close.pk), "company", "person",
    ]  # fmt: skip
    assert Contact.objects.count() == 2
    assert 'value="  A   new roof "' in response.content.decode()


def test_one_that_comes_close_is_chosen(bob: User, cycle: SalesCycle) -> None:
    close = CompanyFactory(name="Fjordlys Vest AS")

    signed_in(bob).post(path(cycle, 1), typed(contact="Fjordlys", who=close.pk))

    assert Opportunity.objects.get().contact == close


def test_of_two_of_the_same_name_one_is_chosen_by_its_number(bob: User, cycle: SalesCycle) -> None:
    first, second = CompanyFactory(name="Twins"), CompanyFactory(name="Twins")
    client = signed_in(bob)
    asked = client.post(path(cycle, 1), typed(contact="twins"))
    client.post(path(cycle, 1), typed(contact=f"Twins ({second.number})"))

    offered = {value for value, _label in asked.context["form"].fields["who"].choices}
    assert asked.status_code == 422
    assert offered == {str(first.pk), str(second.pk), "company", "person"}
    assert Opportunity.objects.get().contact == second


def test_who_is_blocked_is_not_offered(bob: User, cycle: SalesCycle) -> None:
    company = CompanyFactory(name="Fjordlys AS", is_blocked=True)
    PersonFactory(surname="Fjordlys", company=company)

    form = signed_in(bob).post(path(cycle, 1), typed()).context["form"]

    assert [value for value, _label in form.fields["who"].choices] == ["company", "person"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"description": ""}, "description"),
        ({"contact": ""}, "contact"),
        ({"contact": "x\x00y"}, "contact"),
        ({"estimated_value": ""}, "estimated_value"),
        ({"estimated_value": "x"}, "estimated_value"),
        ({"estimated_close_on": ""}, "estimated_close_on"),
        ({"estimated_close_on": "2020-01-01"}, "estimated_close_on"),
        ({"contact": "Somebody", "who": "99999999"}, "who"),
        ({"contact": "Somebody", "who": "x"}, "who"),
    ],
)
@pytest.mark.parametrize("where", [{}, in_dialog])
def test_what_is_wrong_stands_beside_its_field(
    bob: User, cycle: SalesCycle, changes: dict[str, str], field: str, where: Any
) -> None:
    CompanyFactory(name="Fjordlys AS")

    response = signed_in(bob).post(path(cycle, 1), typed(**changes), **where)

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert Opportunity.objects.count() == 0


def test_who_does_not_sell_chooses_the_salesperson(
    bob: User, dora: User, cycle: SalesCycle
) -> None:
    CompanyFactory(name="Fjordlys AS")
    client = signed_in(dora)
    refused = client.post(path(cycle, 1), typed())
    client.post(path(cycle, 1), typed(salesperson=bob.salesperson.pk))

    assert list(refused.context["form"].errors) == ["salesperson"]
    assert Opportunity.objects.get().salesperson == bob.salesperson


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 400), ("?stage=x", 400), ("?stage=99999999", 404), ("?cycle=99999999", 404)],
)
def test_a_column_that_there_is_not(bob: User, cycle: SalesCycle, query: str, status: int) -> None:
    assert signed_in(bob).get(f"/opportunities/add/{query}").status_code == status


def test_nothing_begins_in_what_is_blocked(bob: User, cycle: SalesCycle) -> None:
    there = path(cycle, 1)
    cycle.stages.filter(position=1).update(is_blocked=True)
    blocked = signed_in(bob).get(there).status_code
    SalesCycle.objects.filter(pk=cycle.pk).update(is_blocked=True)

    assert (blocked, signed_in(bob).get(path(cycle, 2)).status_code) == (404, 404)
    assert signed_in(bob).get(path(cycle, 0)).status_code == 404
