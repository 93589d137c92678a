"""Board and opportunity as they stood on a day (product.md, U1)."""

import html
import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salescycles.models import SalesCycle
from salespeople.models import User
from tests.factories import CloseReasonFactory, SalesCycleFactory
from tests.opportunities.pages import STAGES, at_stage, signed_in

DAY = timedelta(days=1)


@pytest.fixture
def then() -> date:
    """The day that the tests look at."""
    return today() - 10 * DAY


@pytest.fixture
def cycle(db: None) -> SalesCycle:
    """The default cycle."""
    made: SalesCycle = SalesCycleFactory(stages=STAGES, is_default=True)
    return made


@pytest.fixture
def row(bob: User, cycle: SalesCycle) -> Opportunity:
    """At stage 1 for 1,000 from 20 days ago; since yesterday won."""
    late = today() + 30 * DAY
    made = at_stage(
        bob, 1, sales_cycle=cycle, on=today() - 20 * DAY, description="Solar roof",
        estimated_close_on=late,
    )  # fmt: skip
    moved = lifecycle.move(made, cycle.stages.get(position=2), by=bob, on=today() - 5 * DAY)
    return lifecycle.win(moved, by=bob, on=today() - DAY, reason=CloseReasonFactory())


def page(user: User, address: str) -> Any:
    """Return what a page shows."""
    response = signed_in(user).get(address)
    assert response.status_code == 200
    return response


def test_the_board_stands_as_it_stood(bob: User, row: Opportunity, then: date) -> None:
    at_stage(bob, 0, sales_cycle=row.sales_cycle, on=then)
    board = page(bob, f"/pipeline/?on={then}").context["board"]

    assert [(c.stage and c.stage.name, c.sums.count, len(c.cards)) for c in board.columns] == [
        (None, 1, 1), ("Stage 1", 1, 1), ("Stage 2", 0, 0), ("Stage 3", 0, 0), ("Stage 4", 0, 0),
    ]  # fmt: skip
    assert board.columns[1].cards[0].days == 10
    assert (board.total.count, board.total.value) == (2, Decimal(2000))
    assert board.won.count == 0


def test_what_was_won_by_the_day_stands_at_the_edge(bob: User, row: Opportunity) -> None:
    day = today() - DAY
    board = page(bob, f"/pipeline/?on={day}").context["board"]

    assert (board.total.count, board.won.count, board.won.value) == (0, 1, Decimal(1000))


def test_every_sum_of_the_past_board_opens_its_rows(
    bob: User, row: Opportunity, then: date
) -> None:
    for stage in (0, 2, 2):
        at_stage(bob, stage, sales_cycle=row.sales_cycle, on=then, estimated_close_on=today())
    for day in (then, today() - DAY):
        for query in ("", "&known=then", "&value_from=1000", "&q=roof"):
            board = page(bob, f"/pipeline/?on={day}{query}").context["board"]
            for sums in (*(c.sums for c in board.columns), board.total, board.won, board.lost):
                found = page(bob, sums.url).context["sums"]
                assert (found.count, found.value, found.calculated) == (
                    sums.count, sums.value, sums.calculated,
                ), sums.url  # fmt: skip


@pytest.mark.parametrize("address", ["/pipeline/", "/opportunities/{pk}/"])
def test_nothing_can_be_changed_in_the_past(
    bob: User, row: Opportunity, then: date, address: str
) -> None:
    body = page(bob, f"{address.format(pk=row.pk)}?on={then}").content.decode()
    main = body[body.index("<main") : body.index("</main>")]

    assert "nothing can be changed here" in main
    assert 'method="post"' not in main
    assert "/move/" not in main
    assert "data-card" not in main


def test_an_opportunity_stands_as_it_stood(bob: User, row: Opportunity, then: date) -> None:
    shown = page(bob, f"{row.get_absolute_url()}?on={then}").context

    assert (shown["state"].status, shown["state"].stage_name) == ("in_progress", "Stage 1")
    assert [event.entry.action for event in shown["events"]] == ["activated", "created"]
    assert [step.time.days for step in shown["steps"]] == [10, 0, 0, 0]
    assert shown["days_open"] == 10


def test_an_opportunity_as_it_was_known_then(bob: User, row: Opportunity, then: date) -> None:
    """All of it was written down today: on that evening nobody knew of it."""
    shown = page(bob, f"{row.get_absolute_url()}?on={then}&known=then")

    assert shown.context["state"] is None
    assert "It did not exist yet" in shown.content.decode()


def test_the_state_of_the_page_is_that_of_the_ledger_on_every_day(
    bob: User, row: Opportunity
) -> None:
    for back in range(21):
        day = today() - back * DAY
        shown = page(bob, f"{row.get_absolute_url()}?on={day}").context
        expected = row.entries.as_of(day).get()
        assert shown["state"] == expected
        assert sum(step.time.days for step in shown["steps"]) == min(20 - back, 19)


def test_the_page_of_an_opportunity_follows_todays_rights(
    bob: User, charlie: User, alice: User, row: Opportunity, then: date
) -> None:
    made = at_stage(bob, 1, on=then)
    lifecycle.reassign(made, by=alice, salesperson=charlie.salesperson)
    address = f"{made.get_absolute_url()}?on={then}"

    assert signed_in(bob).get(address).status_code == 404
    assert signed_in(charlie).get(address).status_code == 200


@pytest.mark.parametrize(
    "query",
    ["on=x", "on=2099-01-01", "on=2026-01-01&known=x", "on=2026-01-01&tag=1",
     "on=2026-01-01&known=9999-12-31T23:59:59-14:00",
     "on=2026-01-01&known=2026-01-01T00:00:00%2B23:59"],
)  # fmt: skip
def test_wrong_parameters_are_refused(bob: User, row: Opportunity, query: str) -> None:
    for path in ("/pipeline/", row.get_absolute_url()):
        assert signed_in(bob).get(f"{path}?{query}").status_code == 400


def test_before_the_history_both_say_so(bob: User, row: Opportunity) -> None:
    for path, words in (("/pipeline/", "nothing yet"), (row.get_absolute_url(), "not exist yet")):
        assert words in page(bob, f"{path}?on=2001-01-01").content.decode()


def test_a_board_without_a_cycle_says_so(bob: User) -> None:
    assert "no sales cycle" in page(bob, "/pipeline/?on=2020-01-01").content.decode()
    assert signed_in(bob).get("/pipeline/?on=2020-01-01&cycle=7").status_code == 400


def test_each_page_of_today_leads_to_the_past_with_the_filters_that_it_answers(
    bob: User, row: Opportunity
) -> None:
    for address, kept in (
        ("/opportunities/?value_from=5&next_task=late&view=all", "value_from=5"),
        (f"/pipeline/?q=roof&cycle={row.sales_cycle_id}&sort=close", f"cycle={row.sales_cycle_id}"),
        (row.get_absolute_url(), "on="),
    ):
        body = page(bob, address).content.decode()
        way = re.search(r'href="(\?[^"]*)"[^>]*><svg[^>]*><use href="[^"]*#history"', body)
        target = html.unescape(way[1]) if way else ""
        assert kept in target
        assert page(bob, f"{address.partition('?')[0]}{target}").context["clock"]
