"""The search of the bar in a real browser: by the keyboard alone, and with scripts off."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from opportunities.models import Opportunity
from salespeople.models import User
from tests.browser.test_every_page import faults
from tests.factories import CompanyFactory
from tests.opportunities.pages import at_stage

type OpenAs = Callable[..., Page]


@pytest.fixture
def opportunity(transactional_db: None, bob: User) -> Opportunity:
    """An opportunity of Nordvik AS."""
    return at_stage(bob, 1, contact=CompanyFactory(name="Nordvik AS"), description="A new roof")


def test_by_the_keyboard_alone(open_as: OpenAs, bob: User, opportunity: Opportunity) -> None:
    page = open_as(bob)
    box, options = page.locator("#site-search"), page.locator("#palette [role=option]")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    expect(options.first).to_have_text(re.compile("New opportunity"))
    page.keyboard.type("nordvik")
    expect(options).to_have_count(3)
    expect(box).to_have_attribute("aria-expanded", "true")

    page.keyboard.press("ArrowDown")
    expect(options.nth(0)).to_have_attribute("aria-selected", "true")
    expect(box).to_have_attribute("aria-activedescendant", f"palette-C{opportunity.contact_id}")
    page.keyboard.press("ArrowDown")
    expect(options.nth(1)).to_contain_text("A new roof")
    assert faults(page) == []
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/opportunities/{opportunity.pk}/")


def test_escape_closes_and_ctrl_k_opens_from_a_field(
    open_as: OpenAs, bob: User, opportunity: Opportunity
) -> None:
    page = open_as(bob)
    page.goto("/contacts/create/")
    page.locator("input[name=name]").focus()
    page.keyboard.press("/")  # is a letter here
    expect(page.locator("input[name=name]")).to_have_value("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("nordvik")
    expect(page.locator("#palette")).to_be_visible()

    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    expect(page.locator("#site-search")).to_have_value("nordvik")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#palette")).to_be_visible()
    page.keyboard.press("ArrowUp")
    expect(page.locator("#palette [role=option]").last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=nordvik")
    expect(page.locator(".found-row")).to_have_count(2)


def test_enter_without_a_choice_shows_all_results(
    open_as: OpenAs, bob: User, opportunity: Opportunity
) -> None:
    page = open_as(bob)
    page.keyboard.press("/")
    page.keyboard.type("roof")
    page.keyboard.press("Enter")

    page.wait_for_url("**/search/?q=roof")
    expect(page.locator(".found-title")).to_have_text("A new roof")
    expect(page.locator("#site-search")).to_have_value("roof")
    assert faults(page) == []
    page.goto("/search/?q=nordvk")
    expect(page.locator(".found-note")).to_contain_text("These are similar.")
    assert faults(page) == []


def test_a_command_is_given_in_norwegian(
    open_as: OpenAs, bob: User, opportunity: Opportunity
) -> None:
    page = open_as(bob)
    page.keyboard.press("/")
    page.keyboard.type("ny salgsmulighet for nordvik")
    expect(page.locator("#palette [role=option]").first).to_contain_text("Nordvik AS")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/opportunities/create/?contact={opportunity.contact_id}")


def test_a_slower_answer_never_replaces_a_newer_one(
    open_as: OpenAs, bob: User, opportunity: Opportunity
) -> None:
    page = open_as(bob)
    page.route("**/suggest/?q=roof", lambda route: _late(page, route))
    page.keyboard.press("/")
    page.keyboard.type("roof")
    page.wait_for_timeout(250)
    page.locator("#site-search").fill("nordvik")
    expect(page.locator("#palette [role=option]").first).to_contain_text("Nordvik AS")
    page.wait_for_timeout(700)

    expect(page.locator("#palette [role=option]").first).to_contain_text("Nordvik AS")


def _late(page: Page, route: Route) -> None:
    page.wait_for_timeout(600)
    route.fallback()


def test_when_nothing_is_offered_the_form_still_searches(
    open_as: OpenAs, bob: User, opportunity: Opportunity
) -> None:
    page = open_as(bob)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.route("**/search/suggest/**", lambda route: route.abort())
    page.keyboard.press("/")
    page.keyboard.type("roof")
    page.wait_for_timeout(300)
    expect(page.locator("#palette")).to_be_hidden()
    page.keyboard.press("Enter")

    page.wait_for_url("**/search/?q=roof")
    assert said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_keys_are_shown_over_any_page(
    open_as: OpenAs, bob: User, opportunity: Opportunity, scheme: str
) -> None:
    page = open_as(bob, color_scheme=scheme)
    page.goto(opportunity.get_absolute_url())
    page.keyboard.press("?")
    dialog = page.get_by_role("dialog", name="Keyboard shortcuts")
    expect(dialog).to_contain_text("Search, or give a command")
    assert faults(page) == []

    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    page.keyboard.press("?")
    expect(dialog).to_be_visible()
    page.keyboard.press("/")
    expect(page.locator("#site-search")).to_be_focused()


def test_with_scripts_off(open_as: OpenAs, bob: User, opportunity: Opportunity) -> None:
    page = open_as(bob, java_script_enabled=False)
    page.locator("#site-search").fill("nordvik")
    page.locator("#site-search").press("Enter")
    page.wait_for_url("**/search/?q=nordvik")
    page.get_by_role("link", name="Opportunities 1").click()
    expect(page.locator(".found-row")).to_have_count(1)
    page.locator(".found-row").click()
    page.wait_for_url(f"**/opportunities/{opportunity.pk}/")

    page.goto("/search/?q=new+task")
    page.get_by_role("main").get_by_role("link", name="New task", exact=True).click()
    page.wait_for_url("**/tasks/create/")
    page.goto("/help/keys/")
    expect(page.locator("#keys")).to_contain_text("Show this list")
