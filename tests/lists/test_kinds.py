"""Contacts, tasks and quotes as lists: columns, groups, sums, views, files, rights; all alike."""

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from datetime import time, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl

import pytest
from django.http import QueryDict
from django.test import Client, RequestFactory

from contacts.list_kind import CONTACTS
from contacts.models import Contact, Industry
from crm.dates import today
from lists.kinds import ListKind
from lists.paging import page_of
from quotes.list_kind import QUOTES
from quotes.models import Quote
from salespeople.models import User
from tasks import lifecycle as door
from tasks.list_kind import TASKS
from tasks.models import Task
from tests.conftest import seller
from tests.factories import (
    CompanyFactory,
    IndustryFactory,
    PersonFactory,
    QuoteFactory,
    make_opportunity,
    make_task,
)
from tests.opportunities.pages import at_stage, signed_in

MONTH = timedelta(days=31)


def make_contacts(user: User) -> None:
    """Make companies and people with and without what a column may show."""
    industry = Industry.objects.first() or IndustryFactory(name="Building")
    for n in range(4):
        company = CompanyFactory(
            name=f"Company {n % 2}",
            salesperson=user.salesperson if n % 2 else None,
            industry=industry if n % 3 else None,
            city=f"City {n % 2}",
        )
        PersonFactory(company=company if n % 2 else None)


def make_tasks(user: User) -> None:
    """Make tasks that are equal in some columns, empty in others."""
    opportunity = make_opportunity(user)
    for n in range(7):
        make_task(
            user,
            description=f"Call {n % 3}",
            due_on=today() + MONTH * (n % 3),
            priority=1 + n % 3,
            start_time=time(9) if n % 2 else None,
            **({"opportunity": opportunity} if n % 2 else {"contact": CompanyFactory()}),
        )


def planned(task: Task) -> timedelta:
    """Return how long it takes by the hour: whole days are no hours."""
    return task.duration if task.start_time else timedelta(0)


def make_quotes(user: User) -> None:
    """Make quotes of two amounts and two states."""
    opportunity = at_stage(user, 3)
    for n in range(7):
        QuoteFactory(
            opportunity=opportunity, amount=100 * (n % 2 + 1), status="sent" if n % 3 else "draft"
        )


@dataclass(frozen=True)
class Room:
    """A list, rows for it, and how it sees all of what one person may see."""

    kind: ListKind
    make: Callable[[User], None]
    rows: Any
    everything: str
    sums: dict[str, Callable[[Any], Any]]


ROOMS = {
    "contacts": Room(CONTACTS, make_contacts, Contact.objects, "view=all", {}),
    "tasks": Room(TASKS, make_tasks, Task.objects, "whose=all&status=any", {"duration": planned}),
    "quotes": Room(QUOTES, make_quotes, Quote.objects, "view=all", {"amount": lambda r: r.amount}),
}
EVERY = pytest.mark.parametrize("name", ROOMS)
SORTS = [(name, sort) for name, room in ROOMS.items() for sort in room.kind.columns.sorts]
GROUPS = [(name, group) for name, room in ROOMS.items() for group in room.kind.groups]


def shown(client: Client, room: Room, query: str = "") -> Any:
    """Return what the list shows."""
    answer = client.get(f"{room.kind.url}?{room.everything}{query}")
    assert answer.status_code == 200
    return answer.context


def exported(client: Client, room: Room, query: str = "") -> list[list[str]]:
    """Return the lines of the file without its heading."""
    answer = client.get(f"/export/{room.kind.name}/?{room.everything}{query}")
    assert answer.status_code == 200
    text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))[1:]


def total(room: Room, rows: Any) -> dict[str, Any]:
    """Add the rows up, one by one."""
    zero: dict[str, Any] = {"duration": timedelta(0), "amount": Decimal(0)}
    return {name: sum(map(value, rows), zero[name]) for name, value in room.sums.items()}


@EVERY
def test_every_column_is_shown_and_exported(bob: User, name: str) -> None:
    room = ROOMS[name]
    room.make(bob)
    client = signed_in(bob)
    columns = f"&columns={','.join(room.kind.columns.by_name)}"

    page = shown(client, room, columns)
    lines = exported(client, room, columns)

    assert page["columns"] == list(room.kind.columns)
    assert len(lines) == len(page["page"].rows) == room.rows.visible_to(bob).count()
    parts = [part for column in room.kind.columns for part in column.parts]
    assert {len(line) for line in lines} == {len(parts)}


@pytest.mark.parametrize(("name", "sort"), SORTS)
@pytest.mark.parametrize("direction", ["", "-"])
def test_pages_give_every_row_once_in_the_order_of_the_whole(
    bob: User, name: str, sort: str, direction: str
) -> None:
    """At ties, and where a column is empty, too; the file has the same order."""
    room = ROOMS[name]
    room.make(bob)
    request = RequestFactory().get("/")
    request.user = bob
    rows, wish = room.kind.rows(request, QueryDict(room.everything)), direction + sort
    sorts = room.kind.columns.sorts
    whole = [row.pk for row in page_of(rows, sorts=sorts, sort=wish).rows]

    pages = [page_of(rows, sorts=sorts, sort=wish, size=2)]
    while pages[-1].next_cursor:
        cursor = pages[-1].next_cursor
        pages.append(page_of(rows, sorts=sorts, sort=wish, size=2, cursor=cursor))

    assert [row.pk for page in pages for row in page.rows] == whole
    assert len(set(whole)) == rows.count()


@pytest.mark.parametrize(("name", "group"), GROUPS)
def test_each_head_counts_and_leads_to_exactly_its_rows(bob: User, name: str, group: str) -> None:
    room = ROOMS[name]
    room.make(bob)
    client = signed_in(bob)
    page = shown(client, room, f"&group={group}")
    heads = list(page["heads"].values())

    led = [client.get(f"{room.kind.url}{head.url}").context for head in heads]

    assert len(heads) == len({head.title for head in heads})
    assert [(h.sums.count, dict(h.sums.values)) for h in heads] == [
        (len(there["page"].rows), total(room, there["page"].rows)) for there in led
    ]
    found = [row.pk for there in led for row in there["page"].rows]
    assert sorted(found) == sorted(row.pk for row in page["page"].rows)


@EVERY
def test_the_sums_are_those_of_the_rows_and_of_nobody_elses(
    bob: User, charlie: User, name: str
) -> None:
    """What bob may not see is in no row, count, sum and file."""
    room = ROOMS[name]
    for user in (bob, charlie):
        room.make(user)
    client = signed_in(bob)
    visible = list(room.rows.visible_to(bob))

    page = shown(client, room)

    assert {row.pk for row in page["page"].rows} == {row.pk for row in visible}
    assert page["sums"].count == len(visible) == len(exported(client, room))
    assert dict(page["sums"].values) == total(room, visible)


@EVERY
def test_a_view_is_kept_counted_and_opens_the_list(bob: User, name: str) -> None:
    room = ROOMS[name]
    room.make(bob)
    client = signed_in(bob)
    query = {"contacts": "kind=person", "tasks": "priority=3", "quotes": "status=sent"}[name]
    url = room.kind.url

    wish = {"name": "Wanted", "parameters": query, "is_default": "on"}
    kept = client.post(f"/lists/{name}/views/save/", wish)
    opened = client.get(url)

    assert kept.status_code == opened.status_code == 302
    page = client.get(str(opened["Location"])).context
    (tab,) = page["views"].shown
    assert (str(tab.view), tab.is_active) == ("Wanted", True)
    assert {row.pk for row in page["page"].rows} == {
        row.pk for row in client.get(f"{url}?{query}").context["page"].rows
    }
    rows = room.rows.visible_to(bob).filter(**dict(parse_qsl(query)))
    assert tab.count == rows.count()


def test_the_tab_of_a_view_of_tasks_counts_what_the_view_shows(bob: User) -> None:
    """Without a choice that is one's own open ones, not a mate's and not what is done."""
    mate = seller("mate", bob.salesperson.memberships.get().team)
    for user in (bob, bob, mate):
        make_task(user, priority=3)
    door.complete(make_task(bob, priority=3), by=bob)
    client = signed_in(bob)
    client.post("/lists/tasks/views/save/", {"name": "High", "parameters": "priority=3"})

    page = client.get("/tasks/?priority=3").context

    (tab,) = page["views"].shown
    assert (tab.count, len(page["page"].rows)) == (2, 2)


@EVERY
@pytest.mark.parametrize(
    "query",
    ["colour=red", "sort=colour", "columns=colour", "group=colour", "run=0", "run=x", "cursor=x"],
)
def test_what_the_list_does_not_know_is_refused(bob: User, name: str, query: str) -> None:
    client = signed_in(bob)

    assert client.get(f"{ROOMS[name].kind.url}?{query}").status_code == 400
    assert client.get(f"/export/{name}/?{query}").status_code == 400 or query == "cursor=x"


@EVERY
def test_chosen_columns_are_remembered(bob: User, name: str) -> None:
    room = ROOMS[name]
    room.make(bob)
    client = signed_in(bob)
    first, second, third = list(room.kind.columns.by_name)[:3]
    wish = {"order": [first, third, second], "shown": [third], "next": room.kind.url}

    client.post(f"/lists/{name}/columns/", wish)

    assert [column.name for column in shown(client, room)["columns"]] == [first, third]
