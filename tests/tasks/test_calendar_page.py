"""The calendar: days, weeks and months, in one query, with a limit."""

from datetime import date, time, timedelta
from typing import Any

import pytest
from django.test import Client

from crm.dates import today
from salespeople.models import Salesperson, User
from tasks import calendar, lifecycle
from tasks.calendar import Calendar, calendar_of
from tasks.models import Task
from tests.contacts.pages import queries
from tests.factories import make_opportunity, make_task
from tests.tasks.pages import signed_in, text_of

PAGE = "/tasks/calendar/"
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
TUESDAY = date(2027, 5, 4)


def read(user: User, view: str, on: date = TUESDAY) -> Calendar:
    """Return the calendar of all that the user sees."""
    return calendar_of(Task.objects.visible_to(user), user, view=view, on=on)


def words(shown: Calendar) -> dict[date, list[str]]:
    """Return what stands on each day that is not empty."""
    return {day.on: [str(row.task) for row in day.rows] for day in shown.days if day.rows}


def test_a_week_goes_from_monday_to_sunday(bob: User) -> None:
    shown = read(bob, "week")

    assert [day.on for day in shown.days] == [date(2027, 5, 3) + n * DAY for n in range(7)]
    assert (shown.previous, shown.following) == (date(2027, 5, 2), date(2027, 5, 10))


def test_a_month_is_shown_in_whole_weeks(bob: User) -> None:
    """May 2027 begins on a Saturday and ends on a Monday: six weeks."""
    shown = read(bob, "month")

    assert (shown.first, shown.last) == (date(2027, 4, 26), date(2027, 6, 6))
    assert len(shown.weeks) == 6
    assert [day.on for day in shown.days if day.is_outside] == [
        *(date(2027, 4, 26) + n * DAY for n in range(5)),
        *(date(2027, 6, 1) + n * DAY for n in range(6)),
    ]
    assert (shown.previous, shown.following) == (date(2027, 4, 30), date(2027, 6, 1))


@pytest.mark.parametrize("month", range(1, 13))
def test_stepping_through_the_months_misses_none(bob: User, month: int) -> None:
    shown = read(bob, "month", date(2027, month, 15))

    assert shown.following == (date(2027 + month // 12, month % 12 + 1, 1))
    before = date(2027, month, 1) - DAY
    assert shown.previous == before


def test_all_day_ones_come_first_then_by_their_start(bob: User) -> None:
    make_task(bob, description="At ten", due_on=TUESDAY, start_time=time(10))
    make_task(bob, description="At nine", due_on=TUESDAY, start_time=time(9))
    make_task(bob, description="All day", due_on=TUESDAY)

    assert words(read(bob, "week")) == {TUESDAY: ["All day", "At nine", "At ten"]}


def test_a_task_of_several_days_stands_on_each(bob: User) -> None:
    make_task(bob, description="Fair", due_on=date(2027, 5, 1), duration=4 * DAY)

    assert words(read(bob, "week")) == {date(2027, 5, 3): ["Fair"], TUESDAY: ["Fair"]}
    assert words(read(bob, "day")) == {TUESDAY: ["Fair"]}
    assert words(read(bob, "day", date(2027, 5, 5))) == {}


def test_cancelled_ones_are_left_out_and_done_ones_are_not(bob: User) -> None:
    lifecycle.cancel(make_task(bob, description="Cancelled", due_on=TUESDAY), by=bob)
    lifecycle.complete(make_task(bob, description="Done", due_on=TUESDAY), by=bob)

    assert words(read(bob, "month")) == {TUESDAY: ["Done"]}


def blocks(shown: Calendar) -> dict[str, tuple[int, int, int, int, int]]:
    """Return hour, quarters into it, height, lane and lanes of each block."""
    return {
        str(block.row.task): (hour.at.hour, block.into, block.height, block.lane, block.lanes)
        for hour in shown.hours
        for _day, found in hour.cells
        for block in found
    }


def test_what_overlaps_stands_side_by_side(bob: User) -> None:
    """A 9–11, B 10–10:30 and C 10:30–11 need two lanes; D at 11 has all the room."""
    for name, at, length in (
        ("A", time(9), 2 * HOUR),
        ("B", time(10), HOUR / 2),
        ("C", time(10, 30), HOUR / 2),
        ("D", time(11, 15), HOUR),
    ):
        make_task(bob, description=name, due_on=TUESDAY, start_time=at, duration=length)

    assert blocks(read(bob, "week")) == {
        "A": (9, 0, 8, 0, 2),
        "B": (10, 0, 2, 1, 2),
        "C": (10, 2, 2, 1, 2),
        "D": (11, 1, 4, 0, 1),
    }


def test_a_short_one_has_room_for_its_words_and_a_long_one_ends_at_midnight(bob: User) -> None:
    for name, at, length in (
        ("Short", time(9), timedelta(minutes=1)),
        ("Night", time(23), 5 * HOUR),
    ):
        make_task(bob, description=name, due_on=TUESDAY, start_time=at, duration=length)

    assert blocks(read(bob, "week")) == {"Short": (9, 0, 2, 0, 1), "Night": (23, 0, 4, 0, 1)}


def test_the_hours_are_the_usual_ones_and_more_where_needed(bob: User) -> None:
    assert [hour.at.hour for hour in read(bob, "week").hours] == list(range(8, 18))

    make_task(bob, due_on=TUESDAY, start_time=time(6, 30), duration=HOUR)
    make_task(bob, due_on=TUESDAY, start_time=time(18), duration=3 * HOUR)

    assert [hour.at.hour for hour in read(bob, "week").hours] == list(range(6, 21))


def test_a_full_day_shows_the_first_and_how_many_more(bob: User) -> None:
    for number in range(7):
        make_task(bob, description=str(number), due_on=TUESDAY)

    page = text_of(signed_in(bob).get(f"{PAGE}?view=month&on=2027-05-04"))
    day = signed_in(bob).get(f"{PAGE}?view=day&on=2027-05-04").context["calendar"]

    assert "+ 3 more" in page
    assert len(day.days[0].shown) == 7


def test_of_too_many_the_first_are_shown_and_it_is_said(
    bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendar, "MOST_READ", 3)
    for _n in range(4):
        make_task(bob, due_on=TUESDAY)

    assert read(bob, "week").is_cut
    assert sum(len(day.rows) for day in read(bob, "week").days) == 3


@pytest.mark.parametrize("view", ["day", "week", "month"])
def test_the_number_of_queries_is_the_same_for_many(bob: User, view: str) -> None:
    client = signed_in(bob)
    counts = []
    for rows in (1, 20):
        for _n in range(rows):
            make_task(bob, opportunity=make_opportunity(bob), start_time=time(9))
        client.get(PAGE)
        counts.append(queries(client, f"{PAGE}?view={view}"))

    assert counts[0] == counts[1]


def test_mine_are_my_own_and_the_meetings_i_attend(bob: User, charlie: User) -> None:
    Salesperson.objects.update(email="x@example.com")
    charlie.salesperson.refresh_from_db()
    make_task(bob, description="Own")
    make_task(charlie, description="Alien")
    make_task(
        charlie,
        kind="meeting",
        description="Together",
        opportunity=make_opportunity(charlie, description="Secret tower"),
        attendees=(bob.salesperson,),
    )

    shown = signed_in(bob).get(PAGE)

    assert words(shown.context["calendar"]) == {today(): ["Own", "Together"]}
    assert "Secret tower" not in text_of(shown)


def test_today_and_what_is_late_are_marked(bob: User) -> None:
    make_task(bob, due_on=today() - DAY, description="Late one")

    page = text_of(signed_in(bob).get(f"{PAGE}?view=month&on={today() - DAY}"))

    assert 'aria-current="date"' in page
    assert "is-late" in page


def test_each_day_leads_to_planning_on_it(bob: User) -> None:
    page = text_of(signed_in(bob).get(f"{PAGE}?view=week&on=2027-05-04"))

    for number in range(3, 10):
        assert f"/tasks/create/?due_on=2027-05-{number:02}&amp;next=" in page


@pytest.mark.parametrize(
    "query",
    ["?view=year", "?on=x", "?on=1800-01-01", "?on=2999-12-31", "?whose=nobody", "?unheard=1"],
)
def test_nonsense_in_the_address_is_refused(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"{PAGE}{query}").status_code == 400


@pytest.mark.parametrize("on", ["1901-01-01", "2998-12-31", "2028-02-29"])
@pytest.mark.parametrize("view", ["day", "week", "month"])
def test_the_first_and_the_last_days_of_the_calendar(bob: User, view: str, on: str) -> None:
    assert signed_in(bob).get(f"{PAGE}?view={view}&on={on}").status_code == 200


def test_who_does_not_sell_sees_all_and_who_is_signed_out_nothing(bob: User, dora: User) -> None:
    make_task(bob, description="Bob's")
    found: Any = signed_in(dora).get(PAGE).context["calendar"]

    assert words(found) == {today(): ["Bob's"]}
    assert Client().get(PAGE).status_code == 302
    assert signed_in(bob).post(PAGE).status_code == 405
