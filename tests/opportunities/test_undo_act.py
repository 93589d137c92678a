"""Undo of a whole act: all of it that nothing newer rests on, and what stays is named (D22, U7)."""

from collections.abc import Callable
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.dates import today
from opportunities import lifecycle, people
from opportunities.lifecycle import NewOpportunity
from opportunities.models import Action, Opportunity, OpportunityEntry, Status
from salescycles.models import SalesCycle
from salespeople.models import User
from tasks import interactions
from tests.factories import (
    ActivityFactory,
    CompanyFactory,
    PersonFactory,
    QuoteFactory,
    SalesCycleFactory,
    make_opportunity,
    make_task,
)
from tests.opportunities.pages import signed_in


def act_of(by: User, number: int = 3, *, activate: bool = True, cycle: Any = None) -> UUID:
    act, cycle = uuid4(), cycle or SalesCycleFactory()
    wishes = [
        NewOpportunity(
            description=f"Number {n}",
            contact=CompanyFactory(),
            salesperson=by.salesperson,
            sales_cycle=cycle,
            activate=activate,
            estimated_value=Decimal(100),
            estimated_close_on=today(),
        )
        for n in range(number)
    ]
    lifecycle.create_many(wishes, by=by, act=act)
    return act


def rows() -> list[Opportunity]:
    return list(Opportunity.objects.order_by("pk"))


def check_ledger() -> None:
    """Let the triggers look now, as at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.parametrize("activate", [True, False])
def test_all_that_was_created_is_deleted_with_entries(bob: User, activate: bool) -> None:
    act = act_of(bob, activate=activate)

    state = lifecycle.undo_act(act, by=bob)
    check_ledger()

    assert (len(state.created), state.refused, state.hidden) == (3, [], 0)
    assert {(o.is_deleted, o.status, o.stage) for o in rows()} == {
        (True, Status.NOT_STARTED, None)
    }  # fmt: skip
    actions = list(rows()[0].entries.order_by("sequence").values_list("action", flat=True))
    started = [Action.ACTIVATED, Action.UNDONE] if activate else []
    assert actions == [Action.CREATED, *started, Action.DELETED]


def test_as_we_know_it_now_they_were_never_there(bob: User) -> None:
    act = act_of(bob)

    lifecycle.undo_act(act, by=bob)

    shown = OpportunityEntry.objects.as_of(today()).filter(is_deleted=False)
    assert list(shown) == []


def test_a_deleted_one_can_be_restored(bob: User) -> None:
    lifecycle.undo_act(act_of(bob, 1), by=bob)

    restored = lifecycle.restore(rows()[0], by=bob)
    check_ledger()

    assert (restored.is_deleted, restored.status) == (False, Status.NOT_STARTED)


def test_the_tasks_of_the_first_stage_go_along(bob: User) -> None:
    activity = ActivityFactory(steps=[("phone_call", "2D")])
    cycle = SalesCycleFactory()
    cycle.stages.filter(position=1).update(activity=activity)
    act = act_of(bob, 2, cycle=cycle)

    lifecycle.undo_act(act, by=bob)

    assert [o.tasks.get().status for o in rows()] == ["cancelled", "cancelled"]


def moved(o: Opportunity, by: User) -> Any:
    return lifecycle.move(o, o.sales_cycle.stages.get(position=2), by=by)


TOUCHED: dict[str, Callable[[Opportunity, User], Any]] = {
    "Something newer rests on it: “Next” by bob.": moved,
    "It has been edited since.": lambda o, by: lifecycle.edit(o, by=by, description="Mine"),
    "People have been added to it since.": lambda o, by: people.add(
        o, PersonFactory(), "user", by=by
    ),
    "Its tasks have been worked on since.": lambda o, by: make_task(by, opportunity=o),
    "Interactions have been logged since.": lambda o, by: interactions.log(
        by=by, kind="call", subject="First", opportunity=o
    ),
    "It has got a quote since.": lambda o, by: QuoteFactory(opportunity=o),
}


@pytest.mark.parametrize("reason", TOUCHED)
def test_what_something_newer_rests_on_stays_and_is_named(bob: User, reason: str) -> None:
    act = act_of(bob)
    touched = rows()[1]
    TOUCHED[reason](touched, bob)

    state = lifecycle.undo_act(act, by=bob)
    check_ledger()

    assert state.refused == [(touched, reason)]
    assert [o.is_deleted for o in rows()] == [True, False, True]


def test_twice_is_once(bob: User) -> None:
    act = act_of(bob)
    lifecycle.undo_act(act, by=bob)
    entries = OpportunityEntry.objects.count()

    state = lifecycle.undo_act(act, by=bob)

    assert (state.ready, len(state.gone)) == ([], 3)
    assert OpportunityEntry.objects.count() == entries


def test_it_is_for_who_did_it_and_for_managers(alice: User, bob: User, dora: User) -> None:
    act = act_of(alice, 1)

    with pytest.raises(PermissionDenied, match="A manager may undo it, or the person who did it"):
        lifecycle.undo_act(act, by=bob)
    assert len(lifecycle.undo_act(act, by=dora).created) == 1


def test_what_one_may_not_see_stays(alice: User, bob: User, charlie: User) -> None:
    act = act_of(bob, 2)
    given = lifecycle.reassign(rows()[0], by=alice, salesperson=charlie.salesperson)

    state = lifecycle.undo_act(act, by=bob)

    assert (state.hidden, len(state.created)) == (1, 1)
    given.refresh_from_db()
    assert not given.is_deleted


def test_changes_of_an_act_are_undone_one_by_one(bob: User) -> None:
    one, two = make_opportunity(bob, stage=1), make_opportunity(bob, stage=1)
    with lifecycle.one_act() as act:
        for opportunity in (one, two):
            lifecycle.update(opportunity, by=bob, estimated_value=Decimal(9))
    lifecycle.update(two, by=bob, estimated_value=Decimal(10))

    state = lifecycle.undo_act(act, by=bob)
    check_ledger()

    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.estimated_value, two.estimated_value) == (1000, 10)
    assert [(o, reason) for o, reason in state.refused] == [
        (two, "Something newer rests on it: “Updated” by bob.")
    ]


@given(touched=st.sets(st.integers(0, 4)), activate=st.booleans())
@settings(max_examples=12, deadline=None)
@pytest.mark.django_db(transaction=True)
def test_whatever_was_moved_meanwhile_exactly_the_others_go(
    touched: set[int], activate: bool
) -> None:
    from tests.conftest import seller
    from tests.factories import TeamFactory

    by = User.objects.filter(username="bob").first() or seller("bob", TeamFactory())
    before = set(Opportunity.objects.values_list("pk", flat=True))
    act = act_of(by, 5, activate=activate)
    made = [o for o in rows() if o.pk not in before]
    for n in touched:
        o = made[n]
        lifecycle.update(o, by=by, estimated_value=Decimal(7 + n))

    state = lifecycle.undo_act(act, by=by)

    gone = {n for n, o in enumerate(made) if Opportunity.objects.get(pk=o.pk).is_deleted}
    assert gone == set(range(5)) - touched
    assert {o.pk for o, _reason in state.refused} == {made[n].pk for n in touched}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_somebody_who_moves_one_meanwhile_keeps_it_or_is_told(
    alice: User, bob: User, attempt: int
) -> None:
    """Either the move comes first, and it stays; or the undo, and the move is refused."""
    act = act_of(bob)
    wanted = rows()[1]
    stage = SalesCycle.objects.get().stages.get(position=2)
    start = Barrier(2)
    told: dict[str, Any] = {}

    def undo() -> None:
        try:
            start.wait()
            told["state"] = lifecycle.undo_act(act, by=bob)
        finally:
            connections.close_all()

    def move() -> None:
        try:
            start.wait()
            lifecycle.move(wanted, stage, by=alice)
            told["moved"] = True
        except Exception as error:  # noqa: BLE001 - told to the test
            told["refused"] = str(error)
        finally:
            connections.close_all()

    threads = [Thread(target=undo), Thread(target=move)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    wanted.refresh_from_db()
    stays = {o.pk for o, _reason in told["state"].refused}
    assert wanted.is_deleted != ("moved" in told)
    assert stays == ({wanted.pk} if "moved" in told else set())
    assert [o.is_deleted for o in rows() if o.pk != wanted.pk] == [True, True]


def test_the_page_says_what_would_go_and_what_stays_and_does_it(bob: User) -> None:
    act = act_of(bob)
    moved(rows()[0], bob)
    client = signed_in(bob)
    page = f"/opportunities/acts/{act}/undo/"

    shown = client.get(page)
    answer = client.post(page, {"next": "/opportunities/"}, follow=True)

    assert (len(shown.context["state"].ready), len(shown.context["state"].refused)) == (2, 1)
    assert answer.redirect_chain == [(page, 302)]
    assert "2 opportunities have been taken back." in answer.content.decode()
    assert "1 stays, because something newer rests on it." in answer.content.decode()
    assert "Number 0" in answer.content.decode()


def test_the_receipt_leads_back_where_one_was_when_all_of_it_went(bob: User) -> None:
    act = act_of(bob)

    answer = signed_in(bob).post(
        f"/opportunities/acts/{act}/undo/", {"next": "/opportunities/?status=open"}
    )

    assert answer["Location"] == "/opportunities/?status=open"


@pytest.mark.parametrize("act", ["682dc810-1e4c-4c2e-9216-13e563825b93", "x"])
def test_what_is_no_act_is_404(bob: User, act: str) -> None:
    assert signed_in(bob).get(f"/opportunities/acts/{act}/undo/").status_code == 404
