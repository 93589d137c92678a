"""Whom a text mentions: by username, code, whole name, or a first name that only one has."""

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from salespeople.mentions import mentioned_in
from salespeople.models import Salesperson, User
from tests.factories import SalespersonFactory, UserFactory


@pytest.fixture
def kari(db: None) -> User:
    """Kari Nordmann, who sells."""
    user = UserFactory(username="kari.n", first_name="Kari", last_name="Nordmann")
    SalespersonFactory(name="Kari Nordmann", code="KN", user=user)
    return user


@pytest.mark.parametrize(
    "text",
    [
        "@kari.n",
        "@KN",
        "@kn, please",
        "ask @Kari Nordmann.",
        "(@kari)",
        "@Kari: call",
        "first\n@Kari",
        "@Kari Berg knows",
        "@kari.n.",
        "“@Kari”",
    ],
)
def test_who_is_meant_is_found(kari: User, text: str) -> None:
    assert mentioned_in(text) == {kari.pk}


@pytest.mark.parametrize(
    "text", ["", "Kari", "kari@kn", "mail kari@kari.n", "@ Kari", "@karin", "@knut", "@@kari", "@"]
)
def test_what_mentions_nobody_is_left_alone(kari: User, text: str) -> None:
    assert mentioned_in(text) == set()


def test_the_longest_name_is_meant(kari: User) -> None:
    other = UserFactory(username="kari")

    assert mentioned_in("@Kari Nordmann") == {kari.pk}
    assert mentioned_in("@kari.n") == {kari.pk}
    assert mentioned_in("@KN and @kari.n") == {kari.pk}
    with pytest.raises(ValidationError, match="Several are called “Kari”"):
        mentioned_in("@kari, please")
    assert other.pk != kari.pk


def test_who_has_left_is_not_found(kari: User) -> None:
    User.objects.update(is_active=False)

    assert mentioned_in("@kari") == set()


def test_a_text_without_a_mark_asks_the_database_nothing() -> None:
    """Without access to it this would raise."""
    assert mentioned_in("Call kari@example.com") == set()


def test_a_salesperson_who_does_not_sign_in_is_not_found(db: None) -> None:
    SalespersonFactory(name="Ola")

    assert mentioned_in("@Ola") == set()
    assert Salesperson.objects.count() == 1


def test_colleagues_are_suggested_by_the_beginning_of_a_name(
    alice: User, bob: User, charlie: User, kari: User
) -> None:
    """Bob knows those of his team and those who see what is his."""
    SalespersonFactory(name="Alfred", user=UserFactory(username="alfred"))
    client = Client()
    client.force_login(bob)

    def names(text: str) -> list[str]:
        found: list[str] = client.get("/salespeople/mention/", {"q": text}).json()["names"]
        return found

    assert names("al") == ["Alice"]
    assert [names(text) for text in ("", "charlie", "bob", "\x00", "zz")] == [[]] * 5
    assert client.get("/salespeople/mention/?x=1").status_code == 400
    client.force_login(alice)
    assert names("nord") == ["Kari Nordmann"]
