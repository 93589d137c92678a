"""The tasks that entering a stage makes, and those that closing cancels (R97–R105, R204)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Segment
from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salescycles.models import Activity, SalesCycle
from salespeople.models import User
from tasks import lifecycle as door
from tasks.models import Task
from tests.factories import (
    ActivityFactory,
    ActivityStepFactory,
    CloseReasonFactory,
    CompanyFactory,
    PersonFactory,
    SalesCycleFactory,
    make_opportunity,
    make_task,
)
from tests.opportunities.pages import STAGES, stage_of

FAR = date(2999, 1, 1)
JANUARY_31 = date(2025, 1, 31)


def cycle_with(activity: Activity, position: int = 2) -> SalesCycle:
    """Return a cycle that makes the activity's tasks at one of its four stages."""
    cycle = SalesCycleFactory(stages=STAGES)
    cycle.stages.filter(position=position).update(activity=activity)
    return cycle


def at(by: User, cycle: SalesCycle, stage: int = 1, **options: Any) -> Opportunity:
    """Return an opportunity at a stage, created long ago unless the options say otherwise."""
    options = {"on": date(2024, 1, 1), "estimated_close_on": FAR, **options}
    return make_opportunity(by, stage=stage, sales_cycle=cycle, **options)


def moved(by: User, opportunity: Opportunity, position: int, **options: Any) -> Opportunity:
    """Move it to the stage of that position."""
    return lifecycle.move(opportunity, stage_of(opportunity, position), by=by, **options)


def tasks_of(opportunity: Opportunity) -> list[Task]:
    """Return its tasks in the order in which they were made."""
    return list(Task.objects.filter(opportunity=opportunity).order_by("pk"))


def with_email(by: User) -> Any:
    """Return the salesperson of a user, with an e-mail address."""
    by.salesperson.email = f"{by.username}@example.com"
    by.salesperson.save()
    return by.salesperson


# The worked table: every step counts from the date of the entry, none from the one before it.
WORKED: dict[date, dict[str, date]] = {
    date(2025, 1, 31): {
        "": date(2025, 1, 31),
        "2D": date(2025, 2, 2),
        "1W": date(2025, 2, 7),
        "CM": date(2025, 1, 31),
        "1M": date(2025, 2, 28),
    },
    date(2024, 1, 31): {
        "": date(2024, 1, 31),
        "2D": date(2024, 2, 2),
        "1W": date(2024, 2, 7),
        "CM": date(2024, 1, 31),
        "1M": date(2024, 2, 29),
    },
    date(2025, 2, 28): {
        "": date(2025, 2, 28),
        "2D": date(2025, 3, 2),
        "1W": date(2025, 3, 7),
        "CM": date(2025, 2, 28),
        "1M": date(2025, 3, 28),
    },
    date(2025, 12, 30): {
        "": date(2025, 12, 30),
        "2D": date(2026, 1, 1),
        "1W": date(2026, 1, 6),
        "CM": date(2025, 12, 31),
        "1M": date(2026, 1, 30),
    },
}


@pytest.mark.parametrize("on", WORKED)
@pytest.mark.parametrize("formulas", [["", "2D", "1W", "CM", "1M"], ["1M", "CM", "1W", "2D", ""]])
def test_r100_the_worked_table_of_a_back_dated_move(
    bob: User, on: date, formulas: list[str]
) -> None:
    """Whatever the order of the steps: they are not chained."""
    activity = ActivityFactory(steps=[("to_do", formula) for formula in formulas])
    opportunity = at(bob, cycle_with(activity))

    moved(bob, opportunity, 2, on=on)

    assert [(task.description, task.due_on) for task in tasks_of(opportunity)] == [
        (f"Step {n}", WORKED[on][formula]) for n, formula in enumerate(formulas, 1)
    ]


def test_r100_r204_each_task_carries_the_step_and_the_entry(bob: User) -> None:
    activity = ActivityFactory()
    ActivityStepFactory(
        activity=activity, kind="phone_call", priority=3, description="Call", date_formula="2D"
    )
    person = PersonFactory(company=CompanyFactory())
    segment = Segment.objects.create(description="Fair", created_by=bob)
    opportunity = at(bob, cycle_with(activity), contact=person, segment=segment)

    moved(bob, opportunity, 2, on=JANUARY_31)

    (task,) = tasks_of(opportunity)
    entry = opportunity.entries.latest("sequence")
    assert (task.kind, task.priority, task.description) == ("phone_call", 3, "Call")
    assert task.due_on == date(2025, 2, 2)
    assert (task.salesperson, task.campaign) == (entry.salesperson, entry.campaign)
    assert (task.contact, task.company) == (person, person.company)
    assert (task.opportunity, task.entry, task.segment) == (opportunity, entry, segment)
    assert (task.duration, task.start_time, task.status) == (
        timedelta(days=1),
        None,
        "not_started",
    )
    assert (task.is_of_stage, task.is_touched, task.created_by) == (True, False, bob)


@pytest.mark.parametrize("is_created", [True, False])
def test_r97_activation_makes_the_tasks_of_the_first_stage_both_ways(
    bob: User, is_created: bool
) -> None:
    cycle = cycle_with(ActivityFactory(steps=[("to_do", "2D")]), position=1)
    opportunity = at(bob, cycle, stage=1 if is_created else 0, on=JANUARY_31)
    if not is_created:
        lifecycle.activate(opportunity, by=bob, on=JANUARY_31)

    (task,) = tasks_of(opportunity)
    assert task.due_on == date(2025, 2, 2)
    assert task.entry is not None
    assert task.entry.action == "activated"


@pytest.mark.parametrize(
    ("start", "goal", "action"),
    [(1, 2, "next"), (3, 2, "previous"), (1, 3, "skipped"), (3, 1, "jumped")],
)
def test_r97_next_previous_skip_and_jump_make_tasks(
    bob: User, start: int, goal: int, action: str
) -> None:
    cycle = SalesCycleFactory(stages=STAGES)
    opportunity = at(bob, cycle, start)
    cycle.stages.filter(position=goal).update(activity=ActivityFactory(steps=[("to_do", "")]))

    moved(bob, opportunity, goal)

    (task,) = tasks_of(opportunity)
    assert task.entry is not None
    assert (task.entry.action, task.due_on) == (action, today())


def test_r97_updating_reassigning_closing_and_reopening_make_none(alice: User, bob: User) -> None:
    opportunity = at(bob, cycle_with(ActivityFactory(steps=[("to_do", "")])), stage=2)
    before = len(tasks_of(opportunity))

    opportunity = lifecycle.update(opportunity, by=bob, estimated_value=Decimal(5))
    opportunity = moved(bob, opportunity, 2, note="Stays.")
    opportunity = lifecycle.reassign(opportunity, by=alice, salesperson=alice.salesperson)
    lost = CloseReasonFactory(kind="lost")
    opportunity = lifecycle.lose(opportunity, by=alice, reason=lost)
    opportunity = lifecycle.reopen(opportunity, by=alice)
    lifecycle.win(opportunity, by=alice, reason=CloseReasonFactory())

    assert (before, len(tasks_of(opportunity))) == (1, 1)


def test_r99_a_stage_without_an_activity_makes_none(bob: User) -> None:
    assert tasks_of(at(bob, SalesCycleFactory(stages=STAGES), stage=3)) == []


def test_r101_an_activity_without_steps_makes_one_with_its_own_words(bob: User) -> None:
    opportunity = at(bob, cycle_with(ActivityFactory(description="Follow up")))

    moved(bob, opportunity, 2, on=JANUARY_31)

    (task,) = tasks_of(opportunity)
    assert (task.description, task.kind, task.priority, task.due_on) == (
        "Follow up",
        "to_do",
        1,
        JANUARY_31,
    )


@pytest.mark.parametrize("kind", ["to_do", "phone_call"])
@pytest.mark.parametrize("has_segment", [True, False])
def test_r102_r103_a_step_makes_one_task_with_the_contact_segment_or_not(
    bob: User, kind: str, has_segment: bool
) -> None:
    """Rules D21: no copy for the contact."""
    segment = Segment.objects.create(description="Fair", created_by=bob) if has_segment else None
    activity = ActivityFactory(steps=[(kind, "")])
    opportunity = at(bob, cycle_with(activity), segment=segment)

    moved(bob, opportunity, 2)

    (task,) = tasks_of(opportunity)
    assert (task.contact, task.segment) == (opportunity.contact, segment)
    assert task.attendees.count() == 0


def test_r104_a_meeting_is_all_day_with_organizer_and_contact(bob: User) -> None:
    seller = with_email(bob)
    opportunity = at(bob, cycle_with(ActivityFactory(steps=[("meeting", "1W")])))

    moved(bob, opportunity, 2, on=JANUARY_31)

    (task,) = tasks_of(opportunity)
    assert (task.is_all_day, task.due_on, task.ends_on) == (
        True,
        date(2025, 2, 7),
        date(2025, 2, 7),
    )
    people = [(a.salesperson, a.contact, a.is_organizer) for a in task.attendees.all()]
    assert people == [(seller, None, True), (None, opportunity.contact, False)]


def test_r104_the_move_is_refused_when_nobody_can_invite_and_says_what_to_do(bob: User) -> None:
    opportunity = at(bob, cycle_with(ActivityFactory(steps=[("to_do", ""), ("meeting", "")])))

    with pytest.raises(ValidationError) as refused:
        moved(bob, opportunity, 2)

    expected = (
        "“Stage 2” plans a meeting, and Bob has no e-mail address to invite from. "
        "Let an administrator enter one, or give the opportunity to somebody else first."
    )
    assert refused.value.messages == [expected]
    fresh = Opportunity.objects.get(pk=opportunity.pk)
    assert (fresh.sequence, tasks_of(fresh)) == (opportunity.sequence, [])
    with_email(bob)
    assert moved(bob, fresh, 2).stage == stage_of(fresh, 2)


@pytest.mark.parametrize("formula", ["974Y", "9999Y", "-2000M", "-9999Y"])
def test_r186_the_move_is_refused_when_a_step_leaves_the_calendar(bob: User, formula: str) -> None:
    """2026 plus 974 years is 3000; 2,000 months before is 1860 or so."""
    activity = ActivityFactory(description="Far", steps=[("to_do", formula)])
    opportunity = at(bob, cycle_with(activity))

    with pytest.raises(ValidationError) as refused:
        moved(bob, opportunity, 2)

    assert refused.value.messages[0].startswith(
        "“Step 1” of the activity “Far” would be due outside the years 1900 to 2999."
    )
    assert tasks_of(opportunity) == []


def test_d19_a_blocked_activity_goes_on_at_its_stages(bob: User) -> None:
    opportunity = at(bob, cycle_with(ActivityFactory(steps=[("to_do", "")], is_blocked=True)))

    moved(bob, opportunity, 2)

    assert len(tasks_of(opportunity)) == 1


def test_r105_tasks_are_independent_of_stage_activity_and_step_once_made(bob: User) -> None:
    activity = ActivityFactory(steps=[("to_do", "2D")])
    opportunity = at(bob, cycle_with(activity))
    opportunity = moved(bob, opportunity, 2, on=JANUARY_31)
    before = Task.objects.values().get()

    activity.steps.update(description="Other", date_formula="1Y")
    opportunity.sales_cycle.stages.update(activity=None)
    activity.delete()
    moved(bob, opportunity, 3)

    assert Task.objects.values().get() == before


def test_r105_deleting_the_opportunity_leaves_its_tasks(bob: User) -> None:
    opportunity = at(bob, SalesCycleFactory(stages=STAGES), stage=0)
    task = make_task(bob, opportunity=opportunity)

    lifecycle.delete(opportunity, by=bob)

    task.refresh_from_db()
    assert (task.opportunity, task.status) == (opportunity, "not_started")


# Cancelling what is open.


@pytest.mark.parametrize("verb", ["move", "update", "activate", "win", "lose"])
def test_r98_open_tasks_are_cancelled_without_a_next_one(bob: User, verb: str) -> None:
    opportunity = at(bob, SalesCycleFactory(stages=STAGES), stage=0 if verb == "activate" else 1)
    weekly = {"is_recurring": True, "recurring_interval": "1W", "recurs_from": "due"}
    make_task(bob, opportunity=opportunity, **weekly)
    waiting = door.edit(make_task(bob, opportunity=opportunity), by=bob, status="waiting")
    done = door.complete(make_task(bob, opportunity=opportunity), by=bob)
    elsewhere = make_task(bob, opportunity=at(bob, opportunity.sales_cycle))

    cancelling(bob, opportunity, verb)

    entry = opportunity.entries.latest("sequence")
    found = tasks_of(opportunity)
    assert [(t.status, t.is_recurring, t.cancelled_by_entry) for t in found] == [
        ("cancelled", False, entry),
        ("cancelled", False, entry),
        ("completed", False, None),
    ]
    assert {(t.closed_by, t.completed_by) for t in found[:2]} == {(bob, None)}
    assert Task.objects.get(pk=waiting.pk).status_before == "waiting"
    assert Task.objects.get(pk=done.pk).edits == done.edits
    assert Task.objects.get(pk=elsewhere.pk).is_open
    assert Task.objects.count() == 4


def cancelling(by: User, opportunity: Opportunity, verb: str) -> None:
    """Do what the verb says, and cancel the open tasks."""
    if verb in ("win", "lose"):
        reason = CloseReasonFactory(kind="won" if verb == "win" else "lost")
        getattr(lifecycle, verb)(opportunity, by=by, reason=reason)  # R108: the default
    elif verb == "move":
        moved(by, opportunity, 2, cancel_open_tasks=True)
    else:
        getattr(lifecycle, verb)(opportunity, by=by, cancel_open_tasks=True)


@pytest.mark.parametrize("verb", ["win", "lose"])
def test_r108_closing_may_leave_them(bob: User, verb: str) -> None:
    opportunity = at(bob, SalesCycleFactory(stages=STAGES))
    task = make_task(bob, opportunity=opportunity)
    reason = CloseReasonFactory(kind="won" if verb == "win" else "lost")

    getattr(lifecycle, verb)(opportunity, by=bob, reason=reason, cancel_open_tasks=False)

    assert Task.objects.get(pk=task.pk).is_open


def test_r98_first_the_old_tasks_are_cancelled_then_the_new_ones_are_made(bob: User) -> None:
    opportunity = at(bob, cycle_with(ActivityFactory(steps=[("to_do", "")])))
    make_task(bob, opportunity=opportunity, description="Old")

    moved(bob, opportunity, 2, cancel_open_tasks=True)

    assert [(task.description, task.status) for task in tasks_of(opportunity)] == [
        ("Old", "cancelled"),
        ("Step 1", "not_started"),
    ]


# What it costs.


def test_entering_costs_as_many_queries_with_twelve_steps_as_with_one(bob: User) -> None:
    with_email(bob)
    counts = []
    for number in (1, 1, 12):  # the first also asks whom bob sees
        activity = ActivityFactory(steps=[("meeting", f"{n + 1}D") for n in range(number)])
        opportunity = Opportunity.objects.get(pk=at(bob, cycle_with(activity)).pk)
        stage = stage_of(opportunity, 2)
        with CaptureQueriesContext(connection) as queries:
            lifecycle.move(opportunity, stage, by=bob)
        counts.append(len(queries))

    assert counts[1] == counts[2]


def test_cancelling_costs_as_many_queries_for_twelve_tasks_as_for_one(bob: User) -> None:
    counts = []
    for number in (1, 1, 12):
        opportunity = at(bob, SalesCycleFactory(stages=STAGES))
        for _number in range(number):
            make_task(bob, opportunity=opportunity)
        fresh, stage = Opportunity.objects.get(pk=opportunity.pk), stage_of(opportunity, 2)
        with CaptureQueriesContext(connection) as queries:
            lifecycle.move(fresh, stage, by=bob, cancel_open_tasks=True)
        counts.append(len(queries))

    assert counts[1] == counts[2]


def test_creating_many_that_are_started_makes_the_tasks_of_each(bob: User) -> None:
    """Rules D22: the statements of planning do not grow with the opportunities."""
    cycle = cycle_with(ActivityFactory(steps=[("to_do", "2D"), ("phone_call", "")]), position=1)
    counts = []
    for number in (1, 1, 10):
        wishes = [
            lifecycle.NewOpportunity(
                description=f"Roof {n}",
                contact=CompanyFactory(),
                salesperson=bob.salesperson,
                sales_cycle=cycle,
                activate=True,
                estimated_value=Decimal(1),
                estimated_close_on=FAR,
            )
            for n in range(number)
        ]
        with CaptureQueriesContext(connection) as queries:
            made = lifecycle.create_many(wishes, by=bob)
        asked = [query for query in queries if "tasks_" in query["sql"]]
        counts.append(len(asked))
        assert Task.objects.filter(opportunity__in=made).count() == 2 * number

    assert counts[1] == counts[2]
