"""Totals that are kept are what the opportunities add up to, whatever wrote them (ADR 0032)."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Q
from hypothesis import given, settings
from hypothesis import strategies as st

from crm.dates import month_of, today
from opportunities import lifecycle, populations
from opportunities.models import GroupTotal, KeptTotal, Opportunity, Status, TotalChange
from opportunities.populations import Population
from opportunities.sums import sums_by, sums_in, sums_of
from opportunities.totals import GRAINS
from salespeople.models import User
from tests.factories import (
    CloseReasonFactory,
    SalesCycleFactory,
    SalespersonFactory,
    UserFactory,
    make_opportunity,
)
from tests.opportunities.histories import Seen, Step, World, play, steps

KEYS = ("salesperson", "sales_cycle", "stage", "status", "estimated_close_on", "close_month")


@pytest.fixture
def world(alice: User) -> World:
    return World(alice, [alice.salesperson, SalespersonFactory()])


def fold(most: int = 20_000) -> int:
    """Fold some of the changes that wait; return how many."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_fold_totals(%s)", [most])
        folded: int = cursor.fetchone()[0]
    return folded


def kept(grain: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return the sums of each group of a grain, as a page reads them."""
    known = {"close_month": "estimated_close_on"}
    keys = [known.get(k, k) for k in KEYS if k in GRAINS[grain] and (k, grain) not in SKIPPED]
    rows = GroupTotal.objects.filter(grain=grain).sums(*keys)
    return {
        tuple(row[k] for k in keys): (row["count"], row["value"], row["calculated"]) for row in rows
    }


SKIPPED = {("close_month", "day")}


def recomputed(grain: str) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    """Return the same from the opportunities, one by one."""
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(lambda: [0, Decimal(0), Decimal(0)])
    for row in Opportunity.objects.kept():
        day = row.estimated_close_on
        values = {
            "salesperson": row.salesperson_id,
            "sales_cycle": row.sales_cycle_id,
            "stage": row.stage_id,
            "status": row.status,
            "estimated_close_on": day,
            "close_month": day and day.replace(day=1),
        }
        keys = [k for k in KEYS if k in GRAINS[grain] and (k, grain) not in SKIPPED]
        sums = found[tuple(values[k] for k in keys)]
        sums[0] += 1
        sums[1] += row.estimated_value
        sums[2] += row.calculated_value
    return {key: tuple(sums) for key, sums in found.items()}


def differences() -> list[Any]:
    """Return what the database itself finds wrong."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM crm_total_differences()")
        found: list[Any] = cursor.fetchall()
    return found


def assert_right() -> None:
    """Each grain is what the opportunities add up to, and the database finds nothing wrong."""
    for grain in GRAINS:
        assert kept(grain) == recomputed(grain)
    assert differences() == []


@given(history=steps, folds=st.lists(st.integers(0, 5), min_size=1, max_size=8))
@settings(max_examples=40)
def test_kept_totals_are_right_after_every_act_whatever_is_folded_between(
    world: World, history: list[Step], folds: Iterable[int]
) -> None:
    """After each act of the door, with some of the changes folded, none, or all."""
    pending = list(folds)

    def look(_seen: Seen) -> None:
        assert_right()
        fold(pending[len(history) % len(pending)])
        pending.append(pending.pop(0))
        assert_right()

    with transaction.atomic():
        play(world, history, after=look)
        fold()
        assert TotalChange.objects.count() == 0
        assert_right()
        transaction.set_rollback(True)


def test_a_statement_over_many_rows_notes_groups_and_not_rows(alice: User) -> None:
    """Bulk changes and COPY write a note for each group that they change."""
    cycle = SalesCycleFactory()
    for _ in range(4):
        make_opportunity(alice, sales_cycle=cycle)
    fold()
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("UPDATE opportunities_opportunity SET estimated_value = 7")

        note = TotalChange.objects.get()
        assert (note.opportunities, note.estimated_value) == (0, Decimal(28 - 4000))
        assert_right()
        transaction.set_rollback(True)


def test_an_edit_that_changes_no_total_notes_nothing(alice: User) -> None:
    row = make_opportunity(alice, stage=1)
    fold()

    lifecycle.edit(row, by=alice, description="Another roof")

    assert TotalChange.objects.count() == 0


def test_what_is_purged_counts_nowhere(alice: User) -> None:
    """D11: the purge function deletes rows without the door."""
    dora = UserFactory(username="dora", role="Administrator")
    row = make_opportunity(alice, stage=1)
    kept_one = make_opportunity(alice, stage=1)
    lifecycle.win(row, by=alice, reason=CloseReasonFactory())
    words = ["--by", dora.username, "--number", row.number, "--yes"]

    call_command("purge_opportunities", *words, stdout=StringIO())

    assert list(Opportunity.objects.all()) == [kept_one]
    assert_right()


def test_the_model_and_the_database_know_the_same_grains(alice: User) -> None:
    make_opportunity(alice)
    fold()

    assert set(KeptTotal.objects.values_list("grain", flat=True)) == set(GRAINS)


@pytest.fixture
def rows(alice: User, bob: User, charlie: User) -> list[Opportunity]:
    """Some of each status, salesperson and stage, of this month and of others."""
    cycle = SalesCycleFactory(stages=[(10, 20, ""), (30, 40, "")])
    made = []
    for number, seller in enumerate([alice, bob, charlie, bob, charlie, bob, alice, bob]):
        made.append(
            make_opportunity(
                alice, sales_cycle=cycle, salesperson=seller.salesperson, stage=number % 3,
                estimated_value=Decimal(10_033 + number) / 100,
                estimated_close_on=today() + timedelta(days=13 * number),
            )
        )  # fmt: skip
    lifecycle.win(made[1], by=alice, reason=CloseReasonFactory())
    lifecycle.lose(made[2], by=alice, reason=CloseReasonFactory(kind="lost"))
    lifecycle.delete(made[6], by=alice)
    return made


def the_populations() -> list[Population]:
    first, last = month_of(today())
    cut = populations.closing(today(), today() + timedelta(days=30))
    return [
        Population(),
        *(populations.in_status(name) for name in ("open", "closed", "won", "not_started")),
        populations.closing(first, last),
        populations.in_status("open") & cut,
        populations.past_close_date(today() + timedelta(days=20)),
        populations.closing(date.min, date.max),
        populations.in_status("open") & Population(Q(estimated_close_on__isnull=True)),
        Population(Q(status="won") | ~Q(stage__isnull=True)),
    ]


def test_each_population_adds_up_to_what_its_rows_do_for_each_person(
    rows: list[Opportunity], alice: User, bob: User, charlie: User
) -> None:
    """One condition finds the rows and their totals; rights narrow both alike."""
    stranger = UserFactory(username="stranger", role="Salesperson")
    for user in (alice, bob, charlie, stranger):
        seen = populations.seen_by(user)
        for population in the_populations():
            counted = sums_of(seen.rows_of(population), seen.url_of(population))
            assert sums_in(seen, population) == counted
            for part in ("stage", "salesperson", "status", "sales_cycle"):
                plain = populations.Narrowed(seen.rows)
                assert _by_part(sums_by(seen, population, part)) == _by_part(
                    sums_by(plain, population, part)
                )


def _by_part(found: Iterable[dict[str, Any]]) -> dict[Any, dict[str, Any]]:
    return {row["part"]: row for row in found}


def test_what_totals_do_not_know_is_asked_of_the_rows(rows: list[Opportunity], bob: User) -> None:
    """Exact days of one's own are not kept; nor is a text, a snooze, or a contact."""
    seen = populations.seen_by(bob)
    cut = populations.closing(today() + timedelta(days=1), today() + timedelta(days=1))
    others = [populations.snoozed(bob, is_snoozed=False), Population(Q(contact=rows[0].contact))]

    assert [seen.totals_of(population) for population in [cut, *others]] == [None, None, None]
    assert sums_in(seen, others[1]) == sums_of(seen.rows_of(others[1]), seen.url_of(others[1]))


def test_a_whole_month_needs_no_days(bob: User) -> None:
    """R150: figures of a person by month are kept, whatever the number of days."""
    first, last = month_of(date(2031, 2, 3))
    seen = populations.seen_by(bob)
    found = seen.totals_of(populations.closed_in(Status.WON, first, last))

    assert found is not None
    assert set(found.values_list("grain", flat=True)) <= {"person_month"}


def rebuild(*words: str) -> list[str]:
    out = StringIO()
    call_command("rebuild_totals", *words, stdout=out)
    return out.getvalue().splitlines()


def test_what_was_right_stays_as_it_is(rows: list[Opportunity]) -> None:
    assert rebuild("--check") == ["All totals are right."]
    assert rebuild() == ["All totals are right.", "0 totals corrected."]


def test_what_was_wrong_is_told_and_put_right(rows: list[Opportunity], alice: User) -> None:
    fold()
    KeptTotal.objects.filter(grain="month").delete()
    wrong = len(differences())

    with pytest.raises(CommandError, match=rf"^{wrong} totals are wrong"):
        rebuild("--check")
    told = rebuild()

    assert told[-1] == f"{wrong} totals corrected."
    assert told[0].startswith("grain month, sales_cycle ")
    assert_right()


def test_rebuilding_leaves_changes_that_wait_to_the_folding(rows: list[Opportunity]) -> None:
    waiting = TotalChange.objects.count()
    KeptTotal.objects.all().delete()

    rebuild()

    assert TotalChange.objects.count() == waiting > 0
    assert_right()
    assert rebuild("--fold") == [f"{waiting} changes folded."]
    assert_right()


def test_folding_happens_by_itself_now_and_then(alice: User) -> None:
    """Every 256th note asks for it when its transaction commits."""
    for number in range(255, 257):
        TotalChange.objects.create(
            pk=10_000 * 256 + number, status="won", opportunities=0,
            estimated_value=0, calculated_value=0,
        )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert TotalChange.objects.count() == 0
