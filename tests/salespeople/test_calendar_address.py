"""The address of the calendar feed: unguessable, revocable, nothing secret stored."""

import pytest
from django.core import signing
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from salespeople import calendar_address
from salespeople.models import User
from tests.contacts.pages import signed_in, text_of

PROFILE = "/accounts/profile/"
ADDRESS = "/accounts/calendar/"


def test_there_is_no_address_until_one_is_made(bob: User) -> None:
    assert calendar_address.token_of(bob) == ""

    calendar_address.renew(bob)

    assert calendar_address.user_of(calendar_address.token_of(bob)) == bob


def test_an_address_that_was_revoked_never_comes_back(bob: User) -> None:
    tokens = []
    for _n in range(3):
        calendar_address.renew(bob)
        tokens.append(calendar_address.token_of(bob))
        calendar_address.revoke(bob)
        assert calendar_address.token_of(bob) == ""
    calendar_address.renew(bob)

    assert [calendar_address.user_of(token) for token in tokens] == [None, None, None]
    assert calendar_address.token_of(bob) not in tokens


def test_another_address_replaces_the_one_before(bob: User) -> None:
    calendar_address.renew(bob)
    before = calendar_address.token_of(bob)

    calendar_address.renew(bob)

    assert calendar_address.user_of(before) is None
    assert calendar_address.user_of(calendar_address.token_of(bob)) == bob


def test_revoking_where_there_is_none_does_nothing(bob: User) -> None:
    calendar_address.revoke(bob)

    assert User.objects.get(pk=bob.pk).calendar_version == 0


def test_two_clicks_at_once_count_as_one(bob: User) -> None:
    same = User.objects.get(pk=bob.pk)

    calendar_address.renew(bob)
    calendar_address.renew(same)

    assert same.calendar_version == 1


def test_the_address_of_somebody_who_is_not_active_leads_nowhere(bob: User) -> None:
    calendar_address.renew(bob)
    token = calendar_address.token_of(bob)

    User.objects.filter(pk=bob.pk).update(is_active=False)

    assert calendar_address.user_of(token) is None


def test_a_version_of_none_cannot_be_signed_into_an_address(bob: User) -> None:
    signer = signing.Signer(salt=calendar_address.SALT)

    assert calendar_address.user_of(signer.sign_object([bob.pk, 0])) is None


@pytest.mark.parametrize("value", ["x", 7, [1], [1, 2, 3], ["a", "b"], {"pk": 1}, None])
def test_what_was_signed_otherwise_leads_nowhere(bob: User, value: object) -> None:
    signer = signing.Signer(salt=calendar_address.SALT)

    assert calendar_address.user_of(signer.sign_object(value)) is None


@pytest.mark.parametrize("token", ["", "x", ":", "a:b", "é", "x" * 10_000])
def test_a_guessed_address_leads_nowhere(bob: User, token: str) -> None:
    calendar_address.renew(bob)

    assert calendar_address.user_of(token) is None


def test_a_token_of_another_purpose_leads_nowhere(bob: User) -> None:
    calendar_address.renew(bob)
    other = signing.Signer(salt="other").sign_object([bob.pk, 1])

    assert calendar_address.user_of(other) is None


def test_the_profile_makes_shows_renews_and_revokes_the_address(bob: User) -> None:
    client = signed_in(bob)
    assert client.get(PROFILE).context["feed_url"] == ""

    made = client.post(ADDRESS, {"act": "renew"})
    bob.refresh_from_db()
    first = reverse("tasks:feed", args=[calendar_address.token_of(bob)])
    page = text_of(client.get(PROFILE))
    client.post(ADDRESS, {"act": "renew"})
    bob.refresh_from_db()
    second = reverse("tasks:feed", args=[calendar_address.token_of(bob)])

    assert (made.status_code, made["Location"]) == (302, f"{PROFILE}#calendar-feed")
    assert f'value="http://testserver{first}"' in page
    assert client.get(PROFILE).context["feed_url"] == f"http://testserver{second}"
    assert first != second

    client.post(ADDRESS, {"act": "revoke"})
    assert client.get(PROFILE).context["feed_url"] == ""


def test_an_unknown_wish_is_refused(bob: User) -> None:
    assert signed_in(bob).post(ADDRESS, {"act": "steal"}).status_code == 400


def test_saving_the_profile_writes_neither_the_password_nor_the_calendar(bob: User) -> None:
    """Else a form that is sent while an address is revoked would bring it back."""
    client = signed_in(bob)

    with CaptureQueriesContext(connection) as queries:
        answer = client.post(PROFILE, {"first_name": "Robert", "theme": "dark", "language": "en"})

    written = [q["sql"] for q in queries if q["sql"].startswith("UPDATE")]
    assert (answer.status_code, User.objects.get(pk=bob.pk).first_name) == (302, "Robert")
    assert [(word, any(word in sql for sql in written)) for word in
            ("first_name", "calendar_version", '"password"')] == [
        ("first_name", True), ("calendar_version", False), ('"password"', False),
    ]  # fmt: skip
