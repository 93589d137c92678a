"""What an open board is told: exactly what has changed since it was read, and of nobody else's."""

import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import BadRequest
from django.db import connection, transaction
from django.test import Client

from opportunities import lifecycle
from opportunities.board.changes import Mark, changes_since, mark_now
from opportunities.models import BoardChange, Opportunity
from salescycles.models import SalesCycle
from salespeople.models import Salesperson, User
from tasks import lifecycle as tasks
from tests.factories import QuoteFactory, SalesCycleFactory, make_task
from tests.opportunities.pages import STAGES, at_stage, signed_in, stage_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cycle(transactional_db: None) -> SalesCycle:
    """The default cycle."""
    made: SalesCycle = SalesCycleFactory(stages=STAGES, is_default=True)
    return made


def told(client: Client, mark: Mark, query: str = "") -> Any:
    """Return what a board is told that was read at a mark."""
    return client.get(f"/pipeline/changes/?since={mark}{query}")


def shown(answer: Any) -> tuple[list[int], list[int]]:
    """Return the cards that came, and those that went."""
    cards = [card.opportunity.pk for card in answer.context.get("changed", [])]
    return cards, sorted(answer.context.get("gone", []))


def test_without_a_change_there_is_no_answer(
    bob: User, cycle: SalesCycle, django_assert_num_queries: Any
) -> None:
    """204, for the session, the user, and one question."""
    at_stage(bob, 1, sales_cycle=cycle)
    client, mark = signed_in(bob), mark_now()

    with django_assert_num_queries(3):
        answer = told(client, mark)

    assert (answer.status_code, answer.content) == (204, b"")


def test_a_change_by_another_comes_as_its_card_and_the_sums(
    alice: User, bob: User, cycle: SalesCycle
) -> None:
    opportunity, other = (at_stage(bob, 1, sales_cycle=cycle) for _n in range(2))
    client, mark = signed_in(bob), mark_now()
    lifecycle.move(opportunity, stage_of(opportunity, 2), by=alice)

    answer = told(client, mark)

    text = answer.content.decode()
    assert shown(answer) == ([opportunity.pk], [])
    assert f'data-place="{stage_of(opportunity, 2).pk}"' in text
    assert f'data-card="{other.pk}"' not in text
    assert text.count('hx-swap-oob="true"') == len(STAGES) + 1 + 1 + 2  # columns, total, edges
    since = changes_since(mark).mark
    assert told(client, since).status_code == 204


@pytest.mark.parametrize(
    "change",
    [
        lambda row, by: make_task(by, opportunity=row),
        lambda row, by: tasks.complete(row.tasks.get(), by=by),
        lambda row, by: QuoteFactory(opportunity=row),
        lambda row, by: lifecycle.edit(row, by=by, description="New"),
        lambda row, by: lifecycle.update(row, by=by, estimated_value=Decimal(5)),
        lambda row, by: lifecycle.undo(row.entries.get(sequence=2), by=by),
    ],
    ids=["plan", "complete", "quote", "edit", "update", "undo"],
)
def test_whatever_a_card_shows_is_told(
    bob: User, cycle: SalesCycle, change: Callable[[Opportunity, User], Any]
) -> None:
    opportunity = at_stage(bob, 1, sales_cycle=cycle)
    make_task(bob, opportunity=at_stage(bob, 1, sales_cycle=cycle))
    if opportunity.tasks.count() == 0 and "complete" in repr(change.__code__.co_names):
        make_task(bob, opportunity=opportunity)
    mark = mark_now()

    change(opportunity, bob)

    assert shown(told(signed_in(bob), mark)) == ([opportunity.pk], [])


def test_what_left_the_board_is_told_to_who_could_see_it(
    alice: User, bob: User, charlie: User, cycle: SalesCycle
) -> None:
    """Of somebody else's rows not even the number is told (product.md 2)."""
    Salesperson.objects.filter(user__in=(bob, charlie)).update(sees="own")
    given, lost, elsewhere = (at_stage(bob, 1, sales_cycle=cycle) for _n in range(3))
    mark = mark_now()
    lifecycle.reassign(given, by=alice, salesperson=alice.salesperson)
    lifecycle.delete(at_stage(bob, 0, sales_cycle=cycle), by=bob)
    deleted = Opportunity.objects.get(is_deleted=True)
    lifecycle.update(elsewhere, by=bob, estimated_value=Decimal(7))

    answers = [told(signed_in(user), mark) for user in (bob, charlie)]

    assert shown(answers[0]) == ([elsewhere.pk], sorted([given.pk, deleted.pk]))
    assert shown(answers[1]) == ([], [])
    for row in (given, lost, elsewhere):
        assert f'"{row.pk} ' not in answers[1].content.decode()


def test_filters_and_grouping_hold_for_what_comes(bob: User, cycle: SalesCycle) -> None:
    small, large = (
        at_stage(bob, 1, sales_cycle=cycle, estimated_value=value) for value in (10, 1000)
    )
    mark = mark_now()
    for row in (small, large):
        lifecycle.edit(row, by=bob, priority=3)

    answer = told(signed_in(bob), mark, "&group=month&value_from=500")

    assert shown(answer) == ([large.pk], [small.pk])
    assert answer.context["board"].columns[0].place.key.startswith("2")


def test_a_transaction_that_began_earlier_and_ends_later_is_not_passed_over(
    alice: User, bob: User, cycle: SalesCycle
) -> None:
    """The mark says which transactions were running: a highest number would lose the first."""
    early, late = (at_stage(bob, 1, sales_cycle=cycle) for _n in range(2))
    has_begun, may_end = threading.Event(), threading.Event()

    def change_slowly() -> None:
        try:
            with transaction.atomic():
                lifecycle.update(early, by=alice, estimated_value=Decimal(5))
                has_begun.set()
                may_end.wait(30)
        finally:
            connection.close()

    slow = threading.Thread(target=change_slowly)
    before = mark_now()
    slow.start()
    assert has_begun.wait(30)
    lifecycle.update(late, by=bob, estimated_value=Decimal(6))
    between = changes_since(before)
    may_end.set()
    slow.join()

    assert between.ids == {late.pk}
    assert changes_since(between.mark).ids == {early.pk}
    assert changes_since(changes_since(between.mark).mark).ids == frozenset()


def test_signed_out_meanwhile_one_is_led_to_the_sign_in_and_back(transactional_db: None) -> None:
    headers = {"HX-Request": "true", "HX-Current-URL": "http://testserver/pipeline/?group=month"}

    answer = Client().get("/pipeline/changes/", headers=headers)

    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/pipeline/%3Fgroup%3Dmonth"


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "1",
        "1~2:3",
        "1~2:3:x",
        "1~2:3:4,",
        "1~" + "9" * 19 + ":3:",
        "1~2:3:4;drop",
        "999999999999~2:3:",
    ],
)
def test_what_is_no_mark_is_refused(bob: User, cycle: SalesCycle, text: str) -> None:
    with pytest.raises(BadRequest):
        Mark.read(text)
    assert signed_in(bob).get("/pipeline/changes/", {"since": text}).status_code == 400


def test_a_mark_is_read_as_it_is_written() -> None:
    mark = Mark(1_700_000_000, 5, 9, (6, 8))

    assert (str(mark), Mark.read(str(mark))) == ("1700000000~5:9:6,8", mark)


def test_what_was_read_long_ago_is_to_be_loaded_again(bob: User, cycle: SalesCycle) -> None:
    now = mark_now()
    old = Mark(now.seconds - 1801, now.first, now.next, now.running)

    answer = told(signed_in(bob), old)

    assert (answer.status_code, "Load it again" in answer.content.decode()) == (200, True)


def test_too_many_changes_are_told_in_one_sentence(bob: User, cycle: SalesCycle) -> None:
    row = at_stage(bob, 1, sales_cycle=cycle)
    mark = mark_now()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO opportunities_boardchange (transaction, opportunity, noted_at)"
            " SELECT pg_current_xact_id()::text::bigint, n, now() FROM generate_series(1, 301) n"
        )

    answer = told(signed_in(bob), mark)

    assert shown(answer) == ([], [])
    assert "Load it again" in answer.content.decode()
    assert row.sequence == 2


def test_changes_are_forgotten_after_an_hour(bob: User, cycle: SalesCycle) -> None:
    at_stage(bob, 1, sales_cycle=cycle)
    notes = BoardChange.objects.count()
    BoardChange.objects.create(transaction=1, opportunity=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE opportunities_boardchange SET noted_at = now() - interval '61 minutes'"
            " WHERE transaction = 1"
        )
        cursor.execute("SELECT crm_forget_changes()")

    assert BoardChange.objects.count() == notes


def test_after_an_act_in_a_dialog_the_board_answers_by_the_receipt_alone(
    bob: User, cycle: SalesCycle, django_assert_max_num_queries: Any
) -> None:
    opportunity = at_stage(bob, 1, sales_cycle=cycle)
    client, headers = signed_in(bob), {"HX-Request": "true", "HX-Target": "card-dialog"}
    wish = {
        "seen": opportunity.sequence,
        "stage": stage_of(opportunity, 2).pk,
        "next": "/pipeline/?group=stage",
    }
    way = client.post(f"/opportunities/{opportunity.pk}/move/", wish, headers=headers)

    with django_assert_max_num_queries(12):
        answer = client.get(way["Location"], headers=headers)

    text = answer.content.decode()
    assert "Moved to “Stage 2”." in text
    assert "Undo" in text
    assert 'id="board-done"' in text
    assert 'class="board-card"' not in text
