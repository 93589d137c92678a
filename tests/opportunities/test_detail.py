"""The page of one opportunity: every allowed action and no other, stages, and the history."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.dates import today
from opportunities import lifecycle
from opportunities.history import events_of
from opportunities.models import Opportunity
from salespeople.models import User
from tests.factories import CloseReasonFactory, QuoteFactory, SalespersonFactory
from tests.opportunities.pages import (
    address,
    at_stage,
    deleted,
    plain,
    signed_in,
    stage_of,
    won,
)

VERBS = [
    "activate", "move", "update", "win", "lose", "reopen", "reassign", "edit", "delete",
    "restore", "undo",
]  # fmt: skip
OPEN_TO = {
    "not started": {"activate", "update", "win", "lose", "reassign", "edit", "delete"},
    "in progress": {"move", "update", "win", "lose", "reassign", "edit", "undo"},
    "won": {"reopen", "edit", "delete", "undo"},
    "deleted": {"restore", "undo"},
}


def in_state(by: User, name: str) -> Opportunity:
    """Return an opportunity in a state of `OPEN_TO`."""
    made = {
        "not started": lambda: at_stage(by, 0),
        "in progress": lambda: at_stage(by, 2),
        "won": lambda: won(by),
        "deleted": lambda: deleted(by),
    }
    return made[name]()


@pytest.mark.parametrize("state", OPEN_TO)
def test_every_allowed_action_and_no_other(bob: User, state: str) -> None:
    opportunity = in_state(bob, state)

    page = signed_in(bob).get(address(opportunity)).content.decode()

    linked = {verb for verb in VERBS if address(opportunity, verb) in page}
    assert linked == OPEN_TO[state]


def test_a_stranger_finds_nothing(bob: User, charlie: User) -> None:
    opportunity = at_stage(bob, 1)

    assert signed_in(charlie).get(address(opportunity)).status_code == 404


def test_the_history_tells_who_did_what_from_where_to_where(alice: User, bob: User) -> None:
    """Values before and after, the date, and when it was written down if later."""
    start = today() - timedelta(days=10)
    opportunity = at_stage(bob, 1, on=start, estimated_close_on=today() + timedelta(days=5))
    opportunity = lifecycle.move(
        opportunity,
        stage_of(opportunity, 2),
        by=alice,
        on=today() - timedelta(days=3),
        estimated_value=Decimal(1500),
        note="They want more.",
    )

    newest = events_of(opportunity)[0]

    assert newest.headline == "moved it from “Stage 1” to “Stage 2”"
    assert [(c.label, plain(c.before), plain(c.after)) for c in newest.changes] == [
        ("Value", "NOK 1,000", "NOK 1,500"),
        ("Chances", "20%", "40%"),
    ]
    assert (newest.entry.recorded_by, newest.is_late, newest.is_undone) == (alice, True, False)
    page = signed_in(bob).get(address(opportunity)).content.decode()
    assert "They want more." in page
    assert "written down" in page


def test_each_action_has_its_sentence(alice: User, bob: User) -> None:
    opportunity = at_stage(bob, 0)
    opportunity = lifecycle.activate(
        opportunity, by=bob, estimated_close_on=today() + timedelta(days=30)
    )
    for position in (3, 2, 3, 1, 2):
        opportunity = lifecycle.move(opportunity, stage_of(opportunity, position), by=bob)
    opportunity = lifecycle.update(opportunity, by=bob, note="Called.")
    opportunity = lifecycle.update(opportunity, by=bob, estimated_value=Decimal(2000))
    opportunity = lifecycle.reassign(opportunity, by=alice, salesperson=SalespersonFactory())
    opportunity = lifecycle.win(
        opportunity, by=alice, reason=CloseReasonFactory(description="Price")
    )
    opportunity = lifecycle.reopen(opportunity, by=alice)
    opportunity = lifecycle.lose(
        opportunity, by=alice, reason=CloseReasonFactory(kind="lost", description="Too late")
    )
    opportunity = lifecycle.delete(opportunity, by=alice)
    opportunity = lifecycle.restore(opportunity, by=alice)
    opportunity = lifecycle.undo(lifecycle.newest_standing(opportunity), by=alice)

    told = [plain(event.headline) for event in events_of(opportunity)][::-1]

    assert told == [
        f"created it in the cycle “{opportunity.sales_cycle}”",
        "started it at “Stage 1”",
        "skipped ahead from “Stage 1” to “Stage 3”",
        "moved it back from “Stage 3” to “Stage 2”",
        "moved it from “Stage 2” to “Stage 3”",
        "jumped back from “Stage 3” to “Stage 1”",
        "moved it from “Stage 1” to “Stage 2”",
        "wrote a note",
        "updated the estimates",
        "reassigned it",
        "won it for NOK 2,000: Price",
        "reopened it at “Stage 2”",
        "lost it: Too late",
        "deleted it",
        "restored it",
        "undid a change: restored",
    ]
    assert [e.is_undone for e in events_of(opportunity)][:3] == [False, True, False]


def test_days_are_counted_per_stage_as_we_know_it_now(bob: User) -> None:
    """10 days ago stage 1, 6 days ago stage 2, 4 days ago back, 1 day ago stage 2 again.

    Stage 1: 4 + 3 days, stage 2: 2 + 1 days.
    """
    ago = {n: today() - timedelta(days=n) for n in (10, 6, 4, 1)}
    opportunity = at_stage(bob, 1, on=ago[10], estimated_close_on=today() + timedelta(days=9))
    for days, position in ((6, 2), (4, 1), (1, 2)):
        opportunity = lifecycle.move(
            opportunity, stage_of(opportunity, position), by=bob, on=ago[days]
        )

    steps = signed_in(bob).get(address(opportunity)).context["steps"]

    assert [(s.time.days, s.time.was_here, s.time.is_here) for s in steps] == [
        (7, True, False),
        (3, True, True),
        (0, False, False),
        (0, False, False),
    ]


def test_a_close_date_moved_later_is_a_push_unless_it_is_undone(bob: User) -> None:
    day = today() + timedelta(days=10)
    opportunity = at_stage(bob, 1, estimated_close_on=day)
    for days in (20, 15, 30, 40):
        opportunity = lifecycle.update(
            opportunity, by=bob, estimated_close_on=today() + timedelta(days=days)
        )
    opportunity = lifecycle.undo(lifecycle.newest_standing(opportunity), by=bob)

    assert signed_in(bob).get(address(opportunity)).context["pushes"] == 2


def test_statistics_are_those_of_the_newest_entry(bob: User) -> None:
    """R147: completed 30 × chances 40 of 1,000 by Multiply: 12 %, 120."""
    opportunity = at_stage(bob, 2)

    page = plain(signed_in(bob).get(address(opportunity)).content.decode())

    for figure in ("Stage 2", "NOK 1,000", "40%", "30%", "12%", "NOK 120"):
        assert f"<dd>{figure}</dd>" in page


def test_the_gate_in_front_of_it_offers_the_quote(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    client = signed_in(bob)

    shut = client.get(address(opportunity)).content.decode()
    QuoteFactory(opportunity=opportunity)
    opened = client.get(address(opportunity)).content.decode()

    assert "“Stage 4” needs a quote" in shut
    assert "Next: Stage 4" in opened


def test_queries_do_not_grow_with_the_history(bob: User) -> None:
    short, long = at_stage(bob, 1), at_stage(bob, 1)
    for n in range(30):
        long = lifecycle.update(long, by=bob, note=f"Call {n}")
    client = signed_in(bob)
    client.get(address(short))
    counts = []
    for opportunity in (short, long):
        with CaptureQueriesContext(connection) as queries:
            client.get(address(opportunity))
        counts.append(len(queries))

    assert counts[0] == counts[1]


@pytest.mark.parametrize("query", ["?x=1", "?seen=1", "?%00=1"])
def test_unknown_parameters_are_refused(bob: User, query: str) -> None:
    assert signed_in(bob).get(address(at_stage(bob, 1)) + query).status_code == 400


@pytest.mark.parametrize("pk", ["0", "9" * 19, "9" * 400, "-1", "x", "1e3"])
def test_no_such_opportunity(bob: User, pk: str) -> None:
    assert signed_in(bob).get(f"/opportunities/{pk}/").status_code == 404


def test_markup_in_a_note_is_text(bob: User) -> None:
    opportunity = at_stage(bob, 1, description="<b>&\u202e roof")
    opportunity = lifecycle.update(opportunity, by=bob, note="<script>alert(1)</script>")

    page = signed_in(bob).get(address(opportunity)).content.decode()

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "<b>&" not in page
