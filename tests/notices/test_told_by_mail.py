"""What is mailed at once and daily: in the reader's language, gathered, escaped, and only once."""

from datetime import timedelta

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import timezone, translation
from pytest_django import Settings

from notices.kinds import Kind
from notices.mailing import forget_old, send_waiting
from notices.models import Notice, NoticeChoice
from opportunities import lifecycle
from salespeople.models import User
from tasks.digest import write_digests
from tests.factories import SalespersonFactory, make_opportunity, make_task
from tests.opportunities.pages import at_stage

DAY = timedelta(days=1)
SITE = "https://crm.example"


@pytest.fixture(autouse=True)
def _site(settings: Settings) -> None:
    settings.SITE_URL = f"{SITE}/"
    settings.DIGEST_HOUR = 0


def sent_now() -> list[EmailMultiAlternatives]:
    """Let the minute pass, send what waits, and return all mails."""
    Notice.objects.update(next_try_at=timezone.now())
    send_waiting()
    return [message for message in mail.outbox if isinstance(message, EmailMultiAlternatives)]


def give(alice: User, bob: User, description: str = "A new roof", note: str = "") -> int:
    """Let alice give bob an opportunity; return its id."""
    row = make_opportunity(alice, description=description)
    return lifecycle.reassign(row, by=alice, salesperson=bob.salesperson, note=note).pk


def test_one_notice_is_a_mail_with_a_link_to_the_record(alice: User, bob: User) -> None:
    pk = give(alice, bob)

    (message,) = sent_now()

    ((html, _type),) = message.alternatives
    assert message.to == [bob.email]
    assert message.subject == "alice assigned “A new roof” to you"
    for text in (str(message.body), str(html)):
        assert "alice assigned “A new roof” to you" in text
        assert f"{SITE}/opportunities/{pk}/" in text
        assert f"{SITE}/notices/settings/" in text
    assert message.extra_headers["List-Unsubscribe"] == f"<{SITE}/notices/settings/>"
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_it_waits_a_minute_for_what_comes_meanwhile(alice: User, bob: User) -> None:
    give(alice, bob)

    assert send_waiting() == (0, 0)
    waits = Notice.objects.get().next_try_at - timezone.now()
    assert timedelta(0) < waits <= timedelta(minutes=1)


def test_ten_notices_within_a_minute_are_one_mail(alice: User, bob: User) -> None:
    rows = [give(alice, bob, description=f"Roof {n}") for n in range(10)]

    (message,) = sent_now()

    assert message.subject == "10 notices: alice assigned “Roof 0” to you"
    assert [f"{SITE}/opportunities/{pk}/" in str(message.body) for pk in rows] == [True] * 10


def test_it_is_sent_once(alice: User, bob: User) -> None:
    give(alice, bob)

    sent_now()

    assert len(sent_now()) == 1


@pytest.mark.parametrize(
    ("language", "subject"), [("nb", "«A new roof»"), ("en", "“A new roof”"), ("", "“A new roof”")]
)
def test_it_speaks_the_language_of_its_reader(
    alice: User, bob: User, language: str, subject: str
) -> None:
    """Whatever the sender speaks."""
    User.objects.filter(pk=bob.pk).update(language=language)
    with translation.override("nb"):
        give(alice, bob)
        (message,) = sent_now()

    ((html, _type),) = message.alternatives
    assert f'<html lang="{language or "en"}">' in str(html)
    if language != "nb":  # the Norwegian words come with the translations
        assert subject in message.subject


def test_what_was_read_in_the_app_is_not_mailed(alice: User, bob: User) -> None:
    give(alice, bob)
    Notice.objects.update(read_at=timezone.now())

    assert sent_now() == []


def test_what_may_not_be_seen_any_more_is_not_mailed(alice: User, bob: User, charlie: User) -> None:
    row = at_stage(bob, 1)
    lifecycle.update(row, by=alice, note="@bob")
    lifecycle.reassign(row, by=alice, salesperson=SalespersonFactory())

    assert sent_now() == []
    assert Notice.objects.filter(sent_at=None).count() == 0


def test_hostile_text_is_escaped(alice: User, bob: User) -> None:
    give(alice, bob, description="<script>alert(1)</script>", note="@bob <img src=x onerror=y>")

    (message,) = sent_now()

    ((html, _type),) = message.alternatives
    assert "<script" not in str(html)
    assert "<img" not in str(html)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in str(html)
    assert "&lt;img src=x onerror=y&gt;" in str(html)
    assert "“<script>alert(1)</script>”" in str(message.body)


def test_a_name_with_line_breaks_makes_no_header(alice: User, bob: User) -> None:
    User.objects.filter(pk=alice.pk).update(first_name="Ann\r\nBcc: x@example.com")

    give(User.objects.get(pk=alice.pk), bob)
    (message,) = sent_now()

    assert message.subject.startswith("Ann Bcc: x@example.com assigned")
    assert message.recipients() == [bob.email]


def test_who_chose_the_daily_mail_finds_it_there(alice: User, bob: User) -> None:
    NoticeChoice.objects.create(user=bob, kind=Kind.ASSIGNED, is_shown=False, mail="daily")
    pk = give(alice, bob)
    assert sent_now() == []

    assert write_digests() == 1

    digest = Notice.objects.get(kind=Kind.DIGEST)
    for text in (digest.text, digest.html):
        assert "alice assigned “A new roof” to you" in text
        assert f"{SITE}/opportunities/{pk}/" in text
    assert list(digest.carried.all()) == list(Notice.objects.exclude(kind=Kind.DIGEST))


def test_the_next_daily_mail_does_not_repeat_it(alice: User, bob: User) -> None:
    make_task(alice, salesperson=bob.salesperson, description="Call Kari")
    write_digests()
    Notice.objects.filter(kind=Kind.DIGEST).update(sent_at=timezone.now())

    write_digests(timezone.now() + DAY)

    texts = [notice.text for notice in Notice.objects.filter(kind=Kind.DIGEST).order_by("pk")]
    assert [text.count("gave you the task") for text in texts] == [1, 0]


def test_a_daily_mail_that_was_never_sent_hands_its_notices_on(alice: User, bob: User) -> None:
    make_task(alice, salesperson=bob.salesperson)
    write_digests()

    write_digests(timezone.now() + DAY)

    assert "gave you the task" in Notice.objects.get(kind=Kind.DIGEST).text


def test_without_the_daily_list_of_tasks_the_notices_still_come(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(mail_digest=False)
    make_task(alice, salesperson=bob.salesperson, description="Call Kari")

    assert write_digests() == 1

    digest = Notice.objects.get(kind=Kind.DIGEST)
    assert digest.subject.startswith("1 notice, ")
    assert "Late" not in digest.text


def test_what_is_half_a_year_old_is_forgotten_unless_it_waits(alice: User, bob: User) -> None:
    give(alice, bob)
    make_task(alice, salesperson=bob.salesperson)
    Notice.objects.update(written_at=timezone.now() - 181 * DAY)

    forget_old()

    assert [notice.kind for notice in Notice.objects.all()] == [Kind.ASSIGNED]
