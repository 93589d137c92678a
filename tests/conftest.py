"""The people of the house: alice manages, bob sells, charlie sells in another team."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import translation
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker, Settings

from salespeople.models import Salesperson, User
from tests.factories import (
    SalespersonFactory,
    TeamFactory,
    TeamMembershipFactory,
    UserFactory,
)

# How fast a machine draws its examples says nothing about the code.
settings.register_profile(
    "house",
    deadline=None,
    suppress_health_check=[
        HealthCheck.too_slow,
        HealthCheck.data_too_large,
        HealthCheck.function_scoped_fixture,  # each example leaves the rows as they were
    ],
)
settings.load_profile("house")


@pytest.fixture
def alice(db: None) -> User:
    """A manager who sees everything."""
    user = UserFactory(username="alice", role="Manager")
    SalespersonFactory(name="Alice", code="ALICE", user=user, sees=Salesperson.Sees.ALL)
    return user


@pytest.fixture
def bob(db: None) -> User:
    """A salesperson of the team North who sees the team."""
    return seller("bob", TeamFactory(code="NORTH", name="North"))


@pytest.fixture
def charlie(db: None) -> User:
    """A salesperson of the team South who sees the team."""
    return seller("charlie", TeamFactory(code="SOUTH", name="South"))


def seller(name: str, team: object) -> User:
    """Return a user who sells in `team` and sees it."""
    user = UserFactory(username=name, role="Salesperson")
    salesperson = SalespersonFactory(
        name=name.title(), code=name.upper(), user=user, sees=Salesperson.Sees.TEAM
    )
    TeamMembershipFactory(team=team, salesperson=salesperson)
    return user


@pytest.fixture
def dora(db: None) -> User:
    """An administrator who does not sell."""
    return UserFactory(username="dora", role="Administrator", is_staff=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Let tests that commit empty the ledger afterwards; one test turns the guard on again."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("SELECT current_database()")
        if not cursor.fetchone()[0].startswith("test_"):
            return  # no test asked for a database
        cursor.execute(
            "ALTER TABLE opportunities_opportunityentry DISABLE TRIGGER entry_guard_truncate"
        )


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Speak English in each test, whatever the request before it has asked for."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _plain_settings(settings: Settings, tmp_path: Path) -> None:
    """Serve over plain HTTP, hash fast, read static files where they lie, keep files apart."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.SECURE_SSL_REDIRECT = False
    settings.SESSION_COOKIE_SECURE = False
    settings.CSRF_COOKIE_SECURE = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
