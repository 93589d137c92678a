"""What stands beside an opportunity and its ledger: people with a say, snoozes, questions."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from salespeople.models import User
from salespeople.visibility import Person

MOST_TEXT = 1000


class OpportunityContactQuerySet(models.QuerySet["OpportunityContact"]):
    """The vocabulary of questions about people on opportunities."""

    def visible_to(self, user: Person) -> "OpportunityContactQuerySet":
        """Return those of the opportunities that `user` may see."""
        opportunities: Any = self.model._meta.get_field("opportunity").related_model
        return self.filter(opportunity__in=opportunities.objects.visible_to(user))


class OpportunityContact(models.Model):
    """Somebody who has a say in an opportunity, beside its main contact, and in which role."""

    class Role(models.TextChoices):
        DECISION_MAKER = "decision_maker", _("Decision maker")
        BUYER = "buyer", _("Buyer")
        USER = "user", _("User")
        INFLUENCER = "influencer", _("Influencer")
        CHAMPION = "champion", _("Champion")
        BLOCKER = "blocker", _("Blocker")
        PARTNER = "partner", _("Partner")
        OTHER = "other", _("Other")

    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        verbose_name=_("opportunity"),
        on_delete=models.PROTECT,
        related_name="people",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.PROTECT,
        related_name="roles",
    )
    role = models.CharField(_("role"), max_length=14, choices=Role)
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)
    added_by = models.ForeignKey(
        User, verbose_name=_("added by"), on_delete=models.PROTECT, related_name="+"
    )

    objects = OpportunityContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("role in an opportunity")
        verbose_name_plural = _("roles in opportunities")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["opportunity", "contact"], name="opportunity_contact_once"
            ),
            models.CheckConstraint(
                condition=Q(
                    role__in=[
                        "decision_maker", "buyer", "user", "influencer",
                        "champion", "blocker", "partner", "other",
                    ]
                ),
                name="opportunity_contact_role_known",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.contact} ({self.get_role_display()})"


class Snooze(models.Model):
    """A person's wish not to be reminded of an opportunity on "my day" until a day."""

    user = models.ForeignKey(
        User, verbose_name=_("user"), on_delete=models.CASCADE, related_name="snoozes"
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        verbose_name=_("opportunity"),
        on_delete=models.CASCADE,
        related_name="snoozes",
    )
    until_on = models.DateField(_("until"))

    class Meta:
        verbose_name = _("snooze")
        verbose_name_plural = _("snoozes")
        constraints = [
            models.UniqueConstraint(fields=["user", "opportunity"], name="snooze_once"),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity} – {self.until_on}"


class QuestionQuerySet(models.QuerySet["Question"]):
    """The vocabulary of questions that managers ask about opportunities."""

    def visible_to(self, user: Person) -> "QuestionQuerySet":
        """Return those about the opportunities that `user` may see, deleted ones left out."""
        opportunities: Any = self.model._meta.get_field("opportunity").related_model
        return self.filter(opportunity__in=opportunities.objects.visible_to(user).kept())

    def open(self) -> "QuestionQuerySet":
        """Return those that nobody has answered."""
        return self.filter(answered_at__isnull=True)


class Question(models.Model):
    """What somebody wants to know about an opportunity, and the answer (ADR 0027).

    The question is never changed, the answer neither; who and when stand with both.
    """

    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        verbose_name=_("opportunity"),
        on_delete=models.PROTECT,
        related_name="questions",
    )
    text = models.CharField(_("question"), max_length=MOST_TEXT)
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(
        User, verbose_name=_("asked by"), on_delete=models.PROTECT, related_name="+"
    )
    answer = models.CharField(_("answer"), max_length=MOST_TEXT, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        User,
        verbose_name=_("answered by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = QuestionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question about an opportunity")
        verbose_name_plural = _("questions about opportunities")
        ordering = ("-asked_at", "-pk")
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="question_asks_something"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True, answered_by__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False)),
                name="question_answered_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True) | Q(answered_at__gte=F("asked_at")),
                name="question_answered_later",
            ),
        ]
        indexes = [
            models.Index(
                fields=["opportunity"],
                name="question_open",
                condition=Q(answered_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.text
