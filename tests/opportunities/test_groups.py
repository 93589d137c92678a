"""The list in groups: heads with sums that lead to exactly their rows, over any number of pages."""

import html
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from lists.paging import page_of
from opportunities import lifecycle
from opportunities.groups import GROUPS
from opportunities.models import Opportunity
from salespeople.models import User
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    SalesCycleFactory,
    SalespersonFactory,
    TeamMembershipFactory,
)
from tests.opportunities.pages import at_stage, signed_in

LIST = "/opportunities/"


@pytest.fixture
def rows(bob: User) -> list[Opportunity]:
    """Opportunities of two cycles, three salespeople of the same name, and four months."""
    cycles = [SalesCycleFactory(), SalesCycleFactory()]
    team = bob.salesperson.memberships.get().team
    people: list[Any] = [bob.salesperson, *(SalespersonFactory(name="Bob") for _n in range(2))]
    for person in people[1:]:
        TeamMembershipFactory(team=team, salesperson=person)
    wishes = [
        lifecycle.NewOpportunity(
            description=f"Roof {n}",
            contact=CompanyFactory(),
            salesperson=people[n % 3],
            sales_cycle=cycles[n % 2],
            activate=n % 4 > 1,
            estimated_value=Decimal(n + 1),
            estimated_close_on=date(2031, 1 + n % 4, 3 + n % 20) if n % 4 else None,
        )
        for n in range(24)
    ]
    made = lifecycle.create_many(wishes, by=bob)
    lifecycle.lose(made[2], by=bob, reason=CloseReasonFactory(kind="lost"))
    lifecycle.lose(made[0], by=bob, reason=CloseReasonFactory(kind="lost"))
    return made


@pytest.mark.parametrize("query", ["", "status=open", "close_from=2031-02-05", "q=roof"])
@pytest.mark.parametrize("group", GROUPS)
def test_each_head_leads_to_exactly_its_rows(
    bob: User, rows: list[Opportunity], group: str, query: str
) -> None:
    client = signed_in(bob)
    page = client.get(f"{LIST}?group={group}&{query}", follow=True).context
    by_head: dict[Any, list[int]] = {}
    head = None
    for row in page["page"].rows:
        head = page["heads"].get(row.pk, head)
        by_head.setdefault(head, []).append(row.pk)

    for head, expected in by_head.items():
        found = client.get(f"{LIST}{head.url}").context
        assert {row.pk for row in found["page"].rows} == set(expected), head.title
        assert found["sums"].count == head.sums.count == len(expected)
        assert (found["sums"].value, found["sums"].calculated) == (
            head.sums.value, head.sums.calculated,
        )  # fmt: skip
    assert sum(head.sums.count for head in by_head) == page["sums"].count
    assert sum(head.sums.value for head in by_head) == page["sums"].value


@pytest.mark.parametrize("sort", ["value", "-value", "close", "-description"])
@pytest.mark.parametrize("group", GROUPS)
def test_groups_stay_together_over_pages_forward_and_back(
    bob: User, rows: list[Opportunity], group: str, sort: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """24 rows in pages of 5: no row twice, none missing, each group in one piece."""
    defaults = (page_of.__kwdefaults__ or {}) | {"size": 5}
    monkeypatch.setattr(page_of, "__kwdefaults__", defaults)
    client = signed_in(bob)
    seen: list[Opportunity] = []
    pages: list[list[int]] = []
    cursor = ""
    while cursor is not None:
        page = page_at(client, group, sort, cursor)
        seen += page.rows
        pages.append([row.pk for row in page.rows])
        cursor = page.next_cursor
    back = page_at(client, group, sort, page.previous_cursor)
    keys = [GROUPS[group].key(row) for row in seen]

    assert [len(pks) for pks in pages] == [5, 5, 5, 5, 4]
    assert {row.pk for row in seen} == {row.pk for row in rows}
    assert len(list(dict.fromkeys(keys))) == sum(
        1 for n, key in enumerate(keys) if n == 0 or keys[n - 1] != key
    )
    assert [row.pk for row in back.rows] == pages[-2]


def page_at(client: Any, group: str, sort: str, cursor: str) -> Any:
    """Return a page of the list."""
    query = {"group": group, "sort": sort, "cursor": cursor}
    response = client.get(LIST, query, follow=True)
    assert response.status_code == 200
    return response.context["page"]


def test_a_head_is_named_as_one_speaks_of_it(bob: User, rows: list[Opportunity]) -> None:
    client = signed_in(bob)
    titles = {
        group: [h.title for h in client.get(f"{LIST}?group={group}").context["heads"].values()]
        for group in GROUPS
    }
    cycles = [rows[0].sales_cycle.name, rows[1].sales_cycle.name]

    assert titles["salesperson"] == ["Bob", "Bob", "Bob"]
    assert titles["stage"] == [f"{cycles[0]}: Stage 1", f"{cycles[1]}: Stage 1", "Without a stage"]
    assert titles["month"][-1] == "Without a close date"


def test_the_heads_stand_in_the_table_as_links(bob: User, rows: list[Opportunity]) -> None:
    page = signed_in(bob).get(f"{LIST}?group=salesperson&status=open")

    text = html.unescape(page.content.decode())
    assert text.count('class="group-row"') == 3
    assert f'href="?status=open&salesperson={bob.salesperson.pk}"' in text


def test_beyond_the_cap_heads_have_no_sums(
    bob: User, rows: list[Opportunity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lists.sums.MOST_COUNTED", 5)

    heads = signed_in(bob).get(f"{LIST}?group=stage&q=Roof").context["heads"]

    assert {head.sums for head in heads.values()} == {None}


def test_beyond_the_cap_heads_have_the_totals_that_are_kept(
    bob: User, rows: list[Opportunity], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the filters let totals be kept, there are never too many rows (ADR 0032)."""
    monkeypatch.setattr("lists.sums.MOST_COUNTED", 5)
    browser = signed_in(bob)

    kept = browser.get(f"{LIST}?group=stage&status=open").context
    monkeypatch.undo()
    counted = browser.get(f"{LIST}?group=stage&status=open&q=Roof").context

    assert kept["sums"].values == counted["sums"].values
    assert kept["sums"].count == counted["sums"].count > 5
    assert [(head.title, head.sums.count, head.cells) for head in kept["heads"].values()] == [
        (head.title, head.sums.count, head.cells) for head in counted["heads"].values()
    ]


@pytest.mark.parametrize("query", ["?group=colour", "?group=stage&cursor=WyJuIiwxLDJd"])
def test_an_unknown_group_or_a_cursor_of_another_order_is_refused(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"{LIST}{query}").status_code == 400


def test_a_period_moves_with_the_calendar_and_mine_with_the_person(
    alice: User, bob: User, time_machine: Any
) -> None:
    time_machine.move_to("2031-11-20 12:00")
    this = at_stage(bob, 1, estimated_close_on=date(2031, 11, 30))
    following = at_stage(bob, 1, estimated_close_on=date(2032, 1, 31))
    at_stage(alice, 1, estimated_close_on=date(2031, 12, 31))
    client = signed_in(alice)
    found = {
        name: {row.pk for row in client.get(f"{LIST}?closes={name}").context["page"].rows}
        for name in ("this_month", "next_quarter")
    }

    assert found == {"this_month": {this.pk}, "next_quarter": {following.pk}}
    assert signed_in(bob).get(f"{LIST}?mine=1").context["sums"].count == 2
    assert client.get(f"{LIST}?mine=1").context["sums"].count == 1
