"""What a person is to be told by mail: rows written by the doors, sent by a command."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Notice(models.Model):
    """A message to one user; `key` tells apart what must be told once (a digest of a day).

    It is sent once: `sent_at` is filled when the mail server has taken it.
    After `failures` in a row the next attempt waits until `next_try_at`.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="notices",
    )
    key = models.CharField(_("key"), max_length=100)
    subject = models.CharField(_("subject"), max_length=200)
    text = models.TextField(_("text"))
    html = models.TextField(_("text as HTML"), blank=True)
    written_at = models.DateTimeField(_("written at"), auto_now_add=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    failures = models.PositiveSmallIntegerField(_("failures"), default=0)
    next_try_at = models.DateTimeField(_("next try at"), auto_now_add=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="notice_told_once"),
            models.CheckConstraint(condition=~Q(key="") & ~Q(subject=""), name="notice_named"),
        ]
        indexes = [
            models.Index(
                fields=["next_try_at"], name="notice_waiting", condition=Q(sent_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.subject
