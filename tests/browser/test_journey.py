"""The main job in a real browser with scripts off: from the contact to won, lost and undone."""

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page, expect

from crm.dates import today
from opportunities.models import Opportunity, Status
from salescycles.models import CloseReason, SalesCycle
from salespeople.models import User
from tests.factories import CloseReasonFactory, SalesCycleFactory
from tests.opportunities.pages import at_stage

type OpenAs = Callable[..., Page]
CLOSES = (today() + timedelta(days=30)).isoformat()


def cycle() -> SalesCycle:
    """Return five stages: 2 may be skipped, 3 may not, 5 needs a quote."""
    stages = [(5, 10, ""), (20, 30, "S"), (40, 50, ""), (60, 70, "S"), (90, 90, "Q")]
    made: SalesCycle = SalesCycleFactory(stages=stages, is_default=True, name="New customers")
    return made


def told(page: Page) -> list[str]:
    """Return what the timeline tells of changes, the oldest first."""
    lines = page.locator(".event:not(.event-quote) .event-line").all_inner_texts()
    return [re.sub(r"\s+", " ", line).strip() for line in lines][::-1]


def move_to(page: Page, number: int) -> None:
    """Open the move form from the stage bar and send it as proposed."""
    page.locator(".stage-step a", has_text=f"Stage {number}").click()
    page.get_by_role("button", name="Move", exact=True).click()


def create_from_a_new_contact(page: Page) -> None:
    """Create a company, and from its page an opportunity that is not started."""
    page.goto("/contacts/create/?kind=company")
    page.fill("input[name=name]", "Ærlig & Sønn AS")
    page.locator("main form button[type=submit]").first.click()
    page.get_by_role("link", name="Create opportunity").first.click()
    page.fill("input[name=description]", "A new roof")
    page.fill("input[name=estimated_value]", "10,000")
    page.uncheck("input[name=activate]")
    page.get_by_role("button", name="Create opportunity").click()


def start(page: Page) -> None:
    """Activate it; the close date is asked for."""
    page.get_by_role("link", name="Start", exact=True).click()
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_text("Give an estimated close date.")).to_be_visible()
    page.fill("input[name=estimated_close_on]", CLOSES)
    page.get_by_role("button", name="Start", exact=True).click()


def pass_the_gate(page: Page) -> None:
    """Be refused at the stage that needs a quote, create the quote in place, and go on."""
    expect(page.locator(".stage-gate")).to_contain_text("needs a quote")
    page.locator(".stage-gate").get_by_role("link", name="Create the quote").click()
    page.fill("input[name=lines-0-price]", "12,000")
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.locator("input[name=estimated_value]")).to_have_value("12,000")
    page.get_by_role("button", name="Move", exact=True).click()


def test_the_whole_journey_without_scripts(
    open_as: OpenAs, bob: User, transactional_db: None
) -> None:
    cycle()
    CloseReasonFactory(kind=CloseReason.Kind.WON, description="Price")
    CloseReasonFactory(kind=CloseReason.Kind.LOST, description="Postponed")
    page = open_as(bob, java_script_enabled=False)
    create_from_a_new_contact(page)
    start(page)
    expect(page.locator(".stage-step", has_text="Stage 4").locator("a")).to_have_count(0)
    expect(page.locator(".stage-step", has_text="Stage 4")).to_contain_text(
        "“Stage 3” may not be skipped."
    )
    move_to(page, 2)
    move_to(page, 1)
    move_to(page, 3)
    move_to(page, 4)
    pass_the_gate(page)
    page.get_by_role("link", name="Update", exact=True).click()
    page.fill("input[name=chances_of_success]", "95")
    page.fill("textarea[name=note]", "They called back.")
    page.get_by_role("button", name="Save").click()
    move_to(page, 4)
    page.get_by_role("link", name="Won", exact=True).click()
    page.get_by_role("button", name="Close as won").click()
    page.get_by_role("link", name="Reopen", exact=True).click()
    page.get_by_role("button", name="Reopen", exact=True).click()
    page.get_by_role("link", name="Lost", exact=True).click()
    page.get_by_role("button", name="Close as lost").click()
    page.locator(".receipt").get_by_role("button", name="Undo").click()

    assert told(page) == [
        "bob created it in the cycle “New customers”",
        "bob started it at “Stage 1”",
        "bob moved it from “Stage 1” to “Stage 2”",
        "bob moved it back from “Stage 2” to “Stage 1”",
        "bob skipped ahead from “Stage 1” to “Stage 3”",
        "bob moved it from “Stage 3” to “Stage 4”",
        "bob moved it from “Stage 4” to “Stage 5”",
        "bob updated the estimates",
        "bob moved it back from “Stage 5” to “Stage 4”",
        "bob won it for NOK 12,000: Price",
        "bob reopened it at “Stage 4”",
        "bob lost it: Postponed undone",
        "bob undid a change: lost",
    ]
    row = Opportunity.objects.get()
    assert (row.status, row.stage.position, row.estimated_value) == (Status.IN_PROGRESS, 4, 12000)
    assert row.contact.customer_since == today()


def test_the_board_moves_without_scripts(
    open_as: OpenAs, bob: User, transactional_db: None
) -> None:
    opportunity = at_stage(bob, 1, sales_cycle=cycle())
    page = open_as(bob, java_script_enabled=False)
    page.goto("/pipeline/")
    card = page.locator(f"[data-card='{opportunity.pk}']")
    card.locator("summary").click()
    expect(card.get_by_role("button", name="Stage 4")).to_be_disabled()

    card.get_by_role("button", name="Stage 2").click()

    expect(page).to_have_url(re.compile("/pipeline/$"))
    expect(page.locator(".receipt")).to_contain_text("Moved to “Stage 2”.")
    page.locator(".receipt").get_by_role("button", name="Undo").click()
    expect(page.locator(".receipt")).to_contain_text("Undone")
    opportunity.refresh_from_db()
    assert opportunity.stage.position == 1
