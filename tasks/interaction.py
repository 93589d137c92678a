"""Things that happened with a contact (Business Central R227–R233)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import Campaign, Contact
from crm.fields import folded_field, pair
from crm.money import half_up
from salespeople.models import Salesperson, User
from salespeople.visibility import Person, visible_ids


@dataclass(frozen=True)
class InteractionFigures:
    """How many, what they cost in the site's currency, and how long they took."""

    number: int
    cost: Decimal
    duration: timedelta

    @property
    def minutes(self) -> Decimal:
        """How long they took, in minutes."""
        return self.duration // timedelta(microseconds=1) / Decimal(60_000_000)

    @property
    def average_cost(self) -> Decimal:
        """Cost by number, rounded to 0.01; 0 over none (R150)."""
        return half_up(self.cost / self.number, 2) if self.number else Decimal(0)

    @property
    def average_minutes(self) -> Decimal:
        """Minutes by number, rounded to 0.01; 0 over none (R150)."""
        return half_up(self.minutes / self.number, 2) if self.number else Decimal(0)


class InteractionQuerySet(models.QuerySet["Interaction"]):
    """The vocabulary of questions about interactions."""

    def visible_to(self, user: Person) -> "InteractionQuerySet":
        """Return what `user` may see: they follow their opportunity, else their salesperson."""
        ids = visible_ids(user)
        if ids is None:
            return self.all()
        return self.filter(
            Q(opportunity__salesperson__in=ids) | Q(opportunity__isnull=True, salesperson__in=ids)
        )

    def counted(self) -> "InteractionQuerySet":
        """Return those that counts and sums contain: not the cancelled ones (R229)."""
        return self.filter(cancelled_at__isnull=True)

    def figures(self) -> InteractionFigures:
        """Return number, cost and duration of those that count (R147, R149, R150, R229)."""
        sums = self.counted().aggregate(
            number=Count("pk"), cost=Sum("cost"), duration=Sum("duration")
        )
        return InteractionFigures(
            sums["number"], sums["cost"] or Decimal(0), sums["duration"] or timedelta(0)
        )


class Interaction(models.Model):
    """Something that happened with a contact (Business Central R227–R233).

    `cost` is in the site's currency. `message_id` is the mail's own, so that
    the same mail is not kept twice for one contact or opportunity.
    """

    PREFIX = "I"

    class Kind(models.TextChoices):
        CALL = "call", _("Phone call")
        EMAIL = "email", _("E-mail")
        MEETING = "meeting", _("Meeting")
        NOTE = "note", _("Note")
        OTHER = "other", _("Other")

    class Direction(models.TextChoices):
        OUTBOUND = "outbound", _("From us")
        INBOUND = "inbound", _("To us")

    class Evaluation(models.TextChoices):
        VERY_POSITIVE = "very_positive", _("Very positive")
        POSITIVE = "positive", _("Positive")
        NEUTRAL = "neutral", _("Neutral")
        NEGATIVE = "negative", _("Negative")
        VERY_NEGATIVE = "very_negative", _("Very negative")

    kind = models.CharField(_("kind"), max_length=7, choices=Kind)
    direction = models.CharField(_("direction"), max_length=8, choices=Direction, blank=True)
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.PROTECT,
        related_name="interactions",
    )
    company = models.ForeignKey(
        Contact,
        verbose_name=_("company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="company_interactions",
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        verbose_name=_("opportunity"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="interactions",
    )
    task = models.ForeignKey(
        "tasks.Task",
        verbose_name=_("task"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="interactions",
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="interactions",
    )
    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        on_delete=models.PROTECT,
        related_name="interactions",
    )
    happened_at = models.DateTimeField(_("happened at"))
    subject = models.CharField(_("subject"), max_length=200)
    search_text = folded_field("subject")
    text = models.TextField(_("text"), blank=True)
    evaluation = models.CharField(_("evaluation"), max_length=13, choices=Evaluation, blank=True)
    is_failed = models.BooleanField(
        _("attempt failed"), default=False, help_text=_("Nobody answered, or the mail came back.")
    )
    cost = models.DecimalField(
        _("cost"),
        max_digits=18,
        decimal_places=2,
        default=0,
        validators=[MinValueValidator(0)],
    )
    duration = models.DurationField(_("duration"), default=timedelta(0))
    message_id = models.CharField(_("message id"), max_length=998, blank=True, editable=False)
    recorded_at = models.DateTimeField(_("recorded at"), auto_now_add=True)
    recorded_by = models.ForeignKey(
        User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+"
    )
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancelled_by = models.ForeignKey(
        User,
        verbose_name=_("cancelled by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = InteractionQuerySet.as_manager()

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = [
            models.CheckConstraint(condition=~Q(subject=""), name="interaction_has_a_subject"),
            models.CheckConstraint(
                condition=Q(kind__in=["call", "email", "meeting", "note", "other"]),
                name="interaction_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(cost__gte=0, duration__gte=timedelta(0)),
                name="interaction_costs_not_negative",
            ),
            models.CheckConstraint(
                condition=pair("cancelled_at", "cancelled_by"), name="interaction_cancelled_pair"
            ),
            models.UniqueConstraint(
                fields=["message_id", "contact", "opportunity"],
                condition=~Q(message_id=""),
                nulls_distinct=False,
                name="interaction_mail_once",
            ),
        ]
        indexes = [
            GinIndex(OpClass("search_text", "gin_trgm_ops"), name="interaction_search"),
            models.Index(fields=["opportunity", "-happened_at"], name="interaction_of_opportunity"),
            models.Index(fields=["contact", "-happened_at"], name="interaction_of_contact"),
            models.Index(fields=["company", "-happened_at"], name="interaction_of_company"),
            models.Index(fields=["salesperson", "-happened_at"], name="interaction_of_seller"),
        ]

    def __str__(self) -> str:
        return self.subject

    def get_absolute_url(self) -> str:
        """Return the address of the interaction's page."""
        return reverse("interactions:detail", args=[self.pk])

    @property
    def number(self) -> str:
        """The number people quote: a prefix and the id (house.md 3)."""
        return f"{self.PREFIX}{self.pk}"

    @property
    def is_cancelled(self) -> bool:
        """Say whether it was taken back: it counts nowhere (R229)."""
        return self.cancelled_at is not None
