"""Quotes: what a gated stage asks for, and what a won opportunity is worth."""

from decimal import Decimal

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from crm.fields import pair
from opportunities.models import Opportunity
from salespeople.models import User
from salespeople.visibility import Person


class QuoteQuerySet(models.QuerySet["Quote"]):
    """The vocabulary of questions about quotes."""

    def visible_to(self, user: Person) -> "QuoteQuerySet":
        """Return the quotes of the opportunities that `user` may see."""
        return self.filter(opportunity__in=Opportunity.objects.visible_to(user).kept())

    def in_force(self) -> "QuoteQuerySet":
        """Return those that satisfy Quote Required: not declined, not expired (D20)."""
        return self.exclude(status__in=(Quote.Status.DECLINED, Quote.Status.EXPIRED))

    def deciding(self) -> "QuoteQuerySet":
        """Return those in force, the one that gives the amount first.

        The newest accepted, else the newest sent, else the newest draft (D20).
        """
        rank = Case(
            When(status=Quote.Status.ACCEPTED, then=Value(1)),
            When(status=Quote.Status.SENT, then=Value(2)),
            default=Value(3),
            output_field=IntegerField(),
        )
        return self.in_force().order_by(rank, "-pk")


class Quote(models.Model):
    """An offer with an amount, for an opportunity (rules D18, D20)."""

    PREFIX = "Q"

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SENT = "sent", _("Sent")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        EXPIRED = "expired", _("Expired")

    opportunity = models.ForeignKey(
        Opportunity,
        verbose_name=_("opportunity"),
        on_delete=models.PROTECT,
        related_name="quotes",
    )
    contact = models.ForeignKey(
        Contact, verbose_name=_("contact"), on_delete=models.PROTECT, related_name="quotes"
    )
    amount = models.DecimalField(
        _("amount"),
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(Decimal("0.01"))],
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DRAFT)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        User, verbose_name=_("created by"), on_delete=models.PROTECT, related_name="+"
    )
    changed_at = models.DateTimeField(_("changed at"), null=True, blank=True)
    changed_by = models.ForeignKey(
        User,
        verbose_name=_("changed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = QuoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="quote_amount_positive"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "sent", "accepted", "declined", "expired"]),
                name="quote_status_known",
            ),
            models.CheckConstraint(
                condition=pair("changed_at", "changed_by"), name="quote_changed_pair"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """The number people quote: a prefix and the id (house.md 3)."""
        return f"{self.PREFIX}{self.pk}"

    @property
    def version(self) -> str:
        """What a form sends back, so that nobody decides on a quote that has changed."""
        return f"{self.status}:{Decimal(self.amount):.2f}"

    @property
    def is_in_force(self) -> bool:
        """Say whether it satisfies Quote Required (D20)."""
        return self.status not in (self.Status.DECLINED, self.Status.EXPIRED)
