"""The list of tasks: what it shows, by which filters, in which order."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory

from crm.dates import today
from lists.paging import page_of
from salespeople.models import Salesperson, User
from tasks import lifecycle
from tasks.columns import COLUMNS
from tasks.filters import due_days
from tasks.list_kind import TASKS
from tasks.models import Task
from tests.conftest import seller
from tests.factories import CompanyFactory, PersonFactory, make_opportunity, make_task
from tests.tasks.pages import signed_in, text_of

LIST = "/tasks/"
DAY = timedelta(days=1)


def names(user: User, query: str = "") -> list[str]:
    """Return the descriptions that the list shows, in its order."""
    answer = signed_in(user).get(f"{LIST}{query}")
    assert answer.status_code == 200, query
    return [row.description for row in answer.context["page"].rows]


@pytest.fixture
def mate(bob: User) -> User:
    """Another salesperson of bob's team."""
    return seller("mate", bob.salesperson.memberships.get().team)


def test_without_a_choice_it_shows_ones_own_open_ones_the_next_first(bob: User, mate: User) -> None:
    make_task(bob, description="Second", due_on=today() + DAY)
    make_task(bob, description="First", due_on=today() - DAY)
    make_task(mate, description="Mate's")
    lifecycle.complete(make_task(bob, description="Done"), by=bob)

    assert names(bob) == ["First", "Second"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?whose=mine", ["Mine"]),
        ("?whose=team", ["Mine", "Mate's"]),
        ("?whose=all", ["Mine", "Mate's"]),
        ("?whose=attending", []),
    ],
)
def test_whose(bob: User, mate: User, charlie: User, query: str, expected: list[str]) -> None:
    make_task(bob, description="Mine")
    make_task(mate, description="Mate's")
    make_task(charlie, description="Stranger's")

    assert names(bob, query) == expected


def test_meetings_that_one_attends(bob: User, charlie: User) -> None:
    Salesperson.objects.update(email="x@example.com")
    charlie.salesperson.refresh_from_db()
    make_task(charlie, kind="meeting", description="Meet", attendees=(bob.salesperson,))

    assert names(bob, "?whose=attending") == ["Meet"]
    assert names(bob) == []


def test_who_does_not_sell_sees_all(bob: User, dora: User) -> None:
    make_task(bob, description="Bob's")

    assert names(dora) == ["Bob's"]


STATUSES = {
    "open": ["Waiting", "Fresh"],
    "closed": ["Done", "Cancelled"],
    "completed": ["Done"],
    "cancelled": ["Cancelled"],
    "waiting": ["Waiting"],
    "any": ["Done", "Cancelled", "Waiting", "Fresh"],
}


@pytest.mark.parametrize("status", STATUSES)
def test_status(bob: User, status: str) -> None:
    lifecycle.complete(make_task(bob, description="Done", due_on=today() - 4 * DAY), by=bob)
    lifecycle.cancel(make_task(bob, description="Cancelled", due_on=today() - 3 * DAY), by=bob)
    waiting = make_task(bob, description="Waiting", due_on=today() - 2 * DAY)
    lifecycle.edit(waiting, by=bob, status=Task.Status.WAITING)
    make_task(bob, description="Fresh")

    assert names(bob, f"?status={status}") == STATUSES[status]


def test_due_words_part_the_open_ones_without_a_gap(bob: User) -> None:
    """Late, today and what is left of the week and later are all there is; today is in two."""
    for distance in range(-8, 16):
        make_task(bob, description=str(distance), due_on=today() + distance * DAY)

    late, day, week, later = (
        names(bob, f"?due={word}") for word in ("late", "today", "week", "later")
    )

    assert late == [str(n) for n in range(-8, 0)]
    assert day == ["0"]
    assert week[0] == "0"
    assert late + week + later == names(bob)
    assert names(bob, "?due=now") == late + day


def test_the_week_ends_on_sunday() -> None:
    first, last = due_days("week")

    assert (first, last and last.isoweekday()) == (today(), 7)
    assert due_days("later")[0] == (last and last + DAY)


def test_filters_by_field(bob: User) -> None:
    company = CompanyFactory()
    person = PersonFactory(company=company)
    opportunity = make_opportunity(bob)
    make_task(bob, description="Roof", contact=person, kind="phone_call", priority=3)
    make_task(bob, description="Wall", opportunity=opportunity, due_on=date(2027, 5, 4))

    assert names(bob, "?q=ROO") == ["Roof"]
    assert names(bob, "?kind=phone_call") == ["Roof"]
    assert names(bob, "?priority=3") == ["Roof"]
    assert names(bob, f"?contact={person.pk}") == ["Roof"]
    assert names(bob, f"?contact={company.pk}") == ["Roof"]
    assert names(bob, f"?opportunity={opportunity.pk}") == ["Wall"]
    assert names(bob, f"?salesperson={bob.salesperson.pk}") == ["Roof", "Wall"]
    assert names(bob, "?due_from=2027-05-04&due_until=2027-05-04") == ["Wall"]


def test_a_row_that_is_named_means_everybodys(bob: User, mate: User) -> None:
    opportunity = make_opportunity(bob)
    make_task(mate, opportunity=opportunity, salesperson=mate.salesperson, description="Mate's")

    assert names(bob, f"?opportunity={opportunity.pk}") == ["Mate's"]
    assert names(bob, f"?opportunity={opportunity.pk}&whose=mine") == []


def test_the_filter_reads_as_a_sentence(bob: User) -> None:
    answer = signed_in(bob).get(f"{LIST}?due=late&kind=meeting&q=roof&priority=3")

    assert [chip.text for chip in answer.context["chips"]] == [
        "with “roof” in the description",
        "that are late",
        "of the kind Meeting",
        "of priority high",
    ]


@pytest.mark.parametrize(
    "query",
    [
        "?whose=nobody", "?status=lost", "?due=never", "?kind=party", "?priority=9", "?sort=colour",
        "?due_from=x", "?due_from=2027-02-02&due_until=2027-01-01", "?opportunity=0", "?cursor=x",
        "?unheard=1", "?kind=meeting&kind=to_do", "?contact=%00",
    ],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused(bob: User, query: str) -> None:
    make_task(bob)

    answer = signed_in(bob).get(f"{LIST}{query}")

    assert answer.status_code == 400


SORTS = COLUMNS.sorts


@pytest.mark.parametrize("sort", [*SORTS, *(f"-{name}" for name in SORTS)])
def test_every_column_sorts_and_pages(bob: User, sort: str) -> None:
    """By pages of 2 the same rows come as in one page, in the same order, each once."""
    for number in range(7):
        more: dict[str, Any] = {"contact": CompanyFactory()} if number % 2 else {}
        if number % 3 == 0:
            more["opportunity"] = make_opportunity(bob, description=f"O{number}")
        make_task(
            bob,
            description=f"T{number % 4}",
            due_on=today() + (number % 3) * DAY,
            priority=1 + number % 3,
            **more,
        )
    client = signed_in(bob)
    whole = [row.pk for row in client.get(f"{LIST}?sort={sort}").context["page"].rows]

    request = RequestFactory().get(LIST)
    request.user = bob
    rows = TASKS.rows(request, request.GET)
    found: list[int] = []
    cursor: str | None = ""
    while cursor is not None:
        page = page_of(rows, sorts=SORTS, sort=sort, cursor=cursor, size=2)
        found += [task.pk for task in page.rows]
        cursor = page.next_cursor

    assert found == whole
    assert len(set(whole)) == 7


def test_empty_pages_tell_none_from_nothing_matches(bob: User) -> None:
    client = signed_in(bob)

    assert "Nothing to do" in text_of(client.get(LIST))
    assert "Nothing matches the filter" in text_of(client.get(f"{LIST}?q=roof"))
    assert "No task is in this state." in text_of(client.get(f"{LIST}?status=cancelled"))


def test_an_opportunity_that_one_may_not_see_is_not_named(bob: User, charlie: User) -> None:
    """Bob has a task on charlie's opportunity: the task is his, the opportunity is not."""
    opportunity = make_opportunity(charlie, description="Secret tower")
    task = make_task(charlie, opportunity=opportunity)
    Task.objects.filter(pk=task.pk).update(salesperson=bob.salesperson)

    page = text_of(signed_in(bob).get(LIST))

    assert "Call back" in page
    assert "Secret tower" not in page


def test_the_number_in_the_menu_leads_to_exactly_its_rows(bob: User, mate: User) -> None:
    for distance in (-3, 0, 2):
        make_task(bob, due_on=today() + distance * DAY)
    make_task(mate)
    lifecycle.complete(make_task(bob), by=bob)
    client = signed_in(bob)

    page = text_of(client.get(LIST))

    assert "2 late or due today" in page
    assert len(client.get(f"{LIST}?due=now").context["page"].rows) == 2


def test_more_than_99_are_told_as_99_and_more(bob: User) -> None:
    template = make_task(bob)
    values = {
        field.attname: getattr(template, field.attname)
        for field in Task._meta.concrete_fields
        if not field.primary_key and not field.generated
    }
    Task.objects.bulk_create(Task(**values) for _n in range(120))

    assert "99+" in text_of(signed_in(bob).get("/accounts/profile/"))


def test_who_is_signed_out_is_led_to_the_sign_in(db: None) -> None:
    assert Client().get(LIST).status_code == 302
