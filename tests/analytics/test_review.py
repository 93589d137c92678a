"""The managers' review: its figures by arithmetic, its reasons, and the address that stays."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.review import Review
from analytics.review_page import review_of
from crm.dates import start_of, today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salescycles.models import SalesCycle
from salespeople.models import Target, User
from tasks import interactions
from tests.analytics.pages import check_figures
from tests.analytics.test_figures import manager_of_a_team
from tests.factories import CloseReasonFactory, SalesCycleFactory, make_task
from tests.opportunities.pages import STAGES, at_stage, plain, signed_in

DAY = timedelta(days=1)
NOW = start_of(date(2031, 3, 18)) + timedelta(hours=12)
ADDRESS = "/analytics/review/"


@pytest.fixture(autouse=True)
def _on_a_tuesday(db: None) -> Any:
    """It is Tuesday, 18 March 2031; a week before is the 11th."""
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def cycle(db: None) -> SalesCycle:
    return SalesCycleFactory(stages=STAGES, is_default=True)


def asked(user: User, **query: Any) -> Review:
    """Return the review of an address."""
    return review_of(QueryDict(urlencode(query)), user)


def an_old_one(by: User, cycle: SalesCycle, value: int = 1000, **options: Any) -> Opportunity:
    """Return one at stage 2 since 1 March, with a call on the 17th, a next task, and 20 days."""
    options = {"estimated_close_on": date(2031, 3, 31), **options}
    row = at_stage(
        by, 2, sales_cycle=cycle, on=date(2031, 3, 1), estimated_value=Decimal(value), **options
    )
    interactions.log(by=by, kind="call", subject="Hello", opportunity=row)
    make_task(by, opportunity=row)
    return row


def told(user: User, **query: Any) -> dict[str, list[tuple[str, str]]]:
    """Return what a page says about each opportunity: the reasons with their words."""
    page = signed_in(user).get(ADDRESS, query)
    return {
        row.opportunity.description: [(r.name, plain(r.text)) for r in row.reasons]
        for row in page.context["rows"]
    }


def test_an_opportunity_that_is_in_order_is_not_talked_about(
    alice: User, bob: User, cycle: SalesCycle
) -> None:
    an_old_one(bob, cycle)

    assert told(alice) == {}
    assert "Nothing to talk about" in signed_in(alice).get(ADDRESS).content.decode()


def test_each_reason_is_told_with_what_was_before(
    alice: User, bob: User, cycle: SalesCycle
) -> None:
    on = date(2031, 3, 14)
    names = ("pushed", "past", "jumped", "cut")
    rows = {name: an_old_one(bob, cycle, 5000, description=name) for name in names}
    lifecycle.update(rows["pushed"], by=bob, on=on, estimated_close_on=date(2031, 5, 31))
    lifecycle.update(rows["past"], by=bob, on=date(2031, 3, 2), estimated_close_on=on)
    first = cycle.stages.get(position=1)
    third = cycle.stages.get(position=3)
    moved = lifecycle.move(rows["jumped"], first, by=bob, on=on)
    lifecycle.move(moved, third, by=bob, on=on)
    lifecycle.update(rows["cut"], by=bob, on=on, estimated_value=Decimal(2000))

    assert told(alice) == {
        "pushed": [("pushed", "close date moved from 31 March to 31 May")],
        "past": [("past", "4 days past its close date")],
        "jumped": [
            ("jumped", "bob skipped ahead from “Stage 1” to “Stage 3”, 14 March"),
        ],
        "cut": [("cut", "value cut from NOK 5,000 to NOK 2,000")],
    }


def test_quiet_and_without_a_next_task(alice: User, bob: User, cycle: SalesCycle) -> None:
    """Changed on 1 March and nothing since: 17 days."""
    at_stage(bob, 2, sales_cycle=cycle, on=date(2031, 3, 1), estimated_close_on=date(2031, 3, 31))

    assert told(alice) == {
        "A new roof": [
            ("stale", "quiet for 17 days, since 1 March"),
            ("bare", "no next task is planned"),
        ]
    }


def test_new_and_big_is_the_tenth_that_is_worth_most(
    alice: User, bob: User, cycle: SalesCycle
) -> None:
    """Of 10 open ones, the 9th in order of value is where the tenth begins."""
    for value in range(1, 9):
        an_old_one(bob, cycle, value)
    for value in (9, 10, 5):
        row = at_stage(
            bob, 1, sales_cycle=cycle, description=str(value), estimated_value=Decimal(value),
            estimated_close_on=date(2031, 3, 31),
        )  # fmt: skip
        make_task(bob, opportunity=row)

    assert told(alice) == {
        "10": [("big", "new since 11 March, and among the tenth of the open ones worth most")],
        "9": [("big", "new since 11 March, and among the tenth of the open ones worth most")],
    }


def test_pushed_in_all_counts_what_stands(alice: User, bob: User, cycle: SalesCycle) -> None:
    row = an_old_one(bob, cycle)
    for on, close_on in ((5, 10), (12, 20), (13, 25)):
        row = lifecycle.update(
            row, by=bob, on=date(2031, 3, on), estimated_close_on=date(2031, 4, close_on)
        )
    lifecycle.undo(lifecycle.newest_standing(row), by=bob)

    assert told(alice)["A new roof"] == [
        ("pushed", "close date moved from 10 April to 20 April; pushed 2 times in all")
    ]


def test_the_most_at_stake_comes_first_and_the_pages_follow_each_other(
    alice: User, bob: User, cycle: SalesCycle
) -> None:
    for value in (300, 100, 200):
        at_stage(bob, 1, sales_cycle=cycle, on=date(2031, 3, 1), estimated_value=Decimal(value))
    review = asked(alice)

    first = review.rows(most=2)
    rest = review.rows(most=2, behind=(first[-1].amount, first[-1].pk))

    assert [talk.amount for talk in [*first, *rest]] == [300, 200, 100]
    assert review.sums[""] == (3, Decimal(600))


def test_the_figures_of_the_period_by_arithmetic(alice: User, bob: User, cycle: SalesCycle) -> None:
    """Won 4,000 of a target of 10,000; 3,000 open at 60 % × 50 %: landing 4,900, coverage 0.5."""
    Target.objects.create(
        salesperson=bob.salesperson, month=date(2031, 3, 1), value=10_000, changed_by=alice
    )
    won = an_old_one(bob, cycle, 4000)
    lifecycle.win(won, by=bob, on=date(2031, 3, 17), reason=CloseReasonFactory())
    lost = an_old_one(bob, cycle, 500)
    lifecycle.lose(lost, by=bob, on=date(2031, 3, 17), reason=CloseReasonFactory(kind="lost"))
    row = an_old_one(bob, cycle, 3000)
    an_old_one(bob, cycle, 700, estimated_close_on=date(2031, 4, 30))
    assert row.probability == Decimal(12)  # 40 % done × 30 % chances

    page = signed_in(alice).get(ADDRESS, {"salesperson": bob.salesperson.pk}).context
    totals, line = page["totals"], page["total"]

    assert totals.target._number == 10_000
    assert totals.won._number == 4000
    assert totals.landing._number == 4000 + 3000 * Decimal("0.12")
    assert totals.open._number == 3000
    assert totals.coverage._number == Decimal(3000) / 6000
    assert totals.shortfall == 10_000 - 4360
    assert [reading._number for reading in line.readings] == [
        2, 3700, 3700 * Decimal("0.12"), 4, 1, 4000, 50,
    ]  # fmt: skip
    assert line.closed._number == 2


def test_the_changes_are_those_of_what_closes_in_the_period(
    alice: User, bob: User, cycle: SalesCycle
) -> None:
    """2,000 on the 11th; 1,500 of it goes to May, and 300 comes from there."""
    an_old_one(bob, cycle, 500)
    out = an_old_one(bob, cycle, 1500)
    into = an_old_one(bob, cycle, 300, estimated_close_on=date(2031, 5, 1))
    on = date(2031, 3, 14)
    lifecycle.update(out, by=bob, on=on, estimated_close_on=date(2031, 5, 1))
    lifecycle.update(into, by=bob, on=on, estimated_close_on=date(2031, 3, 20))

    drawn = signed_in(alice).get(ADDRESS).context["waterfall"]
    amounts = {line.name: line.amount._number for line in drawn.lines}

    assert {name: amount for name, amount in amounts.items() if amount} == {
        "opening": 2000, "period_in": 300, "period_out": -1500, "closing": 800,
    }  # fmt: skip


@pytest.fixture
def busy(alice: User, bob: User, charlie: User, cycle: SalesCycle) -> None:
    """Two salespeople with every reason between them."""
    on = today() - 3 * DAY
    for by in (bob, charlie):
        rows = [an_old_one(by, cycle, 1000 + n) for n in range(5)]
        lifecycle.update(rows[0], by=by, on=on, estimated_close_on=date(2031, 4, 30))
        lifecycle.update(rows[1], by=by, on=on, estimated_value=Decimal(7))
        lifecycle.win(rows[2], by=by, on=on, reason=CloseReasonFactory())
        lifecycle.lose(rows[3], by=by, on=on, reason=CloseReasonFactory(kind="lost"))
        at_stage(by, 1, sales_cycle=cycle, on=on, estimated_value=Decimal(9000))
        at_stage(by, 0, sales_cycle=cycle, on=today() - 30 * DAY)


@pytest.mark.parametrize("role", ["manager of all", "manager of a team", "administrator"])
@pytest.mark.parametrize(
    "query", ["", "?period=quarter&known=then&on={past}", "?team={team}", "?salesperson={bob}"]
)
def test_every_figure_opens_rows_that_add_up_to_it(
    busy: None, alice: User, bob: User, dora: User, role: str, query: str
) -> None:
    users = {"manager of all": alice, "administrator": dora}
    user = users.get(role) or manager_of_a_team(bob)
    named = {
        "past": today() - 2 * DAY,
        "team": bob.salesperson.memberships.get().team_id,
        "bob": bob.salesperson.pk,
    }

    assert check_figures(signed_in(user), f"{ADDRESS}{query}".format(**named)) > 50


def test_a_manager_of_a_team_reviews_the_team(busy: None, alice: User, bob: User) -> None:
    mona = manager_of_a_team(bob)

    def names(user: User) -> list[str]:
        return [str(line.who) for line in signed_in(user).get(ADDRESS).context["lines"]]

    assert names(mona) == ["Bob"]
    assert names(alice) == ["Bob", "Charlie"]
    assert asked(mona).sums[""].number == asked(alice).sums[""].number / 2


def test_a_salesperson_is_told_whose_page_it_is(bob: User) -> None:
    assert signed_in(bob).get(ADDRESS).status_code == 403
    assert signed_in(bob).get(f"{ADDRESS}rows/").status_code == 403
    assert Client().get(ADDRESS).status_code == 302


@pytest.mark.parametrize(
    "query",
    ["on=2999-01-01", "since=x", "since=2031-03-18", "period=week", "team=0", "salesperson=x",
     "known=soon", "team=1&team=2", "status=open", "since=%00"],
)  # fmt: skip
def test_wrong_parameters_are_refused(alice: User, query: str) -> None:
    assert signed_in(alice).get(f"{ADDRESS}?{query}").status_code == 400
    assert signed_in(alice).get(f"{ADDRESS}rows/?{query}").status_code == 400


@pytest.mark.parametrize("query", ["reason=weather", "after=x", "after=NaN:1", "bar=won"])
def test_rows_that_there_are_not_are_refused(alice: User, query: str) -> None:
    assert signed_in(alice).get(f"{ADDRESS}rows/?{query}").status_code == 400


def test_the_number_of_queries_does_not_grow_with_the_rows(
    alice: User, bob: User, cycle: SalesCycle
) -> None:
    client = signed_in(alice)
    counts = []
    for number in (1, 29):
        for n in range(number):
            at_stage(bob, 1 + n % 3, sales_cycle=cycle, on=date(2031, 3, 1))
        client.get(ADDRESS)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(ADDRESS).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_tables_are_sent_as_files(busy: None, alice: User, kind: str) -> None:
    response = signed_in(alice).get(ADDRESS, {"format": kind})

    assert response.status_code == 200
    assert f"review-2031-03-18.{kind}" in response["Content-Disposition"]


def test_tasks_and_talks_are_those_of_the_day(alice: User, bob: User, cycle: SalesCycle) -> None:
    """A review of a day before knows neither the task nor the call of the 18th."""
    an_old_one(bob, cycle)

    assert told(alice, on="2031-03-17") == {
        "A new roof": [
            ("stale", "quiet for 16 days, since 1 March"),
            ("bare", "no next task is planned"),
        ]
    }
    assert told(alice, on="2031-03-10", known="then") == {
        "A new roof": [("bare", "no next task is planned")]
    }
