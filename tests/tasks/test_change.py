"""Changing open tasks: edit, start, reschedule, assign, take (R178–R198 with rules D21)."""

from collections.abc import Callable
from datetime import date, time, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from crm.dates import today
from opportunities import lifecycle as opportunities
from salespeople.models import Salesperson, TeamMembership, User
from tasks import lifecycle
from tasks.models import Task
from tests.factories import (
    CompanyFactory,
    PersonFactory,
    SalespersonFactory,
    TeamFactory,
    make_opportunity,
    make_task,
)

TOMORROW = today() + timedelta(days=1)


@pytest.fixture
def task(bob: User) -> Task:
    """A task of bob's."""
    return make_task(bob)


@pytest.fixture
def meeting(bob: User) -> Task:
    """A meeting that bob holds."""
    reachable(bob.salesperson)
    return make_task(bob, kind="meeting", contact=PersonFactory(company=None, name="Kari"))


def reachable(salesperson: Salesperson) -> Salesperson:
    """Give the salesperson an e-mail address."""
    salesperson.email = f"{salesperson.code}@example.com"
    salesperson.save()
    return salesperson


def people(task: Task) -> list[tuple[str, bool]]:
    """Return who attends, and who of them holds it."""
    rows = task.attendees.order_by("-is_organizer", "pk")
    return [(str(row.salesperson or row.contact), row.is_organizer) for row in rows]


def test_r178_a_to_do_becomes_a_call_and_back_but_a_meeting_stays_one(
    bob: User, task: Task, meeting: Task
) -> None:
    assert lifecycle.edit(task, by=bob, kind="phone_call").kind == "phone_call"
    assert lifecycle.edit(task, by=bob, kind="to_do").kind == "to_do"
    for one, kind in ((task, "meeting"), (meeting, "to_do"), (meeting, "phone_call")):
        with pytest.raises(ValidationError) as refused:
            lifecycle.edit(one, by=bob, kind=kind)
        assert set(refused.value.message_dict) == {"kind"}


@pytest.mark.parametrize("status", ["not_started", "in_progress", "waiting", "postponed"])
def test_r179_any_open_status_may_be_set(bob: User, task: Task, status: str) -> None:
    assert lifecycle.edit(task, by=bob, status=status).status == status


@pytest.mark.parametrize("status", ["completed", "cancelled", "x", ""])
def test_r181_closing_is_not_editing(bob: User, task: Task, status: str) -> None:
    with pytest.raises(ValidationError) as refused:
        lifecycle.edit(task, by=bob, status=status)

    assert refused.value.message_dict == {"status": ["Complete or cancel it instead."]}


def test_r197_setting_the_opportunity_stores_its_newest_entry(bob: User, task: Task) -> None:
    opportunity = make_opportunity(bob, stage=2)
    stale = make_opportunity(bob, stage=2)
    opportunities.update(stale, by=bob, note="Later.")

    assert lifecycle.edit(task, by=bob, opportunity=stale).entry == stale.entries.latest("sequence")
    fresh = lifecycle.edit(task, by=bob, opportunity=opportunity)
    assert (fresh.opportunity, fresh.entry) == (opportunity, opportunity.entries.latest("sequence"))
    none = lifecycle.edit(task, by=bob, opportunity=None)
    assert (none.opportunity, none.entry) == (None, None)


def test_r198_setting_the_contact_sets_its_company(bob: User, task: Task) -> None:
    person = PersonFactory(company=CompanyFactory())

    fresh = lifecycle.edit(task, by=bob, contact=person)
    assert (fresh.contact, fresh.company) == (person, person.company)
    none = lifecycle.edit(task, by=bob, contact=None)
    assert (none.contact, none.company) == (None, None)


def test_r219_a_blocked_contact_is_refused(bob: User, task: Task) -> None:
    with pytest.raises(ValidationError) as refused:
        lifecycle.edit(task, by=bob, contact=CompanyFactory(is_blocked=True))

    assert set(refused.value.message_dict) == {"contact"}


def test_a_meeting_invites_the_contact_that_it_is_with_now(bob: User, meeting: Task) -> None:
    ola = PersonFactory(company=None, name="Ola")

    lifecycle.edit(meeting, by=bob, contact=ola)
    assert people(meeting) == [("Bob", True), ("Ola", False)]
    lifecycle.edit(meeting, by=bob, contact=None)
    assert people(meeting) == [("Bob", True)]
    lifecycle.edit(meeting, by=bob, contact=ola)
    assert people(meeting) == [("Bob", True), ("Ola", False)]


def test_attendees_are_replaced_and_the_organizer_stays(bob: User, meeting: Task) -> None:
    guest = SalespersonFactory(name="Guest")
    ola = PersonFactory(company=None, name="Ola")

    changed = lifecycle.edit(meeting, by=bob, attendees=(guest,), contact=ola)
    assert people(meeting) == [("Bob", True), ("Ola", False), ("Guest", False)]
    again = lifecycle.edit(meeting, by=bob, attendees=(guest,))
    assert again.edits == changed.edits
    lifecycle.edit(meeting, by=bob, attendees=())
    assert people(meeting) == [("Bob", True), ("Ola", False)]


def test_r189_only_a_meeting_has_attendees_and_nobody_twice(
    bob: User, task: Task, meeting: Task
) -> None:
    guest = SalespersonFactory(name="Guest")
    for one, attendees, sentence in (
        (task, (guest,), "Only a meeting has attendees."),
        (meeting, (guest, guest), "“Guest” is listed twice."),
        (meeting, (bob.salesperson,), "“Bob” is listed twice."),
    ):
        with pytest.raises(ValidationError) as refused:
            lifecycle.edit(one, by=bob, attendees=attendees)
        assert refused.value.message_dict == {"attendees": [sentence]}
    assert lifecycle.edit(task, by=bob, attendees=()).edits == 0


def test_r189_d24_nobody_blocked_is_invited_but_who_is_invited_stays(
    bob: User, meeting: Task
) -> None:
    guest = SalespersonFactory(name="Guest")
    lifecycle.edit(meeting, by=bob, attendees=(guest,))
    guest.is_blocked = True
    guest.save()

    lifecycle.edit(meeting, by=bob, attendees=(guest,), note="Bring the samples.")
    gone = SalespersonFactory(name="Gone", is_blocked=True)
    with pytest.raises(ValidationError, match="“Gone” is blocked"):
        lifecycle.edit(meeting, by=bob, attendees=(guest, gone))


def test_starting_and_starting_again(bob: User, task: Task) -> None:
    started = lifecycle.start(task, by=bob)
    again = lifecycle.start(task, by=bob)

    assert (started.status, started.edits) == ("in_progress", 1)
    assert (again.edits, again.changed_at) == (started.edits, started.changed_at)


def test_rescheduling_keeps_the_start_unless_it_is_given(bob: User, task: Task) -> None:
    lifecycle.edit(task, by=bob, start_time=time(9), duration=timedelta(hours=2))

    kept = lifecycle.reschedule(task, TOMORROW, by=bob)
    assert (kept.due_on, kept.start_time, kept.duration) == (
        TOMORROW,
        time(9),
        timedelta(hours=2),
    )
    later = lifecycle.reschedule(task, TOMORROW, by=bob, start_time=time(14))
    assert (later.start_time, later.end_time) == (time(14), time(16))


def test_r187_a_start_given_or_taken_away_gives_the_usual_duration(bob: User, task: Task) -> None:
    assert lifecycle.edit(task, by=bob, start_time=time(9)).duration == timedelta(minutes=30)
    assert lifecycle.edit(task, by=bob, start_time=None).duration == timedelta(days=1)


@pytest.mark.parametrize("due_on", [date(1899, 12, 31), date(3000, 1, 1), None])
def test_r186_a_day_outside_the_calendar_is_refused(
    bob: User, task: Task, due_on: date | None
) -> None:
    with pytest.raises(ValidationError) as refused:
        lifecycle.edit(task, by=bob, due_on=due_on)

    assert set(refused.value.message_dict) == {"due_on"}


def test_d21_a_task_is_given_to_a_salesperson_or_to_a_team(alice: User, task: Task) -> None:
    team, third = TeamFactory(), SalespersonFactory()

    to_team = lifecycle.assign(task, by=alice, team=team)
    assert (to_team.team, to_team.salesperson) == (team, None)
    back = lifecycle.assign(task, by=alice, salesperson=third)
    assert (back.team, back.salesperson) == (None, third)
    both: dict[str, Any] = {"team": team, "salesperson": third}
    for wish in ({}, both):
        with pytest.raises(ValidationError) as refused:
            lifecycle.assign(task, by=alice, **wish)
        assert set(refused.value.message_dict) == {"salesperson"}


def test_a_meeting_is_held_by_whoever_it_is_given_to(alice: User, meeting: Task) -> None:
    with pytest.raises(ValidationError, match="“Alice” needs an e-mail address"):
        lifecycle.assign(meeting, by=alice, salesperson=alice.salesperson)
    lifecycle.assign(meeting, by=alice, salesperson=reachable(alice.salesperson))

    assert people(meeting) == [("Alice", True), ("Kari", False)]


def test_another_team_is_for_managers(alice: User, bob: User, charlie: User, task: Task) -> None:
    theirs = charlie.salesperson
    team = theirs.memberships.get().team
    wishes: list[dict[str, Any]] = [{"salesperson": theirs}, {"team": team}]
    for wish in wishes:
        with pytest.raises(PermissionDenied):
            lifecycle.assign(task, by=bob, **wish)
        assert lifecycle.assign(task, by=alice, **wish).edits
        lifecycle.assign(task, by=alice, salesperson=bob.salesperson)

    with pytest.raises(ValidationError, match="blocked for anything new"):
        lifecycle.assign(task, by=alice, salesperson=SalespersonFactory(is_blocked=True))


def test_d21_a_member_takes_a_task_of_the_team_once(alice: User, bob: User, charlie: User) -> None:
    """Of any membership: bob's home is North, and he helps South."""
    south = charlie.salesperson.memberships.get().team
    TeamMembership.objects.create(
        team=south, salesperson=bob.salesperson, from_on=date(2020, 1, 1), is_home=False
    )
    task = make_task(alice, team=south)

    taken = lifecycle.take(task, by=bob)

    assert (taken.team, taken.salesperson) == (south, bob.salesperson)
    assert lifecycle.take(task, by=bob).edits == taken.edits
    with pytest.raises(ValidationError, match="Bob has taken it already"):
        lifecycle.take(task, by=charlie)


def test_d21_whoever_is_no_member_does_not_take_it(alice: User, bob: User, dora: User) -> None:
    task = make_task(alice, team=bob.salesperson.memberships.get().team)
    own = make_task(alice)

    for by in (alice, dora):
        with pytest.raises(ValidationError, match="Only a member takes a task of a team"):
            lifecycle.take(task, by=by)
    with pytest.raises(ValidationError, match="Only a member takes a task of a team"):
        lifecycle.take(own, by=alice)


def test_d21_whoever_takes_a_meeting_holds_it(alice: User, bob: User) -> None:
    team = bob.salesperson.memberships.get().team
    organizer = reachable(alice.salesperson)
    meeting = make_task(alice, kind="meeting", team=team, organizer=organizer)

    with pytest.raises(ValidationError, match="“Bob” needs an e-mail address"):
        lifecycle.take(meeting, by=bob)
    reachable(bob.salesperson)
    bob.refresh_from_db()
    lifecycle.take(meeting, by=bob)

    assert people(meeting) == [("Bob", True)]


VERBS: dict[str, Callable[[Task, User, Any], Any]] = {
    "edit": lambda task, by, seen: lifecycle.edit(task, by=by, note="x", seen=seen),
    "start": lambda task, by, seen: lifecycle.start(task, by=by, seen=seen),
    "reschedule": lambda task, by, seen: lifecycle.reschedule(task, TOMORROW, by=by, seen=seen),
    "assign": lambda task, by, seen: lifecycle.assign(
        task, by=by, salesperson=by.salesperson, seen=seen
    ),
    "take": lambda task, by, seen: lifecycle.take(task, by=by, seen=seen),
    "complete": lambda task, by, seen: lifecycle.complete(task, by=by, seen=seen),
    "cancel": lambda task, by, seen: lifecycle.cancel(task, by=by, seen=seen),
    "reopen": lambda task, by, seen: lifecycle.reopen(task, by=by, seen=seen),
}


@pytest.mark.parametrize("verb", VERBS)
def test_what_was_changed_meanwhile_is_a_conflict_that_carries_the_task(
    alice: User, bob: User, task: Task, verb: str
) -> None:
    lifecycle.edit(task, by=alice, note="Ask for Kari.")

    with pytest.raises(lifecycle.Conflict) as conflict:
        VERBS[verb](task, bob, task.edits)

    assert (conflict.value.task.changed_by, conflict.value.task.note) == (alice, "Ask for Kari.")


@pytest.mark.parametrize("verb", VERBS)
def test_what_one_does_not_see_is_not_there(bob: User, charlie: User, verb: str) -> None:
    task = make_task(bob)

    with pytest.raises(Task.DoesNotExist):
        VERBS[verb](task, charlie, None)


@pytest.mark.parametrize("verb", ["edit", "start", "reschedule", "assign", "take"])
def test_what_is_closed_is_reopened_first(bob: User, task: Task, verb: str) -> None:
    lifecycle.cancel(task, by=bob)

    with pytest.raises(ValidationError, match="It is cancelled already. Reopen it first."):
        VERBS[verb](task, bob, None)


def test_only_what_a_task_has_is_edited(bob: User, task: Task) -> None:
    for name in ("salesperson", "closed_at", "edits", "follows", "x"):
        with pytest.raises(TypeError):
            lifecycle.edit(task, by=bob, **{name: None})


# Who sees a task.


def seen_by(user: User, task: Task) -> bool:
    """Say whether the user sees the task."""
    fresh = User.objects.get(pk=user.pk)
    return Task.objects.visible_to(fresh).filter(pk=task.pk).exists()


def test_a_task_follows_its_opportunity_or_its_salesperson(
    alice: User, bob: User, charlie: User
) -> None:
    opportunity = make_opportunity(bob, stage=1)
    of_bobs = make_task(alice, opportunity=opportunity, salesperson=alice.salesperson)
    given_away = make_task(alice, opportunity=opportunity, salesperson=charlie.salesperson)
    alone = make_task(bob)

    assert [seen_by(bob, t) for t in (of_bobs, given_away, alone)] == [True, True, True]
    assert [seen_by(charlie, t) for t in (of_bobs, given_away, alone)] == [False, True, False]


def test_an_attendee_sees_the_meeting(bob: User, charlie: User, meeting: Task) -> None:
    assert not seen_by(charlie, meeting)

    lifecycle.edit(meeting, by=bob, attendees=(charlie.salesperson,))

    assert seen_by(charlie, meeting)


def test_d21_members_see_the_tasks_of_their_team_taken_or_not_whatever_they_are_of(
    alice: User, bob: User, charlie: User
) -> None:
    south = charlie.salesperson.memberships.get().team
    loose = make_task(alice, team=south)
    of_bobs = make_task(alice, team=south, opportunity=make_opportunity(bob, stage=1))

    assert [seen_by(charlie, task) for task in (loose, of_bobs)] == [True, True]
    assert [seen_by(bob, task) for task in (loose, of_bobs)] == [False, True]
    lifecycle.assign(loose, by=alice, salesperson=alice.salesperson)
    Task.objects.filter(pk=of_bobs.pk).update(salesperson=alice.salesperson)
    assert [seen_by(charlie, task) for task in (loose, of_bobs)] == [False, True]


def test_the_manager_of_a_team_sees_its_tasks(alice: User, bob: User, charlie: User) -> None:
    south = charlie.salesperson.memberships.get().team
    task = make_task(alice, team=south)
    assert not seen_by(bob, task)

    south.manager = bob.salesperson
    south.save()

    assert seen_by(bob, task)


def test_whoever_sells_nothing_sees_tasks_only_as_administrator(
    bob: User, dora: User, task: Task
) -> None:
    nobody = User.objects.create(username="nobody")

    assert (seen_by(nobody, task), seen_by(dora, task)) == (False, True)
