"""Two people at once: one of them is told, and the amounts stay those of the lines."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import Sum

from opportunities import lifecycle as door
from opportunities.models import Opportunity
from quotes import lifecycle
from quotes.lifecycle import NewLine
from quotes.models import Quote, QuoteDocument
from salespeople.models import Salesperson, User
from tests.factories import QuoteFactory, SalespersonFactory, UserFactory
from tests.opportunities.pages import at_stage, stage_of

THREADS = 6
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def manager(transactional_db: None) -> User:
    """A manager who sees everything, committed."""
    user = UserFactory(username="alice", role="Manager")
    SalespersonFactory(user=user, sees=Salesperson.Sees.ALL)
    return user


def at_once(call: Callable[[int], object]) -> Counter[str]:
    """Run `call` in all threads at the same moment and count how it ends."""
    barrier = Barrier(THREADS)

    def run(number: int) -> str:
        try:
            barrier.wait()
            call(number)
        except lifecycle.Conflict:
            return "conflict"
        except ValidationError:
            return "refused"
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(THREADS) as pool:
        return Counter(pool.map(run, range(THREADS)))


def test_of_several_who_edit_the_lines_one_succeeds(manager: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(manager, 3))

    ends = at_once(lambda n: lifecycle.edit(
        quote, by=manager, seen=quote.version,
        lines=[NewLine(text=f"Line {n}", price=Decimal(n + 1))] * (n + 1),
    ))  # fmt: skip

    assert ends == {"done": 1, "conflict": THREADS - 1}
    agrees()


def test_accepting_and_declining_at_once_has_one_winner(manager: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(manager, 3), status="sent")
    verbs = (lifecycle.accept, lifecycle.decline)

    ends = at_once(lambda n: verbs[n % 2](quote, by=manager, seen=quote.version))

    assert ends == {"done": 1, "conflict": THREADS - 1}
    quote.refresh_from_db()
    assert quote.status in ("accepted", "declined")


def test_sending_at_once_keeps_one_document(manager: User) -> None:
    """Without `seen`, everybody wants the same, and it is done once."""
    quote = QuoteFactory(opportunity=at_stage(manager, 3))

    ends = at_once(lambda _n: lifecycle.send(quote, by=manager))

    assert ends == {"done": THREADS}
    assert QuoteDocument.objects.count() == 1
    quote.refresh_from_db()
    assert quote.edits == 1


def test_expiring_at_once_expires_once(manager: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(manager, 3), status="sent")
    Quote.objects.update(valid_until="2020-01-01")
    expired: list[Quote] = []

    at_once(lambda _n: expired.extend(lifecycle.expire_past()))

    assert expired == [quote]
    quote.refresh_from_db()
    assert (quote.status, quote.edits) == ("expired", 2)


def test_no_gate_is_passed_while_its_quote_is_declined(manager: User) -> None:
    """The door of quotes locks the opportunity: one of both comes first."""
    opportunity = at_stage(manager, 3)
    quote = QuoteFactory(opportunity=opportunity, status="sent")
    stage = stage_of(opportunity, 4)

    def race(number: int) -> None:
        if number % 2:
            lifecycle.decline(quote, by=manager)
        else:
            door.move(opportunity, stage, by=manager)

    at_once(race)

    newest = Opportunity.objects.get().entries.order_by("-sequence").first()
    quote.refresh_from_db()
    assert newest is not None
    assert quote.changed_at is not None
    if newest.stage == stage:
        assert newest.recorded_at < quote.changed_at


def agrees() -> None:
    """Say that each amount is the sum of its lines."""
    sums = Quote.objects.annotate(sum=Sum("lines__amount")).values_list("amount", "sum")
    assert [amount for amount, total in sums if amount != (total or 0)] == []
