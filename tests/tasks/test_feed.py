"""The calendar feed, read back by another library than the one that wrote it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
import vobject
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm.dates import today
from salespeople import calendar_address
from salespeople.models import Salesperson, User
from tasks import lifecycle
from tasks.models import Task
from tests.factories import PersonFactory, make_opportunity, make_task

HOUR = timedelta(hours=1)


def address_of(user: User) -> str:
    """Return the address of the person's feed, made now."""
    calendar_address.renew(user)
    return reverse("tasks:feed", args=[calendar_address.token_of(user)])


def read(user: User) -> Any:
    """Return the feed as vobject reads it."""
    response = Client().get(address_of(user))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    vobject.icalendar.registerTzid("Europe/Oslo", None)  # it keeps the rules of another feed
    return vobject.readOne(response.content.decode())


def events_of(user: User) -> list[Any]:
    """Return the events of the feed."""
    return list(read(user).contents.get("vevent", []))


def only(user: User) -> Any:
    """Return the one event of the feed."""
    (event,) = events_of(user)
    return event


def test_an_all_day_task_ends_on_the_day_after_its_last(bob: User) -> None:
    """Three days from the 4th are the 4th, 5th and 6th; the end is exclusive: the 7th."""
    make_task(bob, description="Fair", due_on=date(2027, 5, 4), duration=timedelta(days=3))

    event = only(bob)

    assert event.summary.value == "Fair"
    assert event.dtstart.value == date(2027, 5, 4)
    assert event.dtend.value == date(2027, 5, 7)


def test_a_task_with_a_start_stands_in_the_sites_time_zone(bob: User) -> None:
    make_task(bob, due_on=date(2027, 7, 1), start_time=time(9, 30), duration=HOUR * 1.5)

    event = only(bob)

    assert event.dtstart.value == datetime(2027, 7, 1, 9, 30, tzinfo=event.dtstart.value.tzinfo)
    assert event.dtstart.params["X-VOBJ-ORIGINAL-TZID"] == ["Europe/Oslo"]
    assert event.dtstart.value.astimezone(UTC) == datetime(2027, 7, 1, 7, 30, tzinfo=UTC)
    assert event.dtend.value.astimezone(UTC) == datetime(2027, 7, 1, 9, 0, tzinfo=UTC)


def test_winter_and_summer_differ_from_utc_as_the_zone_says(bob: User) -> None:
    for year in (2027, 2031, 2039):
        for month in (1, 7):
            make_task(bob, due_on=date(year, month, 1), start_time=time(12), duration=HOUR)

    starts = sorted(event.dtstart.value.astimezone(UTC) for event in events_of(bob))

    assert starts == [
        datetime(year, month, 1, hour, tzinfo=UTC)
        for year in (2027, 2031, 2039)
        for month, hour in ((1, 11), (7, 10))
    ]


def test_a_meeting_over_midnight_ends_on_the_next_day(bob: User) -> None:
    make_task(bob, due_on=date(2027, 5, 4), start_time=time(23), duration=HOUR * 3)

    assert only(bob).dtend.value.astimezone(UTC) == datetime(2027, 5, 5, 0, tzinfo=UTC)


LONG = "Ærlig talt: blåbærsyltetøy, “sitat”; komma, semikolon; \\ og 😀 " * 2


def test_long_and_foreign_words_survive_folding_and_escaping(bob: User) -> None:
    text = LONG[:100].strip()
    make_task(bob, description=text, note="First line\nÅse, second; line")

    response = Client().get(address_of(bob))

    lines = response.content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    event = vobject.readOne(response.content.decode()).vevent
    assert event.summary.value == " ".join(text.split())
    assert "First line\nÅse, second; line" in event.description.value


def test_who_holds_and_who_attends_a_meeting(bob: User) -> None:
    Salesperson.objects.filter(pk=bob.salesperson.pk).update(email="bob@example.com")
    bob.salesperson.refresh_from_db()
    guest = PersonFactory(first_name="Åse", surname="Li", name="Åse Li", email="ase@example.com")
    silent = PersonFactory(name="Ola Dunk")
    make_task(
        bob,
        kind="meeting",
        start_time=time(10),
        contact=guest,
        attendees=(silent,),
        location="Rådhusplassen 1, Oslo",
    )

    event = only(bob)

    assert event.organizer.value == "mailto:bob@example.com"
    assert event.organizer.params["CN"] == ["Bob"]
    people = {row.params["CN"][0]: row.value for row in event.contents["attendee"]}
    assert people == {"Åse Li": "mailto:ase@example.com", "Ola Dunk": "invalid:nomail"}
    assert event.location.value == "Rådhusplassen 1, Oslo"


def test_a_meeting_that_one_attends_stands_in_ones_feed(bob: User, charlie: User) -> None:
    for user in (bob, charlie):
        Salesperson.objects.filter(user=user).update(email=f"{user.username}@example.com")
        user.salesperson.refresh_from_db()
    make_task(
        charlie,
        kind="meeting",
        start_time=time(10),
        attendees=(bob.salesperson,),
        contact=PersonFactory(name="Kari"),
        description="Together",
    )
    make_task(charlie, description="Alone")

    assert [event.summary.value for event in events_of(bob)] == ["Together"]


def test_an_opportunity_that_one_may_not_see_is_not_named(bob: User, charlie: User) -> None:
    """A meeting is seen by who attends it, what it is about is not."""
    Salesperson.objects.update(email="x@example.com")
    charlie.salesperson.refresh_from_db()
    make_task(
        charlie,
        kind="meeting",
        start_time=time(10),
        opportunity=make_opportunity(charlie, description="Secret tower"),
        attendees=(bob.salesperson,),
    )

    assert "Secret tower" not in only(bob).description.value
    assert "Secret tower" in only(charlie).description.value


def test_a_recurring_task_stands_once(bob: User) -> None:
    make_task(bob, is_recurring=True, recurring_interval="1W", recurs_from="due")

    event = only(bob)

    assert "rrule" not in event.contents


@pytest.mark.parametrize(
    ("verb", "status"),
    [("start", "CONFIRMED"), ("complete", "CONFIRMED"), ("cancel", "CANCELLED")],
)
def test_the_status_follows_the_task(bob: User, verb: str, status: str) -> None:
    task = make_task(bob)
    getattr(lifecycle, verb)(task, by=bob)

    assert only(bob).status.value == status


def test_a_waiting_task_is_tentative(bob: User) -> None:
    lifecycle.edit(make_task(bob), by=bob, status=Task.Status.WAITING)

    assert only(bob).status.value == "TENTATIVE"


def test_the_event_leads_back_and_keeps_its_name(bob: User) -> None:
    task = make_task(bob)
    before = only(bob)

    lifecycle.reschedule(task, today() + timedelta(days=1), by=bob)
    after = only(bob)

    assert before.url.value == f"http://testserver/tasks/{task.pk}/"
    assert after.uid.value == before.uid.value == f"t{task.pk}@testserver"
    assert (before.sequence.value, after.sequence.value) == ("0", "1")
    assert after.dtstamp.value >= before.dtstamp.value


def test_what_was_closed_long_ago_is_left_out_and_what_is_open_is_not(bob: User) -> None:
    old = today() - timedelta(days=91)
    lifecycle.complete(make_task(bob, due_on=old, description="Done long ago"), by=bob)
    make_task(bob, due_on=old, description="Still open")

    assert [event.summary.value for event in events_of(bob)] == ["Still open"]


def test_an_unchanged_feed_is_not_sent_twice(bob: User) -> None:
    task = make_task(bob)
    address = address_of(bob)
    first = Client().get(address)

    again = Client().get(address, headers={"if-none-match": first["ETag"]})
    lifecycle.start(task, by=bob)
    changed = Client().get(address, headers={"if-none-match": first["ETag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]
    assert "Last-Modified" in first


def test_a_feed_without_tasks_is_a_calendar_all_the_same(bob: User, dora: User) -> None:
    assert events_of(bob) == []
    assert events_of(dora) == []  # who does not sell has no tasks
    assert "Last-Modified" not in Client().get(address_of(dora))


def test_a_forged_or_revoked_address_answers_404(bob: User) -> None:
    address = address_of(bob)
    assert Client().get(address).status_code == 200

    calendar_address.revoke(bob)

    assert Client().get(address).status_code == 404
    assert Client().get("/tasks/feed/guess.ics").status_code == 404
    assert Client().get(f"{address[:-5]}x.ics").status_code == 404


def test_the_feed_is_only_read(bob: User) -> None:
    address = address_of(bob)

    assert Client().post(address).status_code == 405
    assert Client().head(address).status_code == 200
    assert Client().get(f"{address}?x=1").status_code == 400


def test_the_feed_speaks_the_persons_language(bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(language="nb")
    bob.refresh_from_db()

    assert read(bob).contents["x-wr-calname"][0].value != ""


def test_the_number_of_queries_does_not_grow(bob: User) -> None:
    counts = []
    for rows in (1, 9):
        for _n in range(rows):
            make_task(bob, contact=PersonFactory(), opportunity=make_opportunity(bob))
        address = address_of(bob)
        with CaptureQueriesContext(connection) as queries:
            Client().get(address)
        counts.append(len(queries))

    assert counts == [9, 9]
