"""Time in stage, velocity, wins and losses, cohorts: worked by hand, and their rows."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.dates import start_of, today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salescycles.models import SalesCycle
from salespeople.models import User
from tests.analytics.pages import check_figures
from tests.analytics.test_figures import manager_of_a_team
from tests.factories import CampaignFactory, CloseReasonFactory, SalesCycleFactory
from tests.opportunities.pages import STAGES, at_stage, signed_in

NOW = date(2031, 6, 20)
JANUARY, MARCH = date(2031, 1, 10), date(2031, 3, 10)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _june() -> Any:
    with time_machine.travel(start_of(NOW) + timedelta(hours=9), tick=False):
        yield


@pytest.fixture
def cycle(alice: User, bob: User, charlie: User) -> SalesCycle:
    """Five of January: won after 10 and 30 days, lost after 60, two open; one of March, open."""
    cycle: SalesCycle = SalesCycleFactory(stages=STAGES, is_default=True)
    campaign = CampaignFactory(description="Fair")

    def put(on: date, value: int, by: User = bob, **options: Any) -> Opportunity:
        return at_stage(
            by, 1, sales_cycle=cycle, on=on, estimated_value=Decimal(value),
            estimated_close_on=NOW + 30 * DAY, **options,
        )  # fmt: skip

    price = CloseReasonFactory(description="Best price")
    late = CloseReasonFactory(description="Too late", kind="lost")
    second = cycle.stages.get(position=2)
    lifecycle.win(put(JANUARY, 5000), by=bob, on=JANUARY + 10 * DAY, reason=price)
    moved = lifecycle.move(put(JANUARY, 20000), second, by=bob, on=JANUARY + 20 * DAY)
    lifecycle.win(moved, by=bob, on=JANUARY + 30 * DAY, reason=price)
    lost = put(JANUARY, 20000, charlie, campaign=campaign)
    lifecycle.lose(lost, by=charlie, on=JANUARY + 60 * DAY, reason=late)
    back = lifecycle.move(put(JANUARY, 4000), second, by=bob, on=JANUARY + 4 * DAY)
    lifecycle.move(back, cycle.stages.get(position=1), by=bob, on=JANUARY + 6 * DAY)
    put(JANUARY, 1000, charlie)
    put(MARCH, 7000)
    return cycle


def page_of(user: User, address: str) -> Any:
    """Return what a page shows."""
    response = signed_in(user).get(f"/analytics/{address}")
    assert response.status_code == 200
    return response.context["page"]


def numbers(readings: Any) -> list[Decimal]:
    """Return the numbers of readings."""
    return [Decimal(each._number) for each in readings]


def test_days_at_each_stage(cycle: SalesCycle, alice: User) -> None:
    first, second, *_rest = page_of(alice, f"times/?cycle={cycle.pk}").lines

    # Left: 10, 20 and 60 days.
    assert numbers([first.left, *first.of_left]) == [3, 15, 20, 40]
    # There: 10 January to 20 June is 161 days; one was away for 2; one came on 10 March.
    assert numbers([first.running, *first.of_running]) == [3, Decimal("130.5"), 159, 160]
    # Left: 10 days until it was won, 2 days until it went back.
    assert numbers([second.left, *second.of_left]) == [2, 4, 6, 8]
    assert second.of_running == []


def test_velocity_has_its_components(cycle: SalesCycle, alice: User) -> None:
    speed = page_of(alice, f"times/?cycle={cycle.pk}").velocity

    assert numbers([speed.count, speed.average, speed.length]) == [3, 4000, 20]
    assert (speed.rate.observed.won, speed.rate.observed.count) == (2, 3)
    # 3 × 4,000 × 2/3 ÷ 20 days
    assert round(speed.pace, 6) == 400


def test_without_a_win_there_is_no_velocity(alice: User) -> None:
    SalesCycleFactory(stages=STAGES, is_default=True)

    assert page_of(alice, "times/").velocity.pace is None


@pytest.mark.parametrize(
    ("cut", "expected"),
    [
        ("reason", [("Best price", 2, 0), ("Too late", 0, 1)]),
        ("campaign", [("Fair", 0, 1), ("Without a campaign", 2, 0)]),
        ("size", [("0", 1, 0), ("10,000", 1, 1)]),
    ],
)
def test_won_and_lost_by_parts(
    cycle: SalesCycle, alice: User, cut: str, expected: list[tuple[str, int, int]]
) -> None:
    page = page_of(alice, f"wins/?by={cut}")

    found = [(line.label, *numbers(line.readings)[::2]) for line in page.lines]
    assert [row[1:] for row in found] == [row[1:] for row in expected]
    assert all(name in str(row[0]) for (name, *_), row in zip(expected, found, strict=True))


def test_all_that_closed(cycle: SalesCycle, alice: User) -> None:
    total = page_of(alice, "wins/").total

    assert numbers(total.readings) == [2, 25000, 1, 20000]
    assert (total.rate.observed.won, total.rate.observed.count) == (2, 3)
    # (10 + 30 + 60) ÷ 3
    assert round(Decimal(total.days._number), 6) == Decimal("33.333333")


def test_a_period_is_one_of_closing(cycle: SalesCycle, alice: User) -> None:
    total = page_of(alice, "wins/?close_from=2031-02-01&close_until=2031-02-28").total

    assert numbers(total.readings) == [1, 20000, 0, 0]


@pytest.mark.parametrize(
    ("show", "counts"),
    # Closed in January, February and March; five months have passed since January.
    [("won", [1, 2, 2, 2, 2, 2]), ("lost", [0, 0, 1, 1, 1, 1]), ("open", [4, 3, 2, 2, 2, 2])],
)
def test_a_cohort_month_after_month(
    cycle: SalesCycle, alice: User, show: str, counts: list[int]
) -> None:
    cohorts = page_of(alice, f"cohorts/?show={show}")

    january = next(each for each in cohorts if each.month == date(2031, 1, 1))
    cells = [cell for cell in january.cells if cell]
    assert len(cohorts) == 12
    assert numbers([january.created]) == [5]
    assert numbers(cell.number for cell in cells) == counts
    assert numbers(cell.share for cell in cells) == [20 * count for count in counts]


def test_a_cohort_in_money(cycle: SalesCycle, alice: User) -> None:
    january = page_of(alice, "cohorts/?measure=value")[5]

    assert numbers([january.created]) == [50000]
    assert numbers(cell.number for cell in january.cells if cell)[:2] == [5000, 25000]


@pytest.mark.parametrize("role", ["manager of all", "manager of a team", "administrator"])
@pytest.mark.parametrize(
    "address",
    [
        "times/",
        "times/?on=2031-02-01&known=then",
        "wins/?by=reason",
        "wins/?by=salesperson&on=2031-03-20",
        "wins/?by=size&value_from=6000",
        "wins/?by=campaign&close_until=2031-05-01",
        "cohorts/",
        "cohorts/?show=lost&salesperson={bob}",
        "cohorts/?show=open&measure=value",
        "cohorts/?show=open&on=2031-04-01",
    ],
)
def test_every_figure_opens_its_rows(
    cycle: SalesCycle, alice: User, bob: User, dora: User, role: str, address: str
) -> None:
    user = {"manager of all": alice, "administrator": dora}.get(role) or manager_of_a_team(bob)
    address = address.format(bob=bob.salesperson.pk)

    assert check_figures(signed_in(user), f"/analytics/{address}") >= 4


@pytest.mark.parametrize(
    "address",
    ["times/?cycle=0", "times/?stage=1", "times/?known=soon", "wins/?by=weather", "wins/?reason=1",
     "wins/?close_from=x", "wins/?created_from=2031-01-01", "cohorts/?show=all", "cohorts/?x=1",
     "cohorts/?measure=weight", "cohorts/?on=2999-01-01", "cohorts/?close_until=2031-01-01",
     "wins/?salesperson=0", "cohorts/?format=pdf"],
)  # fmt: skip
def test_wrong_parameters_are_refused(cycle: SalesCycle, alice: User, address: str) -> None:
    assert signed_in(alice).get(f"/analytics/{address}").status_code == 400


@pytest.mark.parametrize("name", ["times", "wins", "cohorts"])
def test_the_number_of_queries_does_not_grow(
    cycle: SalesCycle, alice: User, bob: User, name: str
) -> None:
    client, counts = signed_in(alice), []
    for _n in range(2):
        client.get(f"/analytics/{name}/")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/analytics/{name}/").status_code == 200
        counts.append(len(queries))
        for n in range(29):
            at_stage(bob, n % 4, sales_cycle=cycle)

    assert counts[0] == counts[1]


@pytest.mark.parametrize("name", ["times", "wins", "cohorts"])
@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
def test_pages_as_files(cycle: SalesCycle, alice: User, name: str, wanted: str) -> None:
    response = signed_in(alice).get(f"/analytics/{name}/?format={wanted}")

    assert response.status_code == 200
    assert f"{name}-{today()}.{wanted}" in response["Content-Disposition"]


@pytest.mark.parametrize("name", ["times", "wins", "cohorts"])
def test_empty_pages_answer(alice: User, bob: User, name: str) -> None:
    assert signed_in(alice).get(f"/analytics/{name}/").status_code == 200
    assert signed_in(bob).get(f"/analytics/{name}/").status_code == 403
