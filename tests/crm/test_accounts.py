"""Signing in and out, passwords, and the person's own preferences."""

import re
from datetime import timedelta
from typing import Any
from zoneinfo import available_timezones

import pytest
from axes.models import AccessAttempt
from django.conf import settings
from django.core import mail
from django.test import Client

from salespeople.account_forms import time_zones
from salespeople.models import User
from tests.factories import UserFactory
from tests.opportunities.pages import signed_in

PASSWORD = "green-apples-in-june"
OTHER = "yellow-pears-in-july"
LOGIN = "/accounts/login/"
PROFILE = "/accounts/profile/"
PREFERENCE = "/accounts/preference/"
CHANGE = "/accounts/password/"
RESET = "/accounts/reset/"
REFUSED = 422
LOCKED = 429
NUL = "\x00"


@pytest.fixture
def kari(bob: User) -> User:
    """bob, with a password."""
    bob.set_password(PASSWORD)
    bob.save()
    return bob


def sign_in(client: Client, password: str = PASSWORD, **more: Any) -> Any:
    """Send the sign-in form."""
    return client.post(LOGIN, {"username": "bob", "password": password, **more})


def is_signed_in(client: Client) -> bool:
    """Say whether the pages open."""
    return client.get("/").status_code == 200


# Signing in and out.


def test_signing_in_leads_to_my_day(kari: User) -> None:
    client = Client()

    response = sign_in(client)

    assert (response.status_code, response["Location"]) == (302, "/")
    assert is_signed_in(client)


def test_signing_in_leads_on_to_the_page_that_was_asked_for(kari: User) -> None:
    client = Client()
    asked = client.get("/pipeline/?q=roof")

    page = client.get(asked["Location"])
    response = sign_in(client, next=page.context["next"])

    assert response["Location"] == "/pipeline/?q=roof"


ELSEWHERE = [
    "https://evil.example/", "//evil.example/", "///evil.example", "/\\evil.example", "\\\\evil",
    "javascript:alert(1)", "http:evil.example", "ftp://testserver/", " //evil.example",
    "https://testserver@evil.example/",
]  # fmt: skip


@pytest.mark.parametrize("target", ELSEWHERE)
def test_signing_in_never_leads_elsewhere(kari: User, target: str) -> None:
    response = sign_in(Client(), next=target)

    assert response.status_code == 302
    assert response["Location"] == "/"


@pytest.mark.parametrize("password", ["wrong", "", NUL, "x" * 10_000, PASSWORD.upper(), " "])
def test_a_wrong_password_is_refused(kari: User, password: str) -> None:
    client = Client()

    response = sign_in(client, password)

    assert response.status_code == REFUSED
    assert response.context["form"].errors
    assert not is_signed_in(client)


@pytest.mark.parametrize("name", ["nobody", "", NUL, "x" * 10_000, "' OR 1=1 --", "\u202ebob"])
def test_a_wrong_name_is_refused(kari: User, name: str) -> None:
    response = Client().post(LOGIN, {"username": name, "password": PASSWORD})

    assert response.status_code == REFUSED


def test_a_browser_that_says_too_much_about_itself_is_refused_like_others(kari: User) -> None:
    client = Client(headers={"user-agent": "x" * 5000, "accept": "y" * 5000})

    response = client.post(f"{LOGIN}?next=/{'z' * 5000}", {"username": "bob", "password": "wrong"})

    assert response.status_code == REFUSED


def test_a_name_that_is_unknown_and_a_wrong_password_are_told_alike(kari: User) -> None:
    wrong = sign_in(Client(), "wrong").context["form"].errors
    unknown = Client().post(LOGIN, {"username": "nobody", "password": "wrong"})

    assert unknown.context["form"].errors == wrong


def test_one_who_is_not_active_does_not_sign_in_and_is_signed_out(kari: User) -> None:
    client = Client()
    sign_in(client)

    User.objects.update(is_active=False)

    assert not is_signed_in(client)
    assert sign_in(Client()).status_code == REFUSED


def test_signing_out_is_a_post_and_ends_the_session(kari: User) -> None:
    client = Client()
    sign_in(client)
    assert client.get("/accounts/logout/").status_code == 405
    assert is_signed_in(client)

    response = client.post("/accounts/logout/")

    assert (response.status_code, response["Location"]) == (302, LOGIN)
    assert not is_signed_in(client)


def test_who_is_signed_in_has_no_use_for_the_sign_in(bob: User) -> None:
    assert signed_in(bob).get(LOGIN)["Location"] == "/"


def test_the_sign_in_is_checked_against_forgery(kari: User) -> None:
    client = Client(enforce_csrf_checks=True)

    response = sign_in(client)

    assert response.status_code == 403
    assert "The form was open for too long" in response.content.decode()


# Throttling.


def fail(client: Client, times: int) -> Any:
    """Try so often with a wrong password; return the last answer."""
    return [sign_in(client, f"wrong {n}") for n in range(times)][-1]


def test_ten_failures_lock_the_name_at_that_address(kari: User) -> None:
    client = Client()
    assert fail(client, 9).status_code == REFUSED

    locked = fail(client, 1)

    assert locked.status_code == LOCKED
    assert "There were too many attempts to sign in." in locked.content.decode()
    assert sign_in(client).status_code == LOCKED
    assert sign_in(Client()).status_code == LOCKED
    assert not is_signed_in(client)


def test_the_lock_is_for_one_name_at_one_address(kari: User) -> None:
    other = UserFactory(username="other")
    other.set_password(PASSWORD)
    other.save()
    fail(Client(), 10)

    response = Client().post(LOGIN, {"username": "other", "password": PASSWORD})

    assert response.status_code == 302
    assert sign_in(Client(REMOTE_ADDR="192.0.2.7")).status_code == 302


def test_the_name_of_nobody_is_locked_alike(db: None) -> None:
    """Whether a name exists cannot be learnt from the lock."""
    assert fail(Client(), 10).status_code == LOCKED


def test_the_lock_ends_after_a_quarter_of_an_hour(kari: User) -> None:
    fail(Client(), 10)
    attempt = AccessAttempt.objects.get()

    attempt.attempt_time -= timedelta(minutes=14)
    attempt.save()
    assert sign_in(Client()).status_code == LOCKED
    attempt.attempt_time -= timedelta(minutes=2)
    attempt.save()

    assert sign_in(Client()).status_code == 302


def test_signing_in_forgets_the_failures(kari: User) -> None:
    client = Client()
    fail(client, 9)
    assert sign_in(client).status_code == 302
    client.post("/accounts/logout/")

    assert fail(client, 9).status_code == REFUSED


# The password.


def change(client: Client, old: str = PASSWORD, new: str = OTHER, again: str = "") -> Any:
    """Send the form of another password."""
    return client.post(
        CHANGE, {"old_password": old, "new_password1": new, "new_password2": again or new}
    )


def test_the_password_is_changed_and_the_session_stays(kari: User) -> None:
    client, elsewhere = Client(), Client()
    sign_in(client)
    sign_in(elsewhere)

    response = change(client)

    assert (response.status_code, response["Location"]) == (302, PROFILE)
    page = client.get(PROFILE)
    assert [str(m) for m in page.context["messages"]] == ["The new password holds from now on."]
    assert not is_signed_in(elsewhere)
    assert sign_in(Client()).status_code == REFUSED
    assert sign_in(Client(), OTHER).status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "again"),
    [
        ("wrong", OTHER, ""),
        ("", OTHER, ""),
        (PASSWORD, OTHER, "another"),
        (PASSWORD, "", ""),
        (PASSWORD, "short1", ""),
        (PASSWORD, "12345678901", ""),
        (PASSWORD, "password", ""),
        (PASSWORD, "bob@example.com", ""),
        (PASSWORD, f"{OTHER}{NUL}", ""),
        (NUL, OTHER, ""),
    ],
)
def test_a_password_that_is_wrong_or_weak_is_refused(
    kari: User, old: str, new: str, again: str
) -> None:
    client = Client()
    sign_in(client)

    response = change(client, old, new, again)

    assert response.status_code == REFUSED
    assert response.context["form"].errors
    assert User.objects.get(pk=kari.pk).check_password(PASSWORD)


def letter_for(address: str) -> list[Any]:
    """Ask for a new password; return the mails that were sent."""
    mail.outbox.clear()
    response = Client().post(RESET, {"email": address})
    assert (response.status_code, response["Location"]) == (302, f"{RESET}sent/")
    return list(mail.outbox)


def link_in(letter: Any) -> str:
    """Return the address in the mail, without the site."""
    found = re.search(r"http://testserver(/\S+)", letter.body)
    assert found, letter.body
    return found[1]


def test_a_forgotten_password_is_replaced_by_mail(kari: User) -> None:
    (letter,) = letter_for("bob@example.com")
    assert letter.to == ["bob@example.com"]
    assert letter.subject == "A new password"
    assert "Somebody asked for a new password for Bob" in letter.body.replace("bob", "Bob")
    client = Client()
    form = client.get(link_in(letter), follow=True)
    address = form.redirect_chain[-1][0]

    response = client.post(address, {"new_password1": OTHER, "new_password2": OTHER})

    assert (response.status_code, response["Location"]) == (302, LOGIN)
    assert sign_in(Client(), OTHER).status_code == 302
    assert sign_in(Client(), PASSWORD).status_code == REFUSED


def test_the_link_works_once(kari: User) -> None:
    (letter,) = letter_for("bob@example.com")
    client = Client()
    address = client.get(link_in(letter), follow=True).redirect_chain[-1][0]
    client.post(address, {"new_password1": OTHER, "new_password2": OTHER})

    page = Client().get(link_in(letter))

    assert page.status_code == 200
    assert page.context["form"] is None
    assert "The link has been used, or is too old." in page.content.decode()


def test_a_weak_password_is_refused_behind_the_link_too(kari: User) -> None:
    (letter,) = letter_for("bob@example.com")
    client = Client()
    address = client.get(link_in(letter), follow=True).redirect_chain[-1][0]

    response = client.post(address, {"new_password1": "12345", "new_password2": "12345"})

    assert response.status_code == REFUSED
    assert User.objects.get(pk=kari.pk).check_password(PASSWORD)


@pytest.mark.parametrize("address", ["nobody@example.com", "BOB@elsewhere.example"])
def test_an_address_that_is_unknown_is_answered_alike_without_a_mail(
    kari: User, address: str
) -> None:
    assert letter_for(address) == []


def test_one_who_is_not_active_gets_no_mail(kari: User) -> None:
    User.objects.update(is_active=False)

    assert letter_for("bob@example.com") == []


@pytest.mark.parametrize("address", ["", "x", NUL, "a@b\nBcc: c@d.example", "x" * 10_000])
def test_what_is_no_address_is_refused(kari: User, address: str) -> None:
    response = Client().post(RESET, {"email": address})

    assert response.status_code == REFUSED
    assert mail.outbox == []


@pytest.mark.parametrize("link", ["x/y", "MQ/x-y", f"{'M' * 500}/x", "MQ/set-password", "%00/%00"])
def test_a_link_that_somebody_made_up_is_told_so(db: None, link: str) -> None:
    page = Client().get(f"{RESET}{link}/")

    assert page.status_code == 200
    assert "The link has been used, or is too old." in page.content.decode()


# The profile.

VALID = {
    "first_name": "Kari",
    "last_name": "Nordmann",
    "email": "kari@example.com",
    "language": "nb",
    "theme": "dark",
    "time_zone": "America/New_York",
}


def kept(user: User) -> dict[str, str]:
    """Return the profile as it stands in the database."""
    fresh = User.objects.get(pk=user.pk)
    return {name: getattr(fresh, name) for name in VALID}


def test_the_profile_is_saved_and_holds_on_the_next_page(bob: User) -> None:
    client = signed_in(bob)

    response = client.post(PROFILE, VALID)

    assert (response.status_code, response["Location"]) == (302, PROFILE)
    assert kept(bob) == VALID
    page = client.get(PROFILE).content.decode()
    assert '<html lang="nb"' in page
    assert 'data-theme-choice="dark"' in page
    assert "Profil" in page


def test_the_profile_changes_nothing_else(bob: User) -> None:
    wish = {
        "username": "root",
        "is_superuser": "on",
        "is_staff": "on",
        "is_active": "",
        "groups": "3",
    }

    response = signed_in(bob).post(PROFILE, VALID | wish)

    assert response.status_code == 302
    fresh = User.objects.get(pk=bob.pk)
    assert (fresh.username, fresh.is_superuser, fresh.is_staff) == ("bob", False, False)
    assert (fresh.is_active, fresh.password) == (True, bob.password)
    assert [group.name for group in fresh.groups.all()] == ["Salesperson"]


HOSTILE = ["x" * 10_000, NUL, "-1", "NaN", "9" * 400, "<script>", "../../etc/passwd", "\u202e"]


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v[:8]))
@pytest.mark.parametrize("field", ["language", "theme", "time_zone", "email"])
def test_a_hostile_choice_is_refused_and_changes_nothing(bob: User, field: str, value: str) -> None:
    before = kept(bob)

    response = signed_in(bob).post(PROFILE, VALID | {field: value})

    assert response.status_code == REFUSED
    assert list(response.context["form"].errors) == [field]
    assert kept(bob) == before


@pytest.mark.parametrize("value", HOSTILE[:2], ids=lambda v: repr(v[:8]))
@pytest.mark.parametrize("field", ["first_name", "last_name"])
def test_a_name_that_no_column_holds_is_refused(bob: User, field: str, value: str) -> None:
    response = signed_in(bob).post(PROFILE, VALID | {field: value})

    assert response.status_code == REFUSED


def test_a_profile_without_anything_is_refused(bob: User) -> None:
    assert signed_in(bob).post(PROFILE, {}).status_code == REFUSED


def test_a_name_is_shown_as_text(bob: User) -> None:
    client = signed_in(bob)

    client.post(PROFILE, VALID | {"first_name": "<b>x</b>"})

    assert "<b>x</b>" not in client.get("/").content.decode()


def test_every_time_zone_that_is_offered_exists_and_the_site_s_is_among_them() -> None:
    names = {name for name, _label in time_zones()} - {""}

    assert names <= available_timezones()
    assert {settings.TIME_ZONE, "UTC", "Arctic/Longyearbyen", "Indian/Maldives"} <= names


# Preferences with one click.


@pytest.mark.parametrize(
    ("name", "value"),
    [("language", "en"), ("language", "nb"), ("theme", "auto"), ("theme", "light"),
     ("theme", "dark")],
)  # fmt: skip
def test_a_preference_is_kept_and_leads_back_to_the_page(bob: User, name: str, value: str) -> None:
    client = signed_in(bob)

    response = client.post(PREFERENCE, {name: value, "next": "/contacts/?q=roof&sort=name"})

    assert (response.status_code, response["Location"]) == (302, "/contacts/?q=roof&sort=name")
    assert getattr(User.objects.get(pk=bob.pk), name) == value


def test_the_language_holds_on_the_next_page(bob: User) -> None:
    client = signed_in(bob)

    client.post(PREFERENCE, {"language": "nb"})

    page = client.get("/", headers={"accept-language": "en"}).content.decode()
    assert '<html lang="nb"' in page


@pytest.mark.parametrize("target", ["", *ELSEWHERE])
def test_a_preference_never_leads_elsewhere(bob: User, target: str) -> None:
    response = signed_in(bob).post(PREFERENCE, {"theme": "dark", "next": target})

    assert response.status_code == 302
    assert response["Location"] == "/"


def test_a_way_back_that_is_too_long_does_not_break(bob: User) -> None:
    response = signed_in(bob).post(PREFERENCE, {"theme": "dark", "next": f"/?q={'x' * 20_000}"})

    assert response.status_code in (302, 400)


def test_a_way_back_cannot_write_headers(bob: User) -> None:
    response = signed_in(bob).post(PREFERENCE, {"theme": "dark", "next": "/x\r\nSet-Cookie: a=b"})

    assert response.status_code == 302
    assert "\n" not in response["Location"]


@pytest.mark.parametrize(
    "data",
    [{}, {"next": "/"}, {"theme": "pink"}, {"language": "de"}, {"language": ""}, {"theme": NUL},
     {"theme": "x" * 10_000}, {"is_staff": "1"}, {"theme": "dark", "language": "xx"},
     {"time_zone": "UTC"}],
    ids=lambda d: str(d)[:30],
)  # fmt: skip
def test_a_preference_that_there_is_not_is_refused(bob: User, data: dict[str, str]) -> None:
    before = User.objects.filter(pk=bob.pk).values().get()
    client = Client()
    client.force_login(User.objects.get(pk=bob.pk))

    assert client.post(PREFERENCE, data).status_code == 400

    after = User.objects.filter(pk=bob.pk).values().get()
    assert after | {"last_login": before["last_login"]} == before


def test_the_language_of_the_sign_in_is_chosen_there(db: None) -> None:
    client = Client()

    response = client.post("/language/", {"language": "nb", "next": LOGIN})

    assert response["Location"] == LOGIN
    assert "Logg inn" in client.get(LOGIN).content.decode()
