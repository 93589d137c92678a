"""The address of a review that stays: nothing that is recorded later moves it (product.md, U3)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from bs4 import BeautifulSoup
from django.test import Client

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salescycles.models import SalesCycle
from salespeople.models import User
from tasks import interactions
from tasks import lifecycle as task_door
from tests.analytics.pages import check_figures
from tests.factories import CloseReasonFactory, SalesCycleFactory, make_task
from tests.opportunities.pages import STAGES, at_stage, signed_in

ADDRESS = "/analytics/review/"
DAY = timedelta(days=1)


def words_of(client: Client, address: str) -> str:
    """Return the text of a review's page, and of every opportunity to talk about."""
    body = ""
    for each in (address, address.replace("/review/", "/review/rows/")):
        main = BeautifulSoup(client.get(each).content, "html.parser").main
        assert main is not None
        body += " ".join(main.get_text(" ").split())
    return body


def busy(by: User, cycle: SalesCycle) -> list[Opportunity]:
    """Return four open ones with reasons, and one that was won."""
    early, on = today() - 20 * DAY, today() - 3 * DAY
    rows = [
        at_stage(
            by, 2, sales_cycle=cycle, on=early, estimated_value=Decimal(1000 + n),
            estimated_close_on=today() + n * DAY,
        )
        for n in range(5)
    ]  # fmt: skip
    lifecycle.update(rows[1], by=by, on=on, estimated_close_on=today() + 60 * DAY)
    lifecycle.update(rows[2], by=by, on=on, estimated_value=Decimal(7))
    lifecycle.win(rows[4], by=by, on=on, reason=CloseReasonFactory())
    return rows[:4]


@pytest.mark.django_db(transaction=True)
def test_the_address_that_stays_is_not_moved_by_anything_recorded_later(
    alice: User, bob: User
) -> None:
    """Later: dated back over the day, undone; tasks done and reopened, a call cancelled."""
    client, cycle = signed_in(alice), SalesCycleFactory(stages=STAGES, is_default=True)
    rows = busy(bob, cycle)
    call = interactions.log(by=bob, kind="call", subject="Hello", opportunity=rows[0])
    waiting = make_task(bob, opportunity=rows[2])
    done = task_door.complete(make_task(bob, opportunity=rows[3]), by=bob)
    live = words_of(client, ADDRESS)
    address = client.get(ADDRESS).context["fixed"]
    before = words_of(client, address)

    interactions.cancel(call, by=bob)
    task_door.reopen(done, by=bob)
    task_door.complete(waiting, by=bob)
    lifecycle.update(rows[0], by=bob, on=today() - 2 * DAY, estimated_close_on=today() + 90 * DAY)
    pushed = Opportunity.objects.get(pk=rows[1].pk)
    lifecycle.undo(lifecycle.newest_standing(pushed), by=bob)
    lifecycle.win(Opportunity.objects.get(pk=rows[3].pk), by=bob, reason=CloseReasonFactory())
    at_stage(bob, 3, sales_cycle=cycle, on=today() - 3 * DAY)

    assert words_of(client, ADDRESS) != live
    assert words_of(client, address) == before
    assert check_figures(client, address) > 50
