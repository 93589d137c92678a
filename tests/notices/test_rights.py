"""A notice is there as long as one may see what it is about; and nobody gets a hint."""

from typing import Any

import pytest
from django.test import RequestFactory

from crm.context import site
from notices.models import Notice
from opportunities import lifecycle
from opportunities.management.commands.purge_opportunities import purge
from opportunities.models import Opportunity
from quotes import lifecycle as quotes
from salespeople.models import User
from tasks import interactions
from tests.factories import CloseReasonFactory, QuoteFactory, UserFactory, make_opportunity
from tests.notices.told import told
from tests.opportunities.pages import at_stage, signed_in, won


def counted(user: User) -> int:
    """Return what the bell says to a person who has just signed in."""
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=user.pk)
    number: int = site(request)["unread_notices"]()
    return number


def test_what_one_may_not_see_any_more_is_gone(alice: User, bob: User, charlie: User) -> None:
    row = at_stage(bob, 1)
    lifecycle.update(row, by=alice, note="@bob")
    notice = Notice.objects.get()
    assert (counted(bob), len(told(bob))) == (1, 1)

    lifecycle.reassign(row, by=alice, salesperson=charlie.salesperson)

    bobs = notice.pk
    client = signed_in(bob)
    assert (counted(bob), told(bob)) == (0, [])
    assert client.get(f"/notices/{bobs}/").status_code == 404
    assert client.post(f"/notices/{bobs}/read/").status_code == 404
    assert b"A new roof" not in client.get("/notices/").content


def test_what_is_deleted_is_gone_and_comes_back_restored(alice: User, bob: User) -> None:
    row = make_opportunity(alice, salesperson=bob.salesperson)

    lifecycle.delete(row, by=alice)
    assert (counted(bob), told(bob)) == (0, [])

    lifecycle.restore(row, by=alice)
    assert (counted(bob), len(told(bob))) == (1, 1)


@pytest.mark.parametrize("kind", ["quote", "interaction"])
def test_what_follows_an_opportunity_goes_with_it(
    alice: User, bob: User, charlie: User, kind: str
) -> None:
    row = at_stage(bob, 2)
    if kind == "quote":
        quotes.accept(QuoteFactory(opportunity=row, status="sent"), by=alice)
    else:
        interactions.log(by=alice, kind="call", subject="Call", text="@bob", opportunity=row)
    assert counted(bob) == 1

    lifecycle.reassign(row, by=alice, salesperson=charlie.salesperson)

    assert (counted(bob), told(bob)) == (0, [])


def test_of_many_only_those_that_one_may_see_are_counted(
    alice: User, bob: User, charlie: User
) -> None:
    rows = [make_opportunity(alice) for _n in range(3)]
    with lifecycle.one_act():
        for row in rows:
            lifecycle.reassign(row, by=alice, salesperson=bob.salesperson)
    Notice.objects.update(read_at="2026-01-01T00:00Z")  # what was read is not withdrawn

    lifecycle.reassign(rows[0], by=alice, salesperson=charlie.salesperson)

    assert told(bob) == ["alice assigned 2 opportunities to you"]


def test_nobody_opens_the_notice_of_somebody_else(alice: User, bob: User, dora: User) -> None:
    make_opportunity(alice, salesperson=bob.salesperson)
    pk = Notice.objects.get().pk

    found = [signed_in(user).get(f"/notices/{pk}/").status_code for user in (alice, bob, dora)]

    assert found == [404, 200, 404]


def test_a_purged_opportunity_takes_its_notices_along(alice: User, bob: User, dora: User) -> None:
    row: Any = won(bob)
    lifecycle.reopen(row, by=alice, note="@bob", estimated_close_on=row.closed_on)
    lifecycle.lose(row, by=alice, reason=CloseReasonFactory(kind="lost"))
    assert len(told(bob)) == 1

    purge(Opportunity.objects.filter(pk=row.pk), by=dora)

    assert (counted(bob), told(bob)) == (0, [])


def test_the_bell_counts_no_further_than_a_hundred(alice: User, bob: User) -> None:
    make_opportunity(alice, salesperson=bob.salesperson)
    notice = Notice.objects.get()
    record = notice.records.get()
    for number in range(120):
        notice.pk, notice.key = None, f"more:{number}"
        notice.save(force_insert=True)
        record.pk, record.notice = None, notice
        record.save(force_insert=True)

    assert counted(bob) == 100
    assert b"99+" in signed_in(bob).get("/").content


def test_who_sees_nothing_at_all_has_nothing_to_read(db: None) -> None:
    guest = UserFactory()

    assert counted(guest) == 0
    assert signed_in(guest).get("/notices/").status_code == 200
