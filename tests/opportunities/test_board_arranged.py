"""The board grouped and sorted: columns, cards in order, more of them, and what is remembered."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.dates import month_of, today
from opportunities import lifecycle
from opportunities.board import GROUPINGS, ORDERS, Arrangement, Board, Card, Column, Ground
from opportunities.board.groupings import month_after, month_key, same_day_in
from opportunities.models import Opportunity
from opportunities.populations import Narrowed
from salescycles.models import SalesCycle
from salespeople.models import Salesperson, User
from tests.factories import CompanyFactory, SalesCycleFactory, SalespersonFactory, make_task
from tests.opportunities.pages import STAGES, at_stage, signed_in

THIS_MONTH = today().replace(day=1)


@pytest.fixture
def cycle(db: None) -> SalesCycle:
    """The default cycle."""
    made: SalesCycle = SalesCycleFactory(stages=STAGES, is_default=True)
    return made


def board(user: User, query: str = "") -> Board:
    """Return the board that the address shows."""
    found: Board = signed_in(user).get(f"/pipeline/{query}").context["board"]
    return found


def keys(found: Board) -> list[tuple[str, int]]:
    """Return the columns: key and count."""
    return [(column.place.key, column.sums.count) for column in found.columns]


def titles(found: Board, column: int) -> list[str]:
    """Return what the cards of a column are called."""
    return [card.opportunity.description for card in found.columns[column].cards]


def undated(by: User, cycle: SalesCycle) -> Opportunity:
    """Return one that is not started and has no close date."""
    return lifecycle.create(
        by=by,
        description="Some day",
        contact=CompanyFactory(),
        salesperson=by.salesperson,
        sales_cycle=cycle,
    )


def test_months_run_from_past_due_over_six_at_least_to_those_without_a_date(
    bob: User, cycle: SalesCycle
) -> None:
    ago = today() - timedelta(days=40)
    at_stage(bob, 1, sales_cycle=cycle, on=ago, estimated_close_on=today() - timedelta(days=1))
    at_stage(bob, 1, sales_cycle=cycle, estimated_close_on=month_of(today())[1])
    at_stage(bob, 1, sales_cycle=cycle, estimated_close_on=month_after(today(), 7))
    at_stage(bob, 1, sales_cycle=cycle, estimated_close_on=month_after(today(), 30))
    undated(bob, cycle)

    months = [month_key(month_after(today(), n)) for n in range(8)]
    counts = [1, 0, 0, 0, 0, 0, 0, 1]
    assert keys(board(bob, "?group=month")) == [
        ("past", 1), *zip(months, counts, strict=True), ("later", 1), ("undated", 1)
    ]  # fmt: skip


def test_an_empty_board_of_months_has_six_of_them(bob: User, cycle: SalesCycle) -> None:
    months = [month_key(month_after(today(), n)) for n in range(6)]

    assert keys(board(bob, "?group=month")) == [(month, 0) for month in months]


def test_months_outside_the_period_that_is_asked_for_are_not_shown(
    bob: User, cycle: SalesCycle
) -> None:
    at_stage(bob, 1, sales_cycle=cycle, estimated_close_on=month_after(today(), 1))
    first, last = month_after(today(), 1), month_of(month_after(today(), 2))[1]

    found = board(bob, f"?group=month&close_from={first}&close_until={last}")

    assert keys(found) == [(month_key(first), 1), (month_key(last), 0)]


@pytest.mark.parametrize(
    ("month", "day", "expected"),
    [
        (date(2099, 2, 1), date(2026, 1, 31), date(2099, 2, 28)),
        (date(2096, 2, 1), date(2026, 1, 31), date(2096, 2, 29)),
        (date(2099, 4, 1), date(2026, 1, 15), date(2099, 4, 15)),
        (date(2099, 4, 1), None, date(2099, 4, 30)),
        (THIS_MONTH, date(2020, 1, 1), today()),
    ],
)
def test_a_date_is_moved_to_the_same_day_of_another_month(
    month: date, day: date | None, expected: date
) -> None:
    assert same_day_in(month, day) == expected


def test_salespeople_are_columns_by_name_with_those_who_have_nothing(
    alice: User, bob: User, cycle: SalesCycle
) -> None:
    Salesperson.objects.filter(user=bob).update(name="Ba")
    Salesperson.objects.filter(user=alice).update(name="Bb")
    idle, gone = SalespersonFactory(name="Cc"), SalespersonFactory(name="Dd", is_blocked=True)
    at_stage(bob, 1, sales_cycle=cycle)

    found = board(alice, "?group=salesperson")

    own = [(str(user.salesperson.pk), count) for user, count in ((bob, 1), (alice, 0))]
    assert keys(found) == [*own, (str(idle.pk), 0)]
    assert str(gone.pk) not in dict(keys(found))


def test_who_sees_only_own_has_one_column(bob: User, charlie: User, cycle: SalesCycle) -> None:
    at_stage(bob, 1, sales_cycle=cycle)
    at_stage(charlie, 1, sales_cycle=cycle)
    Salesperson.objects.filter(user=bob).update(sees="own")

    found = board(bob, "?group=salesperson")

    assert keys(found) == [(str(bob.salesperson.pk), 1)]
    assert found.total.count == 1


def test_too_many_salespeople_are_cut_and_counted_all_the_same(
    alice: User, cycle: SalesCycle
) -> None:
    """Only those with rows, at most 24; the total covers everybody."""
    company = CompanyFactory()
    people = [SalespersonFactory(name=f"Seller {n:02}") for n in range(26)]
    wishes = [
        lifecycle.NewOpportunity(
            description="Roof", contact=company, salesperson=one, sales_cycle=cycle
        )
        for one in people
    ]
    lifecycle.create_many(wishes, by=alice)

    found = board(alice, "?group=salesperson")

    assert [key for key, _count in keys(found)] == [str(one.pk) for one in people[:24]]
    assert (found.unseen, found.total.count) == (2, 26)


def test_a_card_is_given_to_somebody_else_by_its_own_form(
    alice: User, bob: User, charlie: User, cycle: SalesCycle
) -> None:
    """The drop is the form of reassigning; the column of a blocked salesperson says why not."""
    opportunity = at_stage(bob, 1, sales_cycle=cycle)
    left = at_stage(alice, 1, sales_cycle=cycle).salesperson
    Salesperson.objects.filter(pk=left.pk).update(is_blocked=True)
    others = str(charlie.salesperson.pk)

    cards = {
        card.opportunity.pk: card.moves
        for column in board(alice, "?group=salesperson").columns
        for card in column.cards
    }

    moves = cards[opportunity.pk]
    assert (moves.verb, moves.name) == ("reassign", "salesperson")
    assert {option.key: option.refusal for option in moves.options} == {
        others: "",
        str(left.pk): f"“{left.name}” is blocked for anything new.",
    }
    wish = {"seen": opportunity.sequence, "salesperson": others, "next": "/pipeline/"}
    signed_in(alice).post(f"/opportunities/{opportunity.pk}/reassign/", wish)
    opportunity.refresh_from_db()
    assert (opportunity.salesperson, opportunity.sequence) == (charlie.salesperson, 3)
    assert opportunity.contact == opportunity.entries.get(sequence=1).contact


def test_a_card_is_dated_anew_by_its_own_form(bob: User, cycle: SalesCycle) -> None:
    """The drop sends the date alone: value and chances stay; the receipt carries Undo."""
    day = month_of(month_after(today(), 1))[1]
    opportunity = at_stage(bob, 1, sales_cycle=cycle, estimated_close_on=day)
    moves = board(bob, "?group=month").columns[1].cards[0].moves
    wanted = moves.options[1]
    client = signed_in(bob)

    answer = client.post(
        f"/opportunities/{opportunity.pk}/{moves.verb}/",
        {"seen": opportunity.sequence, moves.name: wanted.value, "next": "/pipeline/?group=month"},
        follow=True,
    )

    opportunity.refresh_from_db()
    assert opportunity.estimated_close_on == same_day_in(month_after(today(), 2), day)
    assert (opportunity.estimated_value, opportunity.sequence) == (1000, 3)
    assert "Undo" in answer.content.decode()
    assert answer.redirect_chain == [("/pipeline/?group=month", 302)]


def test_cards_are_sorted_in_each_way(bob: User, cycle: SalesCycle) -> None:
    soon, later = today() + timedelta(days=3), today() + timedelta(days=9)
    ago = today() - timedelta(days=30)
    same: dict[str, Any] = {"by": bob, "stage": 1, "sales_cycle": cycle}
    at_stage(**same, description="A", estimated_value=300, estimated_close_on=later)
    old = at_stage(**same, description="B", on=ago, estimated_value=200, estimated_close_on=later)
    at_stage(**same, description="C", estimated_value=100, estimated_close_on=soon)
    low = at_stage(**same, description="D", estimated_value=100, estimated_close_on=later)
    make_task(bob, opportunity=old, due_on=today() + timedelta(days=5))
    make_task(bob, opportunity=low, due_on=today() - timedelta(days=1))
    lifecycle.edit(low, by=bob, priority=3)

    found = {sort: "".join(titles(board(bob, f"?sort={sort}"), 1)) for sort in ORDERS}

    assert found == {
        "close": "CABD",
        "value": "ABDC",
        "age": "BACD",
        "next_task": "DBAC",
        "priority": "DCAB",
    }


def test_the_way_chosen_by_the_form_is_remembered_and_the_address_wins(
    bob: User, alice: User, cycle: SalesCycle
) -> None:
    client = signed_in(bob)

    answer = client.post(
        "/pipeline/arrange/", {"group": "month", "next": "/pipeline/?q=roof&column=x&cursor=y"}
    )
    client.post("/pipeline/arrange/", {"sort": "value"})

    assert answer["Location"] == "/pipeline/?q=roof&group=month"
    seen = [
        signed_in(user).get(f"/pipeline/{query}").context["arrangement"]
        for user, query in ((bob, ""), (bob, "?group=stage"), (alice, ""))
    ]
    assert seen == [
        Arrangement("month", "value"), Arrangement("stage", "value"), Arrangement()
    ]  # fmt: skip
    assert client.get("/pipeline/").context["arrangement"] == Arrangement("month", "value")


@pytest.mark.parametrize(
    "query",
    [
        "?group=x", "?sort=x", "?sort=-value", "?column=1", "?cursor=x", "?group=stage&group=month",
        "?column=999999&cursor=x", "?column=not_started&cursor=!!!",
    ],
)  # fmt: skip
def test_what_the_board_does_not_know_is_refused(bob: User, cycle: SalesCycle, query: str) -> None:
    assert signed_in(bob).get(f"/pipeline/{query}").status_code == 400


def test_an_unknown_wish_is_not_remembered(bob: User, cycle: SalesCycle) -> None:
    client = signed_in(bob)

    assert client.post("/pipeline/arrange/", {"group": "x"}).status_code == 400
    assert client.get("/pipeline/arrange/").status_code == 405
    assert client.get("/pipeline/").context["arrangement"] == Arrangement()


def many(by: User, cycle: SalesCycle, count: int) -> None:
    """Create so many that are not started and close on one day."""
    company = CompanyFactory()
    wish = lifecycle.NewOpportunity(
        description="Roof",
        contact=company,
        salesperson=by.salesperson,
        sales_cycle=cycle,
        estimated_close_on=today(),
    )
    lifecycle.create_many([wish] * count, by=by)


def test_more_of_a_column_comes_with_and_without_scripts(bob: User, cycle: SalesCycle) -> None:
    many(bob, cycle, 120)
    client = signed_in(bob)
    column = board(bob).columns[0]
    assert (len(column.cards), column.last, column.left) == (50, 50, 70)

    asked = {"column": "not_started", "cursor": column.cursor}
    part = client.get("/pipeline/", asked, headers={"HX-Request": "true"}).content.decode()
    page = client.get("/pipeline/", asked)

    rest = page.context["board"].columns[0]
    assert (rest.first, rest.last, rest.left) == (51, 100, 20)
    assert part.count('<li class="board-card"') == 50
    assert "<span data-shown>100</span> of <span data-all>120</span>" in part
    assert "<html" not in part
    assert "51–100 of 120" in page.content.decode()
    last = client.get(
        "/pipeline/", {"column": "not_started", "cursor": rest.cursor},
        headers={"HX-Request": "true"},
    ).content.decode()  # fmt: skip
    assert (last.count('<li class="board-card"'), "board-more" in last) == (20, False)


def test_more_shows_nobody_elses(bob: User, charlie: User, cycle: SalesCycle) -> None:
    """A cursor is a place, not a right."""
    many(bob, cycle, 60)
    cursor = board(bob).columns[0].cursor

    answer = signed_in(charlie).get(
        "/pipeline/", {"column": "not_started", "cursor": cursor}, headers={"HX-Request": "true"}
    )

    assert answer.status_code == 200
    assert "board-card" not in answer.content.decode()


@pytest.mark.parametrize("group", GROUPINGS)
def test_queries_do_not_grow_in_any_grouping(bob: User, cycle: SalesCycle, group: str) -> None:
    client, counts = signed_in(bob), []
    for more in (1, 12):
        for n in range(more):
            day = today() + timedelta(days=25 * n)
            at_stage(bob, 1 + n % 3, sales_cycle=cycle, estimated_close_on=day)
        client.get(f"/pipeline/?group={group}")
        with CaptureQueriesContext(connection) as queries:
            client.get(f"/pipeline/?group={group}")
        counts.append(len(queries))

    assert counts[0] == counts[1]


rows = st.lists(
    st.tuples(
        st.sampled_from([None, 0, 0, 1, 40]),  # days until it closes
        st.sampled_from([100, 100, 200, Decimal("200.01")]),
        st.sampled_from([1, 2, 3]),
        st.integers(0, 1),  # whose it is
        st.sampled_from([None, None, 0, 2]),  # days until its task is due
    ),
    max_size=12,
)


def walked(found: Board, column: Column) -> list[Card]:
    """Return all cards of a column, page after page."""
    shown = list(column.cards)
    while column.is_cut:
        assert column.last == len(shown)
        column = found.column(column.place.key, column.cursor)
        shown += column.cards
    return shown


@settings(max_examples=12)
@given(rows=rows, size=st.integers(1, 4))
def test_column_after_column_shows_every_card_once_in_order(
    alice: User, rows: list[Any], size: int
) -> None:
    """At ties and at empty values, in every grouping and order, and the ranks say the same."""
    cycle = SalesCycleFactory(stages=STAGES)
    people, company = [SalespersonFactory() for _ in range(2)], CompanyFactory()
    wishes = [
        lifecycle.NewOpportunity(
            description="Roof",
            contact=company,
            salesperson=people[whose],
            sales_cycle=cycle,
            priority=priority,
            estimated_value=Decimal(value),
            estimated_close_on=None if days is None else today() + timedelta(days=days),
            activate=days is not None and whose == 0,
        )
        for days, value, priority, whose, _due in rows
    ]
    made = lifecycle.create_many(wishes, by=alice) if wishes else []
    for opportunity, row in zip(made, rows, strict=True):
        if row[4] is not None:
            make_task(alice, opportunity=opportunity, due_on=today() + timedelta(days=row[4]))
    narrowed = Narrowed(Opportunity.objects.visible_to(alice).kept())

    for group in GROUPINGS:
        for sort in ORDERS:
            ground = Ground(cycle, alice, narrowed, any_period=narrowed)
            found = Board(ground, Arrangement(group, sort), size=size)
            cards = []
            for column in found.columns:
                shown = walked(found, column)
                assert len(shown) == column.sums.count
                assert {card.place for card in shown} <= {column.place.key}
                assert [c.rank for c in shown] == sorted(c.rank for c in shown)
                cards += shown
            assert sorted(card.opportunity.pk for card in cards) == sorted(o.pk for o in made)


def test_the_form_of_the_arrangement_stands_on_the_page(bob: User, cycle: SalesCycle) -> None:
    page = Client()
    page.force_login(bob)
    text = page.get("/pipeline/?group=month&sort=value").content.decode()

    assert 'value="month" class="btn active" aria-pressed="true"' in text
    assert "Sorted by: Value" in text
