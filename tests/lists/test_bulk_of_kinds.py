"""Many contacts, tasks and quotes at once: done, skipped, refused with reasons, taken back."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from contacts import lifecycle as contact_door
from contacts import segments, tags
from contacts.models import Contact
from crm.dates import today
from lists.models import BulkRun
from quotes import lifecycle as quote_door
from quotes.models import Quote
from salespeople.models import User
from tasks import lifecycle as task_door
from tasks.models import Task
from tests.conftest import seller
from tests.factories import CompanyFactory, QuoteFactory, make_task
from tests.opportunities.pages import at_stage, signed_in
from tests.opportunities.test_bulk import done, figures, gone_on

TOMORROW = today() + timedelta(days=1)


@dataclass
class Case:
    """What is asked for, of which row, and what can be seen of it."""

    row: Any
    wish: dict[str, Any]
    look: Callable[[Any], Any]
    expected: Any


def mate_of(bob: User) -> User:
    return seller("mate", bob.salesperson.memberships.get().team)


def of_contact(bob: User, action: str) -> Case:
    row = CompanyFactory(salesperson=bob.salesperson)
    if action == "assign":
        mate = mate_of(bob).salesperson
        return Case(row, {"salesperson": mate.pk}, lambda r: r.salesperson, mate)
    if action == "untag":
        tag = tags.add(row, "Solar", by=bob)
        return Case(row, {"tag": tag.pk}, lambda r: list(map(str, r.tags.all())), [])
    if action == "tag":
        return Case(row, {"name": "Solar"}, lambda r: list(map(str, r.tags.all())), ["Solar"])
    segment = segments.create(by=bob, description="Roofs")
    return Case(row, {"segment": segment.pk}, lambda r: segment.rows.count(), 1)


def of_task(bob: User, action: str) -> Case:
    row = make_task(bob)
    if action == "assign":
        mate = mate_of(bob).salesperson
        return Case(row, {"salesperson": mate.pk}, lambda t: t.salesperson, mate)
    if action == "reschedule":
        return Case(row, {"due_on": TOMORROW.isoformat()}, lambda t: t.due_on, TOMORROW)
    if action == "reopen":
        row = task_door.complete(row, by=bob)
    status = {"complete": "completed", "cancel": "cancelled", "reopen": "in_progress"}[action]
    return Case(row, {}, lambda t: t.status, status)


def of_quote(bob: User, action: str) -> Case:
    row = QuoteFactory(opportunity=at_stage(bob, 3), status="sent", amount=100)
    status = {"decline": "declined", "expire": "expired"}[action]
    return Case(row, {}, lambda q: (q.status, q.revision), (status, 1))


CASES = {"contacts": of_contact, "tasks": of_task, "quotes": of_quote}
ALL = {
    "contacts": ("assign", "tag", "untag", "segment"),
    "tasks": ("complete", "reschedule", "assign", "reopen", "cancel"),
    "quotes": ("decline", "expire"),
}
EVERY = pytest.mark.parametrize(
    ("kind", "action"), [(kind, action) for kind, actions in ALL.items() for action in actions]
)
ASKED = {"contacts": "view=all", "tasks": "whose=all&status=any", "quotes": "view=all"}


def chosen(client: Any, kind: str, action: str, rows: list[Any]) -> str:
    """Tick rows and return the address of the page that asks for more."""
    wanted = {"action": action, "row": [row.pk for row in rows]}
    answer = client.post(f"/lists/{kind}/choose/?{ASKED[kind]}", wanted)
    assert answer.status_code == 302
    return str(answer["Location"])


def fresh(row: Any) -> Any:
    """Return the row as it is now."""
    return type(row)._default_manager.get(pk=row.pk)


@EVERY
def test_it_is_done_through_the_door_skipped_the_second_time_and_undone(
    bob: User, kind: str, action: str
) -> None:
    case = CASES[kind](bob, action)
    before = case.look(fresh(case.row))
    client = signed_in(bob)
    address = chosen(client, kind, action, [case.row])

    run = done(client, address, case.wish)
    again = done(client, chosen(client, kind, action, [case.row]), case.wish)

    assert (figures(run), figures(again)) == ((1, 0, 0), (0, 1, 0))
    assert case.look(fresh(case.row)) == case.expected
    assert client.get(address).status_code == 200
    client.post(f"{address}undo/")
    undone = gone_on(client, address)
    assert (undone.status, undone.kept) == (BulkRun.Status.UNDONE, [])
    assert case.look(fresh(case.row)) == before


@EVERY
def test_the_figure_leads_to_exactly_what_was_done(bob: User, kind: str, action: str) -> None:
    case = CASES[kind](bob, action)
    client = signed_in(bob)

    run = done(client, chosen(client, kind, action, [case.row]), case.wish)

    page = client.get(f"/{kind}/?run={run.pk}").context["page"]
    assert [row.pk for row in page.rows] == run.done == [case.row.pk]


@EVERY
def test_what_one_may_not_see_is_not_chosen(
    bob: User, charlie: User, kind: str, action: str
) -> None:
    if kind == "contacts":
        return  # everybody sees all contacts
    theirs = CASES[kind](charlie, action).row

    wanted = {"action": action, "row": theirs.pk, "all": "1"}
    answer = signed_in(bob).post(f"/lists/{kind}/choose/?{ASKED[kind]}", wanted, follow=True)

    assert not BulkRun.objects.exists()
    assert "Tick the rows first." in answer.content.decode()


def test_tasks_that_somebody_changed_meanwhile_are_refused(bob: User) -> None:
    mate = mate_of(bob)
    own, changed = make_task(bob), make_task(bob)
    closed = task_door.cancel(make_task(bob), by=bob)
    client = signed_in(bob)
    address = chosen(client, "tasks", "complete", [own, changed, closed])
    task_door.start(changed, by=mate)

    run = done(client, address, {})

    assert (run.done, run.refused) == (
        [own.pk],
        [
            [changed.pk, "mate has changed it meanwhile."],
            [closed.pk, "It is cancelled already. Reopen it first."],
        ],
    )


def test_an_undo_leaves_tasks_on_which_somebody_has_worked_since(bob: User) -> None:
    mate = mate_of(bob)
    own, taken_up = make_task(bob), make_task(bob)
    client = signed_in(bob)
    address = chosen(client, "tasks", "reschedule", [own, taken_up])
    done(client, address, {"due_on": TOMORROW.isoformat()})
    task_door.start(taken_up, by=mate)

    client.post(f"{address}undo/")
    run = gone_on(client, address)

    assert run.kept == [[taken_up.pk, "mate has changed it meanwhile."]]
    assert (fresh(own).due_on, fresh(taken_up).due_on) == (own.due_on, TOMORROW)


def test_a_task_is_opened_again_in_the_state_in_which_it_was_closed(bob: User) -> None:
    task = task_door.edit(make_task(bob), by=bob, status=Task.Status.WAITING)
    client = signed_in(bob)
    address = chosen(client, "tasks", "complete", [task])
    done(client, address, {})

    client.post(f"{address}undo/")

    assert fresh(task).status == Task.Status.WAITING


def test_a_contact_changed_meanwhile_is_refused_and_one_changed_since_is_kept(
    bob: User, alice: User
) -> None:
    mate = mate_of(bob).salesperson
    early, late = CompanyFactory(name="Early"), CompanyFactory(name="Late")
    client = signed_in(bob)
    address = chosen(client, "contacts", "assign", [early, late])
    contact_door.edit(early, by=alice, city="Oslo")

    run = done(client, address, {"salesperson": mate.pk})
    contact_door.edit(late, by=alice, city="Oslo")
    client.post(f"{address}undo/")
    undone = gone_on(client, address)

    assert (run.done, run.refused) == (
        [late.pk], [[early.pk, "alice has changed it meanwhile."]],
    )  # fmt: skip
    assert undone.kept == [[late.pk, "alice has changed it meanwhile."]]


def test_the_people_who_follow_their_company_are_not_refused(bob: User) -> None:
    """R210: the company's people get its salesperson; ticked as well, they have it already."""
    company = CompanyFactory(salesperson=bob.salesperson)
    person = contact_door.create(by=bob, kind="person", name="Kari", company=company)
    mate = mate_of(bob).salesperson
    client = signed_in(bob)

    run = done(
        client, chosen(client, "contacts", "assign", [company, person]), {"salesperson": mate.pk}
    )

    assert (run.done, run.skipped) == ([company.pk], [[person.pk, "It is so already."]])
    assert {c.salesperson for c in Contact.objects.all()} == {mate}


def test_a_blocked_contact_comes_into_no_segment(bob: User) -> None:
    blocked = CompanyFactory(name="Shut", is_blocked=True)
    segment = segments.create(by=bob, description="Roofs")
    client = signed_in(bob)

    run = done(client, chosen(client, "contacts", "segment", [blocked]), {"segment": segment.pk})

    assert run.refused == [[blocked.pk, "“Shut” is blocked for anything new."]]


def test_an_accepted_quote_is_not_declined_among_many(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    sent, draft = (
        QuoteFactory(opportunity=opportunity, status="sent"),
        QuoteFactory(opportunity=opportunity),
    )
    accepted = QuoteFactory(opportunity=opportunity, status="sent")
    quote_door.accept(accepted, by=bob)
    client = signed_in(bob)
    address = chosen(client, "quotes", "decline", [sent, draft, accepted])

    run = done(client, address, {})
    revision = fresh(sent).revision
    client.post(f"{address}undo/")
    gone_on(client, address)

    assert (run.done, run.refused) == (
        [sent.pk, draft.pk],
        [[accepted.pk, "It is accepted: decide about it on its own page."]],
    )
    rows = Quote.objects.order_by("pk").values_list("status", "revision")
    assert list(rows) == [("sent", revision), ("draft", 1), ("accepted", 1)]


@pytest.mark.parametrize("status", ["sent", "draft", "accepted"])
def test_a_quote_is_taken_back_to_nothing_but_what_it_was(bob: User, status: str) -> None:
    """The door itself refuses to make a declined draft a sent quote, or the other way."""
    quote = QuoteFactory(opportunity=at_stage(bob, 3), status="sent")
    declined = quote_door.decline(quote, by=bob)

    if status == "sent":
        assert quote_door.take_back(declined, status, by=bob).status == "sent"
    else:
        with pytest.raises(ValidationError, match="cannot become that"):
            quote_door.take_back(declined, status, by=bob)
