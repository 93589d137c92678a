"""The board: columns, cards, sums that are links (those of my day too), and who sees what."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from crm.dates import today
from opportunities import lifecycle
from opportunities.board import Board
from opportunities.models import Opportunity
from opportunities.sums import Sums
from salescycles.models import SalesCycle
from salespeople.models import User
from tests.factories import CloseReasonFactory, QuoteFactory, SalesCycleFactory
from tests.opportunities.pages import STAGES, at_stage, deleted, signed_in, stage_of, won


@pytest.fixture
def cycle(db: None) -> SalesCycle:
    """The default cycle."""
    made: SalesCycle = SalesCycleFactory(stages=STAGES, is_default=True)
    return made


def board(user: User, query: str = "") -> Any:
    """Return the board that the address shows."""
    return signed_in(user).get(f"/pipeline/{query}").context["board"]


def test_columns_are_in_cycle_order_behind_not_started(bob: User, cycle: SalesCycle) -> None:
    for stage in (0, 1, 1, 3):
        at_stage(bob, stage, sales_cycle=cycle)

    columns = board(bob).columns

    assert [(c.stage.name if c.stage else "", c.sums.count, len(c.cards)) for c in columns] == [
        ("", 1, 1),
        ("Stage 1", 2, 2),
        ("Stage 2", 0, 0),
        ("Stage 3", 1, 1),
        ("Stage 4", 0, 0),
    ]


def test_sums_are_over_all_that_match_not_over_the_cards(bob: User, cycle: SalesCycle) -> None:
    """55 of 100 at stage 1 (10 % × 20 % = 2 %): 5,500 and 110; 50 cards."""
    wishes = [
        lifecycle.NewOpportunity(
            description="Roof",
            contact=at_stage(bob, 0).contact if n == 0 else None,
            salesperson=bob.salesperson,
            sales_cycle=cycle,
            activate=True,
            estimated_value=Decimal(100),
            estimated_close_on=today() + timedelta(days=n),
        )
        for n in range(55)
    ]
    first = wishes[0]
    lifecycle.create_many(
        [lifecycle.NewOpportunity(**{**vars(wish), "contact": first.contact}) for wish in wishes],
        by=bob,
    )

    column = board(bob).columns[1]

    assert (column.sums.count, column.sums.value, column.sums.calculated) == (55, 5500, 110)
    assert (len(column.cards), column.is_cut) == (50, True)
    assert [card.opportunity.estimated_close_on for card in column.cards[:2]] == [
        today(),
        today() + timedelta(days=1),
    ]


def test_a_card_offers_the_allowed_stages_and_says_why_not_the_others(
    bob: User, cycle: SalesCycle
) -> None:
    at_stage(bob, 2, sales_cycle=cycle)
    gated = at_stage(bob, 3, sales_cycle=cycle)
    quoted = at_stage(bob, 3, sales_cycle=cycle)
    QuoteFactory(opportunity=quoted)

    cards = {
        card.opportunity.pk: [(m.stage.position, m.code) for m in card.moves.options]
        for column in board(bob).columns
        for card in column.cards
    }

    assert cards.pop(gated.pk) == [(1, ""), (2, ""), (4, "quote")]
    assert cards.pop(quoted.pk) == [(1, ""), (2, ""), (4, "")]
    assert list(cards.values()) == [[(1, ""), (3, ""), (4, "skip")]]


def test_won_and_lost_of_this_month_stand_at_the_edge(bob: User) -> None:
    opportunity = won(bob)
    SalesCycle.objects.filter(pk=opportunity.sales_cycle_id).update(is_default=True)
    lost = at_stage(bob, 1, sales_cycle=opportunity.sales_cycle)
    lifecycle.lose(lost, by=bob, reason=CloseReasonFactory(kind="lost"))
    deleted(bob)

    found = board(bob)

    assert (found.won.count, found.won.calculated, found.lost.count) == (1, 1000, 1)


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?cycle=x", 400), ("?cycle=99999999", 400), ("?x=1", 400), ("?q=%00", 400),
        ("?value_from=x", 400), ("?close_from=2026-12-31&close_until=2026-01-01", 400),
        ("?salesperson=99999999", 400), ("?team=99999999", 400), ("?cycle=1&cycle=2", 400),
        ("?utm_source=mail", 200),
    ],
)  # fmt: skip
def test_what_the_board_cannot_read(bob: User, cycle: SalesCycle, query: str, status: int) -> None:
    assert signed_in(bob).get(f"/pipeline/{query}").status_code == status


def test_the_cycle_looked_at_last_is_remembered(bob: User, cycle: SalesCycle) -> None:
    other = SalesCycleFactory(stages=STAGES)
    client = signed_in(bob)
    client.get(f"/pipeline/?cycle={other.pk}")

    assert client.get("/pipeline/").context["cycle"] == other


def test_without_a_cycle_the_board_says_who_makes_one(bob: User, dora: User) -> None:
    asked, offered = (signed_in(u).get("/pipeline/").content.decode() for u in (bob, dora))

    assert "An administrator creates the stages" in asked
    assert 'href="/admin/salescycles/salescycle/add/"' in offered


def test_queries_of_the_board_do_not_grow(bob: User, cycle: SalesCycle) -> None:
    client = signed_in(bob)
    counts = []
    for rows in (1, 29):
        for n in range(rows):
            at_stage(bob, 1 + n % 3, sales_cycle=cycle)
        client.get("/pipeline/")
        with CaptureQueriesContext(connection) as queries:
            client.get("/pipeline/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def every_sum(found: Any) -> list[Sums]:
    """Return each Sums of a page's data, wherever it stands."""
    if isinstance(found, Sums):
        return [found]
    if isinstance(found, Board):
        return every_sum([found.columns, found.total, found.won, found.lost])
    if isinstance(found, (list, tuple)):
        return [one for part in found for one in every_sum(part)]
    if hasattr(found, "__dataclass_fields__") and not isinstance(found, Opportunity):
        return [
            one for name in found.__dataclass_fields__ for one in every_sum(getattr(found, name))
        ]
    return []


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/pipeline/",
        "/pipeline/?value_from=500&q=roof",
        "/pipeline/?group=salesperson",
        "/pipeline/?group=month",
        f"/pipeline/?group=month&close_from={today() - timedelta(days=3)}",
        f"/pipeline/?group=month&close_until={today() + timedelta(days=3)}",
    ],
)
def test_every_sum_is_a_link_that_adds_up(
    alice: User, bob: User, charlie: User, dora: User, cycle: SalesCycle, path: str
) -> None:
    """U9: the list behind each number has the same count and the same sums, for everybody."""
    ago = today() - timedelta(days=20)
    for by in (alice, bob, charlie):
        for stage in (0, 1, 2, 3):
            at_stage(by, stage, sales_cycle=cycle)
        at_stage(by, 1, sales_cycle=cycle, on=ago, estimated_close_on=today() - timedelta(days=1))
        at_stage(by, 1, sales_cycle=cycle, on=ago, estimated_close_on=today())
        lifecycle.lose(
            at_stage(by, 2, sales_cycle=cycle), by=by, reason=CloseReasonFactory(kind="lost")
        )
        lifecycle.win(at_stage(by, 3, sales_cycle=cycle), by=by, reason=CloseReasonFactory())
        lifecycle.delete(at_stage(by, 0, sales_cycle=cycle), by=by)

    for user in (alice, bob, charlie, dora):
        client = signed_in(user)
        page = client.get(path).context
        sums = every_sum(page["my_day"] if path == "/" else page["board"])
        assert len(sums) >= 4
        for one in sums:
            behind = list_of(client, one.url)
            figures = (behind.count, behind.value, behind.calculated)
            assert figures == (one.count, one.value, one.calculated), one.url


def list_of(client: Client, url: str) -> Sums:
    """Return the sums of the list at an address."""
    parts = urlsplit(url)
    response = client.get(parts.path, dict(parse_qsl(parts.query)))
    assert response.status_code == 200, url
    found: Sums = response.context["sums"]
    return found


def test_the_edge_leads_to_the_months_rows(bob: User) -> None:
    opportunity = won(bob)
    SalesCycle.objects.filter(pk=opportunity.sales_cycle_id).update(is_default=True)

    url = board(bob).won.url

    assert list_of(signed_in(bob), url).count == 1
    assert stage_of(opportunity, 2).name == "Stage 2"
