"""The daily mail: what is late, what is due today, and what has no next task (product.md 1)."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Exists, OuterRef
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notices.models import Notice
from salespeople.models import User
from salespeople.visibility import salesperson_of
from tasks.inputs import opportunities_of
from tasks.models import Task
from tasks.reading import Row, next_first, rows_of

PREFIX = "digest:"
MOST_ROWS = 20


@dataclass(frozen=True)
class Part:
    """Tasks or opportunities with one reason to be told: the first ones, and how many there are."""

    rows: list[Any]
    number: int

    @property
    def more(self) -> int:
        """How many are not told."""
        return self.number - len(self.rows)


@dataclass(frozen=True)
class Digest:
    """What a person is told in the morning."""

    late: Part
    today: Part
    unplanned: Part

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to tell."""
        return not (self.late.number or self.today.number or self.unplanned.number)


def write_digests(now: datetime | None = None) -> int:
    """Write the daily mail of everybody whose morning has come, and return how many.

    Each person has one a day, by the key of the notice; whoever has nothing to
    be told gets none. What was not sent on its day is not sent any more.
    """
    moment = now or timezone.now()
    written = 0
    for user in _readers():
        local = moment.astimezone(_zone_of(user))
        key = f"{PREFIX}{local.date().isoformat()}"
        rows = user.notices.filter(key__startswith=PREFIX)
        rows.filter(sent_at__isnull=True).exclude(key=key).delete()
        if local.hour < settings.DIGEST_HOUR or rows.filter(key=key).exists():
            continue
        written += _write(user, key, local.date())
    return written


def digest_of(user: User, day: date) -> Digest:
    """Read what a person is told on a day: the own tasks only, whatever else may be seen."""
    own = salesperson_of(user)
    tasks = Task.objects.visible_to(user).filter(salesperson=own)
    waiting = Exists(Task.objects.open().filter(opportunity=OuterRef("pk")))
    opportunities: Any = opportunities_of(user)
    unplanned = opportunities.open().filter(~waiting, salesperson=own)
    return Digest(
        late=_tasks(tasks.late(day), user),
        today=_tasks(tasks.open().filter(due_on=day), user),
        unplanned=Part(
            list(unplanned.select_related("contact", "company").order_by("pk")[:MOST_ROWS]),
            unplanned.count(),
        ),
    )


def _readers() -> Any:
    """Return those who want the mail, can get it, and sell."""
    rows = User.objects.filter(is_active=True, mail_digest=True, salesperson__isnull=False)
    return rows.exclude(email="").select_related("salesperson").order_by("pk")


def _write(user: User, key: str, day: date) -> int:
    """Write one person's mail, in his or her language; return 1, or 0 where there was nothing."""
    digest = digest_of(user, day)
    if digest.is_empty:
        return 0
    with (
        translation.override(user.language or settings.LANGUAGE_CODE),
        timezone.override(_zone_of(user)),
    ):
        subject = _subject(digest, day)
        context = {
            "subject": subject,
            "digest": digest,
            "day": day,
            "links": _links(),
            "styles": _styles(),
        }
        _notice, is_new = Notice.objects.get_or_create(
            user=user,
            key=key,
            defaults={
                "subject": subject,
                "text": render_to_string("tasks/digest.txt", context).strip() + "\n",
                "html": render_to_string("tasks/digest.html", context),
            },
        )
    return int(is_new)


def _subject(digest: Digest, day: date) -> str:
    number = digest.late.number + digest.today.number
    words = {"number": number, "day": date_format(day, "MONTH_DAY_FORMAT")}
    if not number:
        return _("Opportunities without a next task, %(day)s") % words
    return ngettext(
        "%(number)d task for today, %(day)s", "%(number)d tasks for today, %(day)s", number
    ) % words  # fmt: skip


def _tasks(tasks: Any, user: User) -> Part:
    rows: list[Row] = rows_of(next_first(tasks)[:MOST_ROWS], user)
    return Part(rows, tasks.count())


def _zone_of(user: User) -> ZoneInfo:
    return ZoneInfo(user.time_zone or settings.TIME_ZONE)


def _links() -> dict[str, str]:
    """Return whole addresses for a mail; `site` stands before a path."""
    site = settings.SITE_URL.rstrip("/")
    return {
        "site": site,
        "day": f"{site}{reverse('my_day')}",
        "tasks": f"{site}{reverse('tasks:list')}?due=now",
        "profile": f"{site}{reverse('accounts:profile')}",
    }


@cache
def _styles() -> SafeString:
    """Return the mail's style sheet; it travels along, as mail programs load nothing."""
    text = (settings.BASE_DIR / "static/css/mail.css").read_text()
    return mark_safe(f"<style>{text}</style>")  # noqa: S308 - our own file
