"""Cards of the board: dragged, walked and moved by keys, asked for what is missing, acted on."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from contacts.models import Contact
from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity, OpportunityEntry, Status
from salescycles.models import SalesCycle
from salespeople.models import User
from tasks.models import Interaction, Task
from tests.browser.test_every_page import faults
from tests.factories import CloseReasonFactory, CompanyFactory, SalesCycleFactory, make_task
from tests.opportunities.pages import STAGES, at_stage, stage_of

type OpenAs = Callable[..., Page]
WIDE = {"viewport": {"width": 1900, "height": 900}}
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True}
DIFFERENT = {"id", "opportunity", "act", "recorded_at", "superseded_at"}


@pytest.fixture
def cycle(transactional_db: None) -> SalesCycle:
    """Four stages: the second may be skipped, the fourth needs a quote."""
    made: SalesCycle = SalesCycleFactory(stages=STAGES, is_default=True)
    return made


def card_of(page: Page, opportunity: Opportunity) -> Locator:
    """Return the card of an opportunity."""
    return page.locator(f"[data-card='{opportunity.pk}']")


def column(page: Page, position: int) -> Locator:
    """Return a column by the position of its stage; 0 holds what is not started."""
    return page.locator(".board-column").nth(position)


def is_at(page: Page, opportunity: Opportunity, position: int) -> None:
    """Expect the card in that column, and the focus on it."""
    title = column(page, position).locator(f"[data-card='{opportunity.pk}'] h3 a")
    expect(title).to_be_focused()


def middle(target: Locator, down: float) -> tuple[float, float]:
    """Return a point of it, `down` pixels below its top."""
    box = target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + down


def drag_by_mouse(page: Page, card: Locator, target: Locator) -> None:
    """Press on the card's name, go there and let go."""
    page.mouse.move(*middle(card, 18))
    page.mouse.down()
    page.mouse.move(*middle(card, 40), steps=4)
    page.mouse.move(*middle(target, 60), steps=8)
    page.mouse.up()


def drag_by_touch(page: Page, card: Locator, target: Locator) -> None:
    """Rest a finger on the card, take it there and lift it."""
    session = page.context.new_cdp_session(page)
    start, end = middle(card, 18), middle(target, 60)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        found = [{"x": x, "y": y} for x, y in points]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": found})

    touch("touchStart", start)
    page.wait_for_timeout(300)  # the finger must rest before it drags
    for n in range(1, 9):
        there = [a + (b - a) * n / 8 for a, b in zip(start, end, strict=True)]
        touch("touchMove", (there[0], there[1]))
        page.wait_for_timeout(60)
    touch("touchEnd")


def move_by_mouse(page: Page, opportunity: Opportunity) -> None:
    """Drag the card to stage 2."""
    drag_by_mouse(page, card_of(page, opportunity), column(page, 2))
    is_at(page, opportunity, 2)


def move_by_touch(page: Page, opportunity: Opportunity) -> None:
    """Drag the card to stage 2 with a finger."""
    drag_by_touch(page, card_of(page, opportunity), column(page, 2))
    is_at(page, opportunity, 2)


def move_by_arrow(page: Page, opportunity: Opportunity) -> None:
    """Move the card to the column beside it."""
    card_of(page, opportunity).locator("h3 a").focus()
    page.keyboard.press("Shift+ArrowRight")
    is_at(page, opportunity, 2)


def move_by_menu(page: Page, opportunity: Opportunity) -> None:
    """Open "Move to…" by its key, and choose by arrows."""
    card_of(page, opportunity).locator("h3 a").focus()
    page.keyboard.press("m")
    expect(page.get_by_role("button", name="Stage 2")).to_be_focused()
    page.keyboard.press("Enter")
    is_at(page, opportunity, 2)


def move_without_scripts(page: Page, opportunity: Opportunity) -> None:
    """Open the menu of the card and press the stage."""
    card = card_of(page, opportunity)
    card.locator("summary").click()
    card.get_by_role("button", name="Stage 2").click()
    expect(column(page, 2).locator(".board-card")).to_have_count(1)


WAYS: dict[str, tuple[Callable[[Page, Opportunity], None], dict[str, Any]]] = {
    "mouse": (move_by_mouse, WIDE),
    "touch": (move_by_touch, {**WIDE, "has_touch": True}),
    "Shift and arrow": (move_by_arrow, WIDE),
    "M": (move_by_menu, WIDE),
    "no scripts": (move_without_scripts, {**WIDE, "java_script_enabled": False}),
}


def said(entry: OpportunityEntry) -> dict[str, Any]:
    """Return what an entry says, but for ids and moments."""
    names = {field.name for field in OpportunityEntry._meta.fields} - DIFFERENT
    return {name: getattr(entry, name) for name in names}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_to_move_a_card_writes_the_entry_that_the_door_writes(
    open_as: OpenAs, bob: User, cycle: SalesCycle, way: str
) -> None:
    move, options = WAYS[way]
    twin = at_stage(bob, 1, sales_cycle=cycle)
    lifecycle.move(twin, stage_of(twin, 2), by=bob)
    lifecycle.lose(twin, by=bob, reason=CloseReasonFactory(kind="lost"))  # off the board
    opportunity = at_stage(bob, 1, sales_cycle=cycle, contact=twin.contact)
    page = open_as(bob, **options)
    page.goto("/pipeline/")

    move(page, opportunity)

    expect(page.locator(".receipt")).to_contain_text("Moved to “Stage 2”.")
    theirs, own = twin.entries.get(sequence=3), opportunity.entries.get(sequence=3)
    assert said(own) == {**said(theirs), "superseded_on": None}


def test_while_a_card_is_dragged_each_column_says_whether_and_why_not(
    open_as: OpenAs, bob: User, cycle: SalesCycle
) -> None:
    opportunity = at_stage(bob, 2, sales_cycle=cycle)
    page = open_as(bob, **WIDE)
    page.goto("/pipeline/")
    page.mouse.move(*middle(card_of(page, opportunity), 18))
    page.mouse.down()
    page.mouse.move(*middle(card_of(page, opportunity), 60), steps=5)

    expect(page.locator("#board")).to_have_class("board is-dragging")
    stops = page.locator(".board-column, [data-drop]")
    told = [
        (stop.get_attribute("data-may"), stop.get_attribute("data-why")) for stop in stops.all()
    ]
    assert told == [
        ("no", "It has been started already."),
        ("yes", "One back"),
        ("", ""),
        ("yes", "Next"),
        ("no", "“Stage 3” may not be skipped."),
        ("yes", "Drop here to close it as won"),
        ("yes", "Drop here to close it as lost"),
    ]
    page.mouse.up()
    expect(page.locator("[data-why]:not([data-why=''])")).to_have_count(0)


@pytest.mark.parametrize("drag", [drag_by_mouse, drag_by_touch])
def test_a_drop_that_is_not_allowed_says_why_and_changes_nothing(
    open_as: OpenAs, bob: User, cycle: SalesCycle, drag: Callable[..., None]
) -> None:
    opportunity = at_stage(bob, 1, sales_cycle=cycle)
    page = open_as(bob, **WIDE, has_touch=True)
    page.goto("/pipeline/")

    drag(page, card_of(page, opportunity), column(page, 4))

    expect(page.locator(".receipt")).to_have_text("“Stage 3” may not be skipped.")
    expect(column(page, 1).locator(".board-card")).to_have_count(1)
    assert Opportunity.objects.get().sequence == opportunity.sequence


def test_a_gated_drop_asks_only_for_what_is_missing_and_keeps_what_was_typed(
    open_as: OpenAs, bob: User, cycle: SalesCycle
) -> None:
    """The close date has passed; all else is there."""
    ago = today() - timedelta(days=9)
    opportunity = at_stage(bob, 1, sales_cycle=cycle, on=ago, estimated_close_on=ago)
    page = open_as(bob, **WIDE)
    page.goto("/pipeline/")
    dialog = page.locator("#card-dialog")

    drag_by_mouse(page, card_of(page, opportunity), column(page, 2))

    expect(dialog.get_by_role("heading")).to_have_text("Move to “Stage 2”")
    expect(dialog.locator(".dialog-gates")).to_contain_text("Give a new one.")
    field = dialog.locator("input:not([type=hidden])")
    expect(field).to_have_count(1)
    expect(field).to_be_focused()
    assert faults(page) == []
    field.fill((ago + timedelta(days=1)).isoformat())
    dialog.get_by_role("button", name="Move").click()
    expect(dialog.locator(".invalid-feedback")).to_contain_text("lies before the change")
    expect(field).to_have_value((ago + timedelta(days=1)).isoformat())
    assert faults(page) == []
    field.fill(today().isoformat())
    field.press("Enter")

    is_at(page, opportunity, 2)
    expect(dialog).to_be_hidden()
    opportunity.refresh_from_db()
    assert (opportunity.stage.position, opportunity.estimated_close_on) == (2, today())


def test_a_gate_that_needs_a_quote_is_passed_in_the_dialog(
    open_as: OpenAs, bob: User, cycle: SalesCycle
) -> None:
    opportunity = at_stage(bob, 3, sales_cycle=cycle)
    page = open_as(bob, **WIDE)
    page.goto("/pipeline/")
    dialog = page.locator("#card-dialog")
    drag_by_mouse(page, card_of(page, opportunity), column(page, 4))
    expect(dialog.locator(".dialog-gates")).to_contain_text("“Stage 4” needs a quote")

    dialog.get_by_role("link", name="Create the quote").click()
    expect(dialog.get_by_role("heading")).to_have_text("New quote")
    assert faults(page) == []
    dialog.get_by_label("Unit price").fill("x")
    dialog.get_by_role("button", name="Create the quote").click()
    expect(dialog.locator(".invalid-feedback")).to_be_visible()
    expect(dialog.get_by_label("Unit price")).to_have_value("x")
    dialog.get_by_label("Unit price").fill("1,250")
    dialog.get_by_role("button", name="Create the quote").click()
    expect(dialog.get_by_label("Estimated value")).to_have_value("1,250")
    dialog.get_by_role("button", name="Move").click()

    is_at(page, opportunity, 4)
    opportunity.refresh_from_db()
    assert (opportunity.stage.position, opportunity.estimated_value) == (4, 1250)


@pytest.mark.parametrize("drag", [drag_by_mouse, drag_by_touch])
def test_a_drop_on_lost_asks_for_the_reason_and_a_cancelled_one_goes_back(
    open_as: OpenAs, bob: User, cycle: SalesCycle, drag: Callable[..., None]
) -> None:
    CloseReasonFactory(kind="lost", description="Price")
    CloseReasonFactory(kind="lost", description="Postponed")
    opportunity = at_stage(bob, 1, sales_cycle=cycle)
    page = open_as(bob, **WIDE, has_touch=True)
    page.goto("/pipeline/")
    dialog = page.locator("#card-dialog")
    drag(page, card_of(page, opportunity), page.locator("[data-drop=lose]"))
    expect(dialog.get_by_label("Reason")).to_be_focused()
    dialog.get_by_role("button", name="Cancel").click()
    is_at(page, opportunity, 1)

    drag(page, card_of(page, opportunity), page.locator("[data-drop=lose]"))
    dialog.get_by_role("button", name="Close as lost").click()
    expect(dialog.locator(".invalid-feedback")).to_have_text("Choose why it was lost.")
    assert faults(page) == []
    dialog.get_by_label("Reason").select_option("Postponed")
    dialog.get_by_role("button", name="Close as lost").click()

    expect(page.locator(".receipt")).to_contain_text("Closed as lost: Postponed.")
    expect(page.locator("[data-drop=lose] strong")).to_have_text("1")
    page.locator(".receipt").get_by_role("button", name="Undo").click()
    expect(card_of(page, opportunity)).to_be_visible()
    opportunity.refresh_from_db()
    assert opportunity.status == Status.IN_PROGRESS


def test_a_lost_race_explains_itself_in_the_dialog_and_goes_on(
    open_as: OpenAs, alice: User, bob: User, cycle: SalesCycle
) -> None:
    """U8."""
    opportunity = at_stage(bob, 1, sales_cycle=cycle)
    page = open_as(bob, **WIDE)
    page.goto("/pipeline/")
    lifecycle.move(opportunity, stage_of(opportunity, 3), by=alice)

    drag_by_mouse(page, card_of(page, opportunity), column(page, 2))

    dialog = page.locator("#card-dialog")
    expect(dialog).to_contain_text("alice skipped ahead from “Stage 1” to “Stage 3”")
    assert faults(page) == []
    dialog.get_by_role("button", name="Save as chosen").click()
    is_at(page, opportunity, 2)
    opportunity.refresh_from_db()
    assert (opportunity.stage.position, opportunity.entries.count()) == (2, 4)


def test_arrows_walk_over_the_board_and_keys_act_on_the_card(
    open_as: OpenAs, bob: User, cycle: SalesCycle
) -> None:
    soon = today() + timedelta(days=10)
    first = at_stage(bob, 1, sales_cycle=cycle, estimated_close_on=soon)
    second = at_stage(bob, 1, sales_cycle=cycle, estimated_close_on=soon)
    third = at_stage(bob, 3, sales_cycle=cycle)
    page = open_as(bob, **WIDE)
    page.goto("/pipeline/")
    card_of(page, first).locator("h3 a").focus()
    page.keyboard.press("ArrowDown")
    is_at(page, second, 1)
    page.keyboard.press("ArrowRight")
    is_at(page, third, 3)
    page.keyboard.press("ArrowLeft")
    is_at(page, first, 1)

    page.keyboard.press("e")
    value = card_of(page, first).get_by_label("Estimated value")
    expect(value).to_be_focused()
    assert faults(page) == []
    value.fill("abc")
    value.press("Enter")
    expect(card_of(page, first).locator(".invalid-feedback")).to_be_visible()
    expect(value).to_have_value("abc")
    value.fill("4,500")
    value.press("Enter")
    is_at(page, first, 1)
    expect(page.locator(".receipt")).to_contain_text("4,500")
    assert Opportunity.objects.get(pk=first.pk).estimated_value == 4500
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/opportunities/{first.pk}/")


def test_the_menu_completes_plans_and_logs(open_as: OpenAs, bob: User, cycle: SalesCycle) -> None:
    """On a phone: the menu lies at the thumb."""
    opportunity = at_stage(bob, 1, sales_cycle=cycle)
    task = make_task(bob, opportunity=opportunity, description="Send the drawing")
    page = open_as(bob, **PHONE)
    page.goto("/pipeline/")
    card, dialog = card_of(page, opportunity), page.locator("#card-dialog")
    card.scroll_into_view_if_needed()
    card.locator("summary").tap()
    box = card.locator(".board-sheet").bounding_box()
    assert box is not None
    assert (round(box["x"]), round(box["y"] + box["height"])) == (0, 844)
    assert faults(page) == []

    card.get_by_role("button", name="Done: Send the drawing").tap()
    expect(page.locator(".receipt")).to_contain_text("“Send the drawing” is done.")
    card.locator("summary").tap()
    card.get_by_role("link", name="Plan a task").tap()
    dialog.get_by_label("What is to be done").fill("Call them")
    assert faults(page) == []
    dialog.get_by_role("button", name="Plan the task").tap()
    expect(page.locator(".receipt")).to_contain_text("“Call them” has been planned.")
    card.locator("summary").tap()
    card.get_by_role("link", name="Log a call").tap()
    dialog.get_by_role("button", name="Save").tap()
    expect(dialog).to_contain_text("Write what happened.")
    dialog.get_by_label("What was said or done").fill("They like it.")
    dialog.get_by_role("button", name="Save").tap()
    expect(page.locator(".receipt")).to_contain_text("Logged")

    task.refresh_from_db()
    assert not task.is_open
    assert Task.objects.open().get().description == "Call them"
    assert Interaction.objects.get().subject == "They like it."


@pytest.mark.parametrize("scripts", [True, False])
def test_the_plus_of_a_column_creates_with_a_contact_on_the_fly(
    open_as: OpenAs, bob: User, cycle: SalesCycle, scripts: bool
) -> None:
    CompanyFactory(name="Fjordlys AS")
    page = open_as(bob, **WIDE, java_script_enabled=scripts)
    page.goto("/pipeline/")
    expect(page.locator(".board-add")).to_have_count(4)  # stage 4 cannot be reached
    column(page, 3).locator(".board-add").click()
    form = page.locator(".add-form")
    form.get_by_label("Description").fill("A new roof")
    form.get_by_label("Contact").fill("Fjordlys")
    form.get_by_label("Estimated value").fill("5,000")
    form.get_by_label("Estimated close date").fill(today().isoformat())
    form.get_by_role("button", name="Create opportunity").click()
    expect(form.get_by_label("Fjordlys AS")).to_be_visible()
    assert Contact.objects.count() == 1
    assert not scripts or faults(page) == []

    form.get_by_label("A new company: Fjordlys").check()
    form.get_by_role("button", name="Create opportunity").click()

    expect(page.locator(".receipt")).to_contain_text("“A new roof” has been created.")
    made = Opportunity.objects.get()
    expect(column(page, 3).locator(f"[data-card='{made.pk}']")).to_be_visible()
    assert (made.contact.name, made.stage.position) == ("Fjordlys", 3)
    assert made.entries.values("act").distinct().count() == 1


def test_without_a_connection_nothing_is_lost(
    open_as: OpenAs, bob: User, cycle: SalesCycle
) -> None:
    opportunity = at_stage(bob, 1, sales_cycle=cycle)
    page = open_as(bob, **WIDE)
    page.goto("/pipeline/")
    page.context.set_offline(True)

    drag_by_mouse(page, card_of(page, opportunity), column(page, 2))

    expect(page.locator(".receipt")).to_contain_text("There is no connection.")
    expect(column(page, 1).locator(".board-card")).to_have_count(1)
