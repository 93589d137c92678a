"""The common jobs of docs/steps.md, done by hand: so many clicks, keys and fields, and no more."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import Locator, Page, expect

from crm.dates import today
from opportunities.models import Opportunity, Status
from salescycles.models import SalesCycle
from salespeople.models import Team, User
from tasks.models import Interaction, Task
from tests.conftest import seller
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    QuoteFactory,
    SalesCycleFactory,
    make_task,
)
from tests.opportunities.pages import STAGES, at_stage

type OpenAs = Callable[..., Page]
DOCUMENT = Path(settings.BASE_DIR) / "docs/steps.md"
SOON = today() + timedelta(days=30)


class Hand:
    """Somebody who works, and counts: a click, a key, a drag, a field filled is one step each."""

    def __init__(self, page: Page) -> None:
        """Begin with nothing done."""
        self.page = page
        self.steps = 0

    def click(self, target: Locator) -> None:
        """Press something."""
        self.steps += 1
        target.click()

    def press(self, name: str) -> None:
        """Press a link or a button by its name."""
        found = self.page.get_by_role("link", name=name, exact=True)
        button = self.page.get_by_role("button", name=name, exact=True)
        self.click(found.or_(button).locator("visible=true").first)

    def fill(self, name: str, text: str) -> None:
        """Fill a field in, however long the text is."""
        self.steps += 1
        self.page.fill(f"main [name={name}]", text)

    def choose(self, name: str, label: str) -> None:
        """Choose from a list."""
        self.steps += 1
        option = self.page.locator(f"main [name={name}] option", has_text=label)
        self.page.select_option(f"main [name={name}]", option.get_attribute("value"))

    def key(self, name: str) -> None:
        """Press a key."""
        self.steps += 1
        self.page.keyboard.press(name)

    def type(self, text: str) -> None:
        """Type where the cursor is."""
        self.steps += 1
        self.page.keyboard.type(text)

    def drag(self, what: Locator, to: Locator) -> None:
        """Drag with the mouse."""
        self.steps += 1
        what.scroll_into_view_if_needed()
        begin, end = what.bounding_box(), to.bounding_box()
        assert begin is not None
        assert end is not None
        self.page.mouse.move(begin["x"] + 20, begin["y"] + begin["height"] - 6)
        self.page.mouse.down()
        self.page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 60, steps=12)
        self.page.mouse.up()


def written(job: str) -> tuple[int, int | None]:
    """Return the steps that docs/steps.md tells: ours, and the best peer's where it is known."""
    row = re.search(
        rf"^\| {re.escape(job)} \| (\d+) \| (\d+|–) \|", DOCUMENT.read_text(), re.MULTILINE
    )
    assert row, f"docs/steps.md does not tell of “{job}”."
    return int(row[1]), int(row[2]) if row[2].isdigit() else None


def told(hand: Hand, job: str) -> None:
    """Compare what was counted with what is written, and that with the best peer."""
    ours, best = written(job)
    assert hand.steps == ours
    assert best is None or ours <= best


@pytest.fixture
def hand(open_as: OpenAs, bob: User, transactional_db: None) -> Hand:
    """Bob at work, where there is a cycle and a reason for each end."""
    SalesCycleFactory(stages=STAGES, is_default=True)
    CloseReasonFactory(kind="won", description="Price")
    CloseReasonFactory(kind="lost", description="Postponed")
    return Hand(open_as(bob, viewport={"width": 1280, "height": 860}))


def started(by: User, **options: object) -> Opportunity:
    """Return an opportunity at the first stage of the default cycle."""
    return at_stage(by, 1, sales_cycle=SalesCycle.objects.get(), **options)


def test_create_from_a_contact(hand: Hand) -> None:
    hand.page.goto(CompanyFactory(name="Ås Bakeri").get_absolute_url())

    hand.press("Create opportunity")
    hand.fill("description", "A new roof")
    hand.fill("estimated_value", "10000")
    hand.fill("estimated_close_on", SOON.isoformat())
    hand.press("Create opportunity")

    expect(hand.page.locator("h1")).to_contain_text("A new roof")
    assert Opportunity.objects.get().estimated_close_on == SOON
    told(hand, "create from a contact")


def test_create_from_nothing(hand: Hand) -> None:
    CompanyFactory(name="Ås Bakeri")
    hand.page.goto("/pipeline/")

    hand.press("New opportunity")
    hand.fill("description", "A new roof")
    hand.choose("contact", "Ås Bakeri")
    hand.fill("estimated_value", "10000")
    hand.fill("estimated_close_on", SOON.isoformat())
    hand.press("Create opportunity")

    expect(hand.page.locator("h1")).to_contain_text("A new roof")
    told(hand, "create from nothing")


def test_move(hand: Hand, bob: User) -> None:
    opportunity = started(bob)
    hand.page.goto("/pipeline/")
    columns = hand.page.locator(".board-column")

    hand.drag(columns.nth(1).locator(".board-card"), columns.nth(2))

    expect(hand.page.locator(".receipt")).to_contain_text("Moved to “Stage 2”.")
    opportunity.refresh_from_db()
    assert opportunity.stage.position == 2
    told(hand, "move to the next stage")


def test_log_a_call_and_plan_the_next(hand: Hand, bob: User) -> None:
    opportunity = started(bob)
    make_task(bob, kind="phone_call", opportunity=opportunity, description="Call Kari")
    hand.page.goto(opportunity.get_absolute_url())

    hand.press("Log it")
    hand.fill("text", "She wants a better price")
    hand.fill("next_description", "Send the offer")
    hand.click(hand.page.locator(".form-selectgroup-item", has_text="In 3 days"))
    hand.click(hand.page.locator("form.act-form button.btn-success"))

    expect(hand.page.locator(".next-up")).to_contain_text("Send the offer")
    assert Interaction.objects.get().text == "She wants a better price"
    assert Task.objects.open().get().due_on == today() + timedelta(days=3)
    told(hand, "log a call and plan the next")


def test_re_date(hand: Hand, bob: User) -> None:
    opportunity = started(bob)
    hand.page.goto(opportunity.get_absolute_url())

    hand.press("Update")
    hand.fill("estimated_close_on", SOON.isoformat())
    hand.click(hand.page.locator("form.act-form button.btn-primary"))

    expect(hand.page.locator(".receipt")).to_be_visible()
    opportunity.refresh_from_db()
    assert opportunity.estimated_close_on == SOON
    told(hand, "re-date")


def test_reassign_ten(hand: Hand, bob: User) -> None:
    for number in range(10):
        started(bob, description=f"Roof {number}")
    other = seller("grete", Team.objects.get()).salesperson
    hand.page.goto("/opportunities/")

    for number in range(10):
        hand.click(hand.page.locator("input[name=row]").nth(number))
    hand.press("Reassign")
    hand.choose("salesperson", "Grete")
    hand.click(hand.page.locator("main form button.btn-primary"))

    expect(hand.page.locator("main")).to_contain_text("10")
    assert Opportunity.objects.filter(salesperson=other).count() == 10
    told(hand, "reassign ten")


def test_find_by_phone_number(hand: Hand) -> None:
    company = CompanyFactory(name="Ås Bakeri", phone="+47 22 33 44 55")
    hand.page.goto("/")

    hand.key("/")
    hand.type("22334455")
    hand.click(hand.page.get_by_role("option", name="Ås Bakeri"))

    hand.page.wait_for_url(f"**{company.get_absolute_url()}")
    told(hand, "find by phone number")


def test_win_with_a_quote(hand: Hand, bob: User) -> None:
    opportunity = started(bob)
    quote = QuoteFactory(opportunity=opportunity, status="sent")
    hand.page.goto(opportunity.get_absolute_url())

    hand.click(hand.page.locator(f"a[href='{quote.get_absolute_url()}']").first)
    hand.press("Accepted")
    hand.choose("reason", "Price")
    hand.press("Close as won")

    expect(hand.page.locator(".receipt").first).to_be_visible()
    opportunity.refresh_from_db()
    assert opportunity.status == Status.WON
    told(hand, "win with a quote")


def lose(hand: Hand, opportunity: Opportunity) -> None:
    """Close it as lost, from its page."""
    hand.page.goto(opportunity.get_absolute_url())
    hand.press("Lost")
    hand.choose("reason", "Postponed")
    hand.press("Close as lost")
    expect(hand.page.locator(".receipt")).to_be_visible()


def test_lose_with_a_reason(hand: Hand, bob: User) -> None:
    opportunity = started(bob)

    lose(hand, opportunity)

    opportunity.refresh_from_db()
    assert opportunity.status == Status.LOST
    told(hand, "lose with a reason")


def test_undo_the_last(hand: Hand, bob: User) -> None:
    opportunity = started(bob)
    lose(hand, opportunity)
    hand.steps = 0

    hand.click(hand.page.locator(".receipt").get_by_role("button", name="Undo"))

    expect(hand.page.locator("h1")).to_contain_text("In progress")
    opportunity.refresh_from_db()
    assert opportunity.status == Status.IN_PROGRESS
    told(hand, "undo the last")


def test_see_what_is_late(hand: Hand, bob: User) -> None:
    make_task(bob, description="Call Kari", due_on=today() - timedelta(days=2))
    hand.page.goto("/opportunities/")

    hand.click(hand.page.locator(".sidebar").get_by_role("link", name="My day"))

    expect(hand.page.locator("section[aria-labelledby=due]")).to_contain_text("due 2 days ago")
    told(hand, "see what is late")
