"""Notices in a real browser: accessible with rows, read when followed, colleagues behind an @."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from notices.models import Notice
from opportunities import lifecycle
from salespeople.models import User
from tests.browser.test_every_page import SCREENS, faults
from tests.factories import make_opportunity
from tests.opportunities.pages import at_stage

type OpenAs = Callable[..., Page]


@pytest.mark.parametrize("screen", SCREENS)
def test_the_pages_with_rows_are_accessible(
    open_as: OpenAs, alice: User, bob: User, screen: str, transactional_db: None
) -> None:
    with lifecycle.one_act():
        for n in range(5):
            row = make_opportunity(alice, description=f"Roof {n}")
            lifecycle.reassign(row, by=alice, salesperson=bob.salesperson, note="@bob, a note")
    page = open_as(bob, **SCREENS[screen])
    problems: list[str] = []

    for path in ("/notices/", f"/notices/{bob.notices.earliest('pk').pk}/", "/notices/settings/"):
        page.goto(path)
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        problems += [f"{path}: {fault}" for fault in faults(page)]
        problems += [f"{path}: {wide} px too wide"] if wide > 0 else []

    assert "\n".join(problems) == ""


def test_what_is_followed_is_read(
    open_as: OpenAs, alice: User, bob: User, transactional_db: None
) -> None:
    row = make_opportunity(alice, salesperson=bob.salesperson, description="A new roof")
    page: Any = open_as(bob)
    page.goto("/notices/")

    with page.expect_response("**/read/"):
        page.get_by_role("link", name="alice assigned “A new roof” to you").click()

    page.wait_for_url(f"**/opportunities/{row.pk}/")
    assert Notice.objects.unread().count() == 0


def test_a_colleague_is_offered_and_taken_by_keys(
    open_as: OpenAs, alice: User, bob: User, transactional_db: None
) -> None:
    row = at_stage(bob, 1)
    page: Any = open_as(bob)
    page.goto(f"/opportunities/{row.pk}/update/")

    page.get_by_label("Note").press_sequentially("Ask @al")
    expect(page.get_by_role("button", name="Alice")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    expect(page.get_by_label("Note")).to_have_value("Ask @Alice ")
