"""The admin pages of activities and their steps, and the activity of a stage (R202, D19)."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from salescycles.models import Activity, ActivityStep, SalesCycle
from tests.admin_pages import address, errors, filled, post, row, said
from tests.factories import ActivityFactory, SalesCycleFactory
from tests.opportunities.pages import signed_in

STEPS = "steps"
HOSTILE = ["x" * 10_000, "-1", "NaN", "9" * 400, "\x00", "<script>", "\u202e"]


@pytest.fixture
def client(dora: Any) -> Client:
    """The browser of an administrator."""
    return signed_in(dora)


@pytest.fixture
def activity(db: None) -> Activity:
    """An activity of three steps."""
    steps = [("phone_call", ""), ("meeting", "1W"), ("to_do", "CM")]
    return ActivityFactory(code="VISIT", description="Visit", steps=steps)


def page_of(found: Activity) -> str:
    """Return the address of the activity's page."""
    return address("change", Activity, found.pk)


def order(found: Activity) -> list[tuple[int, str]]:
    """Return positions and descriptions of the steps, after every check at commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return list(found.steps.order_by("position").values_list("position", "description"))


def test_r202_an_activity_is_created_with_its_steps_in_one_go(client: Client) -> None:
    response = post(
        client,
        address("add", Activity),
        code=" new ",
        description="A new customer",
        **row(STEPS, 0, position=1, kind="phone_call", description="Call", priority=1)
        | row(STEPS, 1, kind="meeting", description="Visit", priority=3, date_formula="1w+2d"),
    )

    assert response.status_code == 302, errors(response)
    activity = Activity.objects.get()
    assert (activity.code, activity.description) == ("NEW", "A new customer")
    assert list(activity.steps.values_list("position", "kind", "priority", "date_formula")) == [
        (1, "phone_call", 1, ""),
        (2, "meeting", 3, "1W+2D"),
    ]


def test_r202_a_new_step_is_a_to_do_of_low_priority(client: Client) -> None:
    data = filled(client, address("add", Activity))
    form = client.get(address("add", Activity)).context["inline_admin_formsets"][0].formset

    assert data[f"{STEPS}-TOTAL_FORMS"] == "0"
    assert (form.empty_form["kind"].value(), form.empty_form["priority"].value()) == ("to_do", 1)


def test_saving_without_a_change_changes_nothing(client: Client, activity: Activity) -> None:
    before = list(ActivityStep.objects.values()), list(Activity.objects.values())

    assert post(client, page_of(activity)).status_code == 302

    assert (list(ActivityStep.objects.values()), list(Activity.objects.values())) == before


def test_steps_change_places_in_one_go(client: Client, activity: Activity) -> None:
    response = post(
        client,
        page_of(activity),
        **{f"{STEPS}-0-position": "3", f"{STEPS}-1-position": "1", f"{STEPS}-2-position": "2"},
    )

    assert response.status_code == 302, errors(response)
    assert order(activity) == [(1, "Step 2"), (2, "Step 3"), (3, "Step 1")]


def test_a_position_that_is_taken_is_refused_beside_the_field(
    client: Client, activity: Activity
) -> None:
    response = post(client, page_of(activity), **{f"{STEPS}-1-position": "1"})

    assert errors(response) == ["Another step has this position."]


def test_a_step_is_deleted(client: Client, activity: Activity) -> None:
    """Tasks that it has made do not name it."""
    response = post(client, page_of(activity), **{f"{STEPS}-1-DELETE": "on"})

    assert response.status_code == 302, errors(response)
    assert order(activity) == [(1, "Step 1"), (3, "Step 3")]


@pytest.mark.parametrize(
    ("field", "value"),
    [("description", ""), ("kind", "letter"), ("priority", "4"), ("date_formula", "1X")],
)
def test_what_is_no_step_is_refused_beside_the_field(
    client: Client, activity: Activity, field: str, value: str
) -> None:
    response = post(client, page_of(activity), **{f"{STEPS}-0-{field}": value})

    (wrong, *_rest) = response.context["inline_admin_formsets"][0].formset.errors
    assert set(wrong) == {field}


@pytest.mark.parametrize("value", HOSTILE, ids=lambda v: repr(v[:8]))
@pytest.mark.parametrize(
    "field",
    ["code", "description", "is_blocked", f"{STEPS}-0-description", f"{STEPS}-0-position",
     f"{STEPS}-0-kind", f"{STEPS}-0-id", f"{STEPS}-0-activity", f"{STEPS}-TOTAL_FORMS"],
)  # fmt: skip
def test_hostile_values_never_break_the_page(
    client: Client, activity: Activity, field: str, value: str
) -> None:
    response = post(client, page_of(activity), **{field: value})

    assert response.status_code in (200, 302)
    order(activity)
    assert client.get(page_of(activity)).status_code == 200


# The activity of a stage.


@pytest.fixture
def cycle(db: None) -> SalesCycle:
    """A cycle of three stages."""
    return SalesCycleFactory(code="ROOFS", name="Roofs")


def stage_form(client: Client, cycle: SalesCycle, number: int) -> Any:
    """Return the form of a stage on the cycle's page."""
    page = client.get(address("change", SalesCycle, cycle.pk))
    return page.context["inline_admin_formsets"][0].formset.forms[number]


def test_a_stage_is_given_an_activity(
    client: Client, activity: Activity, cycle: SalesCycle
) -> None:
    response = post(
        client, address("change", SalesCycle, cycle.pk), **{"stages-1-activity": activity.pk}
    )

    assert response.status_code == 302, errors(response)
    assert [stage.activity for stage in cycle.stages.order_by("position")] == [
        None,
        activity,
        None,
    ]


def test_only_usable_activities_are_offered_and_the_one_that_the_stage_has(
    client: Client, activity: Activity, cycle: SalesCycle
) -> None:
    Activity.objects.update(is_blocked=True)
    ActivityFactory(description="Another")
    cycle.stages.filter(position=2).update(activity=activity)

    offered = [
        [text for _pk, text in stage_form(client, cycle, number).fields["activity"].choices]
        for number in (0, 1)
    ]

    assert offered == [["---------", "Another"], ["---------", "Another", "Visit"]]


def test_d19_a_blocked_activity_is_not_given_to_another_stage(
    client: Client, activity: Activity, cycle: SalesCycle
) -> None:
    Activity.objects.update(is_blocked=True)
    cycle.stages.filter(position=2).update(activity=activity)
    page = address("change", SalesCycle, cycle.pk)

    assert post(client, page, name="Kept").status_code == 302
    refused = post(client, page, **{"stages-0-activity": activity.pk})

    assert errors(refused) == ["A blocked activity is not given to another stage."]
    assert cycle.stages.get(position=1).activity is None


def test_the_list_and_the_page_say_which_stages_use_it(
    client: Client, activity: Activity, cycle: SalesCycle
) -> None:
    SalesCycleFactory(name="Fences").stages.filter(position=3).update(activity=activity)
    cycle.stages.update(activity=activity)
    expected = "Stage 3 (Fences), Stage 1 (Roofs), Stage 2 (Roofs), Stage 3 (Roofs)"

    assert expected in client.get(address("changelist", Activity)).content.decode()
    assert expected in client.get(page_of(activity)).content.decode()


def test_d19_what_a_stage_uses_is_not_deleted_and_the_message_counts(
    client: Client, activity: Activity, cycle: SalesCycle
) -> None:
    cycle.stages.filter(position__lte=2).update(activity=activity)

    response = client.post(address("delete", Activity, activity.pk), {"post": "yes"})

    expected = (
        "“Visit” is not deleted, because it is used by 2 stages. "
        "Block it instead: then it cannot be chosen for anything new."
    )
    assert said(client, response) == [expected]
    assert Activity.objects.filter(pk=activity.pk).exists()


def test_r202_what_nothing_uses_is_deleted_with_its_steps(
    client: Client, activity: Activity
) -> None:
    client.post(address("delete", Activity, activity.pk), {"post": "yes"})

    assert not ActivityStep.objects.exists()


def test_blocking_says_which_stages_go_on_with_it(
    client: Client, activity: Activity, cycle: SalesCycle
) -> None:
    cycle.stages.filter(position=2).update(activity=activity)

    response = post(client, page_of(activity), is_blocked="on")

    assert "It still makes its tasks at the stages that have it: Stage 2 (Roofs)." in said(
        client, response
    )


def test_the_pages_ask_as_much_for_many_as_for_few(
    client: Client, activity: Activity, cycle: SalesCycle
) -> None:
    counts = []
    for more in (1, 20):
        for _number in range(more):
            ActivityFactory(steps=[("to_do", "")])
        with CaptureQueriesContext(connection) as queries:
            client.get(address("changelist", Activity))
            client.get(address("change", SalesCycle, cycle.pk))
        counts.append(len(queries))

    assert counts[0] == counts[1]
