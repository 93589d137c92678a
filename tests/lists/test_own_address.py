"""Where a form says to go on: only within this site, and never an error."""

import pytest
from django.test import RequestFactory

from lists.parameters import own_address
from salespeople.models import User
from tests.opportunities.pages import address, at_stage, signed_in


@pytest.mark.parametrize(
    ("target", "is_ours"),
    [
        ("/tasks/?due=now#top", True),
        ("http://testserver/tasks/", True),
        ("//evil.example/", False),
        ("/\\evil.example/", False),
        ("///evil.example/", False),
        ("http://evil.example/", False),
        ("http:evil.example", False),
        ("javascript:alert(1)", False),
        ("tasks/", False),
        ("?page=2", False),
        ("home", False),
        ("", False),
    ],
)
def test_only_what_is_ours_and_from_the_root(target: str, is_ours: bool) -> None:
    request = RequestFactory().post("/", {"next": target})

    assert own_address(request) == (target if is_ours else "")


@pytest.mark.parametrize("target", ["home", "?page=2", "#top", "my_day", "//evil.example"])
def test_a_strange_one_leads_back_to_where_one_was(bob: User, target: str) -> None:
    """The name of a view is none; what `redirect` cannot reverse was an error."""
    opportunity = at_stage(bob, 1)
    link = f"/interactions/create/?opportunity={opportunity.pk}"

    answer = signed_in(bob).post(link, {"kind": "call", "text": "Hello", "next": target})

    assert (answer.status_code, answer["Location"]) == (302, address(opportunity))
