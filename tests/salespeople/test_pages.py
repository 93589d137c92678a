"""The pages of salespeople and teams: filters, sorts, pages, and figures that add up (R150)."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from crm.dates import today
from crm.money import format_money
from opportunities import lifecycle
from opportunities.models import Opportunity
from salespeople.figures import Figures, MemberFigures
from salespeople.models import Salesperson, Team, User
from salespeople.targets import Wish, set_targets
from salespeople.views import SORTS
from tasks import lifecycle as task_door
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    SalesCycleFactory,
    SalespersonFactory,
    TeamFactory,
    TeamMembershipFactory,
    make_opportunity,
    make_task,
)
from tests.opportunities.pages import plain, signed_in, won

LAST_YEAR = date(today().year - 1, 6, 1)
# Multiplied, completed by chances: 2 % at stage 1, 20 % at stage 2, 72 % at stage 3.
STAGES = [(10, 20, ""), (50, 40, ""), (90, 80, "")]


@pytest.fixture
def north(bob: User) -> Team:
    """The team of bob."""
    return Team.objects.get(code="NORTH")


def mate_of(team: Team, **options: Any) -> Salesperson:
    """Return another salesperson at home in the team."""
    salesperson = SalespersonFactory(**options)
    TeamMembershipFactory(team=team, salesperson=salesperson)
    return salesperson


def sold(by: User, value: int, **options: Any) -> Opportunity:
    """Return one that was won, today unless `on` says otherwise."""
    opportunity = at(by, 1, value, **options)
    return lifecycle.win(opportunity, by=by, reason=CloseReasonFactory(), on=options.get("on"))


def at(by: User, stage: int, value: int, **options: Any) -> Opportunity:
    """Return one of that value at a stage of `STAGES`; 0 is not started."""
    cycle = SalesCycleFactory(stages=STAGES)
    return make_opportunity(
        by, stage=stage, estimated_value=Decimal(value), sales_cycle=cycle, **options
    )


def fill(bob: User) -> None:
    """Give bob one of each kind; a deleted one counts nowhere."""
    at(bob, 0, 500)
    at(bob, 1, 1000)
    at(bob, 2, 2000)
    sold(bob, 3000)
    lost = at(bob, 1, 4000)
    lifecycle.lose(lost, by=bob, reason=CloseReasonFactory(kind="lost"))
    lifecycle.delete(at(bob, 0, 7777), by=bob)


def sums_at(user: User, query: str) -> tuple[int, Decimal, Decimal]:
    """Return what the list of opportunities adds up behind a link."""
    response = signed_in(user).get(f"/opportunities/?{query}")
    assert response.status_code == 200, query
    sums = response.context["sums"]
    return sums.count, sums.value, sums.calculated


def sums_of(figures: Figures) -> tuple[int, Decimal, Decimal]:
    """Return number and sums of a figure."""
    return figures.number, figures.estimated_value, figures.calculated_value


def context(user: User, address: str) -> Any:
    """Return what the page shows."""
    response = signed_in(user).get(address)
    assert response.status_code == 200, address
    return response.context


def names(user: User, query: str = "") -> list[str]:
    """Return the names on the list of salespeople, in their order."""
    return [row.name for row in context(user, f"/salespeople/{query}")["page"].rows]


# The list.


def test_the_list_shows_whom_one_sees_by_name(alice: User, bob: User, charlie: User) -> None:
    assert names(alice) == ["Alice", "Bob", "Charlie"]
    assert names(bob) == ["Bob"]


def test_the_list_is_empty_with_a_reason_for_who_sees_nobody(bob: User) -> None:
    Salesperson.objects.filter(user=bob).update(user=None)

    page = signed_in(User.objects.get(pk=bob.pk)).get("/salespeople/")

    assert list(page.context["page"].rows) == []
    assert "An administrator can change that." in page.content.decode()


@pytest.mark.parametrize("query", ["?q=charl", "?q=CHARLIE", "?q=c%40sells", "?q=+Charlie+"])
def test_the_text_finds_name_code_and_e_mail(
    alice: User, bob: User, charlie: User, query: str
) -> None:
    Salesperson.objects.filter(user=charlie).update(email="c@sells.example")

    assert names(alice, query) == ["Charlie"]


def test_blocked_ones_are_shown_when_asked_for(alice: User) -> None:
    SalespersonFactory(name="Olga", is_blocked=True)

    assert names(alice) == ["Alice"]
    assert names(alice, "?blocked=yes") == ["Olga"]
    assert names(alice, "?blocked=any") == ["Alice", "Olga"]


def test_a_team_is_found_with_the_teams_below_it_by_the_home_of_today(
    alice: User, bob: User, charlie: User, north: Team
) -> None:
    below = TeamFactory(parent=north)
    mate_of(below, name="Dagny")
    gone = SalespersonFactory(name="Egil")
    TeamMembershipFactory(team=north, salesperson=gone, until_on=today())
    TeamMembershipFactory(team=north, salesperson=charlie.salesperson, is_home=False)

    assert names(alice, f"?team={north.pk}") == ["Bob", "Dagny"]
    assert names(alice, f"?team={below.pk}") == ["Dagny"]


def test_the_columns_of_the_list_add_up(alice: User, bob: User, north: Team) -> None:
    fill(bob)
    sold(bob, 9000, on=LAST_YEAR)

    row = context(alice, "/salespeople/?q=BOB")["page"].rows[0]

    assert (row.team_id, row.team_name) == (north.pk, "North")
    assert (row.open_number, row.open_estimated, row.open_calculated) == (3, 3500, 420)
    assert (row.won_this_year_number, row.won_this_year_calculated) == (1, 3000)
    assert sums_at(alice, row.open_query) == (3, 3500, 420)
    assert sums_at(alice, row.won_query) == (1, 3000, 3000)


def test_every_sort_orders_the_list_and_its_reverse(alice: User, bob: User, charlie: User) -> None:
    at(bob, 2, 1000)
    sold(charlie, 500)
    expected = {
        "name": ["Alice", "Bob", "Charlie"],
        "code": ["Alice", "Bob", "Charlie"],
        "team": ["Bob", "Charlie", "Alice"],
        "number": ["Alice", "Charlie", "Bob"],
        "value": ["Alice", "Charlie", "Bob"],
        "calculated": ["Alice", "Charlie", "Bob"],
        "won": ["Alice", "Bob", "Charlie"],
    }

    assert {sort: names(alice, f"?sort={sort}") for sort in SORTS} == expected
    expected_back = {sort: rows[::-1] for sort, rows in expected.items()}
    expected_back["team"] = ["Charlie", "Bob", "Alice"]  # whoever has no team comes last
    assert {sort: names(alice, f"?sort=-{sort}") for sort in SORTS} == expected_back


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{sort}" for sort in SORTS)])
def test_pages_lead_through_everybody_once_and_back(alice: User, sort: str) -> None:
    teams = [TeamFactory(name=name) for name in ("Beta", "Alpha")]
    for n in range(54):
        salesperson = SalespersonFactory(name=f"Nr {n % 7}")
        if n % 3:
            TeamMembershipFactory(team=teams[n % 2], salesperson=salesperson)
        if n % 10 == 0:
            at(alice, 1, 100 * n + 1, salesperson=salesperson)

    first = context(alice, f"/salespeople/?sort={sort}")["page"]
    second = context(alice, f"/salespeople/?sort={sort}&cursor={first.next_cursor}")["page"]
    back = context(alice, f"/salespeople/?sort={sort}&cursor={second.previous_cursor}")["page"]

    assert (len(first.rows), len(second.rows), second.next_cursor) == (50, 5, None)
    assert {row.pk for row in [*first.rows, *second.rows]} == set(
        Salesperson.objects.values_list("pk", flat=True)
    )
    assert [row.pk for row in back.rows] == [row.pk for row in first.rows]


HOSTILE = [
    "?sort=", "?sort=salary", "?sort=--name", "?sort=user__password", "?cursor=x", "?cursor=AAAA",
    "?cursor=W10", "?cursor=WyJuIiwxXQ", "?cursor=" + "A" * 5000, "?team=x", "?team=0",
    "?team=-1", f"?team={'9' * 400}", "?team=%00", "?blocked=no", "?blocked=%00", "?q=%00",
    f"?q={'x' * 201}", "?q=a&q=b", "?unheard=1", "?page=2",
]  # fmt: skip


@pytest.mark.parametrize("query", HOSTILE, ids=lambda q: q[:24])
def test_the_list_refuses_what_it_does_not_know(bob: User, query: str) -> None:
    expected = 200 if query == "?sort=" else 400

    assert signed_in(bob).get(f"/salespeople/{query}").status_code == expected


def test_a_team_that_one_does_not_see_is_no_choice(bob: User, charlie: User) -> None:
    south = Team.objects.get(code="SOUTH")

    assert signed_in(bob).get(f"/salespeople/?team={south.pk}").status_code == 400


def test_the_list_refuses_a_value_of_another_sort(alice: User) -> None:
    for n in range(51):
        SalespersonFactory(name=f"Nr {n}")
    cursor = context(alice, "/salespeople/?sort=name")["page"].next_cursor

    response = signed_in(alice).get(f"/salespeople/?sort=value&cursor={cursor}")

    assert response.status_code == 400


@pytest.mark.parametrize("address", ["", "teams/", "{pk}/", "teams/{team}/"])
def test_the_pages_are_to_look_at_only(bob: User, north: Team, address: str) -> None:
    path = f"/salespeople/{address}".format(pk=bob.salesperson.pk, team=north.pk)

    assert signed_in(bob).post(path).status_code == 405


# The page of a salesperson.


def test_the_figures_of_r150_are_over_all_started_ones(bob: User) -> None:
    fill(bob)

    figures = context(bob, f"/salespeople/{bob.salesperson.pk}/")["figures"]

    # In progress 1000 at 2 % and 2000 at 20 %, won 3000, lost 4000 (worth 0).
    estimated = Decimal(1000 + 2000 + 3000 + 4000)
    calculated = Decimal(20 + 400 + 3000 + 0)
    assert sums_of(figures.started) == (4, estimated, calculated)
    assert figures.started.average_estimated_value == estimated / 4
    assert figures.started.average_calculated_value == calculated / 4
    # Those not started are open, and worth nothing yet.
    assert sums_of(figures.open) == (3, Decimal(500 + 1000 + 2000), Decimal(420))
    assert sums_of(figures.won) == (1, Decimal(3000), Decimal(3000))


def test_the_averages_over_none_are_0(bob: User) -> None:
    figures = context(bob, f"/salespeople/{bob.salesperson.pk}/")["figures"]

    for found in (figures.started, figures.open, figures.won, figures.won_this_year):
        assert sums_of(found) == (0, 0, 0)
        assert (found.average_estimated_value, found.average_calculated_value) == (0, 0)


def test_an_average_is_shown_with_two_decimals_rounded_half_up(bob: User) -> None:
    for value in (100, 100, 105):
        at(bob, 1, value)

    page = signed_in(bob).get(f"/salespeople/{bob.salesperson.pk}/").content.decode()

    assert "NOK 101.67" in plain(page)  # 305 ÷ 3


def test_the_figures_are_those_of_the_salesperson_alone(bob: User, north: Team) -> None:
    mate = mate_of(north)
    fill(bob)
    at(bob, 1, 100, salesperson=mate)

    figures = context(bob, f"/salespeople/{mate.pk}/")["figures"]

    assert sums_of(figures.started) == (1, Decimal(100), Decimal(2))


def test_what_was_handed_over_counts_for_whom_it_has_now(alice: User, bob: User) -> None:
    opportunity = at(bob, 1, 1000)
    lifecycle.reassign(opportunity, by=alice, salesperson=alice.salesperson)

    figures = {
        user: context(alice, f"/salespeople/{user.salesperson.pk}/")["figures"].started.number
        for user in (alice, bob)
    }

    assert figures == {alice: 1, bob: 0}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", (3, 1, 2)),
        (f"?close_from={today().isoformat()}", (2, 1, 1)),
        (f"?close_from={today().isoformat()}&close_until={today().isoformat()}", (1, 0, 1)),
        (f"?close_until={LAST_YEAR.isoformat()}", (1, 0, 1)),
        (f"?close_from=&close_until={(LAST_YEAR - timedelta(days=1)).isoformat()}", (0, 0, 0)),
    ],
)
def test_the_close_dates_limit_every_figure_but_the_year(
    bob: User, query: str, expected: tuple[int, int, int]
) -> None:
    """What was won closes on the day it was won."""
    at(bob, 1, 1000, estimated_close_on=today() + timedelta(days=1))
    sold(bob, 2000)
    sold(bob, 3000, on=LAST_YEAR)

    shown = context(bob, f"/salespeople/{bob.salesperson.pk}/{query}")
    figures = shown["figures"]

    assert (figures.started.number, figures.open.number, figures.won.number) == expected
    assert len(shown["opportunities"]) == expected[1]
    assert sums_of(figures.won_this_year) == (1, 2000, 2000)


@pytest.mark.parametrize(
    "query",
    [
        "?close_from=x",
        "?close_from=%00",
        "?close_from=2026-02-30",
        f"?close_from={'9' * 400}",
        "?close_until=NaN",
        "?close_from=2026-02-02&close_until=2026-02-01",
        "?close_from=2026-02-02&close_from=2026-02-02",
        "?status=open",
        "?on=2026-01-01",
    ],
    ids=lambda q: q[:30],
)
def test_the_page_of_a_salesperson_refuses_what_is_no_range(bob: User, query: str) -> None:
    address = f"/salespeople/{bob.salesperson.pk}/{query}"

    assert signed_in(bob).get(address).status_code == 400


def test_the_extremes_of_the_calendar_are_a_range(bob: User) -> None:
    fill(bob)

    figures = context(
        bob, f"/salespeople/{bob.salesperson.pk}/?close_from=0001-01-01&close_until=9999-12-31"
    )["figures"]

    assert figures.won.number == 1


def test_the_contacts_of_a_salesperson_are_counted_as_listed(bob: User) -> None:
    CompanyFactory(salesperson=bob.salesperson)
    CompanyFactory(salesperson=bob.salesperson, is_blocked=True)
    CompanyFactory()

    shown = context(bob, f"/salespeople/{bob.salesperson.pk}/")
    listed = context(bob, f"/contacts/?salesperson={bob.salesperson.pk}")

    assert shown["contacts"] == 2
    assert len(listed["page"].rows) == 2


def test_the_teams_on_the_page_are_those_one_sees_the_newest_first(
    bob: User, charlie: User, north: Team
) -> None:
    south = Team.objects.get(code="SOUTH")
    own = bob.salesperson.memberships.get()
    other = TeamMembershipFactory(
        team=TeamFactory(parent=north), salesperson=bob.salesperson, is_home=False, from_on=today()
    )
    TeamMembershipFactory(team=south, salesperson=bob.salesperson, is_home=False)

    assert context(bob, f"/salespeople/{bob.salesperson.pk}/")["memberships"] == [other, own]


def test_a_stranger_and_nobody_are_not_found(bob: User, charlie: User) -> None:
    client = signed_in(bob)

    assert client.get(f"/salespeople/{charlie.salesperson.pk}/").status_code == 404
    assert client.get("/salespeople/999999/").status_code == 404
    assert client.get(f"/salespeople/{'9' * 19}/").status_code == 404
    assert client.get("/salespeople/teams/999999/").status_code == 404


# Teams.


@pytest.fixture
def tree(alice: User, bob: User, charlie: User, north: Team) -> dict[str, Team]:
    """Sales ⊃ (North ⊃ Coast ⊃ Islands), South; bob in North, dagny in Islands."""
    sales = TeamFactory(code="SALES", name="Sales")
    Team.objects.filter(code__in=["NORTH", "SOUTH"]).update(parent=sales)
    coast = TeamFactory(code="COAST", name="Coast", parent=north)
    islands = TeamFactory(code="ISLANDS", name="Islands", parent=coast)
    dagny = mate_of(islands, name="Dagny", code="DAGNY")
    fill(bob)
    at(alice, 2, 10_000, salesperson=dagny)
    sold(alice, 700, salesperson=dagny)
    at(charlie, 3, 100)
    return {team.code: team for team in Team.objects.all()}


def test_the_tree_stands_in_order_with_figures_that_include_the_teams_below(
    alice: User, tree: dict[str, Team]
) -> None:
    rows = context(alice, "/salespeople/teams/")["rows"]

    found = [
        (r.team.code, r.depth, r.members, r.figures.open.number, r.figures.won_this_year.number)
        for r in rows
    ]
    assert found == [
        ("SALES", 0, 3, 5, 2),
        ("NORTH", 1, 2, 4, 2),
        ("COAST", 2, 1, 1, 1),
        ("ISLANDS", 3, 1, 1, 1),
        ("SOUTH", 1, 1, 1, 0),
    ]
    north = rows[1].figures
    assert sums_of(north.open) == (4, Decimal(13_500), Decimal(420 + 2000))
    assert sums_of(north.won_this_year) == (2, Decimal(3700), Decimal(3700))


def test_the_tree_is_indented_by_its_depth(alice: User, tree: dict[str, Team]) -> None:
    page = signed_in(alice).get("/salespeople/teams/").content.decode()

    assert page.count("tree-indent") == 0 + 1 + 2 + 3 + 1


def test_a_team_whose_parent_is_hidden_stands_at_the_top(bob: User, tree: dict[str, Team]) -> None:
    rows = context(bob, "/salespeople/teams/")["rows"]

    assert [(r.team.code, r.depth) for r in rows] == [("NORTH", 0), ("COAST", 1), ("ISLANDS", 2)]


def test_nobody_in_sight_shows_no_teams_with_a_reason(bob: User) -> None:
    bob.salesperson.memberships.all().delete()

    page = signed_in(bob).get("/salespeople/teams/")

    assert page.context["rows"] == []
    assert "You belong to no team today" in page.content.decode()


def test_the_page_of_a_team_shows_members_of_today_to_come_and_gone(
    alice: User, bob: User, charlie: User, tree: dict[str, Team]
) -> None:
    north = tree["NORTH"]
    gone, coming, helper = (SalespersonFactory(name=name) for name in ("Gro", "Carl", "Hans"))
    TeamMembershipFactory(team=north, salesperson=gone, until_on=today())
    TeamMembershipFactory(team=north, salesperson=coming, from_on=today() + timedelta(days=1))
    TeamMembershipFactory(team=north, salesperson=helper, is_home=False)

    page = context(alice, f"/salespeople/teams/{north.pk}/")["page"]

    assert [(m.membership.salesperson.name, m.figures is None) for m in page.members] == [
        ("Bob", False),
        ("Hans", True),
    ]
    assert [m.salesperson for m in page.gone] == [gone]
    assert [m.salesperson for m in page.to_come] == [coming]
    assert [row.team.code for row in page.below] == ["COAST", "ISLANDS"]
    assert sums_of(page.total.open) == (4, Decimal(13_500), Decimal(2420))
    assert page.hidden == 0


def test_the_page_of_a_team_says_how_many_members_are_hidden(
    bob: User, charlie: User, north: Team
) -> None:
    TeamMembershipFactory(team=north, salesperson=charlie.salesperson, is_home=False)

    response = signed_in(bob).get(f"/salespeople/teams/{north.pk}/")

    assert response.context["page"].hidden == 1
    assert "Charlie" not in response.content.decode()
    assert "1 member whom you do not see" in plain(response.content.decode())


def test_a_team_without_anybody_says_so(alice: User) -> None:
    team = TeamFactory()

    page = signed_in(alice).get(f"/salespeople/teams/{team.pk}/")

    assert "No members today" in page.content.decode()
    assert page.context["page"].total == MemberFigures(
        Figures(0, Decimal(0), Decimal(0), page.context["page"].total.open.query),
        Figures(0, Decimal(0), Decimal(0), page.context["page"].total.won_this_year.query),
    )


# Every number is a link, and every link adds up (product.md, U9).


def links(page: str) -> Iterator[tuple[str, str]]:
    """Yield the parameters and the text of each link to the list of opportunities."""
    pattern = r'<a[^>]*?href="/opportunities/\?([^"]*)"[^>]*>([^<]*)</a>'
    for query, text in re.findall(pattern, page):
        yield unescape(query), plain(text).strip()


@pytest.mark.parametrize("who", ["alice", "bob", "dora"])
@pytest.mark.parametrize("address", ["", "teams/", "{bob}/", "{bob}/?close_from=2020-01-01",
                                     "teams/{north}/", "teams/{coast}/"])  # fmt: skip
def test_every_number_on_the_pages_is_that_of_the_rows_behind_it(
    who: str, address: str, tree: dict[str, Team], request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    bob = Salesperson.objects.get(code="BOB")
    path = address.format(bob=bob.pk, north=tree["NORTH"].pk, coast=tree["COAST"].pk)

    page = signed_in(user).get(f"/salespeople/{path}").content.decode()

    found = list(links(page))
    assert found
    for query, text in found:
        count, value, calculated = sums_at(user, query)
        amounts = [value, calculated, value / (count or 1), calculated / (count or 1)]
        words = {
            str(count),
            f"All {count}",
            *(plain(format_money(a, is_brief=True)) for a in amounts),
        }
        assert text in words, query


@pytest.mark.parametrize("who", ["alice", "bob"])
def test_every_figure_of_the_tree_adds_up_behind_its_link(
    who: str, tree: dict[str, Team], request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(who)
    for row in context(user, "/salespeople/teams/")["rows"]:
        for figures in (row.figures.open, row.figures.won_this_year):
            assert sums_at(user, figures.query) == sums_of(figures), row.team
        members = context(user, f"/salespeople/?team={row.team.pk}&blocked=any")["page"].rows
        assert len(members) == row.members


def test_every_figure_of_a_salesperson_adds_up_behind_its_link(alice: User, bob: User) -> None:
    fill(bob)
    sold(bob, 9000, on=LAST_YEAR)
    at(bob, 1, 50, estimated_close_on=today() + timedelta(days=500))
    span = f"?close_from={LAST_YEAR.isoformat()}&close_until={today().isoformat()}"

    for query in ("", span):
        figures = context(alice, f"/salespeople/{bob.salesperson.pk}/{query}")["figures"]
        for found in (figures.started, figures.open, figures.won, figures.won_this_year):
            assert sums_at(alice, found.query) == sums_of(found)


def test_the_started_ones_are_listed_as_such(bob: User) -> None:
    fill(bob)

    response = signed_in(bob).get("/opportunities/?status=started")

    assert {row.status for row in response.context["page"].rows} == {"in_progress", "won", "lost"}
    ((_label, tabs),) = response.context["switches"]
    assert [str(tab.label) for tab in tabs if tab.is_active] == ["Started"]
    ((_label, plain_tabs),) = context(bob, "/opportunities/")["switches"]
    assert "Started" not in [str(tab.label) for tab in plain_tabs]


def test_the_salespersons_page_tells_of_the_next_task_and_the_target(
    alice: User, bob: User
) -> None:
    """R172: the earliest date of the open tasks; target and won of month and quarter."""
    make_task(bob, description="Later", due_on=today() + timedelta(days=9))
    make_task(bob, description="Sooner", due_on=today() + timedelta(days=2))
    task_door.complete(make_task(bob, description="Done", due_on=today()), by=bob)
    month = today().replace(day=1)
    wish = Wish(bob.salesperson.pk, month, Decimal(4000))
    set_targets([wish], by=alice)
    won(bob)

    page = signed_in(bob).get(f"/salespeople/{bob.salesperson.pk}/").context

    assert page["tasks"].next_on == today() + timedelta(days=2)
    assert [task.description for task in page["tasks"].rows] == ["Sooner", "Later"]
    assert [(p.won, p.pace.target, p.is_quarter) for p in page["periods"]] == [
        (1000, 4000, False), (1000, 4000, True),
    ]  # fmt: skip
    for period in page["periods"]:
        rows = signed_in(bob).get(f"/opportunities/?{period.query}").context["sums"]
        assert (rows.count, rows.calculated) == (1, 1000)
    rows = signed_in(bob).get(f"/tasks/?salesperson={bob.salesperson.pk}").context["page"].rows
    assert len(rows) == page["tasks"].count == 2


def test_the_teams_page_lists_what_its_members_may_take(alice: User, bob: User) -> None:
    team = bob.salesperson.memberships.get().team
    make_task(alice, description="Stand at the fair", team=team)
    make_task(bob, description="My own")

    page = signed_in(bob).get(f"/salespeople/teams/{team.pk}/")

    assert [task.description for task in page.context["tasks"].rows] == ["Stand at the fair"]
    assert "nobody has taken it" in page.content.decode()
