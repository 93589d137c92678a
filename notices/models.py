"""What a person is told, in the app and by mail: rows written by the doors, mailed by a command."""

from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from notices.kinds import Kind, Mail

# What a notice may be about; each model has `visible_to(user)`.
RECORDS = ("opportunity", "task", "interaction", "quote")


def _only(name: str) -> Q:
    """Return the condition that a row names this record and no other."""
    return Q(**{f"{other}__isnull": other != name for other in RECORDS})


class NoticeQuerySet(models.QuerySet["Notice"]):
    """The vocabulary of questions about notices."""

    def of(self, user: Any) -> "NoticeQuerySet":
        """Return those of `user` that are about something he or she may see, and that is there."""
        seen = NoticeRecord.objects.visible_to(user).filter(notice=OuterRef("pk"))
        return self.filter(Exists(seen), user=user)

    def shown_to(self, user: Any) -> "NoticeQuerySet":
        """Return those that stand in the app."""
        return self.of(user).filter(is_shown=True)

    def daily(self) -> "NoticeQuerySet":
        """Return those that wait for the next daily mail: unread, and carried by none."""
        return self.unread().filter(mail=Mail.DAILY, carried_by__isnull=True)

    def unread(self) -> "NoticeQuerySet":
        """Return those that nobody has marked as read."""
        return self.filter(read_at__isnull=True)


class Notice(models.Model):
    """What one user is told; `key` tells apart what must be told once (an act, a day's digest).

    A digest is written in full. Any other kind names its records, and the words
    are found when it is read, in the reader's language and by his or her rights.
    It is mailed once: `sent_at` is filled when the mail server has taken it.
    After `failures` in a row the next attempt waits until `next_try_at`. What
    waits for the daily mail is `carried_by` the digest in which it stands.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="notices",
    )
    kind = models.CharField(_("kind"), max_length=9, choices=Kind, default=Kind.DIGEST)
    key = models.CharField(_("key"), max_length=100)
    caused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("caused by"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    text = models.TextField(_("text"), blank=True)
    html = models.TextField(_("text as HTML"), blank=True)
    written_at = models.DateTimeField(_("written at"), default=timezone.now)
    is_shown = models.BooleanField(_("shown in the app"), default=False)
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    mail = models.CharField(_("mail"), max_length=5, choices=Mail, default=Mail.NOW, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures"), default=0)
    next_try_at = models.DateTimeField(_("next try at"), default=timezone.now)
    carried_by = models.ForeignKey(
        "self",
        verbose_name=_("carried by"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="carried",
    )

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_told_once"),
            models.CheckConstraint(condition=~Q(key=""), name="notice_keyed"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="notice_kind_known"),
            models.CheckConstraint(
                condition=Q(mail__in=["now", "daily"]) | Q(mail="", is_shown=True),
                name="notice_reaches_somebody",
            ),
            models.CheckConstraint(
                condition=(Q(kind="digest", mail="now", caused_by__isnull=True) & ~Q(subject=""))
                | (~Q(kind="digest") & Q(subject="", text="", html="", caused_by__isnull=False)),
                name="notice_worded_or_caused",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"],
                name="notice_waiting",
                condition=Q(sent_at__isnull=True, read_at__isnull=True, mail="now"),
            ),
            models.Index(
                fields=["user"],
                name="notice_unread",
                condition=Q(read_at__isnull=True, is_shown=True),
            ),
            models.Index(fields=["user", "written_at"], name="notice_of_user"),
        ]

    def __str__(self) -> str:
        return self.subject or self.get_kind_display()


class NoticeRecordQuerySet(models.QuerySet["NoticeRecord"]):
    """The vocabulary of questions about what notices are about."""

    def visible_to(self, user: Any) -> "NoticeRecordQuerySet":
        """Return those that `user` may see now; what was deleted is not there.

        The rooms above are asked by their own `visible_to`, row by row: a person
        has few notices, and may see very many rows.
        """
        found = Q()
        for name in RECORDS:
            model: Any = NoticeRecord._meta.get_field(name).related_model
            rows = model.objects.visible_to(user).filter(pk=OuterRef(name))
            found |= Q(Exists(rows.kept() if hasattr(rows, "kept") else rows))
        return self.filter(found)


class NoticeRecord(models.Model):
    """One thing that a notice is about: an act on twelve opportunities has twelve.

    `entry` is the change of the opportunity that is told, so that undoing it
    withdraws what nobody has read. The database takes the rows along when
    something is purged.
    """

    notice = models.ForeignKey(
        Notice, verbose_name=_("notice"), on_delete=models.CASCADE, related_name="records"
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        verbose_name=_("opportunity"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    entry = models.ForeignKey(
        "opportunities.OpportunityEntry",
        verbose_name=_("entry"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    task = models.ForeignKey(
        "tasks.Task",
        verbose_name=_("task"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    interaction = models.ForeignKey(
        "tasks.Interaction",
        verbose_name=_("interaction"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    quote = models.ForeignKey(
        "quotes.Quote",
        verbose_name=_("quote"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )

    objects = NoticeRecordQuerySet.as_manager()

    class Meta:
        verbose_name = _("record of a notice")
        verbose_name_plural = _("records of notices")
        constraints = [
            models.UniqueConstraint(
                fields=["notice", *RECORDS],
                nulls_distinct=False,
                name="notice_record_once",
            ),
            models.CheckConstraint(
                condition=reduce(or_, [_only(name) for name in RECORDS])
                & (Q(entry__isnull=True) | Q(opportunity__isnull=False)),
                name="notice_record_is_one",
            ),
        ]

    def __str__(self) -> str:
        return str(self.row)

    @property
    def row(self) -> Any:
        """What the notice is about."""
        return self.opportunity or self.task or self.interaction or self.quote


class NoticeChoice(models.Model):
    """How a person wants to be told of one kind; without a row, the usual holds."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="notice_choices",
    )
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    is_shown = models.BooleanField(_("shown in the app"))
    mail = models.CharField(_("mail"), max_length=5, choices=Mail, blank=True)

    class Meta:
        verbose_name = _("choice of notices")
        verbose_name_plural = _("choices of notices")
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], name="notice_choice_once"),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values) & ~Q(kind="digest"),
                name="notice_choice_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(mail__in=["", "now", "daily"]), name="notice_choice_mail_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_kind_display()}"
