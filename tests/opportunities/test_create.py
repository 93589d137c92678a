"""The form that creates an opportunity, prefilled and checked (R22, R25, R37, R39, D25)."""

from datetime import date, timedelta
from typing import Any

import pytest

from crm.dates import today
from opportunities.models import Opportunity, Status
from salespeople.models import User
from tests.factories import (
    CompanyFactory,
    PersonFactory,
    SalesCycleFactory,
    SalespersonFactory,
    TeamMembershipFactory,
)
from tests.opportunities.pages import signed_in

SOON = today() + timedelta(days=20)


def typed(bob: User, **changes: Any) -> dict[str, Any]:
    """Return what a person types for a new opportunity that is started at once."""
    return {
        "description": "  A   new roof ",
        "contact": CompanyFactory().pk,
        "salesperson": bob.salesperson.pk,
        "sales_cycle": SalesCycleFactory().pk,
        "priority": 2,
        "estimated_value": "1,000",
        "estimated_close_on": SOON.isoformat(),
        "activate": "on",
        **changes,
    }


def test_it_is_created_and_started(bob: User) -> None:
    """The first stage of the factory's cycle has chances of 20 %."""
    response = signed_in(bob).post("/opportunities/create/", typed(bob))

    made = Opportunity.objects.get()
    assert response["Location"] == made.get_absolute_url()
    assert (made.description, made.status, made.stage.position) == (
        "A new roof",
        Status.IN_PROGRESS,
        1,
    )
    assert (made.chances_of_success, made.estimated_value, made.estimated_close_on) == (
        20,
        1000,
        SOON,
    )


def test_estimates_are_kept_without_a_start(bob: User) -> None:
    """D25."""
    signed_in(bob).post("/opportunities/create/", typed(bob, activate=""))

    made = Opportunity.objects.get()
    assert (made.status, made.estimated_value, made.estimated_close_on) == (
        Status.NOT_STARTED,
        1000,
        SOON,
    )


@pytest.mark.parametrize("name", ["description", "contact", "salesperson", "sales_cycle"])
def test_four_things_are_always_required(bob: User, name: str) -> None:
    """D8."""
    response = signed_in(bob).post("/opportunities/create/", typed(bob, **{name: ""}))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [name]
    assert Opportunity.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("estimated_value", ""),
        ("estimated_value", "0"),
        ("estimated_close_on", ""),
        ("chances_of_success", "101"),
        ("estimated_close_on", "2026-02-30"),
        ("description", "x" * 101),
        ("description", "a\x00b"),
        ("priority", "9"),
        ("sales_cycle", "999999999"),
        ("contact", "nobody at all"),
        ("salesperson", "999999999"),
        ("on", (today() + timedelta(days=1)).isoformat()),
        ("note", "x" * 5001),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(bob: User, name: str, value: str) -> None:
    """R39: a start needs value and close date; the rest is hostile or mistyped."""
    response = signed_in(bob).post("/opportunities/create/", typed(bob, **{name: value}))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [name]
    assert Opportunity.objects.count() == 0


def initial(user: User, query: str = "") -> dict[str, Any]:
    """Return what the form proposes."""
    found: dict[str, Any] = (
        signed_in(user).get(f"/opportunities/create/{query}").context["form"].initial
    )
    return found


def test_the_default_cycle_and_oneself_are_proposed(bob: User) -> None:
    """R22, R25."""
    SalesCycleFactory()
    default = SalesCycleFactory(is_default=True)

    assert initial(bob) == {
        "sales_cycle": default.pk,
        "contact": None,
        "salesperson": bob.salesperson.pk,
        "campaign": None,
        "segment": None,
    }


def test_a_contact_brings_its_salesperson(alice: User, bob: User) -> None:
    """R37: a person without one brings that of the company."""
    company = CompanyFactory(salesperson=bob.salesperson)
    person = PersonFactory(company=company)

    for contact in (company, person):
        found = initial(alice, f"?contact={contact.pk}")
        assert (found["contact"], found["salesperson"]) == (contact.pk, bob.salesperson.pk)


def test_a_contact_of_another_team_brings_oneself(bob: User, charlie: User) -> None:
    contact = CompanyFactory(salesperson=charlie.salesperson)

    assert initial(bob, f"?contact={contact.pk}")["salesperson"] == bob.salesperson.pk


def test_a_named_salesperson_counts_more_than_that_of_the_contact(alice: User, bob: User) -> None:
    """R37: each step overwrites the earlier one."""
    contact = CompanyFactory(salesperson=alice.salesperson)

    found = initial(alice, f"?contact={contact.pk}&salesperson={bob.salesperson.pk}")

    assert found["salesperson"] == bob.salesperson.pk


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?contact=999999999", 404),
        ("?contact=x", 400),
        ("?contact=1&contact=2", 400),
        ("?salesperson=999999999", 404),
        ("?value=5", 400),
        ("?utm_source=mail", 200),
        (f"?contact={'9' * 300}", 400),
    ],
)
def test_what_the_address_may_not_say(bob: User, query: str, status: int) -> None:
    SalesCycleFactory()

    assert signed_in(bob).get(f"/opportunities/create/{query}").status_code == status


def test_giving_it_to_another_team_is_for_managers(alice: User, bob: User, charlie: User) -> None:
    theirs = typed(bob, salesperson=charlie.salesperson.pk)

    refused = signed_in(bob).post("/opportunities/create/", theirs)
    done = signed_in(alice).post("/opportunities/create/", theirs)

    assert (refused.status_code, done.status_code) == (422, 302)


def test_a_team_mate_may_be_chosen(bob: User) -> None:
    mate = SalespersonFactory()
    team = bob.salesperson.memberships.get().team
    TeamMembershipFactory(team=team, salesperson=mate, from_on=date(2020, 1, 1))

    response = signed_in(bob).post("/opportunities/create/", typed(bob, salesperson=mate.pk))

    assert response.status_code == 302
    assert Opportunity.objects.get().salesperson == mate


def test_among_many_contacts_one_is_typed_by_name_or_number(bob: User) -> None:
    """More than 50 are a type-ahead (house.md 6)."""
    for _n in range(51):
        CompanyFactory()
    wanted = CompanyFactory(name="Ærlig & Sønn AS")
    client = signed_in(bob)

    for text in ("ærlig", f"Ærlig & Sønn AS ({wanted.number})"):
        client.post("/opportunities/create/", typed(bob, contact=text))
    unclear = client.post("/opportunities/create/", typed(bob, contact="Company"))

    assert [o.contact for o in Opportunity.objects.all()] == [wanted, wanted]
    assert unclear.status_code == 422
    assert "fits several" in unclear.context["form"].errors["contact"][0]


def test_names_are_suggested_without_blocked_ones(bob: User) -> None:
    wanted = CompanyFactory(name="Ærlig & Sønn AS")
    CompanyFactory(name="Ærlig Blokkert AS", is_blocked=True)
    client = signed_in(bob)

    found = client.get("/contacts/suggest/", {"q": "ærl"}).json()

    assert found == {"names": [f"Ærlig & Sønn AS ({wanted.number})"]}
    assert client.get("/contacts/suggest/", {"x": "1"}).status_code == 400


def test_without_a_cycle_the_page_says_what_to_do(bob: User) -> None:
    page = signed_in(bob).get("/opportunities/create/").content.decode()

    assert "There is no sales cycle yet" in page
