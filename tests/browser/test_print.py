"""Pages on paper: A4, light, without what one would press; looked for in the PDF itself."""

from collections.abc import Callable
from io import BytesIO

import pytest
from playwright.sync_api import Page
from pypdf import PdfReader

from salespeople.models import User
from tests.factories import QuoteFactory, make_task
from tests.opportunities.pages import at_stage

type OpenAs = Callable[..., Page]
A4 = (595, 842)
PRESSED = ("New opportunity", "Snooze", "Filter", "Log call", "Sign out", "My day\nPipeline")
INK = "getComputedStyle(document.querySelector('h1')).color"
PAPER = "getComputedStyle(document.body).backgroundColor"


def printed(page: Page, path: str) -> PdfReader:
    """Return a page as Chromium prints it."""
    page.goto(path)
    return PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))


def words(document: PdfReader) -> str:
    """Return what stands on the pages."""
    return "\n".join(sheet.extract_text() for sheet in document.pages)


def size(document: PdfReader) -> tuple[int, int]:
    """Return width and height of the first page, in points."""
    box = document.pages[0].mediabox
    return round(box.width), round(box.height)


@pytest.fixture
def paths(bob: User, transactional_db: None) -> dict[str, str]:
    """Return the pages that are printed, with one opportunity on them."""
    opportunity = at_stage(bob, 2, description="Warm rooms")
    quote = QuoteFactory(opportunity=opportunity)
    make_task(bob, opportunity=opportunity, description="Call Kari")
    return {
        "opportunity": opportunity.get_absolute_url(),
        "quote": quote.get_absolute_url(),
        "my day": "/",
        "list": "/opportunities/",
    }


@pytest.mark.parametrize("name", ["opportunity", "quote", "my day", "list"])
def test_a_page_on_paper_tells_what_is_known_and_offers_nothing(
    open_as: OpenAs, bob: User, paths: dict[str, str], name: str
) -> None:
    document = printed(open_as(bob), paths[name])
    text = words(document)

    assert size(document) == (A4[::-1] if name == "list" else A4)
    assert "Warm rooms" in text
    assert [word for word in PRESSED if word in text] == []


def test_paper_is_light_for_those_who_work_in_the_dark(
    open_as: OpenAs, bob: User, paths: dict[str, str]
) -> None:
    page = open_as(bob, color_scheme="dark")
    page.goto(paths["opportunity"])
    on_screen = page.evaluate(INK)

    page.emulate_media(media="print")

    assert page.evaluate("document.documentElement.dataset.bsTheme") == "dark"
    assert page.evaluate(INK) != on_screen
    assert page.evaluate(PAPER) == "rgba(0, 0, 0, 0)"


def test_a_list_on_paper_stays_a_table_with_its_heads(
    open_as: OpenAs, bob: User, paths: dict[str, str]
) -> None:
    page = open_as(bob, viewport={"width": 390, "height": 844})
    page.goto(paths["list"])
    display = "getComputedStyle(document.querySelector('main table thead')).display"
    on_screen = page.evaluate(display)

    page.emulate_media(media="print")

    assert (on_screen, page.evaluate(display)) == ("none", "table-header-group")
