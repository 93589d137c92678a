"""What the page tests of contacts share: clients, and forms as a browser sends them back."""

from html.parser import HTMLParser
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from salespeople.models import User


class _Fields(HTMLParser):
    """The fields of the form whose method is POST in the page's content."""

    def __init__(self) -> None:
        super().__init__()
        self.values: dict[str, str] = {}
        self.inside = False
        self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = "contact-form" in found.get("class", "")
        elif tag == "input" and self.inside:
            self.values[found["name"]] = found.get("value", "")
        elif tag == "select" and self.inside:
            self.select = found["name"]
            self.values[self.select] = ""
        elif tag == "option" and self.inside and "selected" in found and self.select:
            self.values[self.select] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False


def signed_in(user: User) -> Client:
    """Return a client that is signed in."""
    client = Client()
    client.force_login(user)
    return client


def text_of(answer: Any) -> str:
    """Return the page with plain spaces where a locale puts others."""
    text: str = answer.content.decode()
    return text.replace("\xa0", " ").replace("\u202f", " ")


def fields_of(answer: Any) -> dict[str, str]:
    """Return what a browser would send back if nothing were typed."""
    parser = _Fields()
    parser.feed(answer.content.decode())
    parser.values.pop("csrfmiddlewaretoken", None)
    return parser.values


def queries(client: Client, address: str) -> int:
    """Return how many queries the page asks."""
    with CaptureQueriesContext(connection) as found:
        assert client.get(address).status_code == 200
    return len(found)
