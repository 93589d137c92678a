"""The list in a real browser, with scripts and without: filter, view, row, many rows at once."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Page, expect

from crm.dates import today
from lists.models import BulkRun, SavedView
from opportunities import lifecycle
from opportunities.models import Opportunity, OpportunityEntry
from salescycles.models import SalesCycle
from salespeople.models import User
from tasks.models import Task
from tests.factories import CompanyFactory, QuoteFactory, SalesCycleFactory

type OpenAs = Callable[..., Page]
WAYS = [pytest.param(True, id="scripts"), pytest.param(False, id="plain")]
SECONDS = 1000


@pytest.fixture
def cycle(transactional_db: None) -> SalesCycle:
    """Two stages; the second asks for a quote."""
    made: SalesCycle = SalesCycleFactory(stages=[(10, 20, ""), (30, 40, "Q")], is_default=True)
    return made


def many(by: User, number: int, cycle: SalesCycle) -> list[Opportunity]:
    """Return so many started opportunities, worth 1,000, 2,000, 3,000 and so on."""
    company = CompanyFactory(name="Nordfjord AS")
    return lifecycle.create_many(
        [
            lifecycle.NewOpportunity(
                description=f"Roof {n}",
                contact=company,
                salesperson=by.salesperson,
                sales_cycle=cycle,
                activate=True,
                estimated_value=Decimal(1000 * n),
                estimated_close_on=today() + timedelta(days=60),
            )
            for n in range(1, number + 1)
        ],
        by=by,
    )


def rows(page: Page) -> list[str]:
    """Return the descriptions of the rows that are shown."""
    return page.locator("tr[data-row] .cell-title > a.fw-medium").all_inner_texts()


@pytest.mark.parametrize("has_scripts", WAYS)
def test_a_filter_is_built_of_groups_shown_and_kept_as_a_view(
    open_as: OpenAs, bob: User, cycle: SalesCycle, has_scripts: bool
) -> None:
    many(bob, 4, cycle)
    page = open_as(bob, java_script_enabled=has_scripts)
    page.goto("/opportunities/?view=all")

    page.get_by_role("link", name="Build a filter").click()
    page.get_by_role("button", name="Add groups joined by “or”").click()
    for number, field, label, value in (
        (1, "value_from", "Value from", "4000"),
        (2, "value_to", "Value to", "1500"),
    ):
        page.get_by_label(f"Condition for group {number}").select_option(field)
        if not has_scripts:
            page.locator(f"#add-or{number}").click()
        page.get_by_label(label, exact=True).fill(value)
    if has_scripts:
        page.get_by_label("Value to", exact=True).blur()
        expect(page.locator(".builder-count")).to_have_text("2 match")
    page.locator("#builder-show").click()

    expect(page.locator(".chips")).to_contain_text(
        re.compile(r"either.*4,000.*or.*1,500", re.DOTALL)
    )
    assert rows(page) == ["Roof 4", "Roof 1"]
    page.get_by_role("link", name="Save as a view").click()
    page.get_by_label("Name").fill("Big or small")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".view-tabs .active")).to_contain_text(re.compile(r"Big or small\s*2"))
    assert SavedView.objects.get().parameters == "or1-value_from=4000&or2-value_to=1500"


@pytest.mark.parametrize("has_scripts", WAYS)
def test_a_row_is_changed_in_its_place(
    open_as: OpenAs, bob: User, cycle: SalesCycle, has_scripts: bool
) -> None:
    row, *_others = many(bob, 3, cycle)
    page = open_as(bob, java_script_enabled=has_scripts)
    page.goto("/opportunities/?sort=value")
    place = page.locator(f"#row-{row.pk}")

    if has_scripts:
        page.evaluate("window.stays = true")
        place.locator("td[data-field=estimated_value]").click()
        expect(place.locator("[name=estimated_value]")).to_be_focused()
        page.keyboard.press("Escape")
        expect(place.locator(".row-edit")).to_be_focused()
        page.keyboard.press("Enter")
    else:
        place.locator(".row-edit").click()
    place.locator("[name=estimated_value]").fill("0")
    place.locator("[name=task_description]").fill("Measure the roof")
    place.locator("[name=task_description]").press("Enter")
    expect(place).to_contain_text("Give an estimated value above 0.")
    assert not Task.objects.exists()
    place.locator("[name=estimated_value]").fill("1500")
    place.locator("[name=estimated_value]").press("Enter")

    expect(page.locator(".receipt")).to_contain_text("“Roof 1” has been saved.")
    expect(place.locator("td[data-field=estimated_value]")).to_have_text("NOK 1,500")
    expect(page.locator("#list-sums [data-figure=value]")).to_contain_text("NOK 6,500")
    assert Task.objects.get().description == "Measure the roof"
    if has_scripts:
        assert page.evaluate("window.stays")
        expect(place.locator(".row-edit")).to_be_focused()


def test_a_thousand_are_moved_where_they_may_be_and_moved_back(
    open_as: OpenAs, bob: User, cycle: SalesCycle
) -> None:
    """Of 1,000 a tenth has no quote, which the second stage asks for."""
    made = many(bob, 1000, cycle)
    for row in made[:900]:
        QuoteFactory(opportunity=row, created_by=bob)
    page = open_as(bob)
    page.goto("/opportunities/?status=open")

    page.locator("tr[data-row] input[type=checkbox]").first.check()
    page.get_by_text("All 1,000 that match").click()
    page.get_by_role("button", name="Move to a stage").click()
    expect(page.locator("main")).to_contain_text("and 995 more")
    page.get_by_label("Stage").select_option(label=f"{cycle.name}: Stage 2")
    page.get_by_role("button", name="Move to a stage").click()

    expect(page.locator("[data-figure=done]")).to_have_text("900", timeout=120 * SECONDS)
    expect(page.locator("[data-figure=refused]")).to_have_text("100")
    reason = page.locator(".run-reason", has_text="needs a quote")
    reason.locator("summary").click()
    expect(reason.get_by_role("link", name="Roof 901")).to_be_visible()
    run = BulkRun.objects.get()
    assert OpportunityEntry.objects.filter(act=run.act).count() == 900
    newest = Opportunity.objects.get(pk=made[0].pk)
    lifecycle.update(newest, by=bob, estimated_value=Decimal(77))

    page.get_by_role("button", name="Undo all of it").click()
    expect(page.get_by_text("Taken back, but for these:")).to_be_visible(timeout=120 * SECONDS)
    expect(page.locator(".run-reason", has_text="Something newer rests on it")).to_contain_text("1")
    moved = Opportunity.objects.filter(stage=cycle.stages.get(position=2))
    assert list(moved.values_list("pk", flat=True)) == [newest.pk]
