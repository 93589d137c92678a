"""The forecast: each figure is the sum of the rows behind it, for teams, periods, and past days."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics.adjusting import adjust
from analytics.forecast import Forecast, Line, Scope, forecast_of
from analytics.outlook import outlook_of
from analytics.periods import MONTHS, QUARTERS, Period, month_from, periods_from, shifted
from crm.dates import month_of, today
from opportunities import lifecycle
from opportunities.days import Day
from salespeople.models import Salesperson, Team, TeamMembership, User
from salespeople.targets import Wish, set_targets
from tests.analytics.pages import check_figures
from tests.factories import CloseReasonFactory, SalespersonFactory, TeamFactory
from tests.opportunities.pages import at_stage, plain, signed_in

PAGE = "/analytics/forecast/"
THIS, NEXT = month_of(today())[0], shifted(month_of(today())[0], 1)


def put(
    by: User, value: int, on: date, stage: int = 1, salesperson: Salesperson | None = None
) -> Any:
    """Create an open one; the first stage gives 10 % × 20 % = 2 %, the third 50 % × 60 % = 30 %."""
    row = at_stage(by, stage, estimated_value=Decimal(value), estimated_close_on=on)
    if salesperson:
        row = lifecycle.reassign(row, by=by, salesperson=salesperson)
    return row


def shown(user: User, **scope: Any) -> Forecast:
    periods = periods_from(today(), MONTHS)
    return forecast_of(Scope(user, Day(today()), **scope), periods)


def figures(line: Line, at: int = 0) -> tuple[Any, ...]:
    cell = line.cells[at]
    return (cell.won.calculated, cell.open.calculated, cell.landing, cell.best, cell.target,
            cell.gap, cell.adjusted)  # fmt: skip


def test_the_figures_by_hand(alice: User, bob: User) -> None:
    """Won 500; open 1,000 at 2 % and 2,000 at 30 % next month; targets 400 and 700."""
    lifecycle.win(put(bob, 500, NEXT, 3), by=bob, reason=CloseReasonFactory())
    put(bob, 1000, NEXT)
    put(bob, 2000, NEXT, 3)
    set_targets(
        [
            Wish(bob.salesperson.pk, THIS, Decimal(400)),
            Wish(bob.salesperson.pk, NEXT, Decimal(700)),
        ],
        by=alice,
    )
    adjust(bob.salesperson, NEXT, by=alice, value=Decimal(650), system_value=Decimal(620),
           reason="They signed the offer")  # fmt: skip

    total = shown(alice).total

    assert figures(total) == (500, 0, 500, 500, 400, 100, None)
    assert figures(total, 1) == (0, 620, 620, 3000, 700, -80, 650)
    assert [total.cells[n].is_behind for n in (0, 1)] == [False, True]


def test_a_team_adds_up_its_people_and_the_teams_below(
    alice: User, bob: User, charlie: User
) -> None:
    north = Team.objects.get(code="NORTH")
    below = TeamFactory(name="A team below", parent=north)
    dan = SalespersonFactory(name="Dan")
    TeamMembership.objects.create(team=below, salesperson=dan, from_on=date(2020, 1, 1))
    loose = SalespersonFactory(name="Zoe without a team")
    for person, value in (
        (bob.salesperson, 1000),
        (dan, 2000),
        (loose, 4000),
        (charlie.salesperson, 8000),
    ):
        put(alice, value, NEXT, 3, person)

    lines = shown(alice).lines

    found = {str(line.who): line.cells[1].open.value for line in lines}
    assert found[str(north)] == 3000
    assert found["A team below"] == found["Dan"] == 2000
    assert found["Zoe without a team"] == 4000
    assert found[str(charlie.salesperson)] == 8000
    depths = {str(line.who): line.depth for line in lines}
    assert (depths[str(north)], depths["A team below"], depths["Dan"]) == (0, 1, 2)
    assert shown(alice).total.cells[1].open.value == 15000


def test_every_figure_opens_rows_that_add_up_to_it(alice: User, bob: User, charlie: User) -> None:
    put(bob, 1000, NEXT)
    put(charlie, 3000, NEXT, 3)
    lifecycle.win(put(bob, 700, NEXT, 3), by=bob, reason=CloseReasonFactory())
    for measure in ("landing", "won", "open", "best", "gap"):
        for kind in (MONTHS, QUARTERS):
            address = f"{PAGE}?measure={measure}&by={kind}"
            assert check_figures(signed_in(alice), address) > 12


def test_a_manager_of_a_team_sees_the_team_alone(alice: User, bob: User, charlie: User) -> None:
    put(bob, 1000, NEXT)
    put(charlie, 3000, NEXT)
    Salesperson.objects.filter(user=alice).update(sees="team")
    north = Team.objects.get(code="NORTH")
    TeamMembership.objects.create(
        team=north, salesperson=alice.salesperson, from_on=date(2020, 1, 1)
    )

    found = shown(User.objects.get(pk=alice.pk))

    assert found.total.cells[1].open.value == 1000
    assert str(charlie.salesperson) not in {str(line.who) for line in found.lines}
    address = f"{PAGE}?salesperson={charlie.salesperson.pk}"
    assert signed_in(alice).get(address).status_code == 400


def test_a_past_day_shows_what_stood_then(alice: User, bob: User) -> None:
    """Created ten days ago with 1,000; raised to 5,000 today."""
    before = today() - timedelta(days=10)
    row = at_stage(bob, 3, on=before, estimated_value=Decimal(1000), estimated_close_on=NEXT)
    lifecycle.update(row, by=bob, estimated_value=Decimal(5000))
    periods = [Period(*month_of(NEXT), MONTHS)]

    then = forecast_of(Scope(alice, Day(before + timedelta(days=1))), periods)
    earlier = forecast_of(Scope(alice, Day(before - timedelta(days=1))), periods)

    assert then.total.cells[0].open.value == 1000
    assert earlier.total.cells[0].open.value == 0
    response = signed_in(alice).get(f"{PAGE}?on={before + timedelta(days=1)}")
    assert "It is the past: nothing can be changed here." in response.content.decode()
    assert "/adjust/" not in response.content.decode()


def test_the_outlook_by_hand(alice: User, bob: User) -> None:
    """1,000 and 3,000 at 30 % each: 0 with 49 %, 1,000 and 3,000 with 21 % each, 4,000 with 9 %.

    Of the variance, 1,000² : 3,000² is 1 : 9.
    """
    small, big = put(bob, 1000, NEXT, 3), put(bob, 3000, NEXT, 3)
    set_targets([Wish(bob.salesperson.pk, NEXT, Decimal(2500))], by=alice)
    found = shown(alice)

    outlook = outlook_of(Scope(alice, Day(today())), found.total.cells[1])

    assert [each._number for each in outlook.percentiles] == [0, 1000, 3000]
    assert outlook.distribution.mean == found.total.cells[1].landing == 1200
    assert outlook.chance == pytest.approx(0.30)
    assert [(m.opportunity.pk, m.reading._number) for m in outlook.movers] == [
        (big.pk, pytest.approx(Decimal(90))), (small.pk, pytest.approx(Decimal(10))),
    ]  # fmt: skip


def test_an_adjustment_is_typed_with_its_reason_and_superseded(alice: User, bob: User) -> None:
    put(bob, 1000, NEXT, 3)
    address = f"{PAGE}{bob.salesperson.pk}/{NEXT:%Y-%m}/adjust/"
    client = signed_in(alice)
    assert "The system expects NOK 300:" in plain(client.get(address).content.decode())

    assert client.post(address, {"value": "250", "reason": " ", "seen": "0"}).status_code == 422
    wish = {"value": "250", "reason": "They wait", "seen": "0", "next": PAGE}
    assert client.post(address, wish)["Location"] == PAGE
    slower = client.post(address, wish | {"value": "200"})
    assert slower.status_code == 422
    assert "was faster" in slower.content.decode()
    current = bob.salesperson.adjustments.get()
    assert (current.value, current.system_value, current.adjusted_by) == (250, 300, alice)
    assert f'name="seen" value="{current.pk}"' in slower.content.decode()


@pytest.mark.parametrize(
    "query",
    ["?by=day", "?measure=x", "?start=2026", "?start=1999-01", "?period=2020-01", "?team=999999",
     "?salesperson=x", "?on=2999-01-01", "?known=x", "?a=1"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(alice: User, query: str) -> None:
    assert signed_in(alice).get(f"{PAGE}{query}").status_code == 400


@pytest.mark.parametrize("month", ["2026-13", "2026-1", "1999-01", "x", "2026-01-01"])
def test_a_month_that_is_none_is_not_found(alice: User, bob: User, month: str) -> None:
    assert signed_in(alice).get(f"{PAGE}{bob.salesperson.pk}/{month}/adjust/").status_code == 404


def test_nobody_adjusts_whom_he_does_not_see(alice: User, bob: User, charlie: User) -> None:
    Salesperson.objects.filter(user=alice).update(sees="team")
    address = f"{PAGE}{charlie.salesperson.pk}/{NEXT:%Y-%m}/adjust/"

    assert signed_in(alice).get(address).status_code == 404
    assert signed_in(bob).get(address).status_code == 403


def test_the_number_of_queries_is_fixed(alice: User, bob: User, charlie: User) -> None:
    client, counts = signed_in(alice), []
    for more in (1, 12):
        for n in range(more):
            put((bob, charlie)[n % 2], 1000 + n, shifted(NEXT, n % 5), 3)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_quarters_and_months_in_a_row() -> None:
    """From November: six months into April, or four quarters from October."""
    day = date(2026, 11, 25)
    months = periods_from(day, MONTHS)
    quarters = periods_from(day, QUARTERS)

    assert [p.key for p in months] == [
        "2026-11", "2026-12", "2027-01", "2027-02", "2027-03", "2027-04",
    ]  # fmt: skip
    assert [(p.first, p.last) for p in quarters[:2]] == [
        (date(2026, 10, 1), date(2026, 12, 31)), (date(2027, 1, 1), date(2027, 3, 31)),
    ]  # fmt: skip
    assert quarters[0].months == [date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1)]
    assert (quarters[0].quarter, months[0].kind) == (4, "month")
    assert month_from("2026-11") == date(2026, 11, 1)
