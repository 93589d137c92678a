"""The funnel of a cycle: worked by hand, recounted over random histories, and its rows."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings

from crm.dates import start_of, today
from opportunities import lifecycle
from opportunities.models import Action, Opportunity
from salescycles.models import SalesCycle
from salespeople.models import User
from tests.analytics.pages import check_figures, figures_on
from tests.analytics.test_figures import manager_of_a_team
from tests.factories import CloseReasonFactory, SalesCycleFactory
from tests.opportunities.histories import START, World, play, steps
from tests.opportunities.pages import STAGES, at_stage, signed_in

DAY = timedelta(days=1)
NAMES = ("entered", "skipped", "on", "won", "lost", "here")


def table(user: User, cycle: SalesCycle, query: str = "") -> list[list[int]]:
    """Return the counts of each stage, in the order of `NAMES`."""
    found: dict[str, list[int]] = defaultdict(list)
    for _url, name, measure, number in figures_on(
        signed_in(user), f"/analytics/funnel/?cycle={cycle.pk}{query}"
    ):
        if measure == "count":
            found[name].append(int(number))
    columns = [found[f"funnel_{name}"] for name in NAMES]
    return [list(row) for row in zip(*columns, strict=True)]


@pytest.fixture
def cycle(alice: User, bob: User, charlie: User) -> SalesCycle:
    """Six: not started; at 1; 1→3 (2 passed over) and won; 1→2→1; 1→2 lost; deleted."""
    cycle: SalesCycle = SalesCycleFactory(stages=STAGES, is_default=True)
    early, late = today() - 20 * DAY, today() + 20 * DAY

    def put(stage: int, by: User = bob) -> Opportunity:
        return at_stage(by, stage, sales_cycle=cycle, on=early, estimated_close_on=late)

    stages = list(cycle.stages.order_by("position"))
    on = today() - 10 * DAY
    put(0)
    put(1, charlie)
    jumped = lifecycle.move(put(1), stages[2], by=bob, on=on)
    lifecycle.win(jumped, by=bob, on=on + DAY, reason=CloseReasonFactory())
    back = lifecycle.move(put(1), stages[1], by=bob, on=on)
    lifecycle.move(back, stages[0], by=bob, on=on + DAY)
    lost = lifecycle.move(put(1, charlie), stages[1], by=charlie, on=on)
    lifecycle.lose(lost, by=charlie, on=on, reason=CloseReasonFactory(kind="lost"))
    lifecycle.delete(put(0), by=bob, on=on)
    return cycle


def test_the_worked_table(cycle: SalesCycle, alice: User) -> None:
    assert table(alice, cycle) == [
        # entered, passed over, went on, won, lost, still here
        [4, 0, 3, 0, 0, 2],
        [2, 1, 0, 0, 1, 0],
        [1, 0, 0, 1, 0, 0],
        [0, 0, 0, 0, 0, 0],
    ]


def test_shares_and_their_interval(cycle: SalesCycle, alice: User) -> None:
    page = signed_in(alice).get(f"/analytics/funnel/?cycle={cycle.pk}").context["page"]

    first = page.lines[0]
    assert (first.to_next.observed.won, first.to_next.observed.count) == (3, 4)
    assert (first.to_won.observed.won, first.to_won.observed.count) == (1, 4)
    # Wilson, 95 %, of 1 in 4: 4.6 % to 69.9 %.
    assert first.to_won.interval.replace("\xa0", "") == "5%–70%"
    assert first.to_won.is_too_few


def test_a_past_day_knows_nothing_of_what_came_after(cycle: SalesCycle, alice: User) -> None:
    on = today() - 11 * DAY

    assert table(alice, cycle, f"&on={on}") == [
        [4, 0, 0, 0, 0, 4], [0] * 6, [0] * 6, [0] * 6,
    ]  # fmt: skip


def test_what_was_undone_counts_nowhere(alice: User, bob: User) -> None:
    cycle = SalesCycleFactory(stages=STAGES, is_default=True)
    row = at_stage(bob, 1, sales_cycle=cycle)
    lifecycle.move(row, cycle.stages.get(position=2), by=bob)
    lifecycle.undo(lifecycle.newest_standing(row), by=bob)

    assert table(alice, cycle)[:2] == [[1, 0, 0, 0, 0, 1], [0] * 6]


@pytest.mark.parametrize("role", ["manager of all", "manager of a team", "administrator"])
@pytest.mark.parametrize(
    "query", ["", "&on={day}", "&on={day}&known=then", "&salesperson={bob}", "&created_from={day}"]
)
def test_every_figure_opens_its_rows(
    cycle: SalesCycle, alice: User, bob: User, dora: User, role: str, query: str
) -> None:
    user = {"manager of all": alice, "administrator": dora}.get(role) or manager_of_a_team(bob)
    query = query.format(day=today() - 10 * DAY, bob=bob.salesperson.pk)

    checked = check_figures(signed_in(user), f"/analytics/funnel/?cycle={cycle.pk}{query}")

    assert checked >= 25 or query.startswith(("&created", "&on"))


@pytest.mark.parametrize(
    "query",
    ["cycle=0", "cycle=x", "on=2999-01-01", "known=soon", "visited=1", "salesperson=0",
     "created_from=x", "status=won", "format=pdf", "by=x",
     "created_from=2026-02-01&created_until=2026-01-01"],
)  # fmt: skip
def test_wrong_parameters_are_refused(cycle: SalesCycle, alice: User, query: str) -> None:
    assert signed_in(alice).get(f"/analytics/funnel/?{query}").status_code == 400


def test_a_salesperson_may_not_look(cycle: SalesCycle, bob: User) -> None:
    assert signed_in(bob).get("/analytics/funnel/").status_code == 403


def test_files_hold_the_table(cycle: SalesCycle, alice: User) -> None:
    body = signed_in(alice).get(f"/analytics/funnel/?cycle={cycle.pk}&format=csv").content.decode()

    assert len(body.strip().splitlines()) == 5


def test_nothing_yet(alice: User) -> None:
    client = signed_in(alice)
    assert "No sales cycle yet" in client.get("/analytics/funnel/").content.decode()
    SalesCycleFactory(stages=STAGES, is_default=True)
    assert "Nothing in this cycle" in client.get("/analytics/funnel/").content.decode()


def test_the_number_of_queries_does_not_grow(cycle: SalesCycle, alice: User, bob: User) -> None:
    client, counts = signed_in(alice), []
    for _n in range(2):
        client.get("/analytics/funnel/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/analytics/funnel/").status_code == 200
        counts.append(len(queries))
        for n in range(29):
            at_stage(bob, n % 4, sales_cycle=cycle)

    assert counts[0] == counts[1]


def recounted(cycle: SalesCycle, on: date) -> list[list[int]]:
    """Count the funnel of a day from the entries, one opportunity after the other."""
    places = {stage.pk: at for at, stage in enumerate(cycle.stages.order_by("position"))}
    found = [[0] * len(NAMES) for _place in places]
    for opportunity in Opportunity.objects.all():
        entries = [e for e in opportunity.entries.order_by("sequence") if e.effective_on <= on]
        if not entries or entries[-1].is_deleted:
            continue
        last = entries[-1]
        undone = set(opportunity.entries.values_list("undoes", flat=True))
        been = {
            places[e.stage_id or 0] for e in entries
            if e.status == "in_progress" and not e.is_deleted and e.pk not in undone
            and e.action != Action.UNDONE
        }  # fmt: skip
        for place in places.values():
            later = max(been, default=-1) > place
            now = last.status if places.get(last.stage_id or 0) == place else ""
            row: list[Any] = [place in been, later and place not in been, later and place in been,
                   now == "won", now == "lost", now == "in_progress"]  # fmt: skip
            found[place] = [a + b for a, b in zip(found[place], row, strict=True)]
    return found


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(history=steps)
def test_random_histories_are_counted_as_by_hand(
    db: None, alice: User, bob: User, charlie: User, history: Any
) -> None:
    with transaction.atomic():
        world = World(alice, [bob.salesperson, charlie.salesperson])
        play(world, history)
        with time_machine.travel(start_of(START + 90 * DAY) + timedelta(hours=9), tick=False):
            for on in (START + 2 * DAY, START + 90 * DAY):
                shown = table(alice, world.cycle, f"&on={on}")
                assert (shown or [[0] * 6] * 4) == recounted(world.cycle, on)
        transaction.set_rollback(True)
