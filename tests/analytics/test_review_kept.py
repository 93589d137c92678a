"""The address of a review that stays: nothing that is recorded later moves it (product.md, U3)."""

from datetime import timedelta
from decimal import Decimal

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.db import transaction
from django.http import QueryDict
from django.test import Client
from django.utils.http import urlencode
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.review import REASONS, Review, Sums, Talk
from analytics.review_page import review_of
from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salescycles.models import SalesCycle
from salespeople.models import User
from tasks import interactions
from tasks import lifecycle as task_door
from tests.analytics.pages import check_figures
from tests.factories import CloseReasonFactory, SalesCycleFactory, SalespersonFactory, make_task
from tests.opportunities.histories import Seen, Step, World, play, steps
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


def kept(user: User, seen: Seen) -> Review:
    """Return the review of a moment's day, a week back, as it was known at that moment."""
    day = seen.at.date()
    asked = {"on": str(day), "since": str(day - 7 * DAY), "known": seen.at.isoformat()}
    return review_of(QueryDict(urlencode(asked)), user)


def told(review: Review) -> tuple[dict[str, Sums], list[Talk]]:
    """Return what a review says: the sums of all reasons, and its rows."""
    return dict(review.sums), review.rows(most=50)


@given(history=steps, data=st.data())
@settings(max_examples=6)
def test_whatever_follows_a_review_says_the_same(
    alice: User, history: list[Step], data: st.DataObject
) -> None:
    """Random histories, dated back and undone; each row has the reasons that its sums count."""
    with transaction.atomic():
        world = World(alice, [SalespersonFactory(), SalespersonFactory()])
        before: list[tuple[Seen, object]] = []

        moments = play(world, history, after=lambda s: before.append((s, told(kept(alice, s)))))

        chosen = data.draw(st.integers(0, len(moments) - 1))
        seen, said = before[chosen]
        with time_machine.travel(moments[-1].at, tick=False):
            sums, rows = told(kept(alice, seen))
        assert (sums, rows) == said
        for name in REASONS:
            own = [row.amount for row in rows if name in row.reasons]
            assert sums[name] == (len(own), sum(own, Decimal(0)))
        transaction.set_rollback(True)
