"""What has changed lately: written by triggers, read by the boards that are open."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class BoardChange(models.Model):
    """An opportunity whose card may look different since a transaction (ADR 0018).

    Written by triggers on opportunities, tasks and quotes, and thrown away by
    them after an hour; nothing else rests on it. It names the opportunity
    without a foreign key, so that writing one waits for nobody.
    """

    transaction = models.BigIntegerField(_("transaction"), db_index=True)
    opportunity = models.BigIntegerField(_("opportunity"))
    noted_at = models.DateTimeField(_("noted at"), db_default=Now(), db_index=True)

    class Meta:
        verbose_name = _("change for the boards")
        verbose_name_plural = _("changes for the boards")

    def __str__(self) -> str:
        return f"{self.transaction}: {self.opportunity}"
