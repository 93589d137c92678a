"""Two doors, two senders at once: nobody is told twice, and nothing waits for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone

from notices import telling
from notices.kinds import Kind
from notices.mailing import send_waiting
from notices.models import Notice
from opportunities import lifecycle
from salespeople.models import Salesperson, User
from tests.factories import SalespersonFactory, UserFactory, make_opportunity
from tests.notices.told import told

THREADS = 6
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> tuple[User, User]:
    """A manager and a salesperson, committed."""
    manager = UserFactory(username="alice", role="Manager")
    SalespersonFactory(user=manager, sees=Salesperson.Sees.ALL)
    seller = UserFactory(username="bob", role="Salesperson")
    SalespersonFactory(user=seller)
    return manager, seller


def at_once(call: Callable[[int], Any]) -> list[Any]:
    """Run `call` in all threads at the same moment and return what they say."""
    barrier = Barrier(THREADS)

    def run(number: int) -> Any:
        try:
            barrier.wait()
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def test_six_doors_that_reassign_the_same_tell_once(people: tuple[User, User]) -> None:
    manager, seller = people
    row = make_opportunity(manager, description="A new roof")

    at_once(lambda _n: lifecycle.reassign(row, by=manager, salesperson=seller.salesperson).pk)

    assert told(seller) == ["alice assigned “A new roof” to you"]
    assert Notice.objects.count() == 1


def test_six_parts_of_the_same_act_make_one_notice(people: tuple[User, User]) -> None:
    manager, seller = people
    rows = [make_opportunity(manager, salesperson=seller.salesperson) for _n in range(THREADS)]
    Notice.objects.all().delete()
    act = uuid4()

    def tell(number: int) -> None:
        whom = [telling.Told(seller.pk, rows[number])]
        telling.tell(Kind.ASSIGNED, whom, by=manager, act=act)

    at_once(tell)

    assert told(seller) == [f"alice assigned {THREADS} opportunities to you"]


def test_six_senders_mail_each_notice_once(people: tuple[User, User]) -> None:
    manager, seller = people
    for number in range(8):
        row = make_opportunity(manager, description=f"Roof {number}")
        lifecycle.reassign(row, by=manager, salesperson=seller.salesperson)
    Notice.objects.update(next_try_at=timezone.now())

    at_once(lambda _n: send_waiting())

    bodies = "\n".join(str(message.body) for message in mail.outbox)
    assert [bodies.count(f"“Roof {number}”") for number in range(8)] == [1] * 8
    assert Notice.objects.filter(sent_at=None).count() == 0


def test_an_undo_while_it_is_being_mailed_leaves_neither_a_notice_nor_a_deadlock(
    people: tuple[User, User],
) -> None:
    manager, seller = people
    row = make_opportunity(manager)
    row = lifecycle.reassign(row, by=manager, salesperson=seller.salesperson)
    entry = lifecycle.newest_standing(row)
    Notice.objects.update(next_try_at=timezone.now())

    def either(number: int) -> None:
        if number:
            send_waiting()
        else:
            lifecycle.undo(entry, by=manager)

    at_once(either)

    assert Notice.objects.count() == 0
    assert len(mail.outbox) <= 1
