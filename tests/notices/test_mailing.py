"""Notices are sent once each; what fails waits longer, and holds nobody back."""

import smtplib
from collections.abc import Sequence
from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core import mail
from django.core.mail import EmailMessage
from django.core.mail.backends.locmem import EmailBackend as Memory
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from notices.mailing import send_waiting
from notices.models import Notice
from salespeople.models import User
from tests.factories import UserFactory

MINUTE = timedelta(minutes=1)


class Refusing(Memory):
    """A mail server that refuses the mails to "broken"."""

    def send_messages(self, messages: Sequence[EmailMessage]) -> int:
        """Send, or raise what smtplib raises."""
        for message in messages:
            if any(address.startswith("broken") for address in message.to):
                raise smtplib.SMTPServerDisconnected("gone")
        return super().send_messages(messages)


@pytest.fixture
def refusing(settings: Settings) -> None:
    """Send by a server that refuses some."""
    settings.MAILERS = {"default": {"BACKEND": "tests.notices.test_mailing.Refusing"}}


def notice(user: User, key: str = "k", **options: Any) -> Notice:
    """Write a notice."""
    values = {"subject": "Hello", "text": "Plain words", "html": "<p>Words</p>"} | options
    return Notice.objects.create(user=user, key=key, **values)


def test_a_notice_is_sent_once(bob: User) -> None:
    row = notice(bob)

    assert send_waiting() == (1, 0)
    assert send_waiting() == (0, 0)

    (sent,) = mail.outbox
    row.refresh_from_db()
    assert (sent.subject, sent.body, sent.to) == ("Hello", "Plain words", [bob.email])
    assert sent.alternatives == [("<p>Words</p>", "text/html")]
    assert row.sent_at is not None


def test_a_mail_sent_again_after_a_kill_is_recognised_by_its_id(bob: User) -> None:
    """Killed between the server's yes and the mark: sent again, under the same Message-ID."""
    row = notice(bob)
    send_waiting()
    Notice.objects.update(sent_at=None)

    send_waiting()

    first, second = mail.outbox
    assert first.extra_headers["Message-ID"] == second.extra_headers["Message-ID"]
    assert str(row.pk) in first.extra_headers["Message-ID"]
    assert first.extra_headers["Auto-Submitted"] == "auto-generated"


def test_the_oldest_is_sent_first(bob: User) -> None:
    for number in range(3):
        notice(bob, key=str(number), subject=f"Number {number}")

    send_waiting()

    assert [message.subject for message in mail.outbox] == ["Number 0", "Number 1", "Number 2"]


def test_one_that_fails_holds_nobody_back(bob: User, refusing: None) -> None:
    broken = UserFactory(username="broken")
    failing = notice(broken)
    notice(bob)

    assert send_waiting() == (1, 1)

    failing.refresh_from_db()
    assert [message.to for message in mail.outbox] == [[bob.email]]
    assert (failing.sent_at, failing.failures) == (None, 1)


def test_each_failure_doubles_the_wait_up_to_six_hours(refusing: None, db: None) -> None:
    """5, 10, 20, 40, 80, 160, 320, then 360 minutes."""
    row = notice(UserFactory(username="broken"))
    waits = []
    for _n in range(9):
        Notice.objects.update(next_try_at=timezone.now() - MINUTE)
        before = timezone.now()
        send_waiting()
        row.refresh_from_db()
        waits.append(round((row.next_try_at - before) / MINUTE))

    assert waits == [5, 10, 20, 40, 80, 160, 320, 360, 360]
    assert row.failures == 9


def test_what_waits_for_its_next_try_is_left_alone(bob: User) -> None:
    notice(bob)
    Notice.objects.update(next_try_at=timezone.now() + MINUTE)

    assert send_waiting() == (0, 0)


def test_a_success_forgets_the_failures(bob: User) -> None:
    row = notice(bob, failures=3)

    send_waiting()

    row.refresh_from_db()
    assert row.failures == 0


def test_nothing_is_sent_to_who_left_or_has_no_address(bob: User, charlie: User) -> None:
    notice(bob)
    notice(charlie)
    User.objects.filter(pk=bob.pk).update(is_active=False)
    User.objects.filter(pk=charlie.pk).update(email="")

    assert send_waiting() == (0, 0)


def test_no_more_than_so_many_are_sent_at_once(bob: User) -> None:
    for number in range(3):
        notice(bob, key=str(number))

    assert send_waiting(most=2) == (2, 0)
    assert send_waiting(most=2) == (1, 0)


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_never_send_the_same() -> None:
    user = UserFactory()
    for number in range(20):
        notice(user, key=str(number), subject=str(number))
    barrier = Barrier(2)
    found: list[int] = []

    def run() -> None:
        barrier.wait()
        found.append(send_waiting()[0])
        connection.close()

    threads = [Thread(target=run) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(found) == 20
    assert sorted(int(message.subject) for message in mail.outbox) == list(range(20))
