"""What goes past the door is refused by the database at commit (house.md 4, U6)."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models import F

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import STATE_FIELDS, Opportunity, OpportunityEntry
from salespeople.models import User
from tests.factories import CloseReasonFactory, SalesCycleFactory, make_opportunity


def commit(change: Callable[[], object]) -> None:
    """Run `change` in a savepoint and check what a commit would check."""
    with transaction.atomic():
        change()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def sql(statement: str, *params: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


@pytest.fixture
def opportunity(bob: User) -> Opportunity:
    return make_opportunity(bob, stage=2)


def test_save_is_refused(opportunity: Opportunity) -> None:
    opportunity.estimated_value = Decimal(5)
    opportunity.calculated_value = Decimal("0.5") * opportunity.probability / 10

    with pytest.raises(IntegrityError, match="disagrees with its newest entry"):
        commit(opportunity.save)


def test_queryset_update_is_refused(opportunity: Opportunity) -> None:
    later = today() + timedelta(days=99)

    with pytest.raises(IntegrityError, match="disagrees with its newest entry"):
        commit(lambda: Opportunity.objects.update(estimated_close_on=later))


def test_bulk_update_is_refused(opportunity: Opportunity) -> None:
    opportunity.is_deleted = True

    with pytest.raises(IntegrityError, match="disagrees with its newest entry"):
        commit(lambda: Opportunity.objects.bulk_update([opportunity], ["is_deleted"]))


def test_raw_sql_is_refused(opportunity: Opportunity) -> None:
    with pytest.raises(IntegrityError, match="disagrees with its newest entry"):
        commit(lambda: sql("UPDATE opportunities_opportunity SET effective_on = '2001-01-01'"))


def test_an_opportunity_without_an_entry_is_refused(opportunity: Opportunity) -> None:
    opportunity.pk = None

    with pytest.raises(IntegrityError, match="disagrees with its newest entry"):
        commit(lambda: opportunity.save(force_insert=True))


def test_deleting_an_opportunity_is_refused(opportunity: Opportunity) -> None:
    with pytest.raises(models.ProtectedError):
        opportunity.delete()
    with pytest.raises(IntegrityError):
        commit(lambda: sql("DELETE FROM opportunities_opportunity"))


@pytest.mark.parametrize(
    "change",
    [
        "note = 'other'",
        "recorded_at = now() - interval '1 day'",
        "superseded_at = now() WHERE superseded_at IS NOT NULL",
        "superseded_at = NULL WHERE superseded_at IS NOT NULL",
        "superseded_on = NULL WHERE superseded_on IS NOT NULL",
        "superseded_on = '2999-01-01' WHERE superseded_on IS NOT NULL",
    ],
)
def test_changing_an_entry_is_refused(opportunity: Opportunity, change: str) -> None:
    with pytest.raises(IntegrityError, match="never changed"):
        commit(lambda: sql(f"UPDATE opportunities_opportunityentry SET {change}"))


def test_deleting_an_entry_is_refused(opportunity: Opportunity) -> None:
    with pytest.raises(IntegrityError, match="never deleted"):
        commit(opportunity.entries.all().delete)


def test_emptying_the_ledger_is_refused(opportunity: Opportunity) -> None:
    table = "opportunities_opportunityentry"
    sql("SET CONSTRAINTS ALL IMMEDIATE")
    sql(f"ALTER TABLE {table} ENABLE TRIGGER entry_guard_truncate")

    with pytest.raises(IntegrityError, match="never deleted"):
        commit(lambda: sql(f"TRUNCATE {table} CASCADE"))


def test_superseding_without_a_new_entry_is_refused(opportunity: Opportunity) -> None:
    with pytest.raises(IntegrityError, match="disagrees with its newest entry"):
        commit(lambda: opportunity.entries.current().update(superseded_at=F("recorded_at")))


def test_an_entry_that_leaves_a_gap_is_refused(opportunity: Opportunity) -> None:
    def append() -> None:
        newest = opportunity.entries.get(superseded_at=None)
        opportunity.entries.current().update(
            superseded_at=newest.recorded_at, superseded_on=newest.effective_on
        )
        newest.pk = None
        newest.sequence += 2
        newest.action = "updated"
        newest.save(force_insert=True)
        Opportunity.objects.update(sequence=newest.sequence)

    with pytest.raises(IntegrityError, match="does not follow"):
        commit(append)


def test_a_second_current_entry_is_refused(opportunity: Opportunity) -> None:
    newest = opportunity.entries.get(superseded_at=None)
    newest.pk = None
    newest.sequence += 1

    with pytest.raises(IntegrityError, match="entry_one_current"):
        commit(lambda: newest.save(force_insert=True))


def test_holding_until_the_wrong_day_is_refused(bob: User) -> None:
    days_ago = today() - timedelta(days=20)
    opportunity = make_opportunity(bob, on=days_ago)
    lifecycle.activate(opportunity, by=bob, on=days_ago + timedelta(days=10))

    with pytest.raises(IntegrityError, match="wrong day"):
        commit(lambda: opportunity.entries.filter(sequence=1).update(superseded_on=days_ago))


def test_a_stage_of_another_cycle_is_refused(opportunity: Opportunity) -> None:
    other = SalesCycleFactory().stages.first()

    with pytest.raises(IntegrityError, match="stage_of_cycle"):
        commit(lambda: Opportunity.objects.update(stage=other))


def test_a_reason_of_the_other_outcome_is_refused(opportunity: Opportunity, bob: User) -> None:
    reason = CloseReasonFactory()
    lifecycle.win(opportunity, by=bob, reason=reason)

    with pytest.raises(IntegrityError, match="reason_of_outcome"):
        commit(lambda: sql("UPDATE salescycles_closereason SET kind = 'lost'"))


def test_the_triggers_compare_every_state_column() -> None:
    columns = {Opportunity._meta.get_field(name).column for name in STATE_FIELDS}
    entry_columns = {OpportunityEntry._meta.get_field(name).column for name in STATE_FIELDS}

    from importlib import import_module

    migration = import_module("opportunities.migrations.0002_ledger")
    assert (columns, entry_columns) == (set(migration.STATE_COLUMNS),) * 2


def test_only_the_purge_function_deletes_and_it_keeps_a_record(
    opportunity: Opportunity, bob: User
) -> None:
    lifecycle.lose(opportunity, by=bob, reason=CloseReasonFactory(kind="lost"))
    entries = opportunity.entries.count()

    commit(lambda: sql("SELECT crm_purge_opportunity(%s, %s)", opportunity.pk, bob.pk))

    assert list(Opportunity.objects.all()) == []
    from opportunities.models import Purge

    assert list(Purge.objects.values_list("opportunity_number", "entries", "purged_by")) == [
        (opportunity.number, entries, bob.pk)
    ]


def test_the_purge_function_leaves_what_is_open(opportunity: Opportunity, bob: User) -> None:
    commit(lambda: sql("SELECT crm_purge_opportunity(%s, %s)", opportunity.pk, bob.pk))

    assert list(Opportunity.objects.all()) == [opportunity]
