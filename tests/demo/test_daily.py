"""What load_demo promises of the daily work: tasks, interactions, news, each in its time."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.utils import timezone

from contacts.models import Contact
from crm.dates import today
from opportunities.models import Opportunity
from opportunities.my_day import my_day_of
from opportunities.next_tasks import LATE, LATER, NONE, TODAY, has_signal
from salescycles.models import Activity, SalesCycleStage
from salespeople.models import Salesperson, User
from tasks.models import Interaction, Task
from tests.demo.test_load_demo import Loading, loading

__all__ = ["loading"]
pytestmark = pytest.mark.django_db


def test_the_stages_have_activities_with_three_steps_each(loading: Loading) -> None:
    steps = {a.code: a.steps.count() for a in Activity.objects.all()}

    assert steps == {"INTRO": 3, "FOLLOWUP": 3}
    assert SalesCycleStage.objects.filter(activity__isnull=False).count() == 12


def test_open_ones_have_late_present_later_and_no_tasks(loading: Loading) -> None:
    kept = Opportunity.objects.kept().open()
    shares = {n: kept.filter(has_signal(n)).count() for n in (LATE, TODAY, LATER, NONE)}

    assert sum(shares.values()) == kept.count()
    assert all(number >= 10 for number in shares.values()), shares
    assert shares[LATER] == max(shares.values())


def test_tasks_and_interactions_lie_within_the_lives_of_their_opportunities(
    loading: Loading,
) -> None:
    now = timezone.now()

    assert Interaction.objects.count() > 900
    assert not Interaction.objects.filter(happened_at__gt=now).exists()
    assert not Interaction.objects.filter(
        happened_at__date__lt=F("opportunity__created_on")
    ).exists()
    assert not Interaction.objects.exclude(recorded_at=F("happened_at")).exists()
    done = Task.objects.filter(status=Task.Status.COMPLETED)
    assert done.count() > 50
    assert not done.filter(closed_at__gt=now).exists()
    assert not done.filter(closed_at__lt=F("created_at")).exists()
    assert not Task.objects.filter(created_at__gt=now).exists()


def test_closed_opportunities_and_blocked_people_have_nothing_to_do(loading: Loading) -> None:
    waiting = Task.objects.open()

    assert not waiting.filter(opportunity__status__in=("won", "lost")).exists()
    assert not waiting.filter(salesperson__is_blocked=True).exists()
    assert not Salesperson.objects.filter(email="").exists()


def test_the_day_of_those_who_sign_in_has_some_of_everything(loading: Loading) -> None:
    day = my_day_of(User.objects.get(username="rep"))

    assert day.tasks.late >= 1
    assert day.tasks.today >= 1
    assert any(row.is_for_taking for row in day.tasks.rows)
    assert {s.kind for s in day.sections if s.rows} == {"bare", "past", "quiet", "new", "changed"}
    assert not my_day_of(User.objects.get(username="manager")).is_clear


def test_the_tasks_of_a_stage_count_from_its_entry(loading: Loading) -> None:
    """R100: the first call of the introduction is due a day after the entry."""
    calls = Task.objects.filter(description="Call and introduce us", is_of_stage=True)

    assert calls.exists()
    assert not calls.exclude(due_on=F("entry__effective_on") + timedelta(days=1)).exists()
    assert not calls.filter(entry__effective_on__gt=today()).exists()
    assert Contact.objects.filter(interactions__isnull=False).exists()


def test_everybody_who_is_there_has_targets_of_two_years(loading: Loading) -> None:
    present = Salesperson.objects.filter(is_blocked=False)

    counts = [person.targets.count() for person in present]

    assert counts == [24] * 11
    assert my_day_of(User.objects.get(username="rep")).mine.pace.target > 0
