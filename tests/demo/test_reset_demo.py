"""reset_demo leaves the demo data and nothing else, and only where it may."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from contacts.models import Contact
from opportunities.models import Opportunity
from salespeople.models import User
from tests.factories import CompanyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Iterator[Contact]:
    """Something that is there before."""
    assert str(connection.settings_dict["NAME"]).startswith("test_")
    return CompanyFactory(name="Somebody’s own company")


def test_reset_demo_refuses_without_yes(company: Contact, settings: Settings) -> None:
    settings.LOCAL = True
    with pytest.raises(CommandError, match=r"^Everything in the database “test_.* would go; add"):
        call_command("reset_demo")
    assert Contact.objects.get() == company


def test_reset_demo_refuses_where_others_work(company: Contact, settings: Settings) -> None:
    settings.LOCAL = False
    with pytest.raises(CommandError, match=r"^Only a local run is reset: CRM_LOCAL is not set\.$"):
        call_command("reset_demo", "--yes")
    assert Contact.objects.get() == company


def test_reset_demo_leaves_the_demo_data(company: Contact, settings: Settings) -> None:
    """PostgreSQL takes the dropping of tables back, too, when the test is rolled back."""
    settings.LOCAL = True
    check_constraints_now()
    out = StringIO()
    call_command("reset_demo", "--yes", stdout=out)
    assert out.getvalue().startswith("600 opportunities; sign in as rep, manager or admin;")
    assert Opportunity.objects.count() == 600
    assert not Contact.objects.filter(name=company.name).exists()
    assert not User.objects.filter(pk=company.created_by_id, username__startswith="user").exists()


def check_constraints_now() -> None:
    """A table with a check that waits for the commit cannot be dropped."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
