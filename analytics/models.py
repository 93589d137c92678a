"""What managers and administrators say about figures: adjusted forecasts, adopted chances."""

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm.fields import percent_field, within_hundred
from salescycles.models import SalesCycleStage
from salespeople.models import Salesperson, Team, User


class Adjustment(models.Model):
    """A manager's figure for what a salesperson will land in a month, beside the system's.

    It is never changed: a later one supersedes it, and one without a value
    takes it back. The newest has no `superseded_at`.
    """

    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        on_delete=models.PROTECT,
        related_name="adjustments",
    )
    month = models.DateField(_("month"), help_text=_("Its first day."))
    value = models.DecimalField(
        _("adjusted forecast"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(Decimal(0))],
    )
    system_value = models.DecimalField(
        _("the system's figure at that moment"), max_digits=28, decimal_places=10
    )
    reason = models.CharField(_("reason"), max_length=500)
    adjusted_at = models.DateTimeField(_("adjusted at"))
    adjusted_by = models.ForeignKey(
        User, verbose_name=_("adjusted by"), on_delete=models.PROTECT, related_name="+"
    )
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True)

    class Meta:
        verbose_name = _("adjusted forecast")
        verbose_name_plural = _("adjusted forecasts")
        ordering = ("-adjusted_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["salesperson", "month"],
                condition=Q(superseded_at__isnull=True),
                name="adjustment_one_current",
            ),
            models.CheckConstraint(
                condition=Q(month__day=1), name="adjustment_month_is_its_first_day"
            ),
            models.CheckConstraint(
                condition=Q(value__isnull=True) | Q(value__gte=0),
                name="adjustment_not_negative",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="adjustment_has_a_reason"),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True) | Q(superseded_at__gte=F("adjusted_at")),
                name="adjustment_superseded_later",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.salesperson} {self.month:%Y-%m}"


class AdoptedChance(models.Model):
    """A learned chance that was made a stage's own, by whom and on what grounds (U4).

    `won` of `count` closed opportunities had been at the stage. It can be
    taken back while the stage still has that chance.
    """

    stage = models.ForeignKey(
        SalesCycleStage,
        verbose_name=_("stage"),
        on_delete=models.CASCADE,
        related_name="adopted_chances",
    )
    before: Any = percent_field(_("chances before, %"))
    after: Any = percent_field(_("chances adopted, %"))
    won = models.PositiveIntegerField(_("won"))
    count = models.PositiveIntegerField(_("closed"))
    adopted_at = models.DateTimeField(_("adopted at"))
    adopted_by = models.ForeignKey(
        User, verbose_name=_("adopted by"), on_delete=models.PROTECT, related_name="+"
    )
    reverted_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    reverted_by = models.ForeignKey(
        User,
        verbose_name=_("taken back by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("adopted chance")
        verbose_name_plural = _("adopted chances")
        ordering = ("-adopted_at", "-pk")
        constraints = [
            models.CheckConstraint(
                condition=within_hundred("before") & within_hundred("after"),
                name="adopted_within_hundred",
            ),
            models.CheckConstraint(
                condition=Q(won__lte=F("count"), count__gte=1), name="adopted_from_something"
            ),
            models.CheckConstraint(
                condition=Q(reverted_at__isnull=True, reverted_by__isnull=True)
                | Q(reverted_at__isnull=False, reverted_by__isnull=False),
                name="adopted_reverted_pair",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage}: {self.before} → {self.after}"


class ReviewMark(models.Model):
    """That a review was held: whose and of what, when and by whom, as it was known then (U3).

    The columns are those of the review's address, which shows the same again.
    It is never changed, but it can be taken back.
    """

    on = models.DateField(_("day"))
    since_on = models.DateField(_("compared to"))
    period = models.CharField(
        _("period"), max_length=7, choices=[("month", _("Month")), ("quarter", _("Quarter"))]
    )
    known_at = models.DateTimeField(_("as known at"))
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.CharField(_("note"), max_length=500, blank=True)
    reviewed_at = models.DateTimeField(_("reviewed at"))
    reviewed_by = models.ForeignKey(
        User, verbose_name=_("reviewed by"), on_delete=models.PROTECT, related_name="+"
    )
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    taken_back_by = models.ForeignKey(
        User,
        verbose_name=_("taken back by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("held review")
        verbose_name_plural = _("held reviews")
        ordering = ("-reviewed_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=Q(since_on__lt=F("on")), name="review_since_before"),
            models.CheckConstraint(
                condition=Q(period__in=["month", "quarter"]), name="review_period_known"
            ),
            models.CheckConstraint(
                condition=Q(known_at__lte=F("reviewed_at")), name="review_known_by_then"
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at__isnull=True, taken_back_by__isnull=True)
                | Q(taken_back_at__isnull=False, taken_back_by__isnull=False),
                name="review_taken_back_pair",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "salesperson", "reviewed_at"], name="review_of"),
        ]

    def __str__(self) -> str:
        return f"{self.on} – {self.reviewed_by}"
