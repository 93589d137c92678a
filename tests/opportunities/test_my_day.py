"""My day: what stands on it, why, in which order, once only, and the figures beside it."""

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.utils import timezone
from django.utils.formats import date_format

from crm.dates import start_of, today
from opportunities import lifecycle
from opportunities.models import Opportunity, OpportunityEntry
from opportunities.my_day import MyDay
from salespeople.models import Target, User
from tasks import interactions
from tasks import lifecycle as task_door
from tasks.models import Interaction, Task
from tests.factories import (
    CloseReasonFactory,
    PersonFactory,
    TeamFactory,
    TeamMembershipFactory,
    make_task,
)
from tests.opportunities.pages import at_stage, plain, signed_in, stage_of, won


def day_of(user: User, query: str = "") -> MyDay:
    """Return the page's data."""
    found: MyDay = signed_in(user).get(f"/{query}").context["my_day"]
    return found


def rows_of(user: User) -> dict[str, list[Opportunity]]:
    """Return the opportunities of each section that has any."""
    sections = day_of(user).sections
    return {s.kind: [row.opportunity for row in s.rows] for s in sections if s.rows}


def reasons_of(user: User) -> dict[Opportunity, list[str]]:
    """Return the reasons of each opportunity, in words."""
    sections = day_of(user).sections
    return {row.opportunity: [r.text for r in row.reasons] for s in sections for row in s.rows}


def in_days(days: int) -> date:
    return today() + timedelta(days=days)


def planned(user: User, **options: Any) -> Opportunity:
    """Return an opportunity with a task in ten days, closing in a month."""
    options.setdefault("estimated_close_on", in_days(30))
    row = at_stage(user, 1, **options)
    make_task(user, opportunity=row, due_on=in_days(10))
    return row


def old(user: User, days: int = 20) -> Opportunity:
    """Return a planned one that was created and not changed for so many days."""
    with lifecycle.recording_at(moment(-days)):
        return planned(user, on=in_days(-days))


def moment(days: int, hour: int = 9) -> datetime:
    return start_of(in_days(days)) + timedelta(hours=hour)


def told(day: date) -> str:
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today().year else "DATE_FORMAT")


def called(user: User, row: Opportunity, days: int, **options: Any) -> Interaction:
    """Log a call with the contact, so many days from today."""
    wish: dict[str, Any] = {
        "kind": "call",
        "subject": "Call",
        "happened_at": moment(days),
    } | options
    return interactions.log(by=user, opportunity=row, **wish)


# Tasks.


def test_late_tasks_stand_first_then_those_of_today(bob: User, charlie: User) -> None:
    make_task(bob, description="Tomorrow", due_on=in_days(1))
    make_task(bob, description="Today, ten", due_on=today(), start_time=time(10))
    make_task(bob, description="Today", due_on=today())
    make_task(bob, description="Late", due_on=in_days(-3))
    make_task(charlie, description="Somebody else's", due_on=today())
    done = make_task(bob, description="Done", due_on=in_days(-9))
    task_door.complete(done, by=bob)

    tasks = day_of(bob).tasks

    assert [(row.task.description, row.why, row.is_late) for row in tasks.rows] == [
        ("Late", "due 3 days ago", True),
        ("Today", "due today", False),
        ("Today, ten", "due today at 10:00", False),
    ]
    assert (tasks.late, tasks.today, tasks.count, tasks.is_cut) == (1, 2, 3, False)


def test_a_task_of_my_team_that_nobody_has_taken_is_marked(bob: User, charlie: User) -> None:
    north, other = TeamFactory(name="Helpers"), TeamFactory()
    TeamMembershipFactory(team=north, salesperson=bob.salesperson, is_home=False)
    for team, wish in ((north, "Mine to take"), (other, "Not mine")):
        Task.objects.create(description=wish, team=team, due_on=today(), created_by=charlie)
    taken = Task.objects.create(
        description="Taken", team=north, due_on=today(), created_by=charlie,
        salesperson=charlie.salesperson,
    )  # fmt: skip

    rows = day_of(bob).tasks.rows

    assert [(row.task.description, row.is_for_taking) for row in rows] == [("Mine to take", True)]
    assert "For Helpers: nobody has taken it" in signed_in(bob).get("/").content.decode()
    assert taken not in [row.task for row in rows]


def test_each_count_of_tasks_is_a_link_to_exactly_those(bob: User) -> None:
    team = bob.salesperson.memberships.get().team
    for days in (-3, -1, 0, 4):
        make_task(bob, due_on=in_days(days))
    make_task(bob, team=team, due_on=in_days(-1))
    make_task(bob, team=team, due_on=in_days(1))
    client = signed_in(bob)
    page = client.get("/")
    tasks = page.context["my_day"].tasks

    assert (tasks.late, tasks.today, tasks.free) == (2, 1, 1)
    links = dict(re.findall(r'href="([^"]+)" data-tasks="(\w+)"', page.content.decode()))
    for address, name in links.items():
        rows = client.get(unescape(address)).context["page"].rows
        assert len(rows) == getattr(tasks, name), address
    assert len(links) == 3


def test_of_more_than_ten_tasks_the_first_are_shown_and_all_counted(bob: User) -> None:
    for n in range(12):
        make_task(bob, description=f"Task {n:02}", due_on=in_days(-20 + n))

    tasks = day_of(bob).tasks

    assert [row.task.description for row in tasks.rows] == [f"Task {n:02}" for n in range(10)]
    assert (tasks.count, tasks.is_cut) == (12, True)


# Reasons.


def test_an_opportunity_without_a_next_task_says_since_when(bob: User) -> None:
    never = at_stage(bob, 1, estimated_close_on=in_days(30))
    spoken = at_stage(bob, 1, estimated_close_on=in_days(31))
    called(bob, spoken, -3)
    done = at_stage(bob, 1, estimated_close_on=in_days(32))
    task_door.complete(make_task(bob, opportunity=done, description="Measure"), by=bob)
    planned(bob)

    assert reasons_of(bob) == {
        never: ["no next task is planned"],
        spoken: [f"no next task since the call on {told(in_days(-3))}"],
        done: [f"no next task since “Measure” was done on {told(today())}"],
    }


@pytest.mark.parametrize("kind", Interaction.Kind.values)
def test_every_kind_of_interaction_has_its_words(bob: User, kind: str) -> None:
    row = at_stage(bob, 1, on=in_days(-40), estimated_close_on=in_days(30))
    called(bob, row, -16, kind=kind)
    words = {"call": "call", "email": "e-mail", "meeting": "meeting", "note": "note",
             "other": "contact"}[kind]  # fmt: skip
    last = {"meeting": "meeting held"}.get(kind, words)

    assert reasons_of(bob)[row] == [
        f"no next task since the {words} on {told(in_days(-16))}",
        f"quiet for 16 days; last: {last} by Bob on {told(in_days(-16))}",
    ]


def test_past_its_close_date_says_by_how_many_days(bob: User) -> None:
    row = planned(bob, on=in_days(-5), estimated_close_on=in_days(-1))
    other = planned(bob, on=in_days(-5), estimated_close_on=in_days(-5))
    planned(bob, estimated_close_on=today())

    assert reasons_of(bob) == {
        other: ["5 days past its close date"],
        row: ["1 day past its close date"],
    }
    assert rows_of(bob) == {"past": [other, row]}


def an_interaction(bob: User, row: Opportunity) -> None:
    called(bob, row, -13)


def a_completed_task(bob: User, row: Opportunity) -> None:
    task = task_door.complete(make_task(bob, opportunity=row), by=bob)
    Task.objects.filter(pk=task.pk).update(closed_at=moment(-13))


def a_change(bob: User, row: Opportunity) -> None:
    lifecycle.update(row, by=bob, on=in_days(-13), note="Spoke")


@pytest.mark.parametrize("touch", [an_interaction, a_completed_task, a_change])
def test_what_has_lain_still_is_judged_by_its_newest_touch(
    bob: User, touch: Callable[[User, Opportunity], None]
) -> None:
    """14 days make it quiet, 13 do not: U11."""
    still, touched = old(bob, 14), old(bob, 14)
    touch(bob, touched)

    assert rows_of(bob) == {"quiet": [still]}
    assert reasons_of(bob) == {
        still: [f"quiet for 14 days; last: started by bob on {told(in_days(-14))}"]
    }


def test_a_cancelled_interaction_and_an_old_one_do_not_wake_it(bob: User) -> None:
    row = old(bob, 20)
    called(bob, row, -15)
    interactions.cancel(called(bob, row, -1), by=bob)

    assert reasons_of(bob)[row] == [f"quiet for 15 days; last: call by Bob on {told(in_days(-15))}"]


def test_new_to_me_names_who_gave_it_and_when(alice: User, bob: User, charlie: User) -> None:
    given = planned(charlie)
    lifecycle.reassign(given, by=alice, salesperson=bob.salesperson)
    created = planned(alice, salesperson=bob.salesperson)
    with lifecycle.recording_at(moment(-8)):
        before = planned(alice, salesperson=bob.salesperson, on=in_days(-8))
    planned(bob)

    found = reasons_of(bob)

    assert found[given] == [
        "assigned to you by alice today",
        "alice reassigned it, today",
    ]
    assert found[created][0] == "created for you by alice today"
    assert before not in found
    assert rows_of(bob)["new"] == [given, created]


def test_another_contact_by_somebody_else_is_a_change_and_not_new(alice: User, bob: User) -> None:
    row = planned(bob)
    lifecycle.reassign(row, by=alice, contact=PersonFactory(company=row.company))

    assert rows_of(bob)["changed"] == [row]
    assert "new" not in rows_of(bob)


def test_what_others_changed_since_yesterday_says_who_and_what(alice: User, bob: User) -> None:
    updated, moved, mine, long_ago = (planned(bob) for _ in range(4))
    lifecycle.update(updated, by=alice, estimated_value=Decimal(2000))
    lifecycle.update(updated, by=alice, note="And a note")
    with lifecycle.recording_at(moment(-1)):
        other = planned(bob, on=in_days(-1))
        lifecycle.move(other, stage_of(other, 2), by=alice, on=in_days(-1))
    lifecycle.update(mine, by=bob, estimated_value=Decimal(5))
    with lifecycle.recording_at(moment(-2)):
        far = planned(bob, on=in_days(-2))
        lifecycle.update(far, by=alice, on=in_days(-2), note="Long ago")

    found = reasons_of(bob)

    assert found == {
        updated: ["alice wrote a note, today (and 1 more)"],
        other: ["alice moved it from “Stage 1” to “Stage 2”, yesterday"],
    }
    assert {moved, mine, long_ago, far} & set(found) == set()


def test_what_somebody_else_won_is_news_too(alice: User, bob: User) -> None:
    row = at_stage(bob, 2)
    lifecycle.win(row, by=alice, reason=CloseReasonFactory(description="Price"))

    assert (
        reasons_of(bob) == {row: ["alice won it for NOK 1,000: Price, today"]}
        or plain(reasons_of(bob)[row][0]) == "alice won it for NOK 1,000: Price, today"
    )


# Once, in order, and adding up.


def test_an_opportunity_stands_once_under_its_first_reason_with_all_of_them(bob: User) -> None:
    row = at_stage(bob, 1, on=in_days(-20), estimated_close_on=in_days(-2))

    day = day_of(bob)

    assert rows_of(bob) == {"bare": [row]}
    assert reasons_of(bob)[row] == [
        "no next task is planned",
        "2 days past its close date",
        f"quiet for 20 days; last: started by bob on {told(in_days(-20))}",
    ]
    assert {s.kind: (s.sums.count, s.elsewhere) for s in day.sections} == {
        "bare": (1, 0), "past": (1, 1), "quiet": (1, 1), "new": (0, 0), "changed": (0, 0),
    }  # fmt: skip


def test_one_with_a_task_that_is_due_stands_with_the_task_only(bob: User) -> None:
    row = at_stage(bob, 1, on=in_days(-20), estimated_close_on=in_days(-2))
    make_task(bob, opportunity=row, due_on=today())

    day = day_of(bob)

    assert rows_of(bob) == {}
    assert [r.text for r in day.tasks.rows[0].reasons] == [
        "2 days past its close date",
        f"quiet for 20 days; last: started by bob on {told(in_days(-20))}",
    ]
    assert {s.kind: (s.sums.count, s.elsewhere) for s in day.sections if s.sums.count} == {
        "past": (1, 1), "quiet": (1, 1),
    }  # fmt: skip


def test_the_order_is_by_close_date_and_number_and_does_not_follow_changes(bob: User) -> None:
    rows = [at_stage(bob, 1, estimated_close_on=in_days(days)) for days in (9, 5, 9, 7)]
    unknown = at_stage(bob, 0)
    expected = [rows[1], rows[3], rows[0], rows[2], unknown]
    assert rows_of(bob) == {"bare": expected}

    lifecycle.update(rows[2], by=bob, note="Just now")
    lifecycle.edit(rows[3], by=bob, priority=3)

    assert rows_of(bob) == {"bare": expected}


def test_a_section_shows_ten_and_counts_all(bob: User) -> None:
    for n in range(12):
        at_stage(bob, 1, estimated_close_on=in_days(n + 1), estimated_value=Decimal(100))

    section = day_of(bob).sections[0]

    assert (section.kind, section.sums.count, section.sums.value) == ("bare", 12, 1200)
    assert (len(section.rows), section.is_cut) == (10, True)


def test_a_row_leads_on_to_the_one_that_takes_its_place(bob: User) -> None:
    rows = [at_stage(bob, 1, estimated_close_on=in_days(n + 1)) for n in range(3)]
    names = [f"opportunity-{row.pk}" for row in rows]

    found = [row.next_anchor for row in day_of(bob).sections[0].rows]

    assert found == [names[1], names[2], names[1]]
    make_task(bob, due_on=today())
    assert [row.next_anchor for row in day_of(bob).tasks.rows] == ["due"]


def test_only_mine_ask_for_my_attention(alice: User, bob: User, charlie: User) -> None:
    mine = at_stage(bob, 1)
    at_stage(charlie, 1)
    at_stage(alice, 1)

    assert rows_of(bob) == {"bare": [mine]}


# Figures.


def test_the_figures_are_of_the_month_or_the_quarter(bob: User) -> None:
    first = today().replace(day=1)
    won(bob)
    if first.month % 3 != 1:  # the quarter began in an earlier month
        before = first - timedelta(days=1)
        row = at_stage(bob, 1, on=before, estimated_close_on=today())
        lifecycle.win(row, by=bob, reason=CloseReasonFactory(), on=before)
    Target.objects.create(
        salesperson=bob.salesperson, month=first, value=Decimal(4000), changed_by=bob
    )

    month, quarter = day_of(bob).mine, day_of(bob, "?period=quarter").mine

    assert (month.won.count, month.won.calculated) == (1, 1000)
    assert quarter.won.count == (1 if first.month % 3 == 1 else 2)
    assert (month.pace.target, month.pace.won, quarter.pace.target) == (4000, 1000, 4000)
    assert signed_in(bob).get("/?period=year").status_code == 400


def test_what_was_won_is_shown_by_month(bob: User) -> None:
    """One of 1,000 won this month, one of 4,000 last month: a quarter as high."""
    month = today().replace(day=1)
    last = month - timedelta(days=1)
    won(bob)
    started = at_stage(bob, 1, on=last, estimated_close_on=today(), estimated_value=Decimal(4000))
    lifecycle.win(started, by=bob, reason=CloseReasonFactory(), on=last)

    months = day_of(bob).months

    assert (len(months), months[-1].first, months[-2].first) == (12, month, last.replace(day=1))
    assert [(m.sums.count, m.sums.calculated, m.height) for m in months[-3:]] == [
        (0, 0, 0),
        (1, 4000, 100),
        (1, 1000, 25),
    ]


def test_a_manager_sees_the_team_beside_his_own(alice: User, bob: User, dora: User) -> None:
    at_stage(alice, 1)
    at_stage(bob, 1)
    first = today().replace(day=1)
    for user, value in ((alice, 1000), (bob, 2000)):
        Target.objects.create(
            salesperson=user.salesperson, month=first, value=Decimal(value), changed_by=alice
        )

    day, other = day_of(alice), day_of(dora)

    assert (day.mine.open.count, day.team.open.count) == (1, 2)
    assert (day.mine.pace.target, day.team.pace.target) == (1000, 3000)
    assert (other.mine, other.team.open.count, other.team.pace.target) == (None, 2, 3000)
    assert day_of(bob).team is None


def test_who_does_not_sell_is_led_to_what_waits_for_others(dora: User, bob: User) -> None:
    at_stage(bob, 1)

    page = signed_in(dora).get("/").content.decode()

    assert "You do not sell under this user" in page
    assert 'href="/opportunities/?next_task=none"' in page


# The empty day.


def test_a_day_without_anything_says_so(bob: User) -> None:
    assert "Nothing asks for attention" in signed_in(bob).get("/").content.decode()
    assert signed_in(bob).get("/?x=1").status_code == 400


def test_a_day_that_is_done_says_what_was_done(bob: User) -> None:
    row = planned(bob)
    task_door.complete(make_task(bob, opportunity=row, description="Call the caretaker"), by=bob)
    called(bob, row, 0, happened_at=timezone.now())

    page = signed_in(bob).get("/").content.decode()

    assert "The day is done" in page
    assert "Call the caretaker" in page
    assert "1 interaction logged" in page


def test_an_undone_reassignment_is_no_news(alice: User, bob: User) -> None:
    """Given to somebody else by mistake, and taken back: it is not new."""
    row = planned(bob)
    away = lifecycle.reassign(row, by=alice, salesperson=alice.salesperson)
    entry = OpportunityEntry.objects.get(opportunity=row, sequence=away.sequence)
    lifecycle.undo(entry, by=alice)

    assert "new" not in rows_of(bob)


def test_the_opportunity_of_somebody_else_is_not_named(bob: User, charlie: User) -> None:
    """A task can be mine although its opportunity is not for me to see."""
    row = at_stage(charlie, 1, description="Secret roof")
    make_task(charlie, opportunity=row, description="Help out")
    Task.objects.update(salesperson=bob.salesperson)

    page = signed_in(bob).get("/").content.decode()

    assert "Help out" in page
    assert "Secret roof" not in page
