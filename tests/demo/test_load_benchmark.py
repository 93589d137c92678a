"""load_benchmark writes the shape that is measured, and nothing that the ledger refuses."""

from io import StringIO

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Min
from django.utils import timezone

from contacts.models import Contact
from crm.dates import today
from demo.bulk import FOREIGN_KEYS, INDEXES
from opportunities.models import Opportunity, OpportunityEntry, Status
from quotes.models import Quote
from salescycles.models import CloseReason, SalesCycle
from salespeople.models import Salesperson, Team, User
from salespeople.visibility import sees_everything
from tasks.models import Interaction, Task
from tests.factories import CompanyFactory, make_opportunity

pytestmark = pytest.mark.django_db
TABLES = [model._meta.db_table for model in (Contact, Opportunity, OpportunityEntry, Quote)]


def load(*words: str, number: int = 200) -> str:
    out = StringIO()
    call_command("load_benchmark", "--opportunities", str(number), *words, stdout=out)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return out.getvalue()


def rows_of(query: str) -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(query, [TABLES])
        return set(cursor.fetchall())


def test_load_benchmark_writes_the_shape() -> None:
    told = load()
    assert told.startswith("200 opportunities with ")
    assert Opportunity.objects.count() == 200
    assert Contact.objects.companies().count() == 25
    assert Contact.objects.people().exclude(company=None).count() == 75
    assert Salesperson.objects.count() == 1
    cycles = SalesCycle.objects.annotate(number=Count("stages")).order_by("number")
    assert list(cycles.values_list("number", flat=True)) == [4, 5, 6, 7]
    assert 4 <= OpportunityEntry.objects.count() / 200 <= 6
    statuses = dict(Opportunity.objects.values_list("status").annotate(Count("pk")))
    assert set(statuses) == set(Status)
    assert 80 <= statuses["lost"] <= 120
    assert 45 <= statuses["won"] <= 75
    assert 22 <= statuses["in_progress"] <= 50
    assert 20 <= Quote.objects.count() <= 60


def test_load_benchmark_makes_a_tree_of_three_levels() -> None:
    load(number=20_000)
    assert Salesperson.objects.count() == 10
    top = Team.objects.get(parent=None)
    assert Team.objects.filter(parent=top).count() == 1
    teams = Team.objects.filter(parent__parent=top).annotate(number=Count("memberships"))
    assert sorted(teams.values_list("number", flat=True)) == [2, 8]


def test_load_benchmark_is_consistent() -> None:
    load()
    entries = OpportunityEntry.objects.all()
    assert entries.current().count() == 200
    assert entries.current().filter(sequence=F("opportunity__sequence")).count() == 200
    assert not entries.filter(effective_on__gte=today()).exists()
    won = Opportunity.objects.won()
    assert not won.filter(quotes__isnull=False).exclude(quotes__amount=F("calculated_value"))
    for company, day in won.values_list("company").annotate(Min("closed_on")):
        assert Contact.objects.get(pk=company).customer_since == day
    kinds = CloseReason.objects.filter(pk__in=won.values("close_reason")).values_list("kind")
    assert set(kinds) == {("won",)}


def test_load_benchmark_draws_the_same_from_the_same_seed() -> None:
    """Written twice in one database, once taken back; ids go on."""
    found = []
    for seed in ("7", "7", "8"):
        point = transaction.savepoint_create()
        load("--seed", seed, number=20)
        rows = Opportunity.objects.order_by("pk").values_list("description", "estimated_value")
        found.append(list(rows))
        transaction.savepoint_rollback(point)
    assert found[0] == found[1]
    assert found[0] != found[2]


def test_load_benchmark_lets_the_manager_see_everything() -> None:
    load()
    user = User.objects.get(username="bench")
    assert check_password("demo", user.password)
    assert sees_everything(user)
    assert Opportunity.objects.visible_to(user).count() == 200


def test_load_benchmark_puts_keys_and_indexes_back() -> None:
    before = rows_of(FOREIGN_KEYS), rows_of(INDEXES)
    assert all(before)
    load()
    assert (rows_of(FOREIGN_KEYS), rows_of(INDEXES)) == before


def test_load_benchmark_refuses_a_database_with_data() -> None:
    CompanyFactory()
    with pytest.raises(CommandError, match=r"^There are data already; add --force"):
        load()
    assert Opportunity.objects.count() == 0


def test_load_benchmark_force_loads_beside_other_data(alice: User) -> None:
    mine = make_opportunity(alice)
    load("--force")
    assert Opportunity.objects.count() == 201
    assert Opportunity.objects.get(pk=mine.pk).description == mine.description
    assert make_opportunity(alice).pk not in {mine.pk, None}
    with pytest.raises(CommandError, match=r"^The benchmark data are there already\.$"):
        load("--force")


def test_load_benchmark_refuses_a_number_that_is_none() -> None:
    for number in (0, -5, 5_000_001):
        with pytest.raises(CommandError, match=r"^Give a number of opportunities from 1 to"):
            load(number=number)


def test_load_benchmark_gives_everybody_something_to_do() -> None:
    """Two tasks of each open opportunity, one of them done; one interaction of every one."""
    load()
    tasks = Task.objects.values_list("opportunity").annotate(Count("pk"))

    assert {number for _opportunity, number in tasks} == {2}
    assert len(tasks) == Opportunity.objects.open().count()
    assert not Opportunity.objects.closed().filter(tasks__isnull=False).exists()
    assert not Task.objects.exclude(salesperson=F("opportunity__salesperson")).exists()
    assert Task.objects.open().exists()
    talks = Interaction.objects.values_list("opportunity").annotate(Count("pk"))
    assert ({number for _opportunity, number in talks}, len(talks)) == ({1}, 200)
    assert not Interaction.objects.filter(happened_at__gt=timezone.now()).exists()
