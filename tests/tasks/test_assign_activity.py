"""Assigning an activity by hand: the door and its page (Business Central R203, rules D21)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm.dates import today
from opportunities.models import Opportunity
from salescycles.models import Activity
from salespeople.models import User
from tasks.activities import assign_activity
from tasks.models import Task
from tests.factories import (
    ActivityFactory,
    CompanyFactory,
    PersonFactory,
    SalespersonFactory,
    TeamFactory,
    make_opportunity,
)
from tests.opportunities.pages import signed_in

PAGE = "/tasks/activity/"
MONDAY = date(2026, 11, 23)
STEPS = [("phone_call", ""), ("to_do", "2D"), ("to_do", "CM")]


@pytest.fixture
def activity(db: None) -> Activity:
    """A call today, something in two days, and something at the end of the month."""
    return ActivityFactory(description="Follow up", steps=STEPS)


@pytest.fixture
def visit(db: None) -> Activity:
    """A meeting a week from now."""
    return ActivityFactory(description="Visit", steps=[("meeting", "1W")])


def own(by: User) -> Any:
    """Return the salesperson of a user, with an e-mail address."""
    by.salesperson.email = f"{by.username}@example.com"
    by.salesperson.save()
    return by.salesperson


# The door.


def test_r203_every_step_makes_a_task_counted_from_the_day(bob: User, activity: Activity) -> None:
    company = CompanyFactory()

    tasks = assign_activity(
        activity, by=bob, on=MONDAY, salesperson=bob.salesperson, contact=company
    )

    assert [(task.description, task.kind, task.due_on) for task in tasks] == [
        ("Step 1", "phone_call", MONDAY),
        ("Step 2", "to_do", date(2026, 11, 25)),
        ("Step 3", "to_do", date(2026, 11, 30)),
    ]
    assert {(task.salesperson, task.contact, task.company) for task in tasks} == {
        (bob.salesperson, company, company)
    }
    assert {task.is_of_stage for task in Task.objects.all()} == {False}


def test_r203_of_an_opportunity_come_contact_salesperson_and_entry(
    alice: User, bob: User, activity: Activity
) -> None:
    """R188: what is not given."""
    person = PersonFactory(company=CompanyFactory())
    opportunity = make_opportunity(bob, stage=1, contact=person)

    tasks = assign_activity(activity, by=alice, on=MONDAY, opportunity=opportunity)

    entry = opportunity.entries.get(sequence=opportunity.sequence)
    assert {(t.salesperson, t.contact, t.company, t.entry) for t in tasks} == {
        (bob.salesperson, person, person.company, entry)
    }


def test_r203_without_steps_it_makes_one_task_with_its_own_words(bob: User) -> None:
    """R101."""
    activity = ActivityFactory(description="Follow up")

    (task,) = assign_activity(activity, by=bob, on=MONDAY, salesperson=bob.salesperson)

    assert (task.description, task.kind, task.priority, task.due_on) == (
        "Follow up",
        "to_do",
        1,
        MONDAY,
    )


def test_r203_d21_a_team_gets_one_task_a_step_that_nobody_has_taken(
    alice: User, activity: Activity
) -> None:
    team = TeamFactory()

    tasks = assign_activity(activity, by=alice, on=MONDAY, team=team)

    assert [(task.team, task.salesperson) for task in tasks] == [(team, None)] * 3


@pytest.mark.parametrize(
    ("wish", "field"),
    [
        ({"activity": None}, "activity"),
        ({"on": None}, "on"),
        ({"on": date(1899, 12, 31)}, "on"),
        ({"on": date(3000, 1, 1)}, "on"),
        ({"salesperson": None}, "salesperson"),
        ({"team": "a team"}, "salesperson"),
    ],
)
def test_r203_activity_day_and_either_salesperson_or_team_are_required(
    alice: User, activity: Activity, wish: dict[str, Any], field: str
) -> None:
    wish = {"activity": activity, "on": MONDAY, "salesperson": alice.salesperson, **wish}
    if wish.get("team"):
        wish["team"] = TeamFactory()

    with pytest.raises(ValidationError) as refused:
        assign_activity(by=alice, **wish)

    assert set(refused.value.message_dict) == {field}
    assert not Task.objects.exists()


def test_r203_the_meeting_of_a_team_needs_somebody_who_holds_it(
    alice: User, visit: Activity
) -> None:
    team = TeamFactory()

    with pytest.raises(ValidationError) as refused:
        assign_activity(visit, by=alice, on=MONDAY, team=team)
    (task,) = assign_activity(visit, by=alice, on=MONDAY, team=team, organizer=own(alice))

    assert refused.value.message_dict == {"organizer": ["Choose who holds the meeting."]}
    assert (task.team, task.salesperson) == (team, None)
    assert [(row.salesperson, row.is_organizer) for row in task.attendees.all()] == [
        (alice.salesperson, True)
    ]


def test_r189_whoever_holds_a_meeting_needs_an_e_mail_address(
    alice: User, bob: User, visit: Activity
) -> None:
    for wish, field in (
        ({"salesperson": bob.salesperson}, "salesperson"),
        ({"team": TeamFactory(), "organizer": bob.salesperson}, "organizer"),
    ):
        with pytest.raises(ValidationError) as refused:
            assign_activity(visit, by=alice, on=MONDAY, **wish)
        assert refused.value.message_dict == {
            field: ["“Bob” needs an e-mail address to hold a meeting."]
        }
    assert not Task.objects.exists()


def test_a_blocked_activity_is_not_assigned(bob: User, activity: Activity) -> None:
    """D19; it is read anew: the page may be old."""
    Activity.objects.update(is_blocked=True)

    with pytest.raises(ValidationError, match="“Follow up” is blocked for anything new"):
        assign_activity(activity, by=bob, on=MONDAY, salesperson=bob.salesperson)


def test_a_blocked_contact_or_salesperson_is_refused(alice: User, activity: Activity) -> None:
    """R219, R23."""
    mine = alice.salesperson
    blocked = PersonFactory(company=CompanyFactory(is_blocked=True))
    with pytest.raises(ValidationError) as refused:
        assign_activity(activity, by=alice, on=MONDAY, salesperson=mine, contact=blocked)
    assert set(refused.value.message_dict) == {"contact"}

    gone = SalespersonFactory(is_blocked=True)
    with pytest.raises(ValidationError) as refused:
        assign_activity(activity, by=alice, on=MONDAY, salesperson=gone)
    assert set(refused.value.message_dict) == {"salesperson"}


def test_another_team_is_for_managers(
    alice: User, bob: User, charlie: User, activity: Activity
) -> None:
    theirs = charlie.salesperson
    with pytest.raises(PermissionDenied):
        assign_activity(activity, by=bob, on=MONDAY, salesperson=theirs)
    with pytest.raises(PermissionDenied):
        assign_activity(activity, by=bob, on=MONDAY, team=theirs.memberships.get().team)

    assert len(assign_activity(activity, by=alice, on=MONDAY, salesperson=theirs)) == 3


def test_what_one_does_not_see_is_no_opportunity_to_assign_to(
    bob: User, charlie: User, activity: Activity
) -> None:
    opportunity = make_opportunity(bob, stage=1)

    with pytest.raises(ValidationError) as refused:
        assign_activity(
            activity,
            by=charlie,
            on=MONDAY,
            salesperson=charlie.salesperson,
            opportunity=opportunity,
        )

    assert refused.value.message_dict == {"opportunity": ["There is no such opportunity."]}


@pytest.mark.parametrize("formula", ["9999Y", "974Y", "-9999M", "-2000M"])
def test_a_step_beyond_the_calendar_is_named(bob: User, formula: str) -> None:
    """R186: 2026 plus 974 years is 3000, less 2,000 months is 1860."""
    activity = ActivityFactory(description="Far away", steps=[("to_do", ""), ("to_do", formula)])

    with pytest.raises(ValidationError) as refused:
        assign_activity(activity, by=bob, on=MONDAY, salesperson=bob.salesperson)

    assert refused.value.messages == [
        (
            "“Step 2” of the activity “Far away” would be due outside the years 1900 to 2999. "
            "Choose another date, or ask an administrator to change its formula."
        )
    ]
    assert not Task.objects.exists()


def test_many_steps_cost_as_many_statements_as_one(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=1)
    own(bob)
    counts = []
    for number in (1, 1, 12):  # the first also asks whom bob sees
        activity = ActivityFactory(steps=[("meeting", f"{n + 1}D") for n in range(number)])
        fresh = Opportunity.objects.get(pk=opportunity.pk)
        with CaptureQueriesContext(connection) as queries:
            assign_activity(activity, by=bob, on=MONDAY, opportunity=fresh)
        counts.append(len(queries))

    assert counts[1] == counts[2]


# The page.


def choice(activity: Activity, **more: Any) -> dict[str, Any]:
    """Return what the form sends."""
    names = ("salesperson", "team", "organizer", "opportunity", "contact")
    return {
        "activity": activity.pk,
        "on": MONDAY.isoformat(),
        **dict.fromkeys(names, ""),
        **more,
    }


def test_the_page_proposes_what_the_address_names(
    alice: User, bob: User, activity: Activity
) -> None:
    opportunity = make_opportunity(bob, stage=1)
    team = bob.salesperson.memberships.get().team
    contact = CompanyFactory()
    mine, his = alice.salesperson.pk, bob.salesperson.pk
    expected: dict[str, dict[str, Any]] = {
        "": {"salesperson": mine},
        f"opportunity={opportunity.pk}": {
            "opportunity": opportunity.pk,
            "contact": opportunity.contact_id,
            "salesperson": his,
        },
        f"contact={contact.pk}": {"contact": contact.pk, "salesperson": mine},
        f"salesperson={his}": {"salesperson": his},
        f"team={team.pk}": {"team": team.pk},
    }
    for query, values in expected.items():
        response = signed_in(alice).get(f"{PAGE}?{query}")
        initial = response.context["form"].initial
        assert initial == {"on": today(), "next": "", **values}, query
        assert response.context["wishes"] == []


def test_the_tasks_are_shown_before_anything_is_planned(bob: User, activity: Activity) -> None:
    response = signed_in(bob).get(PAGE, choice(activity, salesperson=bob.salesperson.pk))

    assert response.status_code == 200
    assert [(wish.description, wish.due_on) for wish in response.context["wishes"]] == [
        ("Step 1", MONDAY),
        ("Step 2", date(2026, 11, 25)),
        ("Step 3", date(2026, 11, 30)),
    ]
    assert "Plan the 3 tasks" in response.content.decode()
    assert not Task.objects.exists()


def test_confirming_plans_what_was_shown_and_leads_to_the_opportunity(
    bob: User, activity: Activity
) -> None:
    opportunity = make_opportunity(bob, stage=1)
    client = signed_in(bob)
    page = client.get(PAGE, choice(activity, opportunity=opportunity.pk))
    sent = dict(page.context["chosen"]) | {"shown": page.context["mark"], "next": ""}

    response = client.post(PAGE, sent, follow=True)

    assert response.redirect_chain == [(opportunity.get_absolute_url(), 302)]
    assert [str(message) for message in response.context["messages"]] == ["3 tasks planned."]
    assert opportunity.tasks.count() == 3


def test_the_receipt_takes_all_of_them_back(bob: User, activity: Activity) -> None:
    client = signed_in(bob)
    page = client.post(PAGE, choice(activity, salesperson=bob.salesperson.pk), follow=True)
    tags = next(iter(page.context["messages"])).extra_tags
    boxes = [field.partition("=")[2] for field in tags.split(":") if field.startswith("task=")]

    client.post("/tasks/cancel_many/", {"task": boxes})

    assert list(Task.objects.values_list("status", flat=True)) == ["cancelled"] * 3


def test_an_activity_that_has_changed_since_is_shown_again(bob: User, activity: Activity) -> None:
    client = signed_in(bob)
    page = client.get(PAGE, choice(activity, salesperson=bob.salesperson.pk))
    activity.steps.filter(position=2).update(date_formula="3D")

    response = client.post(PAGE, dict(page.context["chosen"]) | {"shown": page.context["mark"]})

    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "The activity has been changed since. Look at its tasks again."
    ]
    assert response.context["wishes"][1].due_on == MONDAY + timedelta(days=3)
    assert not Task.objects.exists()


def test_a_refusal_stands_beside_its_field(alice: User, visit: Activity) -> None:
    team = TeamFactory()
    for ask in (signed_in(alice).get, signed_in(alice).post):
        response = ask(PAGE, choice(visit, team=team.pk))
        assert response.status_code == 422
        assert response.context["form"].errors == {"organizer": ["Choose who holds the meeting."]}

    response = signed_in(alice).get(PAGE, choice(visit))
    assert response.context["form"].errors == {"salesperson": ["Choose a salesperson or a team."]}


def test_only_usable_activities_are_offered(bob: User, activity: Activity, visit: Activity) -> None:
    Activity.objects.filter(pk=visit.pk).update(is_blocked=True)

    page = signed_in(bob).get(PAGE)
    refused = signed_in(bob).post(PAGE, choice(visit, salesperson=bob.salesperson.pk))

    assert list(page.context["form"].fields["activity"].queryset) == [activity]
    assert (refused.status_code, set(refused.context["form"].errors)) == (422, {"activity"})


def test_what_one_does_not_see_is_not_proposed(bob: User, charlie: User) -> None:
    opportunity = make_opportunity(bob, stage=1)
    client = signed_in(charlie)

    assert client.get(f"{PAGE}?opportunity={opportunity.pk}").status_code == 404
    assert client.get(f"{PAGE}?salesperson={bob.salesperson.pk}").status_code == 404
    assert client.get(f"{PAGE}?team={TeamFactory().pk}").status_code == 404
    assert client.get(f"{PAGE}?team=x").status_code == 400
    assert client.get(f"{PAGE}?campaign=1").status_code == 400


@pytest.mark.parametrize("value", ["", "x" * 10_000, "-1", "9" * 400, "NaN", "\x00", "' OR 1"])
@pytest.mark.parametrize("field", ["activity", "on", "salesperson", "team", "opportunity",
                                   "contact", "organizer", "shown", "next"])  # fmt: skip
def test_hostile_values_are_refused_or_ignored(
    bob: User, activity: Activity, field: str, value: str
) -> None:
    data = choice(activity, salesperson=bob.salesperson.pk) | {field: value}

    status = signed_in(bob).post(PAGE, data).status_code

    harmless = {"team", "opportunity", "contact", "organizer", "shown", "next"}
    assert status == (302 if value == "" and field in harmless else 422) or field in (
        "shown",
        "next",
    )
    assert Task.objects.count() == (3 if status == 302 else 0)
