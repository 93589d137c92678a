"""The keys of a list: from row to row, tick, open."""

from collections.abc import Callable

from playwright.sync_api import Page

from salespeople.models import User
from tests.factories import make_task

type OpenAs = Callable[..., Page]


def test_keys_walk_through_the_rows_tick_and_open(
    open_as: OpenAs, bob: User, transactional_db: None
) -> None:
    for number in range(3):
        make_task(bob, description=f"Call {number}")
    page = open_as(bob)
    page.goto("/tasks/")

    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("x")
    assert page.evaluate("document.activeElement.textContent") == "Call 1"
    assert page.inner_text("[data-ticked]") == "1"
    page.keyboard.press("k")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    page.wait_for_selector("h1:has-text('Call 2')")


def test_keys_leave_a_field_alone(open_as: OpenAs, bob: User, transactional_db: None) -> None:
    make_task(bob, description="Call")
    page = open_as(bob)
    page.goto("/tasks/")

    page.click("[name=q]")
    page.keyboard.type("jxk")

    assert page.input_value("[name=q]") == "jxk"
    assert page.inner_text("[data-ticked]") in ("", "0")
