"""Many at once: one success per `seen`, no deadlock, and the ledger stays true."""

import random
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from crm.dates import today
from opportunities import lifecycle
from opportunities.lifecycle.ledger import state_of
from opportunities.models import Opportunity
from salespeople.models import Salesperson, User
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    SalesCycleFactory,
    SalespersonFactory,
    UserFactory,
    make_opportunity,
)

THREADS = 8
ROUNDS = 500
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(transactional_db: None) -> User:
    """A manager who sees everything, committed."""
    user = UserFactory(username="alice", role="Manager")
    SalespersonFactory(user=user, sees=Salesperson.Sees.ALL)
    return user


def at_once(call: Callable[[int], str]) -> Counter[str]:
    """Run `call` in all threads at the same moment and count what they say."""
    barrier = Barrier(THREADS)

    def run(number: int) -> str:
        try:
            barrier.wait()
            return call(number)
        finally:
            connection.close()

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(run, range(THREADS)))


@pytest.mark.parametrize("same_wish", [True, False])
def test_of_eight_with_the_same_seen_one_succeeds(manager: User, same_wish: bool) -> None:
    cycle = SalesCycleFactory(stages=[(10, 10, "S")] * 10)
    opportunity = make_opportunity(manager, sales_cycle=cycle, stage=1)
    stages = list(cycle.stages.all())

    def move(number: int) -> str:
        stage = stages[1 if same_wish else number + 1]
        try:
            lifecycle.move(opportunity, stage, by=manager, seen=opportunity.sequence)
        except lifecycle.Conflict as conflict:
            return f"conflict with entry {conflict.entries[0].sequence}"
        return "success"

    assert at_once(move) == {"success": 1, "conflict with entry 3": THREADS - 1}
    assert opportunity.entries.count() == 3


def test_random_verbs_on_twenty_opportunities_never_deadlock(manager: User) -> None:
    cycle = SalesCycleFactory(stages=[(10, 20, "S"), (30, 40, "S"), (60, 60, "S"), (90, 80, "")])
    company = CompanyFactory()
    won, lost = CloseReasonFactory(), CloseReasonFactory(kind="lost")
    salespeople = [SalespersonFactory() for _ in range(3)]
    stages = list(cycle.stages.all())
    subjects = [
        make_opportunity(manager, sales_cycle=cycle, contact=company, stage=1) for _ in range(20)
    ]
    far = today() + timedelta(days=30)

    def one(dice: random.Random) -> None:
        subject = dice.choice(subjects)
        verbs: list[Callable[[], object]] = [
            lambda: lifecycle.move(subject, dice.choice(stages), by=manager),
            lambda: lifecycle.update(
                subject, by=manager, estimated_value=Decimal(dice.randint(1, 999))
            ),
            lambda: lifecycle.win(subject, by=manager, reason=won),
            lambda: lifecycle.lose(subject, by=manager, reason=lost),
            lambda: lifecycle.reopen(subject, by=manager, estimated_close_on=far),
            lambda: lifecycle.reassign(subject, by=manager, salesperson=dice.choice(salespeople)),
            lambda: lifecycle.undo(lifecycle.newest_standing(subject), by=manager),
        ]
        dice.choice(verbs)()

    def many(number: int) -> str:
        dice = random.Random(number)
        for _ in range(ROUNDS):
            try:
                one(dice)
            except (ValidationError, PermissionDenied):
                continue
        return "done"

    assert at_once(many) == {"done": THREADS}
    for subject in Opportunity.objects.all():
        entries = list(subject.entries.order_by("sequence"))
        assert [entry.sequence for entry in entries] == list(range(1, len(entries) + 1))
        assert [entry.superseded_at for entry in entries[:-1]] == [
            entry.recorded_at for entry in entries[1:]
        ]
        assert state_of(entries[-1]) == state_of(subject)
