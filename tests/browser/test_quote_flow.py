"""From the refused move to won, over a quote, without a break: with scripts off and on."""

from collections.abc import Callable

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from opportunities.models import Opportunity
from quotes.models import Quote
from salescycles.models import SalesCycle
from salespeople.models import User
from tests.factories import CloseReasonFactory, PersonFactory, ProductFactory
from tests.opportunities.pages import at_stage
from tests.quotes.pages import text_of

type OpenAs = Callable[..., Page]


@pytest.fixture
def opportunity(bob: User, transactional_db: None) -> Opportunity:
    """One at the stage before the gate, for Kari, who has an address."""
    ProductFactory(number="HP-12", name="Heat pump, 12 kW", price=84900)
    CloseReasonFactory(description="Price")
    person = PersonFactory(first_name="Kari", email="kari@example.com")
    made: Opportunity = at_stage(bob, 3, contact=person, description="Warm rooms")
    SalesCycle.objects.update(is_default=True)
    return made


def fill_in_the_lines(page: Page) -> None:
    """Keep the proposed line, and add a product with a discount; the server adds it up."""
    expect(page.locator("[name=lines-0-text]")).to_have_value("Warm rooms")
    expect(page.locator("[name=lines-0-price]")).to_have_value("1,000")
    page.fill("[name=lines-1-text]", "HP-12")
    page.get_by_role("button", name="Add line").click()
    expect(page.locator("[name=lines-1-text]")).to_have_value("Heat pump, 12 kW")
    expect(page.locator("[name=lines-1-price]")).to_have_value("84,900")
    page.fill("[name=lines-1-quantity]", "2")
    page.fill("[name=lines-1-discount_percent]", "10")


def send_by_mail(page: Page) -> None:
    """Send the mail as it is proposed."""
    page.get_by_role("button", name="Save and send").click()
    expect(page.get_by_label("To")).to_have_value("kari@example.com")
    page.get_by_role("button", name="Send by mail").click()


def accept_and_win(page: Page, quote: Quote) -> None:
    """Say that Kari agreed; the win form is preset, but for the reason (R118)."""
    page.goto(quote.opportunity.get_absolute_url())
    page.locator("#quotes-title").locator("xpath=../..").get_by_role(
        "link", name=f"Q{quote.pk}"
    ).click()
    page.get_by_role("button", name="Accepted").click()
    expect(page.locator("[name=sales_value]")).to_have_value("153,820")
    expect(page.locator("[name=reason]")).to_have_value("")
    page.get_by_role("button", name="Close as won").click()
    expect(page.locator(".invalid-feedback")).to_be_visible()
    page.select_option("[name=reason]", label="Price")
    page.get_by_role("button", name="Close as won").click()


def finish(page: Page, opportunity: Opportunity) -> None:
    """Go from the offered quote to the end, and look at what is left of it."""
    fill_in_the_lines(page)
    send_by_mail(page)
    expect(page.locator("[name=estimated_value]")).to_have_value("153,820")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.locator(".receipt")).to_contain_text("Moved to “Stage 4”.")
    quote = Quote.objects.get()
    accept_and_win(page, quote)

    opportunity.refresh_from_db()
    quote.refresh_from_db()
    assert (opportunity.status, opportunity.calculated_value) == ("won", 153820)
    assert (quote.status, quote.amount) == ("accepted", 153820)
    document = bytes(quote.documents.get().pdf)
    assert [part.content for part in mail.outbox[0].attachments] == [document]
    assert "Heat pump, 12 kW" in text_of(document)
    assert "NOK 192,275.00" in text_of(document)


def test_one_unbroken_flow_without_scripts(
    open_as: OpenAs, bob: User, opportunity: Opportunity
) -> None:
    page = open_as(bob, java_script_enabled=False)
    page.goto(opportunity.get_absolute_url())
    expect(page.locator(".stage-gate")).to_contain_text("needs a quote")
    page.locator(".stage-gate").get_by_role("link", name="Create the quote").click()

    finish(page, opportunity)


def test_one_unbroken_flow_from_the_refused_drop_on_the_board(
    open_as: OpenAs, bob: User, opportunity: Opportunity
) -> None:
    """The board sends a refused drop to the same offer."""
    page = open_as(bob, viewport={"width": 1900, "height": 900})
    page.goto("/pipeline/")
    column = page.locator(".board-column").nth(4)
    page.locator(f"[data-card='{opportunity.pk}']").drag_to(column.locator("ol"))
    dialog = page.locator("#card-dialog")
    expect(dialog.locator(".dialog-gates")).to_contain_text("needs a quote")
    dialog.get_by_role("link", name="Create the quote").click()
    dialog.get_by_role("link", name="The whole form").click()

    finish(page, opportunity)
