"""A row changed in the list: through the door, with errors, conflicts and Undo in its place."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity, OpportunityEntry
from salespeople.models import Salesperson, User
from tasks import lifecycle as task_door
from tasks.models import Task
from tests.factories import SalespersonFactory, TeamMembershipFactory, make_task
from tests.opportunities.pages import at_stage, signed_in, stage_of, won

LIST = "/opportunities/"
IN_A_MONTH = today() + timedelta(days=30)


def typed(row: Opportunity, **changes: Any) -> dict[str, Any]:
    """Return what the form of the row sends when `changes` are typed."""
    shown = {
        "seen": row.sequence,
        "stage": row.stage_id or "",
        "salesperson": row.salesperson_id,
        "estimated_value": f"{row.estimated_value}",
        "estimated_close_on": row.estimated_close_on.isoformat() if row.estimated_close_on else "",
    }
    return shown | changes


def mate_of(user: User) -> Salesperson:
    """Return somebody of the same team."""
    mate: Salesperson = SalespersonFactory()
    TeamMembershipFactory(team=user.salesperson.memberships.get().team, salesperson=mate)
    return mate


def test_the_row_becomes_a_form_and_the_others_stay(bob: User) -> None:
    row, other = at_stage(bob, 2), at_stage(bob, 1)

    page = signed_in(bob).get(f"{LIST}?sort=value&edit={row.pk}")
    form = page.context["row_form"]

    assert form.opportunity == row
    assert list(form.fields) == [
        "stage", "salesperson", "estimated_value", "estimated_close_on",
        "task_description", "task_due_on", "seen", "next", "task_seen",
    ]  # fmt: skip
    assert page.content.decode().count('class="row-form"') == 1
    assert f"edit={other.pk}" in page.content.decode()


def test_stages_that_cannot_be_entered_are_shown_with_the_reason(bob: User) -> None:
    """From stage 2: 4 asks for a quote, and 3, which may not be skipped, lies before it."""
    row = at_stage(bob, 2)

    text = signed_in(bob).get(f"{LIST}?edit={row.pk}").content.decode()

    assert f'<option value="{stage_of(row, 3).pk}">Stage 3</option>' in text
    assert f'<option value="{stage_of(row, 4).pk}" disabled>' in text
    assert "Stage 4 (“Stage 3” may not be skipped.)" in text


def test_what_is_closed_or_not_ones_own_is_no_form(bob: User, charlie: User) -> None:
    for row in (won(bob), at_stage(charlie, 1)):
        assert signed_in(bob).get(f"{LIST}?edit={row.pk}").context["row_form"] is None


def test_everything_at_once_is_one_act_with_one_undo(bob: User) -> None:
    row, mate = at_stage(bob, 2), mate_of(bob)
    client = signed_in(bob)
    data = typed(
        row,
        stage=stage_of(row, 3).pk,
        salesperson=mate.pk,
        estimated_value="2,500",
        estimated_close_on=IN_A_MONTH.isoformat(),
    )

    answer = client.post(f"{LIST}?status=open&edit={row.pk}", data)

    fresh = Opportunity.objects.get(pk=row.pk)
    assert answer["Location"] == f"{LIST}?status=open"
    assert (fresh.stage.position, fresh.salesperson, fresh.estimated_value) == (3, mate, 2500)
    assert fresh.estimated_close_on == IN_A_MONTH
    new = OpportunityEntry.objects.filter(opportunity=row, sequence__gt=row.sequence)
    assert [entry.action for entry in new.order_by("sequence")] == ["next", "reassigned"]
    assert len({entry.act for entry in new}) == 1
    client.post(f"/opportunities/acts/{new[0].act}/undo/")
    undone = Opportunity.objects.get(pk=row.pk)
    assert (undone.stage_id, undone.salesperson_id) == (row.stage_id, row.salesperson_id)
    assert undone.estimated_value == 1000


def test_the_receipt_offers_undo(bob: User) -> None:
    row = at_stage(bob, 2)
    answer = signed_in(bob).post(
        f"{LIST}?edit={row.pk}", typed(row, estimated_value="7"), follow=True
    )

    act = Opportunity.objects.get(pk=row.pk).entries.latest("sequence").act
    assert f'action="/opportunities/acts/{act}/undo/"' in answer.content.decode()


@pytest.mark.parametrize("changes", [{}, {"stage": "", "estimated_value": "", "salesperson": ""}])
def test_what_is_left_as_it_was_writes_nothing(bob: User, changes: dict[str, str]) -> None:
    row = at_stage(bob, 2)

    answer = signed_in(bob).post(f"{LIST}?edit={row.pk}", typed(row, **changes), follow=True)

    assert [str(m) for m in answer.context["messages"]] == ["Nothing has changed."]
    assert Opportunity.objects.get(pk=row.pk).sequence == row.sequence


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"estimated_value": "x"}, "estimated_value"),
        ({"estimated_value": "-1"}, "estimated_value"),
        ({"estimated_value": "0"}, "estimated_value"),
        ({"estimated_close_on": "2026-13-01"}, "estimated_close_on"),
        ({"estimated_close_on": "1999-01-01"}, "estimated_close_on"),
        ({"stage": "999999"}, "stage"),
        ({"stage": "x\x00"}, "stage"),
        ({"salesperson": "999999"}, "salesperson"),
        ({"seen": ""}, "seen"),
    ],
)
def test_an_error_stands_in_the_row_and_nothing_is_saved(
    bob: User, changes: dict[str, str], field: str
) -> None:
    row = at_stage(bob, 2)

    answer = signed_in(bob).post(f"{LIST}?edit={row.pk}&q=roof", typed(row, **changes))

    assert answer.status_code == 422
    assert field in answer.context["row_form"].errors
    assert 'class="row-form"' in answer.content.decode()
    assert Opportunity.objects.get(pk=row.pk).sequence == row.sequence


def test_a_gated_stage_is_refused_with_its_reason(bob: User) -> None:
    row = at_stage(bob, 3)

    answer = signed_in(bob).post(f"{LIST}?edit={row.pk}", typed(row, stage=stage_of(row, 4).pk))

    assert answer.status_code == 422
    assert "needs a quote" in str(answer.context["row_form"].errors["stage"])


def test_another_team_is_refused_and_the_rest_is_not_saved_either(bob: User, charlie: User) -> None:
    row = at_stage(bob, 2)
    data = typed(row, salesperson=charlie.salesperson.pk, estimated_value="9")

    answer = signed_in(bob).post(f"{LIST}?edit={row.pk}", data)

    assert (answer.status_code, list(answer.context["row_form"].errors)) == (422, ["salesperson"])
    assert Opportunity.objects.get(pk=row.pk).estimated_value == 1000


def test_different_fields_of_a_row_merge(alice: User, bob: User) -> None:
    """Alice has changed the value; bob wanted another date, and keeps her value."""
    row = at_stage(bob, 2)
    lifecycle.update(row, by=alice, estimated_value=Decimal(4321))
    client = signed_in(bob)

    saved = client.post(
        f"{LIST}?edit={row.pk}", typed(row, estimated_close_on=IN_A_MONTH.isoformat())
    )
    text = client.get(saved["Location"]).content.decode()

    fresh = Opportunity.objects.get(pk=row.pk)
    assert saved.status_code == 302
    assert "Kept what alice changed: Estimated value, 4,321." in text
    assert (fresh.estimated_value, fresh.estimated_close_on) == (4321, IN_A_MONTH)


def test_a_lost_race_shows_both_and_saves_on_the_second_try(alice: User, bob: User) -> None:
    row = at_stage(bob, 2)
    lifecycle.update(row, by=alice, estimated_value=Decimal(4321))
    client = signed_in(bob)
    address = f"{LIST}?edit={row.pk}"

    answer = client.post(address, typed(row, estimated_value="999"))
    dispute = answer.context["dispute"]
    field = dispute.fields[0]
    kept = dict(dispute.kept) | {"seen": dispute.opportunity.sequence}
    theirs = client.post(address, kept | dict(field.theirs_sent))
    untouched = Opportunity.objects.get(pk=row.pk).sequence == dispute.opportunity.sequence
    mine = client.post(address, kept | dict(field.mine_sent))

    assert [answer.status_code, theirs.status_code, mine.status_code] == [409, 302, 302]
    assert "alice was faster: Updated." in answer.content.decode()
    assert (field.was, field.mine, field.theirs, field.who) == ("1,000", "999", "4,321", alice)
    assert untouched
    assert Opportunity.objects.get(pk=row.pk).estimated_value == 999


def test_a_stranger_and_a_missing_row_find_nothing(bob: User, charlie: User) -> None:
    row = at_stage(bob, 2)
    client = signed_in(charlie)

    found = [
        client.post(f"{LIST}?edit={row.pk}", typed(row)).status_code,
        client.post(f"{LIST}?edit=999999", typed(row)).status_code,
        client.post(LIST, typed(row)).status_code,
        client.post(f"{LIST}?edit=x", typed(row)).status_code,
    ]

    assert found == [404, 404, 400, 400]


def test_what_has_not_been_started_is_started_or_only_changed(bob: User) -> None:
    row = at_stage(bob, 0)
    client = signed_in(bob)

    client.post(f"{LIST}?edit={row.pk}", typed(row, estimated_value="77"))
    row.refresh_from_db()
    updated = (row.status, row.estimated_value)
    first = stage_of(row, 1).pk
    client.post(
        f"{LIST}?edit={row.pk}", typed(row, stage=first, estimated_close_on=IN_A_MONTH.isoformat())
    )
    row.refresh_from_db()

    assert (updated, row.status, row.stage_id) == (("not_started", 77), "in_progress", first)


def test_the_next_task_is_planned_in_the_row(bob: User) -> None:
    row = at_stage(bob, 2)
    client = signed_in(bob)

    answer = client.post(
        f"{LIST}?edit={row.pk}", typed(row, task_description=" Call  them "), follow=True
    )

    task = Task.objects.get()
    assert (task.description, task.due_on, task.opportunity) == ("Call them", today(), row)
    assert task.salesperson == bob.salesperson
    assert [str(m) for m in answer.context["messages"]] == ["The next task has been saved."]
    assert Opportunity.objects.get(pk=row.pk).sequence == row.sequence


def test_the_next_task_is_changed_in_the_row_with_the_stage(bob: User) -> None:
    row = at_stage(bob, 2)
    later, first = (
        make_task(bob, opportunity=row, due_on=IN_A_MONTH),
        make_task(bob, opportunity=row),
    )
    client = signed_in(bob)
    form = client.get(f"{LIST}?edit={row.pk}").context["row_form"]
    data = typed(
        row, stage=stage_of(row, 3).pk, task_description="Send the offer",
        task_due_on=IN_A_MONTH.isoformat(), task_seen=form["task_seen"].value(),
    )  # fmt: skip

    client.post(f"{LIST}?edit={row.pk}", data)

    first.refresh_from_db()
    later.refresh_from_db()
    assert form["task_description"].value() == "Call back"
    assert (first.description, first.due_on) == ("Send the offer", IN_A_MONTH)
    assert later.description == "Call back"
    assert Opportunity.objects.get(pk=row.pk).stage == stage_of(row, 3)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"task_description": "x" * 101}, "task_description"),
        ({"task_description": "a\x00b"}, "task_description"),
        ({"task_description": "Call", "task_due_on": "x"}, "task_due_on"),
        ({"task_description": "Call", "task_due_on": "3500-01-01"}, "task_due_on"),
        ({"task_seen": "x"}, "task_seen"),
    ],
)
def test_what_is_wrong_with_the_task_stands_beside_it_and_nothing_is_saved(
    bob: User, changes: dict[str, str], field: str
) -> None:
    row = at_stage(bob, 2)

    answer = signed_in(bob).post(
        f"{LIST}?edit={row.pk}", typed(row, estimated_value="9", **changes)
    )

    assert (answer.status_code, field in answer.context["row_form"].errors) == (422, True)
    assert not Task.objects.exists()
    assert Opportunity.objects.get(pk=row.pk).sequence == row.sequence


def test_a_task_that_somebody_changed_meanwhile_is_told_and_replaced_on_the_second_try(
    alice: User, bob: User
) -> None:
    row = at_stage(bob, 2)
    task = make_task(bob, opportunity=row)
    client = signed_in(bob)
    seen = f"{task.pk}-{task.edits}"
    task_door.edit(task, by=alice, description="Visit")
    data = typed(row, task_description="Write", task_due_on=today().isoformat(), task_seen=seen)

    lost = client.post(f"{LIST}?edit={row.pk}", data)
    form = lost.context["row_form"]
    again = client.post(f"{LIST}?edit={row.pk}", data | {"task_seen": form["task_seen"].value()})

    task.refresh_from_db()
    assert (lost.status_code, again.status_code) == (409, 302)
    assert "alice made it “Visit”" in str(form.errors["task_description"])
    assert task.description == "Write"


def test_a_task_of_another_opportunity_is_not_changed(bob: User) -> None:
    row, task = at_stage(bob, 2), make_task(bob, opportunity=at_stage(bob, 1))
    data = typed(row, task_description="Write", task_seen=f"{task.pk}-{task.edits}")

    assert signed_in(bob).post(f"{LIST}?edit={row.pk}", data).status_code == 404
    task.refresh_from_db()
    assert task.description == "Call back"


def test_a_click_on_a_cell_begins_in_its_field(bob: User) -> None:
    row = at_stage(bob, 2)
    client = signed_in(bob)

    page = client.get(f"{LIST}?edit={row.pk}&focus=estimated_value").context["row_form"]

    assert [name for name, f in page.fields.items() if "autofocus" in f.widget.attrs] == [
        "estimated_value"
    ]
    assert 'data-field="estimated_value"' in client.get(LIST).content.decode()
