"""Undo and lost races in a real browser, with scripts on and off (U7, U8)."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from opportunities import lifecycle
from opportunities.models import Opportunity
from salespeople.models import User
from tests.opportunities.pages import address, at_stage, stage_of

type OpenAs = Callable[..., Page]
scripts = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def opportunity(bob: User, transactional_db: None) -> Opportunity:
    """One of 1,000 at the second stage."""
    return at_stage(bob, 2, description="Warm rooms")


@scripts
def test_two_browsers_race_on_the_same_field(
    alice: User, bob: User, opportunity: Opportunity, open_as: OpenAs, scripts: bool
) -> None:
    """Alice is faster; bob sees both, and keeps his."""
    his = open_as(bob, java_script_enabled=scripts)
    hers = open_as(alice, java_script_enabled=scripts)
    for page in (his, hers):
        page.goto(address(opportunity, "update"))
    hers.fill("[name=estimated_value]", "7000")
    hers.get_by_role("button", name="Save").click()
    expect(hers.locator(".receipt")).to_contain_text("Saved:")

    his.fill("[name=estimated_value]", "1500")
    his.get_by_role("button", name="Save").click()
    expect(his.get_by_role("heading", level=1)).to_contain_text("Somebody was faster")
    expect(his.locator(".is-disputed")).to_contain_text("7,000")
    expect(his.get_by_label("1,500")).to_be_checked()
    his.get_by_role("button", name="Save as chosen").click()

    expect(his.locator(".receipt")).to_contain_text("Saved:")
    assert Opportunity.objects.get(pk=opportunity.pk).estimated_value == 1500


@scripts
def test_different_fields_merge_and_theirs_may_be_taken(
    alice: User, bob: User, opportunity: Opportunity, open_as: OpenAs, scripts: bool
) -> None:
    page = open_as(bob, java_script_enabled=scripts)
    page.goto(address(opportunity, "update"))
    lifecycle.update(opportunity, by=alice, estimated_value=Decimal(7000))
    page.fill("[name=chances_of_success]", "55")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".receipt")).to_contain_text("Kept what alice changed")
    row = Opportunity.objects.get(pk=opportunity.pk)
    assert (row.estimated_value, row.chances_of_success) == (7000, 55)

    page.goto(address(opportunity, "edit"))
    lifecycle.edit(row, by=alice, description="Warmer rooms")
    page.fill("[name=description]", "Cold rooms")
    page.get_by_role("button", name="Save").click()
    page.get_by_label("Warmer rooms").check()
    page.get_by_role("button", name="Save as chosen").click()
    expect(page.locator(".receipt")).to_contain_text("Nothing has changed.")
    assert Opportunity.objects.get(pk=opportunity.pk).description == "Warmer rooms"


@scripts
def test_undo_from_the_receipt_and_from_the_timeline(
    bob: User, opportunity: Opportunity, open_as: OpenAs, scripts: bool
) -> None:
    page = open_as(bob, java_script_enabled=scripts)
    page.goto(address(opportunity, "edit"))
    page.fill("[name=description]", "Cold rooms")
    page.get_by_role("button", name="Save").click()
    page.locator(".receipt").get_by_role("button", name="Undo").click()
    expect(page.locator(".receipt").first).to_contain_text("Undone: bob edited it.")
    assert Opportunity.objects.get(pk=opportunity.pk).description == "Warm rooms"

    lifecycle.edit(opportunity, by=bob, description="Hot rooms")
    page.goto(address(opportunity))
    line = page.locator(".event-edit").first
    line.hover()
    line.locator("form.event-undo button").click()
    expect(page.locator(".receipt").first).to_contain_text("Undone: bob edited it.")
    assert Opportunity.objects.get(pk=opportunity.pk).description == "Warm rooms"


@scripts
def test_undo_on_a_phone_stands_in_the_menu_of_the_line(
    bob: User, opportunity: Opportunity, open_as: OpenAs, scripts: bool
) -> None:
    lifecycle.move(opportunity, stage_of(opportunity, 3), by=bob)
    page = open_as(
        bob, java_script_enabled=scripts, viewport={"width": 390, "height": 800}, has_touch=True
    )
    page.goto(address(opportunity))
    line = page.locator(".event-next").first
    expect(line.locator("form.event-undo")).to_be_hidden()
    line.locator("summary").click()
    line.locator(".event-menu button").click()
    expect(page.locator(".receipt").first).to_contain_text("Undone.")
    assert Opportunity.objects.get(pk=opportunity.pk).stage.position == 2
