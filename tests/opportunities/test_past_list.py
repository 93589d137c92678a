"""The list of a past day: the rows, the filters and the sums of that day, and nothing to change."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salespeople.models import TeamMembership, User
from tests.factories import CloseReasonFactory, SalespersonFactory, TeamFactory
from tests.opportunities.pages import at_stage, signed_in

LIST = "/opportunities/"
DAYS = 20


@pytest.fixture
def then() -> date:
    """The day that the tests look at."""
    return today() - timedelta(days=10)


@pytest.fixture
def row(bob: User) -> Opportunity:
    """Created 20 days ago for 1,000 at stage 1; today worth 5,000, at stage 2, and charged on."""
    day, late = today() - timedelta(days=DAYS), today() + timedelta(days=30)
    made = at_stage(bob, 1, on=day, description="Solar roof", estimated_close_on=late)
    stage = made.sales_cycle.stages.get(position=2)
    return lifecycle.move(made, stage, by=bob, estimated_value=Decimal(5000))


def shown(user: User, query: str) -> Any:
    """Return what the list shows."""
    response = signed_in(user).get(f"{LIST}?{query}")
    assert response.status_code == 200
    return response.context


def test_a_row_stands_there_as_it_was_on_that_day(bob: User, row: Opportunity, then: date) -> None:
    page = shown(bob, f"on={then}")

    assert [(r.opportunity, r.stage_name, r.estimated_value) for r in page["page"].rows] == [
        (row, "Stage 1", Decimal(1000))
    ]
    assert (page["sums"].count, page["sums"].value) == (1, Decimal(1000))


def test_the_page_says_loudly_that_it_is_the_past_and_has_nothing_to_change(
    bob: User, row: Opportunity, then: date
) -> None:
    body = signed_in(bob).get(f"{LIST}?on={then}").content.decode()
    main = body[body.index("<main") : body.index("</main>")]

    assert "As it stood on" in main
    assert "nothing can be changed here" in main
    assert 'method="post"' not in main
    assert f"{row.get_absolute_url()}" in main
    assert "edit=" not in main


def test_nothing_is_saved_in_the_past(bob: User, row: Opportunity, then: date) -> None:
    response = signed_in(bob).post(f"{LIST}?on={then}&edit={row.pk}", {"estimated_value": "1"})

    assert response.status_code == 405


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("status=open", 1),
        ("status=won", 0),
        ("value_to=1000", 1),
        ("value_from=1001", 0),
        ("q=solar", 1),
        ("q=wind", 0),
        ("overdue=1", 0),
        ("undated=1", 0),
        ("unstaged=1", 0),
        ("close_from=2001-01-01", 1),
        ("close_until=2001-01-01", 0),
        ("created_until=2001-01-01", 0),
        ("probability_to=100&completed_to=100", 1),
        ("probability_from=90", 0),
    ],
)
def test_the_filters_ask_the_state_of_that_day(
    bob: User, row: Opportunity, then: date, query: str, number: int
) -> None:
    assert shown(bob, f"on={then}&{query}")["sums"].count == number


def test_filters_by_a_row_ask_the_state_of_that_day(
    bob: User, row: Opportunity, then: date
) -> None:
    first, second = row.sales_cycle.stages.order_by("position")[:2]
    names = {
        f"cycle={row.sales_cycle_id}": 1,
        f"stage={first.pk}": 1,
        f"stage={second.pk}": 0,
        f"salesperson={bob.salesperson.pk}": 1,
        f"team={bob.salesperson.memberships.get().team_id}": 1,
        f"contact={row.contact_id}": 1,
        f"company={row.contact_id}": 1 if row.company_id else 0,
        f"number=O{row.pk}": 1,
        "number=O0": 0,
    }

    assert {name: shown(bob, f"on={then}&{name}")["sums"].count for name in names} == names


def test_a_team_is_asked_for_its_members_of_that_day(alice: User, then: date) -> None:
    """Anna was in the team South on that day, and is in no team today."""
    south, anna = TeamFactory(), SalespersonFactory()
    TeamMembership.objects.create(
        team=south, salesperson=anna, from_on=date(2020, 1, 1), until_on=today()
    )
    at_stage(alice, 1, salesperson=anna, on=then)

    counts = [shown(alice, f"{q}team={south.pk}")["sums"].count for q in (f"on={then}&", "")]

    assert counts == [1, 0]


def test_known_then_shows_what_was_known_that_evening(
    bob: User, row: Opportunity, then: date
) -> None:
    """What was dated back to that day has been written down today."""
    page = shown(bob, f"on={then}&known=then")

    assert page["sums"].count == 0
    assert page["clock"].is_before_history is False


def test_a_deleted_one_is_there_before_it_was_deleted(bob: User, then: date) -> None:
    made = at_stage(bob, 0, on=then)
    lifecycle.delete(made, by=bob)

    assert shown(bob, f"on={then}")["sums"].count == 1
    assert shown(bob, f"on={today()}")["sums"].count == 0


def test_a_row_of_that_day_whose_page_may_not_be_opened_has_no_link(
    bob: User, charlie: User, alice: User, row: Opportunity, then: date
) -> None:
    lifecycle.reassign(row, by=alice, salesperson=charlie.salesperson)

    response = signed_in(bob).get(f"{LIST}?on={then}")

    assert response.context["sums"].count == 1
    assert row.get_absolute_url() not in response.content.decode()
    assert shown(charlie, f"on={then}")["sums"].count == 0


@pytest.mark.parametrize("group", ["stage", "salesperson", "month"])
def test_groups_lead_to_exactly_their_rows_of_that_day(
    bob: User, row: Opportunity, then: date, group: str
) -> None:
    at_stage(bob, 0, on=then)
    lifecycle.lose(at_stage(bob, 2, on=then), by=bob, reason=CloseReasonFactory(kind="lost"))
    page = shown(bob, f"on={then}&group={group}")

    heads = list(page["heads"].values())
    for head in heads:
        found = shown(bob, head.url.removeprefix("?"))["sums"]
        assert (found.count, found.value) == (head.sums.count, head.sums.value), head.title
    assert sum(head.sums.count for head in heads) == page["sums"].count == 3


@pytest.mark.parametrize(
    "query",
    ["on=2099-01-01", "on=yesterday", "on=", "known=then", "on=2020-01-01&known=soon",
     "on=2020-01-01&next_task=late", "on=2020-01-01&tag=1", "on=2020-01-01&deleted=1"],
)  # fmt: skip
def test_wrong_parameters_are_refused_with_a_sentence(bob: User, query: str) -> None:
    response = signed_in(bob).get(f"{LIST}?{query}")

    assert response.status_code == (302 if query == "on=" else 400)


def test_before_the_history_it_says_so(bob: User, row: Opportunity) -> None:
    body = signed_in(bob).get(f"{LIST}?on=2001-01-01").content.decode()

    assert "There was nothing yet" in body


def test_the_file_holds_the_rows_of_that_day(bob: User, row: Opportunity, then: date) -> None:
    address = f"/export/past/?on={then}&columns=description,stage,created"
    lines = signed_in(bob).get(address).getvalue().decode("utf-8-sig").splitlines()

    assert len(lines) == 2
    assert "Solar roof" in lines[1]
    assert "Stage 1" in lines[1]


def test_signed_out_one_is_led_to_the_sign_in(db: None, then: date) -> None:
    assert Client().get(f"{LIST}?on={then}").status_code == 302
