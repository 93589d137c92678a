"""A day's calls in a real browser, with scripts and without: done, logged, planned, put off."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from crm.dates import today
from salespeople.models import User
from tasks.models import Interaction, Task
from tests.factories import make_opportunity, make_task

type OpenAs = Callable[..., Page]
DAY = timedelta(days=1)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_call_is_done_logged_and_followed_and_the_list_empties(
    open_as: OpenAs, bob: User, scripts: bool, transactional_db: None
) -> None:
    opportunity = make_opportunity(bob)
    make_task(bob, kind="phone_call", opportunity=opportunity, description="Call Kari")
    page = open_as(bob, java_script_enabled=scripts)

    page.goto(opportunity.get_absolute_url())
    page.click(".next-up >> text=Log it")
    page.fill("[name=text]", "She wants a better price")
    page.fill("[name=next_description]", "Send the offer")
    page.check("[name=next_in][value='3']", force=True)
    page.click("form.act-form button.btn-success")

    assert "Next: “Send the offer”" in page.inner_text(".receipt-text")
    assert "Send the offer" in page.inner_text(".next-up")
    assert Interaction.objects.get().text == "She wants a better price"
    assert Task.objects.open().get().due_on == today() + 3 * DAY

    page.click(".next-up .open-task-done")
    assert "Nothing is planned." in page.inner_text(".next-up")
    assert "Plan the next" in page.inner_text(".receipt")
    page.goto("/tasks/")
    assert "Nothing to do" in page.inner_text("main")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_several_are_done_and_taken_back(
    open_as: OpenAs, bob: User, scripts: bool, transactional_db: None
) -> None:
    for number in range(3):
        make_task(bob, description=f"Call {number}")
    page = open_as(bob, java_script_enabled=scripts)

    page.goto("/tasks/")
    for number in range(2):
        page.locator("input[name=row]").nth(number).check()
    page.click("button[name=action][value=complete]")
    page.click("form.form-narrow button[type=submit]")
    assert page.inner_text("[data-figure=done]") == "2"
    assert Task.objects.open().count() == 1

    page.click("text=Undo all of it")
    page.wait_for_selector("text=All of it has been taken back.")
    assert Task.objects.open().count() == 3
