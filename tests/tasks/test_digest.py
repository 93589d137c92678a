"""The daily mail: what is late, what is due today, what has no next task."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django import Settings

from crm.dates import today
from notices.models import Notice
from salespeople.models import Salesperson, User
from tasks import lifecycle
from tasks.digest import digest_of, write_digests
from tests.factories import CompanyFactory, UserFactory, make_opportunity, make_task

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _from_midnight_on(settings: Settings) -> None:
    """Let the mail be due at any hour at which the tests run."""
    settings.DIGEST_HOUR = 0
    settings.SITE_URL = "https://crm.example/"


def the_mail() -> Notice:
    """Return the one that was written."""
    return Notice.objects.get()


def test_it_tells_what_is_late_today_and_unplanned(bob: User) -> None:
    contact = CompanyFactory(name="Fjord AS")
    late = make_task(bob, description="Send the offer", due_on=today() - DAY, contact=contact)
    make_task(bob, description="Call Kari", start_time=time(9, 30))
    make_task(bob, description="Far away", due_on=today() + DAY)
    bare = make_opportunity(bob, description="A new roof", contact=contact)

    assert write_digests() == 1

    mail = the_mail()
    assert mail.user == bob
    assert mail.subject.startswith("2 tasks for today")
    for text in (mail.text, mail.html):
        assert "Send the offer" in text
        assert "Call Kari" in text
        assert "09:30" in text
        assert "A new roof" in text
        assert "Far away" not in text
        assert f"https://crm.example/tasks/{late.pk}/" in text
        assert f"https://crm.example/opportunities/{bare.pk}/" in text
        assert "https://crm.example/notices/settings/" in text


def test_an_opportunity_with_a_next_task_is_not_unplanned(bob: User) -> None:
    opportunity = make_opportunity(bob)
    assert digest_of(bob, today()).unplanned.number == 1

    task = make_task(bob, opportunity=opportunity, due_on=today() + DAY)
    assert digest_of(bob, today()).unplanned.number == 0

    lifecycle.complete(task, by=bob)
    assert digest_of(bob, today()).unplanned.number == 1


def test_only_ones_own_are_told_however_much_one_sees(alice: User, bob: User) -> None:
    make_task(bob)
    make_opportunity(bob)

    digest = digest_of(alice, today())

    assert digest.is_empty


def test_it_is_written_once_a_day(bob: User) -> None:
    make_task(bob)

    assert [write_digests(), write_digests()] == [1, 0]


def test_tomorrow_there_is_another_and_what_was_not_sent_is_dropped(bob: User) -> None:
    make_task(bob)
    write_digests()
    first = the_mail()

    write_digests(timezone.now() + DAY)

    assert the_mail().key != first.key


def test_what_was_sent_stays(bob: User) -> None:
    make_task(bob)
    write_digests()
    Notice.objects.update(sent_at=timezone.now())

    write_digests(timezone.now() + DAY)

    assert Notice.objects.count() == 2


def test_who_has_nothing_to_be_told_gets_no_mail(bob: User) -> None:
    assert write_digests() == 0


@pytest.mark.parametrize(
    "change", [{"mail_digest": False}, {"email": ""}, {"is_active": False}], ids=str
)
def test_who_does_not_want_or_cannot_get_it_gets_none(bob: User, change: dict[str, object]) -> None:
    make_task(bob)
    User.objects.filter(pk=bob.pk).update(**change)

    assert write_digests() == 0


def test_who_does_not_sell_gets_none(dora: User) -> None:
    assert write_digests() == 0


@pytest.mark.parametrize(
    ("zone", "hour", "minute", "number"),
    [
        ("Europe/Oslo", 5, 59, 0),
        ("Europe/Oslo", 6, 0, 1),
        ("America/New_York", 6, 0, 0),
        ("America/New_York", 12, 0, 1),
        ("", 6, 0, 1),
    ],
)
def test_morning_comes_in_the_persons_own_time_zone(
    bob: User, settings: Settings, zone: str, hour: int, minute: int, number: int
) -> None:
    """Seven in winter is 06:00 UTC in Oslo, the site's zone, and 12:00 UTC in New York."""
    settings.DIGEST_HOUR = 7
    make_task(bob, due_on=date(2027, 1, 4))
    User.objects.filter(pk=bob.pk).update(time_zone=zone)

    assert write_digests(datetime(2027, 1, 5, hour, minute, tzinfo=UTC)) == number


def test_the_day_is_the_persons_own(bob: User) -> None:
    """At 20:00 UTC on the 4th it is the 5th in Auckland: what is due on the 5th is due today."""
    make_task(bob, description="Due on the 5th", due_on=date(2027, 1, 5))
    User.objects.filter(pk=bob.pk).update(time_zone="Pacific/Auckland")

    write_digests(datetime(2027, 1, 4, 20, tzinfo=UTC))

    assert the_mail().key == "digest:2027-01-05"
    assert "Today (1)" in the_mail().text


def test_the_mail_speaks_the_persons_language(bob: User) -> None:
    make_task(bob, due_on=today() - DAY)
    User.objects.filter(pk=bob.pk).update(language="nb")

    write_digests()

    assert '<html lang="nb">' in the_mail().html


def test_a_name_cannot_write_markup_into_the_mail(bob: User) -> None:
    make_task(bob, description="<b>Kari & Ola</b>")

    write_digests()

    assert "<b>Kari & Ola</b>" in the_mail().text
    assert "&lt;b&gt;Kari &amp; Ola&lt;/b&gt;" in the_mail().html


def test_of_many_the_first_are_told_and_the_rest_counted(bob: User) -> None:
    for number in range(23):
        make_task(bob, description=f"Task {number:02}", start_time=time(number))

    write_digests()

    assert "Task 19" in the_mail().text
    assert "Task 20" not in the_mail().text
    assert "and 3 more" in the_mail().text


def test_the_number_of_queries_does_not_grow_with_the_tasks(bob: User) -> None:
    counts = []
    for rows in (1, 9):
        for _n in range(rows):
            make_task(bob, opportunity=make_opportunity(bob))
        Notice.objects.all().delete()
        with CaptureQueriesContext(connection) as queries:
            write_digests()
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_several_readers_get_one_each(bob: User, charlie: User) -> None:
    for user in (bob, charlie):
        make_task(user)
    UserFactory()
    Salesperson.objects.filter(user=charlie).update(sees="own")

    assert write_digests() == 2
    assert {notice.user for notice in Notice.objects.all()} == {bob, charlie}
