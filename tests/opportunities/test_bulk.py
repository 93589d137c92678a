"""Many opportunities at once: done, skipped or refused one by one, in one act, undone at once."""

import sys
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from crm.dates import today
from lists import running
from lists.models import BulkRun
from opportunities import lifecycle
from opportunities.list_kind import OPPORTUNITIES
from opportunities.models import Opportunity, OpportunityEntry, OpportunityEntryQuerySet, Status
from salespeople.models import User
from tasks.models import Task
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    QuoteFactory,
    SalesCycleFactory,
    SalespersonFactory,
    make_task,
)
from tests.opportunities.pages import STAGES, at_stage, deleted, signed_in, stage_of, won

LIST = "/opportunities/"
CHOOSE = "/lists/opportunities/choose/"
IN_A_MONTH = today() + timedelta(days=30)


def chosen(client: Client, action: str, rows: list[Opportunity], query: str = "") -> str:
    """Tick the rows in the list and return the address of the page that asks for more."""
    answer = client.post(
        f"{CHOOSE}{query}", {"action": action, "row": [str(row.pk) for row in rows]}
    )
    assert answer.status_code == 302
    return str(answer["Location"])


def done(client: Client, address: str, data: dict[str, Any]) -> BulkRun:
    """Confirm, and go on until it is done; return how it went."""
    answer = client.post(address, data)
    assert answer.status_code == 302, answer.context["form"].errors
    return gone_on(client, address)


def gone_on(client: Client, address: str) -> BulkRun:
    """Press "Go on" while there is such a button."""
    page = client.get(address)
    while page.context["run"].is_under_way:
        client.post(address, {"position": page.context["run"].progress[0]})
        page = client.get(address)
    run: BulkRun = page.context["run"]
    return run


def figures(run: BulkRun) -> tuple[int, int, int]:
    """Return how many were done, skipped, refused."""
    return len(run.done), len(run.skipped), len(run.refused)


type Made = tuple[dict[str, Any], Callable[[Opportunity], Any], Any]


def wish_for(action: str, row: Opportunity) -> Made:
    """Return what is posted for an action, what it changes of a row, and to what."""
    if action == "move":
        stage = stage_of(row, 3)
        return {"stage": stage.pk}, lambda o: o.stage_id, stage.pk
    if action == "reassign":
        mate = SalespersonFactory()
        row.salesperson.memberships.get().team.memberships.create(
            salesperson=mate, from_on=date(2020, 1, 1)
        )
        return {"salesperson": mate.pk}, lambda o: o.salesperson_id, mate.pk
    if action == "redate":
        data = {"estimated_close_on": IN_A_MONTH.isoformat()}
        return data, lambda o: o.estimated_close_on, IN_A_MONTH
    if action == "tag":
        return {"name": "Solar"}, lambda o: [str(t) for t in o.tags.all()], ["Solar"]
    if action == "plan":
        data = {"kind": "to_do", "description": "Call", "due_on": today().isoformat()}
        return data, lambda o: [t.description for t in Task.objects.open()], ["Call"]
    reason = CloseReasonFactory(kind="lost")
    return {"reason": reason.pk}, lambda o: o.status, Status.LOST


ACTIONS = ("move", "reassign", "redate", "tag", "plan", "lose")


@pytest.mark.parametrize("action", ACTIONS)
def test_an_action_is_done_through_the_door_and_undone(bob: User, action: str) -> None:
    row = at_stage(bob, 2)
    data, seen_of, expected = wish_for(action, row)
    before = seen_of(row)
    client = signed_in(bob)
    address = chosen(client, action, [row], "?status=open")

    run = done(client, address, data)

    row = Opportunity.objects.get(pk=row.pk)
    assert (figures(run), seen_of(row)) == ((1, 0, 0), expected)
    client.post(f"{address}undo/")
    assert gone_on(client, address).status == BulkRun.Status.UNDONE
    assert seen_of(Opportunity.objects.get(pk=row.pk)) == before


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_so_already_is_skipped(bob: User, action: str) -> None:
    if action == "plan":
        return  # a second task is a second task
    row = at_stage(bob, 2)
    data, _seen_of, _expected = wish_for(action, row)
    client = signed_in(bob)
    done(client, chosen(client, action, [row]), data)

    again = done(client, chosen(client, action, [row]), data)

    assert figures(again) == (0, 1, 0)


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_closed_is_refused_with_the_doors_reason(bob: User, action: str) -> None:
    if action == "tag":
        return  # tags find closed ones, too
    row, closed = at_stage(bob, 2), won(bob)
    data, _seen_of, _expected = wish_for(action, row)
    client = signed_in(bob)

    run = done(client, chosen(client, action, [row, closed]), data)

    assert (run.done, run.refused) == (
        [row.pk], [[closed.pk, "It is already won. Reopen it first."]],
    )  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
def test_what_is_asked_for_is_checked_before_anything_is_done(bob: User, action: str) -> None:
    row = at_stage(bob, 2)
    client = signed_in(bob)
    address = chosen(client, action, [row])

    answer = client.post(address, {})

    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert BulkRun.objects.get().status == BulkRun.Status.CHOSEN


def test_all_that_match_are_chosen_not_only_the_page(bob: User) -> None:
    rows = many(bob, 60)
    won(bob)
    client = signed_in(bob)

    page = client.get(f"{LIST}?status=open")
    answer = client.post(f"{CHOOSE}?status=open", {"action": "redate", "all": "1"})
    run = BulkRun.objects.get()

    assert "All 60 that match" in page.content.decode()
    assert answer["Location"] == f"/lists/opportunities/bulk/{run.pk}/"
    assert run.ids == sorted(row.pk for row in rows)
    assert "60 opportunities" in client.get(answer["Location"]).content.decode()


def test_a_ticked_row_that_is_not_ones_own_is_not_chosen(bob: User, charlie: User) -> None:
    mine, theirs = at_stage(bob, 1), at_stage(charlie, 1)

    chosen(signed_in(bob), "redate", [mine, theirs])

    assert BulkRun.objects.get().ids == [mine.pk]


@pytest.mark.parametrize(
    "data", [{}, {"row": ["x", "9" * 30, "-1"]}, {"row": []}, {"row": "", "all": "yes"}]
)
def test_nothing_ticked_is_said_in_the_list(bob: User, data: dict[str, Any]) -> None:
    at_stage(bob, 1)
    client = signed_in(bob)

    answer = client.post(f"{CHOOSE}?status=open", data | {"action": "redate"}, follow=True)

    assert [str(message) for message in answer.context["messages"]] == ["Tick the rows first."]
    assert answer.redirect_chain == [(f"{LIST}?status=open", 302)]


@pytest.mark.parametrize("data", [{}, {"action": "burn"}, {"action": ""}])
def test_an_unknown_action_is_refused(bob: User, data: dict[str, Any]) -> None:
    assert signed_in(bob).post(CHOOSE, data).status_code == 400


def test_a_filter_too_long_to_be_kept_is_refused_with_a_sentence(bob: User) -> None:
    """What mails append to an address is let pass by the list, however long it is."""
    row = at_stage(bob, 1)
    query = f"utm_source={'x' * 2000}"

    answer = signed_in(bob).post(f"{CHOOSE}?{query}", {"action": "tag", "row": row.pk})

    assert (answer.status_code, BulkRun.objects.count()) == (302, 0)
    assert answer["Location"] == f"{LIST}?{query}"


def test_there_is_a_limit(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "MOST_ROWS", 1)
    rows = [at_stage(bob, 1), at_stage(bob, 1)]

    answer = signed_in(bob).post(
        CHOOSE, {"action": "redate", "row": [row.pk for row in rows]}, follow=True
    )

    assert "At most 1 rows at once" in answer.content.decode()
    assert not BulkRun.objects.exists()


def test_giving_to_another_team_is_refused_row_by_row_but_not_to_a_manager(
    alice: User, bob: User, charlie: User
) -> None:
    row = at_stage(bob, 1)
    theirs = {"salesperson": charlie.salesperson.pk}
    seller, manager = signed_in(bob), signed_in(alice)

    refused = seller.post(chosen(seller, "reassign", [row]), theirs)
    run = done(manager, chosen(manager, "reassign", [row]), theirs)

    assert (refused.status_code, figures(run)) == (422, (1, 0, 0))


def test_somebody_who_was_faster_is_named(alice: User, bob: User) -> None:
    rows = [at_stage(bob, 1), at_stage(bob, 1)]
    client = signed_in(bob)
    address = chosen(client, "redate", rows)
    lifecycle.update(rows[0], by=alice, estimated_value=Decimal(7))

    run = done(client, address, {"estimated_close_on": IN_A_MONTH.isoformat()})

    reason = "alice has changed it since you chose it (updated)."
    assert (run.done, run.refused) == ([rows[1].pk], [[rows[0].pk, reason]])


def test_what_was_hidden_meanwhile_is_refused_without_a_hint(bob: User, charlie: User) -> None:
    row = at_stage(bob, 1)
    client = signed_in(bob)
    address = chosen(client, "redate", [row])
    dora = User.objects.create(username="root", is_superuser=True)
    lifecycle.reassign(row, by=dora, salesperson=charlie.salesperson)

    run = done(client, address, {"estimated_close_on": IN_A_MONTH.isoformat()})

    assert run.refused == [[row.pk, "It is no longer there, or no longer yours to see."]]
    assert row.get_absolute_url() not in client.get(address).content.decode()


def test_a_stage_that_goes_meanwhile_refuses_the_rest(
    bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = (running.go_on.__kwdefaults__ or {}) | {"size": 1}
    monkeypatch.setattr(running.go_on, "__kwdefaults__", defaults)
    cycle = SalesCycleFactory(stages=STAGES)
    rows = [at_stage(bob, 1, sales_cycle=cycle) for _n in range(3)]
    stage = cycle.stages.get(position=2)
    client = signed_in(bob)
    address = chosen(client, "move", rows)
    client.post(address, {"stage": stage.pk})
    cycle.stages.filter(pk=stage.pk).update(is_blocked=True)

    assert figures(gone_on(client, address)) == (1, 0, 2)


def test_all_entries_belong_to_one_act_over_all_parts(
    bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    defaults = (running.go_on.__kwdefaults__ or {}) | {"size": 2}
    monkeypatch.setattr(running.go_on, "__kwdefaults__", defaults)
    rows = many(bob, 5)
    client = signed_in(bob)

    run = done(
        client,
        chosen(client, "redate", rows),
        {"estimated_close_on": IN_A_MONTH.isoformat()},
    )

    assert figures(run) == (5, 0, 0)
    assert OpportunityEntry.objects.filter(act=run.act).count() == 5
    found = client.get(f"{LIST}?run={run.pk}").context
    assert {row.pk for row in found["page"].rows} == {row.pk for row in rows}


def test_a_part_that_is_asked_for_twice_is_done_once(bob: User) -> None:
    """A second press, an old tab, a position that never was: nothing more is written."""
    row = at_stage(bob, 1)
    client = signed_in(bob)
    address = chosen(client, "plan", [row])
    data = {"kind": "to_do", "description": "Call", "due_on": today().isoformat()}
    for posted in (data, data, {"position": 0}, {"position": "x"}, {"position": 99}, {}):
        assert client.post(address, posted).status_code == 302

    assert Task.objects.count() == 1
    for _press in range(2):
        client.post(f"{address}undo/")
    assert [task.status for task in Task.objects.all()] == [Task.Status.CANCELLED]


def test_a_part_that_fails_is_not_half_done(bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that dies in the middle leaves the run where it was, and the rows as they were."""
    rows = many(bob, 3)
    client = Client(raise_request_exception=False)
    client.force_login(bob)
    address = chosen(client, "redate", rows)
    real = OpportunityEntryQuerySet.bulk_create

    def dying(self: OpportunityEntryQuerySet, entries: Any, **options: Any) -> Any:
        real(self, entries[:1], **options)
        raise SystemError("the machine is gone")

    monkeypatch.setattr(OpportunityEntryQuerySet, "bulk_create", dying)
    data = {"estimated_close_on": IN_A_MONTH.isoformat()}
    assert client.post(address, data).status_code == 500
    monkeypatch.setattr(OpportunityEntryQuerySet, "bulk_create", real)

    run = BulkRun.objects.get()
    assert (run.status, run.position, run.done) == (BulkRun.Status.RUNNING, 0, [])
    assert not OpportunityEntry.objects.filter(act=run.act).exists()
    assert figures(gone_on(client, address)) == (3, 0, 0)


def test_undo_tells_what_something_newer_rests_on(alice: User, bob: User) -> None:
    rows = many(bob, 2)
    client = signed_in(bob)
    address = chosen(client, "redate", rows)
    done(client, address, {"estimated_close_on": IN_A_MONTH.isoformat()})
    newer = Opportunity.objects.get(pk=rows[0].pk)
    lifecycle.update(newer, by=alice, estimated_value=Decimal(77))

    client.post(f"{address}undo/")
    run = gone_on(client, address)

    assert [pk for pk, _why in run.kept] == [rows[0].pk]
    assert "Something newer rests on it" in run.kept[0][1]
    assert Opportunity.objects.get(pk=rows[1].pk).estimated_close_on == rows[1].estimated_close_on


def test_a_run_is_its_owners(alice: User, bob: User) -> None:
    row = at_stage(bob, 1)
    address = chosen(signed_in(bob), "redate", [row])
    manager = signed_in(alice)

    found = [
        manager.get(address).status_code,
        manager.post(address, {}).status_code,
        manager.post(f"{address}undo/").status_code,
        manager.get(f"{LIST}?run={BulkRun.objects.get().pk}").status_code,
    ]

    assert found == [404, 404, 404, 400]


def test_losing_cancels_the_tasks_and_undoing_brings_them_back(bob: User) -> None:
    row = at_stage(bob, 2)
    task = make_task(bob, opportunity=row)
    client = signed_in(bob)
    address = chosen(client, "lose", [row])
    reason = CloseReasonFactory(kind="lost")

    done(client, address, {"reason": reason.pk, "cancel_open_tasks": "on"})
    task.refresh_from_db()
    lost = task.status
    client.post(f"{address}undo/")
    task.refresh_from_db()

    assert (lost, task.is_open) == (Task.Status.CANCELLED, True)


def test_the_deleted_are_not_changed_together(alice: User, bob: User) -> None:
    deleted(bob)

    assert signed_in(alice).get(f"{LIST}?deleted=1").context["actions"] == []


def test_the_report_counts_and_links(bob: User) -> None:
    rows = [at_stage(bob, 2), won(bob)]
    client = signed_in(bob)
    address = chosen(client, "redate", rows, "?q=roof")
    run = done(client, address, {"estimated_close_on": IN_A_MONTH.isoformat()})

    page = client.get(address).content.decode()

    assert f'href="{LIST}?run={run.pk}"' in page
    assert f'href="{rows[1].get_absolute_url()}"' in page
    assert f'href="{LIST}?q=roof"' in page


def test_old_runs_are_thrown_away(bob: User) -> None:
    row = at_stage(bob, 1)
    client = signed_in(bob)
    chosen(client, "redate", [row])
    BulkRun.objects.update(created_at=BulkRun.objects.get().created_at - running.KEPT_FOR * 2)

    chosen(client, "redate", [row])

    assert BulkRun.objects.count() == 1


def many(by: User, number: int, **options: Any) -> list[Opportunity]:
    """Return so many started opportunities of one cycle, in a few statements."""
    cycle = options.pop("sales_cycle", None) or SalesCycleFactory(stages=STAGES)
    company = CompanyFactory()
    return lifecycle.create_many(
        [
            lifecycle.NewOpportunity(
                description=f"Roof {n}",
                contact=company,
                salesperson=by.salesperson,
                sales_cycle=cycle,
                activate=True,
                estimated_value=Decimal(1000),
                estimated_close_on=today() + timedelta(days=60),
            )
            for n in range(number)
        ],
        by=by,
    )


def test_1000_rows_of_which_a_part_is_refused(
    bob: User, record_property: Callable[[str, object], None]
) -> None:
    """1,000 to a stage that asks for a quote: 600 have one, 300 do not, 100 are there already."""
    cycle = SalesCycleFactory(stages=[(10, 20, ""), (30, 40, "SQ")])
    rows = many(bob, 1000, sales_cycle=cycle)
    stage = cycle.stages.get(position=2)
    for row in rows[:700]:
        QuoteFactory(opportunity=row, created_by=bob)
    with lifecycle.one_act():
        for row in rows[:100]:
            lifecycle.move(row, stage, by=bob)
    client = signed_in(bob)
    client.post(f"{CHOOSE}?cycle={cycle.pk}", {"action": "move", "all": "1"})
    address = f"/lists/opportunities/bulk/{BulkRun.objects.get().pk}/"

    begun = time.perf_counter()
    run = done(client, address, {"stage": stage.pk})
    took = time.perf_counter() - begun
    begun = time.perf_counter()
    client.post(f"{address}undo/")
    undone = gone_on(client, address)
    record_property("seconds", round(took, 1))
    record_property("seconds_of_undo", round(time.perf_counter() - begun, 1))

    reason = f"“{stage.name}” needs a quote that is neither declined nor expired."
    assert figures(run) == (600, 100, 300)
    assert {why for _pk, why in run.refused} == {reason}
    assert (undone.status, undone.kept) == (BulkRun.Status.UNDONE, [])
    assert Opportunity.objects.filter(stage=stage).count() == 100
    assert OPPORTUNITIES.name == run.kind
    sys.stdout.write(f"1,000 rows: {took:.1f} s, undo of 600: {time.perf_counter() - begun:.1f} s")
