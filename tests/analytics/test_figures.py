"""The registry of figures, and every figure of every page opened (product.md, U9)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from django.db import connection
from django.template import Context, Template, TemplateSyntaxError
from django.test import Client
from django.test.utils import CaptureQueriesContext

from analytics.figures import FIGURES, OPEN_COUNT, Figure, Reading
from crm.dates import today
from opportunities import lifecycle
from salescycles.models import SalesCycle
from salespeople.models import Salesperson, Team, User
from tests.analytics.pages import check_figures
from tests.factories import CloseReasonFactory, SalesCycleFactory
from tests.opportunities.pages import STAGES, at_stage, signed_in

DAY = timedelta(days=1)


@pytest.fixture
def history(alice: User, bob: User, charlie: User) -> None:
    """Forty days: created, moved, re-valued, given away, won, lost, deleted, reopened."""
    cycle = SalesCycleFactory(stages=STAGES, is_default=True)
    early, late = today() - 40 * DAY, today() + 30 * DAY
    rows = [
        at_stage(seller, n % 4, sales_cycle=cycle, on=early, estimated_value=Decimal(1000 + n),
                 estimated_close_on=late + n * DAY)
        for n, seller in enumerate([bob, charlie, bob, charlie, bob, bob, charlie, bob])
    ]  # fmt: skip
    on = today() - 5 * DAY
    lifecycle.win(rows[1], by=charlie, on=on, reason=CloseReasonFactory())
    lifecycle.lose(rows[2], by=bob, on=on, reason=CloseReasonFactory(kind="lost"))
    lifecycle.delete(rows[0], by=bob, on=on)
    lifecycle.update(rows[3], by=charlie, on=on, estimated_value=Decimal("77.70"))
    lifecycle.reassign(rows[5], by=alice, on=on, salesperson=charlie.salesperson)
    lost = lifecycle.lose(rows[6], by=charlie, on=early, reason=CloseReasonFactory(kind="lost"))
    lifecycle.reopen(lost, by=charlie, on=on)
    at_stage(bob, 2, sales_cycle=cycle, on=on, estimated_close_on=late)


def manager_of_a_team(bob: User) -> User:
    """Return a manager who sees bob's team."""
    user: Any = User.objects.create(username="mona")
    from django.contrib.auth.models import Group

    user.groups.add(Group.objects.get(name="Manager"))
    team = bob.salesperson.memberships.get().team
    salesperson = Salesperson.objects.create(name="Mona", code="MONA", user=user, sees="team")
    salesperson.memberships.create(team=team, from_on=today() - 400 * DAY)
    return User.objects.get(pk=user.pk)


ADDRESSES = [
    "/analytics/bridge/?from={early}&until={today}",
    "/analytics/bridge/?from={early}&until={today}&measure=calculated&known=then",
    "/analytics/bridge/?from={middle}&until={today}&salesperson={bob}",
    "/analytics/bridge/?from={middle}&until={today}&team={team}&close_from={today}",
    "/analytics/bridge/?from={middle}&until={today}&salesperson={bob}&salesperson={charlie}",
    "/analytics/pipeline/?salesperson={bob}&salesperson={charlie}",
    "/analytics/pipeline/",
    "/analytics/pipeline/?by=salesperson&on={middle}",
    "/analytics/pipeline/?by=team&on={today}&known=then",
    "/analytics/pipeline/?by=team&team={team}",
    "/analytics/pipeline/?by=month&on={middle}&value_from=1002",
]


@pytest.mark.parametrize("role", ["manager of all", "manager of a team", "administrator"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_every_figure_opens_rows_that_add_up_to_it(
    history: None, alice: User, bob: User, charlie: User, dora: User, role: str, address: str
) -> None:
    users = {"manager of all": alice, "administrator": dora}
    user = users.get(role) or manager_of_a_team(bob)
    named = {
        "early": today() - 41 * DAY,
        "middle": today() - 10 * DAY,
        "today": today(),
        "bob": bob.salesperson.pk,
        "charlie": charlie.salesperson.pk if role != "manager of a team" else bob.salesperson.pk,
        "team": bob.salesperson.memberships.get().team_id,
    }

    assert check_figures(signed_in(user), address.format(**named)) >= 4


@pytest.mark.parametrize(
    ("address", "number"),
    [
        ("/analytics/pipeline/?by=stage&on={day}", 14),
        ("/analytics/pipeline/?by=team", 14),
        ("/analytics/bridge/?from={day}", 11),
        ("/analytics/bridge/rows/?from={day}&bar=created", 15),
        ("/opportunities/?on={day}&group=stage", 16),
        ("/pipeline/?on={day}", 15),
    ],
)
def test_the_number_of_queries_does_not_grow_with_the_rows(
    history: None, alice: User, bob: User, address: str, number: int
) -> None:
    client = signed_in(alice)
    address = address.format(day=today() - 20 * DAY)
    counts = []
    for _n in range(2):
        client.get(address)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200
        counts.append(len(queries))
        cycle = SalesCycle.objects.get(is_default=True)
        for stage in (0, 1, 2, 3):
            for back in (30, 5):
                at_stage(bob, stage, sales_cycle=cycle, on=today() - back * DAY)

    assert counts == [number, number]


def test_every_figure_is_described_once() -> None:
    for each in FIGURES.all():
        assert str(each.label)
        assert str(each.sentence).endswith((".", "…"))
    with pytest.raises(ValueError, match="already"):
        FIGURES.add(OPEN_COUNT)
    with pytest.raises(ValueError, match="no measure"):
        FIGURES.add(Figure(name="new", label="", sentence="", measure="guess"))


def test_a_template_prints_a_figure_together_with_its_link_only() -> None:
    reading = OPEN_COUNT.reading(5, "/rows/")
    load = "{% load figures %}"

    def printed(text: str, value: Any = reading) -> str:
        return Template(load + text).render(Context({"reading": value}))

    link = printed("{% figure reading %}")
    assert link.startswith('<a class="figure" href="/rows/"')
    assert link.endswith(">5</a>")
    assert printed("{{ reading }}") == link
    with pytest.raises(TemplateSyntaxError):
        printed("{{ reading._number }}")
    with pytest.raises(TemplateSyntaxError):
        printed("{% figure reading %}", 5)


@pytest.mark.parametrize(
    ("measure", "number", "text"),
    [
        ("amount", Decimal("-1234.5"), "-1,234.50"),
        ("amount", Decimal(7), "+"),
        ("share", Decimal(25), "25%"),
        ("value", Decimal("0.005"), "0.01"),
    ],
)
def test_numbers_are_written_as_people_read_them(measure: str, number: Decimal, text: str) -> None:
    figure = Figure(name="one", label="One", sentence="One.", measure=measure)

    link = Reading(figure, number, "/").link().replace("NOK\xa0", "")

    assert text in link


def test_the_page_says_what_it_stands_on(history: None, alice: User, bob: User) -> None:
    body = signed_in(alice).get("/analytics/bridge/").content.decode()
    team = signed_in(manager_of_a_team(bob)).get("/analytics/bridge/").content.decode()

    assert "the opportunities of everybody · days in the time zone Europe/Oslo" in body
    assert "the opportunities of the 2 salespeople whom you may see" in team


@pytest.mark.parametrize(
    "query",
    ["from=2031-01-01", "until=2001-01-01&from=2001-01-01", "from=x", "measure=weight",
     "known=soon", "salesperson=0", "value_from=-1", "status=open", "close_from=x"],
)  # fmt: skip
def test_wrong_parameters_are_refused(alice: User, query: str) -> None:
    for page in ("bridge/?", "bridge/rows/?bar=won&"):
        assert signed_in(alice).get(f"/analytics/{page}{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["on=2999-01-01", "by=weather", "status=open", "salesperson=0", "known=soon"]
)
def test_a_pipeline_that_cannot_be_shown_is_refused(alice: User, query: str) -> None:
    assert signed_in(alice).get(f"/analytics/pipeline/?{query}").status_code == 400


@pytest.mark.parametrize("by", ["stage", "salesperson", "month"])
def test_the_parts_add_up_to_the_whole(history: None, alice: User, by: str) -> None:
    page = signed_in(alice).get(f"/analytics/pipeline/?by={by}").context["page"]
    whole = [Decimal(reading._number) for reading in page.total[:3]]

    parts = [[Decimal(r._number) for r in line.readings[:3]] for line in page.lines]

    assert [sum(column) for column in zip(*parts, strict=True)] == whole


@pytest.mark.parametrize("address", ["/analytics/pipeline/?by=team", "/analytics/forecast/"])
def test_a_team_above_those_that_one_sees_is_not_told(
    history: None, bob: User, charlie: User, address: str
) -> None:
    """Its list would be refused; whoever was in none that one sees stands under his or her name."""
    north = bob.salesperson.memberships.get().team
    north.parent = Team.objects.create(code="NO", name="Norway")
    north.save()
    mona = manager_of_a_team(bob)
    client = signed_in(mona)

    html = BeautifulSoup(client.get(address).content, "html.parser")
    links = [str(a["href"]) for a in html.select("tbody a") if "team=" in str(a["href"])]

    assert "Norway" not in html.get_text()
    assert "North" in html.get_text()
    assert {client.get(urljoin(address, link)).status_code for link in links} == {200}


def test_who_was_at_home_elsewhere_keeps_a_line_of_the_pipeline(
    history: None, alice: User, bob: User, charlie: User
) -> None:
    """Mona sold for South then, and sees North today: her own rows add up with those of North."""
    mona = manager_of_a_team(bob)
    membership = mona.salesperson.memberships.get()
    membership.from_on = today()
    membership.save()
    south = charlie.salesperson.memberships.get().team
    mona.salesperson.memberships.create(
        team=south, from_on=today() - 400 * DAY, until_on=today() - DAY
    )
    at_stage(mona, 1, on=today() - 20 * DAY)
    address = f"/analytics/pipeline/?by=team&on={today() - 10 * DAY}"

    page = signed_in(mona).get(address).context["page"]

    assert [str(line.label) for line in page.lines] == ["North", "Mona"]
    assert sum(line.readings[0]._number for line in page.lines) == page.total[0]._number
    check_figures(signed_in(mona), address)


def test_a_team_counts_those_below_it_by_the_home_of_that_day(
    history: None, alice: User, bob: User
) -> None:
    """North lies below Norway; whoever is in no team stands apart."""
    north = bob.salesperson.memberships.get().team
    north.parent = Team.objects.create(code="NO", name="Norway")
    north.save()
    at_stage(alice, 1)

    page = signed_in(alice).get("/analytics/pipeline/?by=team").context["page"]
    lines = {str(line.label): line for line in page.lines}

    assert list(lines) == ["Norway", "North", "South", "Without a team"]
    assert [line.depth for line in lines.values()] == [0, 1, 0, 0]
    assert lines["Norway"].readings[0]._number == lines["North"].readings[0]._number
    assert check_figures(signed_in(alice), "/analytics/pipeline/?by=team") == 24


@pytest.mark.parametrize(
    "query",
    ["", "bar=opening", "bar=won&after=x", "bar=won&after=NaN:1", "bar=won&after=1e999999:1"],
)
def test_a_bar_that_there_is_not_is_refused(alice: User, query: str) -> None:
    assert signed_in(alice).get(f"/analytics/bridge/rows/?{query}").status_code == 400


def test_an_empty_bridge_says_so(alice: User) -> None:
    client = signed_in(alice)

    assert client.get("/analytics/bridge/").status_code == 200
    assert (
        "No opportunity stands in this bar"
        in client.get("/analytics/bridge/rows/?bar=won").content.decode()
    )


def test_a_salesperson_is_told_whose_page_it_is(bob: User) -> None:
    response = signed_in(bob).get("/analytics/bridge/")

    assert response.status_code == 403
    assert "for managers" in response.content.decode()
    assert Client().get("/analytics/bridge/").status_code == 302
