"""Every figure of every page, opened as the same person and compared with its rows (U9).

The managers' pages are those of the table of rights: a new one is walked as
soon as it has an address, and fails while it has no figures.
"""

import html
import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from django.conf import settings
from django.test import Client

from crm.money import format_money_brief
from salespeople.models import User
from tests.analytics.pages import NOT_ADDED, figures_on, number_of_sums
from tests.analytics.test_figures import manager_of_a_team
from tests.opportunities.pages import at_stage, signed_in
from tests.test_house import RIGHTS, House

# Pages that show rows, or a form, or lead to the others.
WITHOUT_FIGURES = {
    "analytics:index",
    "analytics:adjust",
    "analytics:bridge_rows",
    "analytics:review_rows",
}
PAGES = sorted(
    name
    for name, rights in RIGHTS.items()
    if name.startswith("analytics:") and rights[3] == 200
    if name.partition("?")[0] not in WITHOUT_FIGURES
)
# So many ways of looking at a page are followed from its own links.
MOST_WAYS = 1
TEMPLATES = sorted(Path(settings.BASE_DIR).glob("templates/analytics/*.html"))
FILTERS = "money|money_compact|money_exact|money_plain|quantity|compact|percent|share|fraction"
NUMBER = re.compile(rf"([\w.]+)\|(?:{FILTERS}|number|floatformat)\b")
# Numbers that are no figures: facts of one row, the sums of the rows themselves, axes.
PRINTED = {
    "adjust.html": {  # what a form is about, and what was typed into it before
        "cell.landing", "cell.won.calculated", "cell.open.calculated", "cell.target",
        "each.value", "each.system_value",
    },
    "bridge_rows.html": {  # the rows, and what they add up to
        "sums.number", "sums.opening", "sums.closing", "sums.amount",
        "pair.row.opening", "pair.row.closing", "pair.row.amount",
    },
    "review_rows.html": {"sums.number", "sums.value"},
    "review_talk.html": {"row.state.estimated_value", "row.state.probability"},
    "review_mail.html": {"row.state.estimated_value"},
    "review_totals.html": {"totals.shortfall", "totals.cell.gap"},  # in words
    "forecast_outlook.html": {"mover.state.estimated_value", "mover.state.probability"},
    "chances_adopted.html": {"each.before", "each.after", "each.won", "each.count"},  # kept
    "chances_stages.html": {"line.offered", "line.stage.chances_of_success"},  # a button's words
    "chances_test.html": {"tick.value", "0", "1"},  # axes
    "times.html": {"page.velocity.pace"},  # beside the figures that it is made of
}  # fmt: skip


def ways_of(client: Client, address: str) -> list[str]:
    """Return the page, and the first other looks at it that it leads to."""
    body = client.get(address).content.decode()
    own = urlsplit(address).path
    found = dict.fromkeys([address])
    for link in re.findall(r'href="([^"#]*)"', body):
        target = urljoin(address, html.unescape(link))
        if urlsplit(target).path == own and "format=" not in target:
            found[target] = None
    return list(found)[: MOST_WAYS + 1]


@pytest.fixture
def house(bob: User) -> House:
    """The rows."""
    return House(bob)


@pytest.mark.parametrize("name", PAGES)
def test_every_figure_of_a_managers_page_opens_its_rows(
    name: str, house: House, alice: User, bob: User, charlie: User, dora: User
) -> None:
    """As a manager of all, a manager of a team, and an administrator."""
    at_stage(charlie, 2, estimated_value=Decimal("77.70"))
    address = house.address(name)
    assert opened(signed_in(alice), ways_of(signed_in(alice), address))
    for user in (manager_of_a_team(bob), dora):
        assert opened(signed_in(user), [address]), (name, user)


def opened(client: Client, addresses: list[str]) -> int:
    """Open every figure of some looks at a page, each list once; return how many there were."""
    behind: dict[str, Any] = {}
    seen = 0
    for address in addresses:
        for url, figure, measure, number in figures_on(client, address):
            seen += 1
            target = urljoin(address, url)
            if target not in behind:
                behind[target] = client.get(target)
            response = behind[target]
            assert response.status_code == 200, (address, figure, target)
            if measure not in NOT_ADDED:
                told = number_of_sums(response.context["sums"], measure)
                assert abs(told - number) < Decimal("1e-8"), (address, figure, target)
    return seen


@pytest.mark.parametrize("address", ["/", "/pipeline/", "/pipeline/?group=month"])
def test_every_sum_that_a_salesperson_sees_opens_its_rows(
    address: str, house: House, bob: User
) -> None:
    """My day and the headers of the board: the number and the value of the list behind them."""
    client = signed_in(bob)
    links = BeautifulSoup(client.get(address).content, "html.parser").select("a[data-figures]")

    compared = 0
    for link in links:
        sums = client.get(urljoin(address, str(link["href"]))).context["sums"]
        shown = {str(tag["data-figure"]): tag for tag in link.select("[data-figure]")}
        for name, tag in shown.items():
            compared += 1
            assert words_of(tag) == expected(sums, name, tag), (address, link["href"], name)
    assert compared


def words_of(tag: Tag) -> str:
    """Return a number as it is shown: exactly in the title where there is one."""
    return str(tag.get("title") or tag.get_text(strip=True))


def expected(sums: object, name: str, tag: Tag) -> str:
    """Return how the list's number of that name would be shown there."""
    if name == "count":
        return str(getattr(sums, "count"))  # noqa: B009 - typed as an object
    return format_money_brief(getattr(sums, name))


@pytest.mark.parametrize("name", ["open", "won", "lost"])
def test_the_sums_of_a_contact_open_their_rows(name: str, house: House, bob: User) -> None:
    client = signed_in(bob)
    page = client.get(f"/contacts/{house.company.pk}/").content
    link = BeautifulSoup(page, "html.parser").select_one(f'[data-figure="{name}"] a')
    assert link is not None

    sums = client.get(str(link["href"])).context["sums"]

    assert link.get_text(strip=True).startswith(f"{sums.count} · ")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_a_managers_page_prints_numbers_as_figures_only(path: Path) -> None:
    found = set(NUMBER.findall(path.read_text()))

    assert found == PRINTED.get(path.name, set())
