"""Two people on one board: what one changes the other sees, and the slower one is told."""

from collections.abc import Callable
from decimal import Decimal

from playwright.sync_api import Page, expect

from opportunities import lifecycle
from salescycles.models import SalesCycle
from salespeople.models import User
from tests.factories import SalesCycleFactory, make_task
from tests.opportunities.pages import STAGES, at_stage, stage_of

type OpenAs = Callable[..., Page]
SECONDS = 20_000
WIDE = {"width": 1900, "height": 900}


def cycle() -> SalesCycle:
    """Return the default cycle."""
    made: SalesCycle = SalesCycleFactory(stages=STAGES, is_default=True)
    return made


def test_what_another_one_changes_appears_and_disturbs_nothing(
    open_as: OpenAs, alice: User, bob: User, transactional_db: None
) -> None:
    """A card moves over, the sums follow; scroll and focus stay where they are."""
    moved = at_stage(bob, 1, sales_cycle=cycle(), estimated_value=500)
    stays = [
        at_stage(bob, 1, sales_cycle=moved.sales_cycle, description=f"Roof {n}") for n in range(12)
    ]
    page = open_as(bob, viewport={"width": 1900, "height": 500}, reduced_motion="reduce")
    page.goto("/pipeline/")
    kept = page.locator(f"[data-card='{stays[9].pk}'] .board-card-title a")
    kept.focus()
    page.wait_for_timeout(1000)
    place = kept.bounding_box()
    assert place is not None

    lifecycle.move(moved, stage_of(moved, 2), by=alice)
    make_task(bob, opportunity=stays[0], description="Call them")
    lifecycle.update(stays[1], by=alice, estimated_value=Decimal(7000))

    target = page.locator(f"#cards-{stage_of(moved, 2).pk} [data-card='{moved.pk}']")
    expect(target).to_be_visible(timeout=SECONDS)
    expect(page.locator(f"#sums-{stage_of(moved, 2).pk} [data-figure=count]")).to_have_text("1")
    expect(page.locator(f"#sums-{stage_of(moved, 1).pk} [data-figure=count]")).to_have_text("12")
    task = page.locator(f"[data-card='{stays[0].pk}'] .next-task").first
    expect(task).to_contain_text("Call them")
    expect(page.locator(f"[data-card='{stays[1].pk}']")).to_contain_text("7,000")
    expect(kept).to_be_focused()
    now = kept.bounding_box()
    assert now is not None
    assert abs(now["y"] - place["y"]) < 2  # fractions of a pixel


def test_a_card_that_leaves_the_board_goes_and_a_new_one_comes(
    open_as: OpenAs, alice: User, bob: User, transactional_db: None
) -> None:
    given = at_stage(bob, 1, sales_cycle=cycle())
    page = open_as(bob, viewport=WIDE)
    page.goto("/pipeline/?group=month")
    expect(page.locator(f"[data-card='{given.pk}']")).to_be_visible()

    lifecycle.reassign(given, by=alice, salesperson=alice.salesperson)
    fresh = at_stage(bob, 1, sales_cycle=given.sales_cycle, description="A brand new roof")

    expect(page.locator(f"[data-card='{fresh.pk}']")).to_be_visible(timeout=SECONDS)
    expect(page.locator(f"[data-card='{given.pk}']")).to_have_count(0)


def test_two_race_for_a_card_and_the_slower_one_is_told_who_was_faster(
    open_as: OpenAs, alice: User, bob: User, transactional_db: None
) -> None:
    """U8: the drop of the slower one is answered by who did what, and nothing is lost."""
    opportunity = at_stage(bob, 1, sales_cycle=cycle())
    pages = [open_as(user, viewport=WIDE) for user in (alice, bob)]
    for page in pages:
        page.goto("/pipeline/")
        page.evaluate("document.getElementById('board-live').remove()")  # as between two looks
    for page, position in zip(pages, (2, 3), strict=True):
        page.locator(f"[data-card='{opportunity.pk}']").drag_to(
            page.locator(f"#cards-{stage_of(opportunity, position).pk}")
        )
        expect(page.locator(".receipt, dialog, main h1").first).to_be_visible()
        page.wait_for_load_state("networkidle")

    expect(pages[1].get_by_text("Somebody was faster")).to_be_visible()
    expect(pages[1].get_by_text("alice").first).to_be_visible()
    opportunity.refresh_from_db()
    assert (opportunity.stage.position, opportunity.sequence) == (2, 3)


def test_more_cards_come_by_scrolling(open_as: OpenAs, bob: User, transactional_db: None) -> None:
    first = at_stage(bob, 0, sales_cycle=cycle())
    wish = lifecycle.NewOpportunity(
        description="Roof",
        contact=first.contact,
        salesperson=bob.salesperson,
        sales_cycle=first.sales_cycle,
    )
    lifecycle.create_many([wish] * 69, by=bob)
    page = open_as(bob, viewport=WIDE)
    page.goto("/pipeline/")
    cards = page.locator("#cards-not_started .board-card")
    expect(cards).to_have_count(50)
    expect(page.locator(".board-more")).to_contain_text("50 of 70")

    page.locator(".board-more").scroll_into_view_if_needed()

    expect(cards).to_have_count(70)
    assert len(set(cards.evaluate_all("all => all.map(one => one.dataset.card)"))) == 70
