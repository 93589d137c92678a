"""Sends the notices that wait, each once; one that fails waits longer and holds nobody back.

What one person is to be told at once goes in one mail; what has been read in
the app meanwhile, or may no longer be seen, is not mailed.
"""

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import ngettext

from notices.kinds import Kind, Mail
from notices.models import Notice
from notices.reading import Row, rows_of

log = logging.getLogger(__name__)
FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=6)
MOST_AT_ONCE = 1000
MOST_IN_ONE = 50
MOST_SUBJECT = 200
KEPT_FOR = timedelta(days=180)


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


def forget_old() -> int:
    """Delete what is too old to be looked for; return how many."""
    old = Notice.objects.filter(written_at__lt=timezone.now() - KEPT_FOR)
    return old.exclude(sent_at__isnull=True, mail=Mail.NOW, read_at__isnull=True).delete()[0]


def _send_next(begun: datetime) -> bool | None:
    """Send the first mail that waits; say whether it went, None where nothing waits."""
    with transaction.atomic():
        notices = _next_waiting(begun)
        if not notices:
            return None
        mail = mail_of(notices)
        try:
            if mail is not None:
                mail.send()
        except Exception as error:  # noqa: BLE001 - whatever a mail server can do to us
            for notice in notices:
                _put_off(notice)
            log.warning("notice %d not sent: %s", notices[0].pk, type(error).__name__)
            return False
        rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices])
        rows.update(sent_at=timezone.now(), failures=0)
    return True


def _next_waiting(begun: datetime) -> list[Notice]:
    """Return, locked, the first that waits, and what else its reader is to be told in one mail.

    A digest stands alone.
    """
    waiting = Notice.objects.filter(
        sent_at__isnull=True,
        read_at__isnull=True,
        mail=Mail.NOW,
        next_try_at__lte=begun,
        user__is_active=True,
    ).exclude(user__email="")
    rows = waiting.select_for_update(skip_locked=True, of=("self",), no_key=True)
    rows = rows.select_related("user", "caused_by").order_by("next_try_at", "pk")
    first = rows.first()
    if first is None or first.kind == Kind.DIGEST:
        return [first] if first else []
    others = rows.filter(user=first.user).exclude(kind=Kind.DIGEST).exclude(pk=first.pk)
    return [first, *others[: MOST_IN_ONE - 1]]


def mail_of(notices: Sequence[Notice]) -> EmailMultiAlternatives | None:
    """Return notices of one person as a mail, plain and HTML; a program wrote it, and says so.

    None where nothing is left to be told. The language is the reader's.
    """
    first = notices[0]
    words = (first.subject, first.text, first.html)
    if first.kind != Kind.DIGEST:
        with spoken_to(first.user):
            rows = rows_of(notices, first.user)
            if not rows:
                return None
            words = _words(rows)
    site = urlsplit(settings.SITE_URL).hostname or "localhost"
    subject, text, html = words
    mail = EmailMultiAlternatives(
        subject=subject,
        body=text,
        to=[first.user.email],
        headers={
            "Message-ID": f"<notice-{first.pk}@{site}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{links()['settings']}>",
        },
    )
    if html:
        mail.attach_alternative(html, "text/html")
    return mail


def _words(rows: Sequence[Row]) -> tuple[str, str, str]:
    """Return subject, text and HTML of a mail."""
    subject = rows[0].sentence
    if len(rows) > 1:
        text = ngettext("%(count)d notice: %(first)s", "%(count)d notices: %(first)s", len(rows))
        subject = text % {"count": len(rows), "first": subject}
    subject = " ".join(subject.split())[:MOST_SUBJECT]
    context = {"subject": subject, "rows": rows, "links": links(), "styles": styles()}
    text = render_to_string("notices/mail.txt", context).strip() + "\n"
    return subject, text, render_to_string("notices/mail.html", context)


def spoken_to(user: Any) -> ExitStack:
    """Speak the language of a user, and tell the time of his or her zone, for a while."""
    stack = ExitStack()
    stack.enter_context(translation.override(user.language or settings.LANGUAGE_CODE))
    stack.enter_context(timezone.override(ZoneInfo(user.time_zone or settings.TIME_ZONE)))
    return stack


def links() -> dict[str, str]:
    """Return whole addresses for a mail; `site` stands before a path."""
    site = settings.SITE_URL.rstrip("/")
    return {
        "site": site,
        "notices": f"{site}{reverse('notices:list')}",
        "settings": f"{site}{reverse('notices:settings')}",
    }


@cache
def styles() -> SafeString:
    """Return the mail's style sheet; it travels along, as mail programs load nothing."""
    text = (settings.BASE_DIR / "static/css/mail.css").read_text()
    return mark_safe(f"<style>{text}</style>")  # noqa: S308 - our own file


def _put_off(notice: Notice) -> None:
    """Let it wait: 5 minutes, then twice as long each time, at most 6 hours."""
    wait = min(FIRST_WAIT * 2 ** min(notice.failures, 10), LONGEST_WAIT)
    notice.failures += 1
    notice.next_try_at = timezone.now() + wait
    notice.save(update_fields=["failures", "next_try_at"])
