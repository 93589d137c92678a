"""The weekly mail of the review to managers who want it: the page's numbers, and its address."""

from collections.abc import Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.http import QueryDict
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from analytics import review_page as page
from analytics.figures import Reading, in_words
from analytics.review_reasons import rows_of
from crm.dates import today
from notices.mailing import links, spoken_to, styles
from notices.models import Notice
from salespeople.models import User
from salespeople.roles import is_manager

PREFIX = "review:"
MOST_ROWS = 10


def write_reviews(now: datetime | None = None) -> int:
    """Write the mails of this week that are not written yet, and return how many.

    A week's mail is due from Monday morning on, in the reader's zone, once by
    the key of its notice; what was not sent in its week is not sent any more.
    """
    moment = now or timezone.now()
    written = 0
    rows = User.objects.filter(mail_review=True, is_active=True).exclude(email="")
    for user in rows.order_by("pk"):
        local = moment.astimezone(ZoneInfo(user.time_zone or settings.TIME_ZONE))
        week = local.date().isocalendar()
        key = f"{PREFIX}{week.year}-W{week.week:02}"
        waiting = user.notices.filter(key__startswith=PREFIX)
        waiting.filter(sent_at__isnull=True).exclude(key=key).delete()
        is_early = week.weekday == 1 and local.hour < settings.DIGEST_HOUR
        if is_early or not is_manager(user) or waiting.filter(key=key).exists():
            continue
        written += _write(user, key, moment)
    return written


def _write(user: User, key: str, moment: datetime) -> int:
    """Write one person's mail, in his or her language; return 1, or 0 where it was there."""
    asked = QueryDict(urlencode({"on": today().isoformat(), "known": moment.isoformat()}))
    with transaction.atomic(), spoken_to(user):
        review = page.review_of(asked, user)
        totals, rows = page.totals_of(review), rows_of(review, review.rows(most=MOST_ROWS))
        lines, total = page.lines_of(review)
        shown = (totals.target, totals.won, totals.landing, totals.open, totals.coverage)
        subject = _("Review of %(day)s") % {"day": date_format(review.day.on, "DATE_FORMAT")}
        context = {
            "subject": subject,
            "review": review,
            "totals": _words(reading for reading in shown if reading is not None),
            "reasons": [
                (count.figure.label, in_words(count), in_words(value))
                for _name, count, value in page.reasons_of(review)
            ],
            "rows": rows,
            "more": review.sums[""].number - len(rows),
            "lines": [(line.who, _words(line.readings)) for line in (*lines, total)],
            "address": f"{links()['site']}{reverse('analytics:review')}{review.query()}",
            "links": links(),
            "styles": styles(),
        }
        _notice, is_new = Notice.objects.get_or_create(
            user=user,
            key=key,
            defaults={
                "subject": subject,
                "text": render_to_string("analytics/review_mail.txt", context).strip() + "\n",
                "html": render_to_string("analytics/review_mail.html", context),
            },
        )
    return int(is_new)


def _words(readings: Iterable[Reading]) -> list[tuple[str, str]]:
    """Return figures as their names and their numbers, as the page writes them."""
    return [(str(reading.figure.label), in_words(reading)) for reading in readings]
