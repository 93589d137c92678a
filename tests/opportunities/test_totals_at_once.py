"""Eight writers and a folding at once: no deadlock, and the totals are right (ADR 0032)."""

import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from threading import Barrier, Event

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity, TotalChange
from salescycles.models import CloseReason, SalesCycleStage
from salespeople.models import Salesperson, User
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    SalesCycleFactory,
    SalespersonFactory,
    UserFactory,
    make_opportunity,
)
from tests.opportunities.test_totals import assert_right, differences, fold

WRITERS = 8
ROUNDS = 60
pytestmark = pytest.mark.django_db(transaction=True)


def change(dice: random.Random, subject: Opportunity, by: User) -> None:
    """Make one random change of an opportunity, or be refused."""
    far = today() + timedelta(days=dice.randint(1, 200))
    match dice.randint(0, 5):
        case 0:
            stage = dice.choice(list(SalesCycleStage.objects.all()))
            lifecycle.move(subject, stage, by=by)
        case 1:
            value = Decimal(dice.randint(1, 99_999)) / 100
            lifecycle.update(subject, by=by, estimated_value=value, estimated_close_on=far)
        case 2:
            lifecycle.win(subject, by=by, reason=CloseReason.objects.get(kind="won"))
        case 3:
            lifecycle.reopen(subject, by=by, estimated_close_on=far)
        case 4:
            other = dice.choice(list(Salesperson.objects.all()))
            lifecycle.reassign(subject, by=by, salesperson=other)
        case _:
            lifecycle.undo(lifecycle.newest_standing(subject), by=by)


def test_eight_writers_and_a_folding_leave_totals_that_are_right(transactional_db: None) -> None:
    """The writers share the salespeople and stages, so that all change the same few groups."""
    manager = UserFactory(username="alice", role="Manager")
    SalespersonFactory(user=manager, sees=Salesperson.Sees.ALL)
    SalespersonFactory()
    cycle = SalesCycleFactory(stages=[(10, 20, "S"), (30, 40, "S"), (60, 60, "S")])
    company = CompanyFactory()
    CloseReasonFactory()
    subjects = [
        make_opportunity(manager, sales_cycle=cycle, contact=company, stage=1) for _ in range(16)
    ]
    barrier, is_over = Barrier(WRITERS + 1), Event()

    def write(number: int) -> str:
        dice = random.Random(number)
        try:
            barrier.wait()
            for _ in range(ROUNDS):
                try:
                    change(dice, dice.choice(subjects), manager)
                except (ValidationError, PermissionDenied):
                    continue
        finally:
            connection.close()
        return "done"

    def keep_folding() -> int:
        folded = 0
        try:
            barrier.wait()
            while not is_over.is_set():
                folded += fold(most=7)
                assert differences() == []
        finally:
            connection.close()
        return folded

    with ThreadPoolExecutor(WRITERS + 1) as pool:
        folding = pool.submit(keep_folding)
        writers = [pool.submit(write, number) for number in range(WRITERS)]
        try:
            assert Counter(writer.result() for writer in writers) == {"done": WRITERS}
        finally:
            is_over.set()
        assert folding.result() > 0
    assert_right()
    fold()
    assert TotalChange.objects.count() == 0
    assert_right()
