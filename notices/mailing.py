"""Sends the notices that wait, each once; one that fails waits longer and holds nobody back."""

import logging
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.utils import timezone

from notices.models import Notice

log = logging.getLogger(__name__)
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
MOST_AT_ONCE = 1000


def send_waiting(most: int = MOST_AT_ONCE) -> tuple[int, int]:
    """Send what waits, oldest first; return how many were sent, and how many failed.

    Each is locked, sent and marked in a transaction of its own, so that two
    runs at once never send the same; a run that is killed between the server's
    yes and the mark sends that one again, under the same Message-ID.
    """
    sent = failed = 0
    begun = timezone.now()
    for _n in range(most):
        is_sent = _send_next(begun)
        if is_sent is None:
            break
        sent += is_sent
        failed += not is_sent
    return sent, failed


def _send_next(begun: datetime) -> bool | None:
    """Send the first that waits; say whether it went, None where nothing waits."""
    with transaction.atomic():
        waiting = Notice.objects.filter(
            sent_at__isnull=True, next_try_at__lte=begun, user__is_active=True
        ).exclude(user__email="")
        rows = waiting.select_for_update(skip_locked=True, of=("self",), no_key=True)
        notice = rows.select_related("user").order_by("next_try_at", "pk").first()
        if notice is None:
            return None
        try:
            mail_of(notice).send()
        except Exception as error:  # noqa: BLE001 - whatever a mail server can do to us
            _put_off(notice)
            log.warning("notice %d not sent: %s", notice.pk, type(error).__name__)
            return False
        notice.sent_at, notice.failures = timezone.now(), 0
        notice.save(update_fields=["sent_at", "failures"])
    return True


def mail_of(notice: Notice) -> EmailMultiAlternatives:
    """Return a notice as a mail, plain and HTML; a program wrote it, and says so."""
    site = urlsplit(settings.SITE_URL).hostname or "localhost"
    mail = EmailMultiAlternatives(
        subject=notice.subject,
        body=notice.text,
        to=[notice.user.email],
        headers={
            "Message-ID": f"<notice-{notice.pk}@{site}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    if notice.html:
        mail.attach_alternative(notice.html, "text/html")
    return mail


def _put_off(notice: Notice) -> None:
    """Let it wait: 5 minutes, then twice as long each time, at most 6 hours."""
    wait = min(FIRST_WAIT * 2 ** min(notice.failures, 10), LONGEST_WAIT)
    notice.failures += 1
    notice.next_try_at = timezone.now() + wait
    notice.save(update_fields=["failures", "next_try_at"])
