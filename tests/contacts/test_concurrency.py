"""Many hands at once: nobody waits in a circle, nobody is overwritten unseen."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from contacts import lifecycle
from contacts.models import Contact
from salespeople.models import User
from tests.factories import CompanyFactory, PersonFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(acts: Sequence[Callable[[], Any]]) -> list[Any]:
    """Do all of them at the same time; return what each returned or raised."""

    def alone(act: Callable[[], Any]) -> Any:
        try:
            return act()
        except Exception as error:  # noqa: BLE001 - the test looks at it
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(alone, acts))


@pytest.fixture
def user() -> User:
    """A user without a role: contacts are changed by whoever sees them."""
    user: User = UserFactory()
    return user


def test_companies_and_their_people_change_at_once_without_a_deadlock(user: User) -> None:
    early = PersonFactory()  # its id is below, that of `late` above the company's
    company = CompanyFactory()
    late = PersonFactory(company=company)
    Contact.objects.filter(pk=early.pk).update(company=company)
    acts = [
        lambda: lifecycle.edit(company, by=user, city="Oslo"),
        lambda: lifecycle.edit(early, by=user, company=None),
        lambda: lifecycle.edit(late, by=user, company=company, phone="22 33 44 55"),
        lambda: lifecycle.edit(early, by=user, company=company),
        lambda: lifecycle.edit(company, by=user, city="Bergen"),
        lambda: lifecycle.block(early, by=user),
    ]
    assert [found for found in at_once(acts * 4) if isinstance(found, Exception)] == []


def test_of_many_who_saw_the_same_only_one_saves(user: User) -> None:
    company = CompanyFactory()
    seen = lifecycle.version_of(company)
    acts = [
        partial(lifecycle.edit, company, by=user, seen=seen, city=f"City {n}") for n in range(8)
    ]
    found = at_once(acts)
    conflicts = [one for one in found if isinstance(one, lifecycle.Conflict)]
    saved = [one for one in found if isinstance(one, Contact)]
    assert (len(saved), len(conflicts)) == (1, 7)
    assert Contact.objects.get().city == saved[0].city


def test_nobody_comes_to_a_company_while_it_is_deleted(user: User) -> None:
    for _ in range(5):
        company = CompanyFactory()
        found = at_once(
            [
                partial(lifecycle.delete, company, by=user),
                partial(lifecycle.create, by=user, kind="person", name="Kari", company=company),
            ]
        )
        assert found[0] in (0, 1)
        assert isinstance(found[1], (Contact, ValidationError))
        assert not Contact.objects.filter(kind="person").exists()
        assert not Contact.objects.exists()
