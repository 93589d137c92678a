"""The weekly mail of the review: who gets it, once a week, with the numbers of the page."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.utils import timezone

from analytics.figures import in_words
from analytics.review_mail import write_reviews
from notices.mailing import send_waiting
from salespeople.models import User
from tests.opportunities.pages import at_stage, plain, signed_in

MONDAY = datetime(2031, 3, 17, 12, tzinfo=UTC)


@pytest.fixture
def reader(alice: User, settings: Any) -> User:
    settings.SITE_URL = "https://crm.example"
    User.objects.filter(pk=alice.pk).update(email="alice@example.com", mail_review=True)
    return User.objects.get(pk=alice.pk)


def test_nobody_gets_it_who_has_not_asked_for_it(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(email="bob@example.com", mail_review=True)
    User.objects.filter(pk=alice.pk).update(email="alice@example.com")

    assert write_reviews() == 0


def test_it_has_the_numbers_of_the_page_and_its_address(
    reader: User, bob: User, mailoutbox: list[Any]
) -> None:
    at_stage(bob, 2, description="A new barn")

    assert (write_reviews(), send_waiting()) == (1, (1, 0))

    (mail,) = mailoutbox
    html = str(mail.alternatives[0][0])
    button: Any = BeautifulSoup(html, "html.parser").select_one("a.button")
    page = signed_in(reader).get(str(button["href"]).removeprefix("https://crm.example")).context
    numbers = [page["totals"].won, page["totals"].landing, page["totals"].open]
    numbers += [reading for _n, count, value in page["reasons"] for reading in (count, value)]
    numbers += page["total"].readings
    assert [plain(in_words(each)) for each in numbers if in_words(each) not in mail.body] == []
    assert "A new barn" in mail.body
    assert "no next task is planned" in mail.body
    assert "known=" in button["href"]


def test_a_week_has_one_mail_from_monday_morning_on(reader: User) -> None:
    weeks = timedelta(days=7)
    with time_machine.travel(MONDAY, tick=False):
        early = MONDAY.replace(hour=1)

        found = [
            write_reviews(early),
            write_reviews(MONDAY),
            write_reviews(MONDAY + timedelta(days=3)),
        ]
    with time_machine.travel(MONDAY + weeks, tick=False):
        found.append(write_reviews(timezone.now()))

    assert found == [0, 1, 0, 1]
    assert [notice.key for notice in reader.notices.all()] == ["review:2031-W13"]


def test_it_speaks_the_language_of_its_reader(reader: User) -> None:
    User.objects.filter(pk=reader.pk).update(language="nb")

    write_reviews()

    assert 'lang="nb"' in reader.notices.get().html


def test_it_is_chosen_on_the_page_of_notices(reader: User) -> None:
    client = signed_in(reader)
    form = client.get("/notices/settings/").context["form"]

    data = {name: "now" for name in form.fields if name.endswith("_mail")}
    client.post("/notices/settings/", data)

    reader.refresh_from_db()
    assert (form.initial.get("mail_review", form["mail_review"].value()), reader.mail_review) == (
        True, False,
    )  # fmt: skip
