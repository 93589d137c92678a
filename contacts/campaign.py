"""Campaigns (Business Central R142, R143, R151, R237–R240)."""

from datetime import date
from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from crm.fields import Fold, folded_field, pair, sort_key_field
from salespeople.models import Salesperson, User

MOST_DIGITS = 18  # of an id that fits the database


def described_as[Rows: models.QuerySet[Any]](rows: Rows, text: str, prefix: str) -> Rows:
    """Return those in whose description each word of `text` stands, or of that number."""
    words = text.split()
    if not words:
        return rows
    matches = Q()
    for word in words:
        matches &= Q(search_text__contains=Fold(Value(word)))
    number = text.strip().upper().removeprefix(prefix)
    if number.isascii() and number.isdigit() and len(number) < MOST_DIGITS:
        matches |= Q(pk=int(number))
    return rows.filter(matches)


class CampaignQuerySet(models.QuerySet["Campaign"]):
    """The vocabulary of questions about campaigns."""

    def visible_to(self, user: Any) -> "CampaignQuerySet":
        """Return what `user` may see: all campaigns, for whoever is signed in."""
        return self if user.is_authenticated else self.none()

    def search(self, text: str) -> "CampaignQuerySet":
        """Return those in whose description each word of `text` stands, or of that number."""
        return described_as(self, text, Campaign.PREFIX)

    def activated(self) -> "CampaignQuerySet":
        """Return those that have been activated (Business Central R238)."""
        return self.filter(activated_at__isnull=False)

    def running_on(self, day: date) -> "CampaignQuerySet":
        """Return those that an opportunity created on `day` may name (R142, R143).

        Activated, begun (a blank start counts as begun), and not ended: a
        blank end fails.
        """
        return self.activated().filter(
            Q(starts_on__isnull=True) | Q(starts_on__lte=day), ends_on__gte=day
        )


class Campaign(models.Model):
    """A campaign (Business Central R142, R237–R240).

    `cost` is what it is meant to cost, `target` the value of the opportunities
    that it is meant to bring, both in the site's currency.
    """

    PREFIX = "K"

    description = models.CharField(_("description"), max_length=100)
    description_sort = sort_key_field("description")
    search_text = folded_field("description")
    starts_on = models.DateField(_("starts on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="campaigns",
    )
    cost = models.DecimalField(
        _("planned cost"),
        max_digits=18,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(Decimal(0))],
    )
    target = models.DecimalField(
        _("target value"),
        max_digits=18,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(Decimal(0))],
    )
    activated_at = models.DateTimeField(_("activated at"), null=True, blank=True, editable=False)
    activated_by = models.ForeignKey(
        User,
        verbose_name=_("activated by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    edits = models.PositiveIntegerField(_("number of changes"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True, editable=False)
    changed_by = models.ForeignKey(
        User,
        verbose_name=_("changed by"),
        null=True,
        blank=True,
        editable=False,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ("description_sort", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__isnull=True)
                | Q(ends_on__isnull=True)
                | Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_it_starts",
                violation_error_message=_("The end lies before the start."),
            ),
            models.CheckConstraint(
                condition=Q(cost__gte=0, target__gte=0), name="campaign_amounts_not_negative"
            ),
            models.CheckConstraint(condition=~Q(description=""), name="campaign_described"),
            models.CheckConstraint(
                condition=pair("changed_at", "changed_by"), name="campaign_changed_pair"
            ),
            models.CheckConstraint(
                condition=pair("activated_at", "activated_by"), name="campaign_activated_pair"
            ),
        ]

    def __str__(self) -> str:
        return self.description

    def get_absolute_url(self) -> str:
        """Return the address of the campaign's page."""
        return reverse("campaigns:detail", args=[self.pk])

    @property
    def number(self) -> str:
        """The number people quote: a prefix and the id (house.md 3)."""
        return f"{self.PREFIX}{self.pk}"

    @property
    def is_activated(self) -> bool:
        """Say whether it has been activated (Business Central R238)."""
        return self.activated_at is not None

    def was_running_on(self, day: date) -> bool:
        """Say whether it runs on `day`: begun (blank: always), and not ended (blank: never)."""
        has_begun = self.starts_on is None or self.starts_on <= day
        return has_begun and self.ends_on is not None and day <= self.ends_on
