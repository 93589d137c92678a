"""The list: filters (R167), sorting, paging, sums, and what belongs to managers."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.dates import today
from opportunities import lifecycle
from opportunities.columns import COLUMNS
from opportunities.models import Opportunity
from salespeople.models import Team, User
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    PersonFactory,
    SalesCycleFactory,
    make_opportunity,
)
from tests.opportunities.pages import at_stage, deleted, signed_in, stage_of, won


def listed(user: User, query: str = "") -> list[Opportunity]:
    """Return the rows that the list shows for the address."""
    response = signed_in(user).get(f"/opportunities/{query}", follow=True)
    assert response.status_code == 200, response.content.decode()[:2000]
    return list(response.context["page"].rows)


def in_days(days: int) -> date:
    """Return the day so many days from today."""
    return today() + timedelta(days=days)


# Each filter: how the row is made that matches, and the parameters that find it and not another.
type Make = Callable[[User], Opportunity]
FILTERS: dict[str, tuple[Make, Callable[[Opportunity], str]]] = {
    "text": (lambda by: at_stage(by, 1, description="Ærfuglvegen 5"), lambda o: "q=ÆRFUGL"),
    "text of the company": (
        lambda by: at_stage(by, 1, contact=CompanyFactory(name="Øst AS")),
        lambda o: "q=øst",
    ),
    "number": (lambda by: at_stage(by, 1), lambda o: f"number={o.number}"),
    "name": (
        lambda by: at_stage(by, 1, contact=PersonFactory(name="Kari Ås")),
        lambda o: "name=ås",
    ),
    "contact": (lambda by: at_stage(by, 1), lambda o: f"contact={o.contact_id}"),
    "company": (lambda by: at_stage(by, 1), lambda o: f"company={o.company_id}"),
    "open": (lambda by: at_stage(by, 1), lambda o: f"status=open&number={o.number}"),
    "won": (won, lambda o: "status=won"),
    "closed": (won, lambda o: "status=closed"),
    "cycle": (lambda by: at_stage(by, 1), lambda o: f"cycle={o.sales_cycle_id}"),
    "stage": (lambda by: at_stage(by, 2), lambda o: f"stage={o.stage_id}"),
    "priority": (lambda by: at_stage(by, 1, priority=3), lambda o: "priority=3"),
    "value": (
        lambda by: at_stage(by, 1, estimated_value=Decimal(5000)),
        lambda o: "value_from=5000&value_to=5000",
    ),
    "close date": (
        lambda by: at_stage(by, 1, estimated_close_on=in_days(70)),
        lambda o: f"close_from={in_days(70)}&close_until={in_days(70)}",
    ),
    "created": (
        lambda by: at_stage(by, 0, on=in_days(-40)),
        lambda o: f"created_from={in_days(-40)}&created_until={in_days(-40)}",
    ),
    "completed": (lambda by: at_stage(by, 3), lambda o: "completed_from=50&completed_to=50"),
    "probability": (lambda by: at_stage(by, 3), lambda o: "probability_from=30&probability_to=30"),
    "overdue": (
        lambda by: at_stage(by, 1, on=in_days(-9), estimated_close_on=in_days(-1)),
        lambda o: "overdue=1",
    ),
    "quiet": (
        lambda by: at_stage(by, 1, on=in_days(-15), estimated_close_on=in_days(5)),
        lambda o: "quiet=15",
    ),
}


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_finds_its_row_and_no_other(bob: User, name: str) -> None:
    make, parameters = FILTERS[name]
    make_opportunity(bob, stage=1, estimated_close_on=in_days(30))
    wanted = make(bob)

    assert [row.pk for row in listed(bob, f"?{parameters(wanted)}")] == [wanted.pk]


def test_one_sees_what_one_may_see(alice: User, bob: User, charlie: User, dora: User) -> None:
    mine, theirs = at_stage(bob, 1), at_stage(charlie, 1)

    assert [row.pk for row in listed(bob)] == [mine.pk]
    assert {row.pk for row in listed(alice)} == {mine.pk, theirs.pk}
    assert {row.pk for row in listed(dora)} == {mine.pk, theirs.pk}


def test_a_team_counts_with_the_teams_below_it(alice: User, bob: User, charlie: User) -> None:
    north, south = Team.objects.get(code="NORTH"), Team.objects.get(code="SOUTH")
    Team.objects.filter(pk=south.pk).update(parent=north)
    rows = {at_stage(bob, 1).pk, at_stage(charlie, 1).pk}
    at_stage(alice, 1)

    assert {row.pk for row in listed(alice, f"?team={north.pk}")} == rows


def test_another_teams_salesperson_is_no_choice(bob: User, charlie: User) -> None:
    pk = charlie.salesperson.pk

    assert signed_in(bob).get(f"/opportunities/?salesperson={pk}").status_code == 400


@pytest.mark.parametrize(
    "query",
    [
        "?x=1", "?status=maybe", "?value_from=a", "?value_from=NaN", "?value_from=-1",
        "?value_from=5&value_to=4", "?close_from=2026-13-01", "?stage=9999999", "?cycle=x",
        "?sort=password", "?cursor=%FF", "?cursor=e30", "?q=a&q=b", "?priority=7",
        "?overdue=maybe", "?quiet=-1", "?quiet=99999999999", "?deleted=2", "?q=" + "x" * 201,
        "?q=%00", "?probability_from=101", "?salesperson=0", "?team=-1",
        "?number=" + "9" * 21, "?company=" + "9" * 30,
    ],
)  # fmt: skip
def test_what_the_list_cannot_read_is_refused_with_a_sentence(bob: User, query: str) -> None:
    response = signed_in(bob).get(f"/opportunities/{query}")

    assert response.status_code == 400
    assert len(response.content) > 500


def test_empty_parameters_are_left_out_of_the_address(bob: User) -> None:
    response = signed_in(bob).get("/opportunities/?q=&status=won&cycle=")

    assert response["Location"] == "/opportunities/?status=won"


@pytest.mark.parametrize("sort", [f"{sign}{name}" for name in COLUMNS.sorts for sign in ("", "-")])
def test_every_column_pages_through_all_rows_once(
    bob: User, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """120 rows in pages of 50, forward and back."""
    cycle = SalesCycleFactory()
    contacts = [CompanyFactory() for _n in range(3)]
    wishes = [
        lifecycle.NewOpportunity(
            description=f"Roof {n % 7}",
            contact=contacts[n % 3],
            salesperson=bob.salesperson,
            sales_cycle=cycle,
            activate=n % 3 == 0,
            estimated_value=Decimal(n % 5 + 1),
            estimated_close_on=in_days(n % 4) if n % 4 or n % 3 == 0 else None,
        )
        for n in range(120)
    ]
    everything = {row.pk for row in lifecycle.create_many(wishes, by=bob)}
    client = signed_in(bob)
    pages, cursor = [], ""
    while cursor is not None:
        page = client.get("/opportunities/", {"sort": sort, "cursor": cursor}, follow=True)
        found = page.context["page"]
        pages.append([row.pk for row in found.rows])
        cursor = found.next_cursor
    back = client.get("/opportunities/", {"sort": sort, "cursor": found.previous_cursor})

    flat = [pk for rows in pages for pk in rows]
    assert [len(rows) for rows in pages] == [50, 50, 20]
    assert (len(flat), set(flat)) == (120, everything)
    assert [row.pk for row in back.context["page"].rows] == pages[1]


def test_the_sums_are_over_all_that_match(bob: User) -> None:
    """Three of 1,000 at stage 2 (30 % × 40 %): 3,000 and 360; the won one is filtered out."""
    for _n in range(3):
        at_stage(bob, 2)
    won(bob)

    sums = signed_in(bob).get("/opportunities/?status=open").context["sums"]

    assert (sums.count, sums.value, sums.calculated) == (3, 3000, 360)


def test_deleted_ones_are_listed_for_managers_only(alice: User, bob: User) -> None:
    gone = deleted(bob)
    at_stage(bob, 1)

    assert signed_in(bob).get("/opportunities/?deleted=1").status_code == 403
    assert [row.pk for row in listed(alice, "?deleted=1")] == [gone.pk]
    assert gone.pk not in [row.pk for row in listed(alice)]


def test_the_title_is_number_and_name_of_the_filter(bob: User) -> None:
    """R35."""
    opportunity = at_stage(bob, 1, contact=CompanyFactory(name="Øst AS"))

    response = signed_in(bob).get(f"/opportunities/?company={opportunity.company_id}")

    assert response.context["heading"] == f"{opportunity.contact.number} Øst AS"


def test_none_and_nothing_matching_are_told_apart(bob: User) -> None:
    client = signed_in(bob)
    nothing = client.get("/opportunities/").content.decode()
    at_stage(bob, 1)
    no_match = client.get("/opportunities/?q=qqqq").content.decode()

    assert "No opportunities yet" in nothing
    assert "Nothing matches the filter" in no_match


def test_text_is_ordered_as_norwegians_expect(bob: User) -> None:
    """Æ, ø and å stand last, in that order; aa is å; accents and capitals do not count."""
    names = ["Zebra", "Åse", "Øre", "Ære", "aas", "École", "eble", "Ask"]
    for name in names:
        at_stage(bob, 0, description=name)

    rows = listed(bob, "?sort=description")

    assert [row.description for row in rows] == [
        "Ask", "eble", "École", "Zebra", "Ære", "Øre", "aas", "Åse",
    ]  # fmt: skip


def test_queries_do_not_grow_with_the_rows(bob: User) -> None:
    client = signed_in(bob)
    counts = []
    for rows in (1, 29):
        for _n in range(rows):
            at_stage(bob, 1, sales_cycle=SalesCycleFactory())
        with CaptureQueriesContext(connection) as queries:
            client.get("/opportunities/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_more_filters_are_shown_when_asked_for_in_use_or_refused(bob: User) -> None:
    client = signed_in(bob)
    field = 'name="value_from"'

    shown = [
        field in client.get(f"/opportunities/{query}").content.decode()
        for query in ("", "?q=a", "?more=1", "?value_from=5", "?value_from=x")
    ]

    assert shown == [False, False, True, True, True]


def test_a_lost_one_keeps_its_stage_but_is_not_at_it(bob: User) -> None:
    """D1."""
    opportunity = at_stage(bob, 2)
    lifecycle.lose(opportunity, by=bob, reason=CloseReasonFactory(kind="lost"))
    stage = stage_of(opportunity, 2)

    both: dict[str, Any] = {
        query: [row.pk for row in listed(bob, query)]
        for query in (f"?stage={stage.pk}", f"?stage={stage.pk}&status=in_progress")
    }

    assert list(both.values()) == [[opportunity.pk], []]


@pytest.mark.parametrize("query", ["segment=nowhere", "run=nothing", "visited=x", "new_to=x"])
def test_a_row_that_nobody_can_name_is_refused(bob: User, query: str) -> None:
    """Also where it is chosen by its id alone, and has no name to be found by."""
    assert signed_in(bob).get(f"/opportunities/?{query}").status_code == 400
