"""What load_demo promises: the reference's cycles, so many of everything, a past that holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.contrib.auth.hashers import check_password
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Max, Min
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from contacts.models import Campaign, Contact, Industry, Segment, Tag
from crm.dates import today
from opportunities.models import (
    OPEN,
    Action,
    Opportunity,
    OpportunityContact,
    OpportunityEntry,
    Status,
)
from quotes.models import Quote
from salescycles.models import CloseReason, SalesCycle, SalesCycleStage
from salespeople.models import Salesperson, Team, User
from salespeople.roles import is_administrator, is_manager
from salespeople.visibility import visible_salespeople
from tests.factories import CompanyFactory, UserFactory

# Business Central R246, R247: completed %, chances %, S (allow skip), Q (quote required).
CYCLES = {
    "EX-LARGE": ("multiply", "2/10 S; 35/25 S; 70/60 QS; 85/80 Q; 95/100 Q"),
    "EX-SMALL": ("add", "2/20 S; 50/40 S; 80/60 Q; 95/80 Q"),
    "FIRSTLARGE": ("multiply", "2/10 S; 5/20; 20/30; 40/40; 50/60 QS; 80/80 QS; 95/100 Q"),
    "FIRSTSMALL": ("add", "2/20; 5/40; 40/60 QS; 60/80 Q; 95/100 Q"),
    "EXISTING": ("completed", "2/10 S; 50/40 S; 80/80 Q; 95/100 Q"),
    "NEW": ("chances", "2/10; 5/20; 40/50 QS; 60/75 Q; 95/100 Q"),
}
pytestmark = pytest.mark.django_db
OTHER_COMPANY = "Somebody’s own company"


@dataclass
class Loading:
    """What the command said, called three times beside a company of somebody's own."""

    refused: str
    if_empty: str
    left_alone: bool
    forced: str


def told(*words: str) -> str:
    out = StringIO()
    call_command("load_demo", *words, stdout=out)
    return out.getvalue().strip()


def check_constraints() -> None:
    """Check now what is checked at commit: the ledger's triggers and the foreign keys."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture(scope="module")
def loading(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Loading]:
    """Load the demo data once for the module, check as at commit, and roll back at last."""
    with django_db_blocker.unblock(), transaction.atomic():
        CompanyFactory(name=OTHER_COMPANY, created_by=UserFactory(username="somebody"))
        with pytest.raises(CommandError) as refusal:
            told()
        if_empty = told("--if-empty")
        left_alone = not Salesperson.objects.exists()
        forced = told("--force")
        check_constraints()
        yield Loading(str(refusal.value), if_empty, left_alone, forced)
        transaction.set_rollback(True)


def test_load_demo_refuses_a_database_with_data(loading: Loading) -> None:
    assert loading.refused == "There are data already; add --force to load beside them."


def test_load_demo_if_empty_leaves_data_alone(loading: Loading) -> None:
    assert loading.if_empty == "There are data already: nothing was loaded."
    assert loading.left_alone


def test_load_demo_force_loads_beside_other_data(loading: Loading) -> None:
    assert loading.forced == (
        "600 opportunities; sign in as rep, manager or admin; the password is demo."
    )
    assert Contact.objects.filter(name=OTHER_COMPANY).exists()


def test_load_demo_refuses_to_load_twice(loading: Loading) -> None:
    with pytest.raises(CommandError, match=r"^The demo data do not fit: there is the user “"):
        told("--force")
    assert Opportunity.objects.count() == 600


def test_the_cycles_are_those_of_the_reference(loading: Loading) -> None:
    found = {}
    for cycle in SalesCycle.objects.all():
        stages = [stage_text(stage) for stage in cycle.stages.order_by("position")]
        found[cycle.code] = (cycle.probability_calculation, "; ".join(stages))
    assert found == CYCLES
    assert SalesCycle.objects.default() == SalesCycle.objects.get(code="NEW")
    assert not SalesCycleStage.objects.exclude(date_formula="").exists()


def stage_text(stage: SalesCycleStage) -> str:
    flags = "Q" * stage.quote_required + "S" * stage.allow_skip
    return f"{stage.completed:.0f}/{stage.chances_of_success:.0f} {flags}".strip()


def test_there_are_eight_reasons_to_win_and_ten_to_lose(loading: Loading) -> None:
    kinds = CloseReason.objects.values_list("kind").annotate(Count("pk")).order_by("kind")
    assert dict(kinds) == {"won": 8, "lost": 10}


def test_there_is_so_much_of_everything(loading: Loading) -> None:
    assert Contact.objects.companies().exclude(name=OTHER_COMPANY).count() == 150
    assert Contact.objects.people().count() == 400
    assert Industry.objects.count() == 12
    assert Salesperson.objects.count() == 12
    assert Team.objects.filter(parent=Team.objects.get(parent=None)).count() == 3
    assert Opportunity.objects.count() == 600


def test_campaigns_segments_roles_and_tags_are_there(loading: Loading) -> None:
    assert [c.is_activated and c.target > 0 for c in Campaign.objects.all()] == [True] * 3
    assert [segment.rows.count() > 5 for segment in Segment.objects.all()] == [True, True]
    assert OpportunityContact.objects.count() > 60
    assert Tag.objects.count() == 6
    assert Opportunity.objects.filter(tags__isnull=False).distinct().count() == 90


def test_the_three_sign_ins(loading: Loading, settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    users = {user.username: user for user in User.objects.all()}
    for name in ("rep", "manager", "admin"):
        assert check_password("demo", users[name].password), name
    others = set(users) - {"rep", "manager", "admin", "somebody"}
    assert [name for name in others if users[name].has_usable_password()] == []
    assert not is_manager(users["rep"])
    assert is_manager(users["manager"])
    assert not is_administrator(users["manager"])
    assert is_administrator(users["admin"])
    assert users["admin"].is_staff


def test_the_salesperson_sees_the_team_and_the_manager_everything(loading: Loading) -> None:
    seen = visible_salespeople(User.objects.get(username="rep"))
    assert set(seen.values_list("code", flat=True)) == {"OSA", "KNO", "JBR", "SAA"}
    assert visible_salespeople(User.objects.get(username="manager")).count() == 12
    assert visible_salespeople(User.objects.get(username="admin")).count() == 12


def test_nothing_lies_in_the_future(loading: Loading) -> None:
    entries = OpportunityEntry.objects.aggregate(
        on=Max("effective_on"), at=Max("recorded_at"), first=Min("effective_on")
    )
    assert entries["on"] <= today()
    assert entries["at"] <= timezone.now()
    assert today() - timedelta(days=700) > entries["first"] > today() - timedelta(days=770)
    assert Quote.objects.aggregate(at=Max("created_at"))["at"] <= timezone.now()


def test_numbers_follow_the_creation(loading: Loading) -> None:
    moments = list(Opportunity.objects.order_by("pk").values_list("created_at", flat=True))
    assert moments == sorted(moments)
    earliest = Opportunity.objects.won().values_list("company").annotate(Min("closed_on"))
    since = dict(Contact.objects.companies().values_list("pk", "customer_since"))
    assert [pk for pk, day in earliest if pk and (since[pk] is None or since[pk] > day)] == []


def test_the_histories_are_mixed(loading: Loading) -> None:
    kept = Opportunity.objects.kept()
    assert 0.42 < kept.filter(status__in=OPEN).count() / 600 < 0.48
    assert 0.2 < kept.won().count() / 600 < 0.3
    assert 0.25 < kept.lost().count() / 600 < 0.35
    assert kept.filter(status=Status.NOT_STARTED).count() > 10
    assert Opportunity.objects.deleted().exists()
    actions = set(OpportunityEntry.objects.values_list("action", flat=True))
    assert actions >= set(Action) - {Action.JUMPED, Action.RESTORED, Action.MERGED}
    values = sorted(kept.filter(status=Status.WON).values_list("estimated_value", flat=True))
    assert Decimal(50_000) < values[len(values) // 2] < Decimal(120_000)


def test_a_gated_stage_was_entered_with_a_quote(loading: Loading) -> None:
    forward = (Action.NEXT, Action.SKIPPED)
    entered = OpportunityEntry.objects.filter(action__in=forward, stage__quote_required=True)
    assert entered.exists()
    assert not entered.filter(opportunity__quotes__isnull=True).exists()
    won = Opportunity.objects.won().filter(quotes__isnull=False)
    assert not won.exclude(calculated_value=F("quotes__amount")).exists()


def test_my_day_is_alive(loading: Loading) -> None:
    """Some are overdue, some close this month, some are quiet; two weeks without a change."""
    month = today().replace(day=1)
    for name, least in (("rep", 40), ("manager", 15)):
        own = Opportunity.objects.kept().filter(salesperson__user__username=name)
        assert least <= own.count() <= 60
        assert own.past_close_date(today()).exists()
        closing = own.open().closing_between(today(), month + timedelta(days=31))
        assert closing.exists()
        assert own.open().filter(effective_on__lte=today() - timedelta(days=14)).exists()


def test_the_one_who_left_has_nothing_open(loading: Loading) -> None:
    gone = Salesperson.objects.get(is_blocked=True)
    assert not gone.opportunities.open().exists()
    assert gone.opportunities.closed().exists()
    assert not gone.user.is_active
