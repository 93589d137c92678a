"""Every page in a real browser: accessible, silent, within its policy, and within the screen."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.contrib import admin
from django.urls import reverse
from playwright.sync_api import Page

from salespeople.models import User
from tests.test_house import RIGHTS, House

type OpenAs = Callable[..., Page]
FOR_PROGRAMS = ("suggest", "mention", "changes", "feed", "download", "pdf", "revision", "export")
PAGES = [
    name
    for name, rights in RIGHTS.items()
    if rights[4] == 200 and not any(word in name for word in FOR_PROGRAMS)
]
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 900}, "color_scheme": "light"},
    "phone, dark": {
        "viewport": {"width": 390, "height": 844},
        "color_scheme": "dark",
        "has_touch": True,
    },
}
LANGUAGES = ("en", "nb")


def faults(page: Page, *, with_targets: bool = True) -> list[str]:
    """Return what axe finds, a line for each rule and element: also links too close to be hit."""
    options = {"rules": {"target-size": {"enabled": with_targets}}}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['html'][:120]}"
        for rule in found
        for node in rule["nodes"]
    ]


# Selectors of Tabler that bin/styles.mjs left out, and a state cannot be asked for.
MISSED = r"""selectors => selectors.filter(selector => {
    try {
        return document.querySelector(selector.replace(/::?[-\w]+(\([^()]*\))?/g, ""));
    } catch {
        return false;
    }
})"""


def missed(page: Page) -> list[str]:
    """Return the rules that set-up left out of Tabler although something here has their class."""
    left_out = json.loads((settings.LOCAL_DIR / "left-out-styles.json").read_text())
    return [f"left out: {selector}" for selector in page.evaluate(MISSED, left_out)]


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_is_accessible_and_silent(
    open_as: OpenAs, dora: User, bob: User, screen: str, transactional_db: None
) -> None:
    """As an administrator who sees everything; English on the desktop, Norwegian on the phone."""
    house = House(bob)
    User.objects.filter(pk=dora.pk).update(language=LANGUAGES[screen != "desktop"])
    page = open_as(dora, **SCREENS[screen])
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    problems: list[str] = []
    for name in PAGES:
        page.goto(house.address(name))
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found = faults(page) + said + ([f"{wide} px too wide"] if wide > 0 else []) + missed(page)
        problems += [f"{name}: {fault}" for fault in found]
        said.clear()

    assert "\n".join(problems) == ""


# What Django's own admin templates bring along.
OF_DJANGO = ("empty-table-header", "label-title-only: ['#searchbar']")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_admin_page_is_accessible_and_silent(
    open_as: OpenAs, dora: User, bob: User, scheme: str, transactional_db: None
) -> None:
    """The list of every model, and the page of one row of each."""
    House(bob)
    page = open_as(dora, color_scheme=scheme)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    problems: list[str] = []
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        row = model._default_manager.first()
        paths = [reverse(f"{name}_changelist")]
        paths += [reverse(f"{name}_change", args=[row.pk])] if row else []
        for path in paths:
            page.goto(path)
            found = faults(page, with_targets=False)
            found = [fault for fault in found if not fault.startswith(OF_DJANGO)]
            problems += [f"{path}: {fault}" for fault in (*found, *said)]
            said.clear()

    assert "\n".join(problems) == ""


@pytest.mark.parametrize(
    "path",
    ["/accounts/login/", "/accounts/reset/", "/accounts/reset/sent/", "/accounts/reset/x/y/"],
)
def test_pages_for_those_who_are_signed_out(
    page: Page, live_server: Any, path: str, transactional_db: None
) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))

    page.goto(f"{live_server.url}{path}")

    assert faults(page) + said == []
