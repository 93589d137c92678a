"""A stage plans the day, and the day empties: in a real browser, with scripts and without."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from crm.dates import today
from opportunities.models import Opportunity
from salespeople.models import User
from tasks.models import Interaction, Task
from tests.factories import ActivityFactory, SalesCycleFactory, make_task
from tests.opportunities.pages import STAGES, at_stage, stage_of

type OpenAs = Callable[..., Page]
# R100: every step counts from the entry's date, here yesterday, and not from the step before it.
STEPS = [("phone_call", "1D", 0), ("to_do", "3D", 2), ("to_do", "2W", 13)]


@pytest.fixture
def opportunity(bob: User, transactional_db: None) -> Opportunity:
    """One at stage 1; stage 2 has the activity of three steps."""
    cycle = SalesCycleFactory(stages=STAGES, is_default=True)
    activity = ActivityFactory(steps=[(kind, formula) for kind, formula, _days in STEPS])
    row = at_stage(
        bob, 1, sales_cycle=cycle, on=today() - timedelta(days=5),
        estimated_close_on=today() + timedelta(days=30),
    )  # fmt: skip
    stage = stage_of(row, 2)
    stage.activity = activity
    stage.save(update_fields=["activity"])
    return row


def signal(page: Page, opportunity: Opportunity) -> str:
    """Return what the board's card says of the next task."""
    page.goto("/pipeline/")
    card = page.locator(f"[data-card='{opportunity.pk}']")
    return re.sub(r"\s+", " ", card.locator(".next-task").inner_text()).strip()


def planned(opportunity: Opportunity) -> list[tuple[str, int]]:
    """Return the open tasks: the kind, and in how many days they are due."""
    tasks = Task.objects.open().filter(opportunity=opportunity).order_by("due_on", "pk")
    return [(task.kind, (task.due_on - today()).days) for task in tasks]


def enter_the_stage(page: Page, opportunity: Opportunity) -> None:
    """Move it to stage 2, dated yesterday."""
    page.goto(f"/opportunities/{opportunity.pk}/")
    page.locator(".stage-step a", has_text="Stage 2").click()
    page.fill("input[name=on]", (today() - timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".receipt")).to_contain_text("Moved to “Stage 2”.")


def complete_the_call(page: Page) -> None:
    """Open the call from my day; write down what was said, and plan what comes next."""
    page.goto("/")
    row = page.locator(".day-row", has_text="Step 1")
    expect(row).to_contain_text("due today")
    row.get_by_role("link", name="Step 1").click()
    page.get_by_role("link", name="Done").click()
    page.fill("textarea[name=text]", "They want two skylights.")
    page.fill("input[name=next_description]", "Price the skylights")
    page.get_by_text("Tomorrow", exact=True).click()
    page.locator("main form button.btn-success, main form button[type=submit]").last.click()
    expect(page.locator(".receipt").first).to_be_visible()


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["scripts", "none"])
def test_a_stage_plans_the_day_and_the_day_empties(
    open_as: OpenAs, bob: User, opportunity: Opportunity, options: dict[str, Any]
) -> None:
    page = open_as(bob, **options)
    assert signal(page, opportunity) == "No next task: plan one"

    enter_the_stage(page, opportunity)
    assert planned(opportunity) == [(kind, days) for kind, _formula, days in STEPS]
    assert signal(page, opportunity) == "Next: Step 1, due today"

    complete_the_call(page)
    said = Interaction.objects.get()
    assert (said.kind, said.text) == ("call", "They want two skylights.")
    assert (said.opportunity, said.task.description) == (opportunity, "Step 1")
    assert planned(opportunity) == [("phone_call", 1), ("to_do", 2), ("to_do", 13)]
    assert signal(page, opportunity) == "Next: Price the skylights, due tomorrow"
    page.goto("/")
    expect(page.get_by_text("The day is done")).to_be_visible()
    expect(page.locator(".day-list")).to_contain_text("Step 1")


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["scripts", "none"])
def test_one_works_down_the_day_without_losing_the_place(
    open_as: OpenAs, bob: User, transactional_db: None, options: dict[str, Any]
) -> None:
    """Done, put off, undone: the others stay where they are, and the page returns to the next."""
    tasks = [
        make_task(bob, description=f"Task {n}", due_on=today() - timedelta(days=9 - n))
        for n in range(5)
    ]
    page = open_as(bob, **options)

    page.get_by_role("button", name="Done: Task 1").click()
    expect(page).to_have_url(re.compile(f"/#task-{tasks[2].pk}$"))
    assert page.locator(".day-what").all_inner_texts() == ["Task 0", "Task 2", "Task 3", "Task 4"]
    page.locator(".day-row", has_text="Task 2").locator("summary").click()
    page.locator(".day-row", has_text="Task 2").get_by_role("button", name="3 days").click()
    expect(page).to_have_url(re.compile(f"/#task-{tasks[3].pk}$"))
    assert page.locator(".day-what").all_inner_texts() == ["Task 0", "Task 3", "Task 4"]
    expect(page.locator(".receipt")).to_be_in_viewport()
    page.locator(".receipt").get_by_role("button", name="Undo").click()

    assert page.locator(".day-what").all_inner_texts() == ["Task 0", "Task 2", "Task 3", "Task 4"]


def test_an_opportunity_is_put_off_and_taken_back(
    open_as: OpenAs, bob: User, opportunity: Opportunity
) -> None:
    page = open_as(bob, java_script_enabled=False)
    row = page.locator(f"#opportunity-{opportunity.pk}")
    expect(row).to_contain_text("no next task is planned")

    row.locator("summary").click()
    row.get_by_role("button", name="A week").click()
    expect(row).to_have_count(0)
    expect(page.get_by_text("1 opportunity is snoozed")).to_be_visible()
    page.locator(".receipt").get_by_role("button", name="Undo").click()

    expect(row).to_be_visible()
