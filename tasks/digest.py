"""The daily mail: tasks late and due today, what has no next task, and notices (product.md 1)."""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from notices.mailing import links, spoken_to, styles
from notices.models import Notice
from notices.reading import rows_of as notice_rows
from salespeople.models import User
from salespeople.visibility import salesperson_of
from tasks.inputs import opportunities_of
from tasks.models import Task
from tasks.reading import Row, next_first, rows_of

PREFIX = "digest:"
MOST_ROWS = 20


@dataclass(frozen=True)
class Part:
    """Rows with one reason to be told: the first ones, and how many there are."""

    rows: list[Any] = field(default_factory=list)
    number: int = 0

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
    notices: Part = field(default_factory=Part)

    @property
    def is_empty(self) -> bool:
        """Say whether there is nothing to tell."""
        return not (self.has_tasks or self.unplanned.number or self.notices.number)

    @property
    def has_tasks(self) -> bool:
        """Say whether something is late or due today."""
        return bool(self.late.number or self.today.number)


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
    told = notice_rows(_waiting_notices(user)[:MOST_ROWS], user)
    notices = Part(told, len(told))
    own = salesperson_of(user)
    if own is None or not user.mail_digest:
        return Digest(Part(), Part(), Part(), notices)
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
        notices=notices,
    )


def _readers() -> Any:
    """Return those who want the mail, can get it, and sell; and those for whom a notice waits."""
    waiting = Notice.objects.daily().filter(user=OuterRef("pk"))
    wants = Q(mail_digest=True, salesperson__isnull=False) | Q(Exists(waiting))
    rows = User.objects.filter(wants, is_active=True)
    return rows.exclude(email="").select_related("salesperson").order_by("pk")


def _write(user: User, key: str, day: date) -> int:
    """Write one person's mail, in his or her language; return 1, or 0 where there was nothing."""
    with transaction.atomic(), spoken_to(user):
        digest = digest_of(user, day)
        if digest.is_empty:
            return 0
        subject = _subject(digest, day)
        context = {
            "subject": subject,
            "digest": digest,
            "day": day,
            "links": _links(),
            "styles": styles(),
        }
        notice, is_new = Notice.objects.get_or_create(
            user=user,
            key=key,
            defaults={
                "subject": subject,
                "text": render_to_string("tasks/digest.txt", context).strip() + "\n",
                "html": render_to_string("tasks/digest.html", context),
            },
        )
        told = [row.notice.pk for row in digest.notices.rows]
        if is_new:
            Notice.objects.filter(pk__in=told).update(carried_by=notice)
    return int(is_new)


def _waiting_notices(user: User) -> Any:
    """Return the unread notices that no daily mail has carried yet, the newest first."""
    rows = Notice.objects.daily().of(user).select_related("caused_by")
    return rows.order_by("-written_at", "-pk")


def _subject(digest: Digest, day: date) -> str:
    number, told = digest.late.number + digest.today.number, digest.notices.rows
    words = {"number": number, "day": date_format(day, "MONTH_DAY_FORMAT")}
    if not number and not digest.unplanned.number:
        text = ngettext("%(number)d notice, %(day)s", "%(number)d notices, %(day)s", len(told))
        return text % {**words, "number": len(told)}
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
    return links() | {
        "day": f"{site}{reverse('my_day')}",
        "tasks": f"{site}{reverse('tasks:list')}?due=now",
    }
