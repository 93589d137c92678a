"""A real browser: Chromium, by the path in BROWSER_PATH, with or without scripts."""

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from salespeople.models import User

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the machine's own Chromium."""
    path = os.environ.get("BROWSER_PATH")
    named = {"executable_path": path} if path else {}
    return browser_type_launch_args | named | {"args": FLAGS}


@pytest.fixture
def open_as(browser: Browser, live_server: LiveServer) -> Iterator[Callable[..., Page]]:
    """Return a function that signs a user in and gives a page of a context of its own."""
    contexts: list[BrowserContext] = []

    def sign_in(user: User, **options: Any) -> Page:
        user.set_password("demo")
        user.save(update_fields=["password"])
        still = {"reduced_motion": "reduce"} | options  # colours are judged when they stand
        context = browser.new_context(base_url=live_server.url, **still)
        contexts.append(context)
        page = context.new_page()
        page.goto("/accounts/login/")
        page.fill("input[name=username]", user.username)
        page.fill("input[name=password]", "demo")
        page.click("main button[type=submit], form button[type=submit]")
        page.wait_for_url(live_server.url + "/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
