"""The page of chances checked: its numbers open their rows; adopting and taking back."""

from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from analytics import adopting
from analytics.chances import FLOOR, Observed
from analytics.models import AdoptedChance
from opportunities.models import Opportunity
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.models import Salesperson, User
from tests.analytics.pages import check_figures
from tests.analytics.test_checking import World
from tests.factories import SalesCycleFactory, UserFactory
from tests.opportunities.pages import plain, signed_in

PAGE = "/analytics/chances/"
WON, LOST = 9, 13


@pytest.fixture
def world(alice: User) -> World:
    """Return 22 that were at the first stage, 9 of them won; 3 of those had been at the second."""
    world = World(alice)
    for n in range(WON + LOST):
        row = world.create(n)
        if n < 3:
            world.act(row, "move", 30 + n, 1)
        world.act(row, "win" if n < WON else "lose", 100 + n)
    return world


def page(user: User, query: str = "") -> BeautifulSoup:
    response = signed_in(user).get(f"{PAGE}{query}")
    assert response.status_code == 200
    return BeautifulSoup(response.content, "html.parser")


def test_each_share_opens_the_rows_that_it_counts(world: World, alice: User) -> None:
    shares = page(alice).select("[data-observed]")

    told = [plain(share.get_text(" ", strip=True)) for share in shares]
    assert told == ["9 of 22", "3 of 3", "0 of 0", "0 of 0"]
    assert check_figures(signed_in(alice), PAGE) == 17


def test_the_period_leaves_out_what_closed_before(world: World, alice: User) -> None:
    """All closed 300 days ago; another 14 months ago, which only 24 months cover."""
    first = page(alice, "?months=12").select_one("[data-observed]")

    assert first is not None
    assert plain(first.get_text(" ", strip=True)) == "9 of 22"


def test_a_salesperson_is_refused_with_who_may(bob: User) -> None:
    response = signed_in(bob).get(PAGE)

    assert response.status_code == 403
    assert "These pages are for managers." in response.content.decode()


@pytest.mark.parametrize("query", ["?months=13", "?months=x", "?cycle=999999", "?cycle=x", "?a=1"])
def test_what_cannot_be_read_is_refused(alice: User, query: str) -> None:
    assert signed_in(alice).get(f"{PAGE}{query}").status_code == 400


def test_without_a_cycle_or_without_closed_ones_it_says_so(alice: User) -> None:
    assert "No sales cycle yet" in page(alice).get_text()

    SalesCycleFactory(stages=[(50, 50, "")])
    assert "Too little has closed yet" in page(alice).get_text()


def offered(soup: BeautifulSoup) -> dict[str, Any]:
    form = soup.select_one('form[action$="/adopt/"]')
    assert form is not None
    return {str(i["name"]): i["value"] for i in form.select("input")} | {"url": form["action"]}


def test_an_administrator_adopts_what_was_learned_and_takes_it_back(
    world: World, dora: User
) -> None:
    """Stage 1 has 10 % completed × 20 % chances = 2 %; (9 + 20 × 0.02) / 42 = 22.38 %.

    With Multiply, 22.38 % ÷ 10 % would need chances above 100: nothing is
    offered; with chances alone, 20 % told, (9 + 20 × 0.2) / 42 = 30.95 %.
    """
    assert page(dora).select_one('form[action$="/adopt/"]') is None
    SalesCycle.objects.update(probability_calculation="chances")
    form = offered(page(dora))
    assert (form["seen"], form["chances"]) == ("20.00", "30.95")

    client = signed_in(dora)
    answer = client.post(form.pop("url"), form, follow=True)

    stage = world.stages[0]
    stage.refresh_from_db()
    assert stage.chances_of_success == Decimal("30.95")
    assert "now has chances of 30.95%; it had 20" in plain(answer.content.decode())
    adopted = AdoptedChance.objects.get()
    assert (adopted.before, adopted.after, adopted.won, adopted.count) == (
        Decimal(20), Decimal("30.95"), 9, 22,
    )  # fmt: skip

    client.post(f"{PAGE}{adopted.pk}/revert/", {"next": PAGE})
    stage.refresh_from_db()
    assert stage.chances_of_success == 20


def test_what_was_counted_is_told_to_whoever_sees_all(
    world: World, alice: User, dora: User
) -> None:
    """An administrator counts everybody's; a manager of a team reads the chances alone."""
    observed = Observed(9, 22)
    adopting.adopt(
        world.stages[0], by=dora, chances=Decimal(30), observed=observed, seen=Decimal(20)
    )
    assert "9 of 22 had been won" in adopted_by(alice)

    Salesperson.objects.filter(user=alice).update(sees="own")

    listed = adopted_by(User.objects.get(pk=alice.pk))
    assert "set “Stage 1” from 20" in listed
    assert "22" not in listed


def adopted_by(user: User) -> str:
    """Return what the page tells of adopted chances."""
    found = page(user).select_one("section[aria-labelledby=adopted-title] .flex-fill")
    assert found is not None
    return plain(found.get_text(" ", strip=True))


def test_whoever_sees_nobody_is_shown_that_too_little_has_closed(world: World) -> None:
    answer = page(UserFactory(username="mona", role="Manager"), f"?cycle={world.cycle.pk}")

    assert "Too little has closed yet" in answer.get_text()


def test_what_has_changed_meanwhile_is_not_adopted(world: World, dora: User) -> None:
    SalesCycle.objects.update(probability_calculation="chances")
    form = offered(page(dora))
    SalesCycleStage.objects.filter(pk=world.stages[0].pk).update(chances_of_success=25)

    answer = signed_in(dora).post(form.pop("url"), form, follow=True)

    assert "The figures have changed meanwhile" in answer.content.decode()
    assert AdoptedChance.objects.count() == 0


def test_a_manager_reads_and_does_not_adopt(world: World, alice: User) -> None:
    SalesCycle.objects.update(probability_calculation="chances")

    assert "An administrator can adopt it." in page(alice).get_text()
    address = f"{PAGE}{world.stages[0].pk}/adopt/"
    assert signed_in(alice).post(address, {}).status_code == 403


def test_the_door_refuses_who_may_not_and_what_is_stale(
    world: World, alice: User, dora: User
) -> None:
    stage, observed = world.stages[0], Observed(9, 22)
    with pytest.raises(PermissionDenied):
        adopting.adopt(stage, by=alice, chances=Decimal(30), observed=observed, seen=Decimal(20))
    with pytest.raises(ValidationError, match="meanwhile"):
        adopting.adopt(stage, by=dora, chances=Decimal(30), observed=observed, seen=Decimal(19))
    with pytest.raises(ValidationError, match="already"):
        adopting.adopt(stage, by=dora, chances=Decimal(20), observed=observed, seen=Decimal(20))

    adopted = adopting.adopt(
        stage, by=dora, chances=Decimal(30), observed=observed, seen=Decimal(20)
    )
    SalesCycleStage.objects.filter(pk=stage.pk).update(chances_of_success=31)
    with pytest.raises(ValidationError, match="changed since"):
        adopting.revert(adopted, by=dora)
    SalesCycleStage.objects.filter(pk=stage.pk).update(chances_of_success=30)
    adopting.revert(adopted, by=dora)
    with pytest.raises(ValidationError, match="taken back already"):
        adopting.revert(adopted, by=dora)


@pytest.mark.parametrize(
    ("calculation", "completed", "probability", "chances"),
    [
        ("multiply", 40, 0.2, Decimal(50)),
        ("multiply", 40, 0.5, None),
        ("multiply", 0, 0.2, None),
        ("add", 40, 0.5, Decimal(60)),
        ("add", 90, 0.2, None),
        ("chances", 40, 0.333333, Decimal("33.33")),
        ("completed", 40, 0.4, None),
    ],
)
def test_chances_that_give_a_probability(
    calculation: str, completed: int, probability: float, chances: Decimal | None
) -> None:
    """R86–R89 read backwards: × completed, the mean with it, itself, or nothing."""
    cycle = SalesCycle(probability_calculation=calculation)
    stage = SalesCycleStage(sales_cycle=cycle, completed=Decimal(completed))

    assert adopting.chances_for(stage, probability) == chances


def test_the_page_has_as_many_queries_for_any_number_of_rows(world: World, alice: User) -> None:
    assert Opportunity.objects.count() == WON + LOST > FLOOR
    client, counts = signed_in(alice), []
    for more in (0, 4):
        for n in range(more):
            row = world.create(50 + n)
            world.act(row, "win", 200 + n)
        client.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))

    assert counts[0] == counts[1]
