"""Quotes with their lines: what a gated stage asks for, and what a won opportunity is worth.

Beside the constraints declared here, the migration `0005_amount_of_its_lines` holds the
triggers: at commit a quote's amount is the sum of its lines' amounts, and a document
that was sent is never changed.
"""

from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Case, F, IntegerField, Q, Value, When
from django.db.models.functions import Round
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from crm.fields import pair, percent_field, within_hundred
from opportunities.models import OPEN, Opportunity
from quotes.product import Product, ProductQuerySet
from quotes.totals import Totals, totals_of
from salespeople.models import User
from salespeople.visibility import Person

__all__ = [
    "MOST_TERMS",
    "Product",
    "ProductQuerySet",
    "Quote",
    "QuoteDocument",
    "QuoteLine",
    "QuoteQuerySet",
]
MOST_TERMS = 5000
MOST_DIGITS = 18  # of an id that fits the database


class QuoteQuerySet(models.QuerySet["Quote"]):
    """The vocabulary of questions about quotes."""

    def visible_to(self, user: Person) -> "QuoteQuerySet":
        """Return the quotes of the opportunities that `user` may see."""
        return self.filter(opportunity__in=Opportunity.objects.visible_to(user).kept())

    def in_force(self) -> "QuoteQuerySet":
        """Return those that satisfy Quote Required (D20).

        Neither declined nor expired, and not empty: a draft over nothing offers nothing.
        """
        return self.exclude(status__in=(Quote.Status.DECLINED, Quote.Status.EXPIRED)).filter(
            amount__gt=0
        )

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

    def waiting(self) -> "QuoteQuerySet":
        """Return those that were sent and wait for an answer, while one may still be given."""
        return self.filter(status=Quote.Status.SENT, opportunity__status__in=OPEN)

    def past(self, day: date) -> "QuoteQuerySet":
        """Return those that wait for an answer longer than they are valid."""
        return self.waiting().filter(valid_until__lt=day)

    def search(self, text: str) -> "QuoteQuerySet":
        """Return those of that number, and those whose opportunity or contact matches."""
        found = Q(opportunity__in=Opportunity.objects.order_by().search(text).values("pk"))
        number = text.strip().upper().removeprefix(Quote.PREFIX)
        if number.isascii() and number.isdigit() and len(number) < MOST_DIGITS:
            found |= Q(pk=int(number))
        return self.filter(found)


class Quote(models.Model):
    """An offer to a contact, for an opportunity (rules D18, D20).

    `amount` is the sum of its lines without VAT. `edits` counts every change.
    A `revision` is what somebody outside may hold: it is counted up when one that
    was handed out is taken up again.
    """

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
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.DRAFT)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    edits = models.PositiveIntegerField(_("number of edits"), default=0, editable=False)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    terms = models.TextField(_("terms"), blank=True, max_length=MOST_TERMS)
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=[("en", _("English")), ("nb", _("Norwegian"))],
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
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
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    sent_by = models.ForeignKey(
        User,
        verbose_name=_("sent by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        User,
        verbose_name=_("decided by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    expired_at = models.DateTimeField(_("expired at"), null=True, blank=True)

    objects = QuoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("quote")
        verbose_name_plural = _("quotes")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=Q(amount__gte=0), name="quote_amount_not_negative"),
            models.CheckConstraint(condition=Q(revision__gte=1), name="quote_revision_positive"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "sent", "accepted", "declined", "expired"]),
                name="quote_status_known",
            ),
            models.CheckConstraint(
                condition=Q(amount__gt=0) | ~Q(status__in=["sent", "accepted"]),
                name="quote_sent_is_not_empty",
            ),
            models.CheckConstraint(
                condition=pair("changed_at", "changed_by"), name="quote_changed_pair"
            ),
            models.CheckConstraint(condition=pair("sent_at", "sent_by"), name="quote_sent_pair"),
            models.CheckConstraint(
                condition=pair("decided_at", "decided_by"), name="quote_decided_pair"
            ),
        ]
        indexes = [
            models.Index(
                fields=["valid_until", "id"],
                name="quote_waiting",
                condition=Q(status="sent"),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        """Return the address of the quote's page."""
        return reverse("quotes:detail", args=[self.pk])

    @property
    def number(self) -> str:
        """The number people quote: a prefix and the id (house.md 3)."""
        return f"{self.PREFIX}{self.pk}"

    @property
    def full_number(self) -> str:
        """The number with its revision, from the second on: "Q12-2"."""
        return f"{self.number}-{self.revision}" if self.revision > 1 else self.number

    @property
    def version(self) -> str:
        """What a form sends back, so that nobody decides on a quote that has changed.

        Another contact is a change, too: it would be sent to somebody else.
        """
        return f"{self.edits}-{self.contact_id}"

    @property
    def is_in_force(self) -> bool:
        """Say whether it satisfies Quote Required (D20)."""
        return self.amount > 0 and self.status not in (self.Status.DECLINED, self.Status.EXPIRED)

    @property
    def is_draft(self) -> bool:
        """Say whether lines and terms may be changed."""
        return self.status == self.Status.DRAFT

    def is_past(self, day: date) -> bool:
        """Say whether it waits for an answer longer than it is valid."""
        is_waiting = self.status == self.Status.SENT
        return is_waiting and self.valid_until is not None and self.valid_until < day

    @property
    def written_in(self) -> str:
        """The language of the document: its own, the contact's, the company's, the site's."""
        company = self.contact.company
        theirs = self.contact.language or (company.language if company else "")
        return self.language or theirs or settings.LANGUAGE_CODE

    @cached_property
    def totals(self) -> Totals:
        """The totals of the lines as they were read."""
        return totals_of(self.lines.all())


def _amount() -> Any:
    """Return the amount of a line in SQL: the same arithmetic as `totals.line_amount`."""
    rest = Value(Decimal(100)) - F("discount_percent")
    return Round(F("quantity") * F("price") * rest * Value(Decimal("0.01")), precision=2)


class QuoteLine(models.Model):
    """A line of a quote: a product, or a text, with quantity, price, discount and VAT.

    Text, unit and price are the line's own: a product that is renamed or becomes
    dearer leaves quotes as they are. The database works out `amount`.
    """

    quote = models.ForeignKey(
        Quote, verbose_name=_("quote"), on_delete=models.CASCADE, related_name="lines"
    )
    position = models.PositiveSmallIntegerField(_("position"))
    product = models.ForeignKey(
        Product,
        verbose_name=_("product"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="lines",
    )
    text = models.CharField(_("text"), max_length=200)
    description = models.TextField(_("description"), blank=True, max_length=1000)
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    quantity = models.DecimalField(_("quantity"), max_digits=12, decimal_places=3)
    price = models.DecimalField(_("unit price"), max_digits=18, decimal_places=2)
    discount_percent = percent_field(_("discount %"), default=Decimal(0))
    vat_percent = percent_field(_("VAT %"))
    amount = models.GeneratedField(
        verbose_name=_("amount"),
        expression=_amount(),
        output_field=models.DecimalField(max_digits=18, decimal_places=2),
        db_persist=True,
    )

    class Meta:
        verbose_name = _("line of a quote")
        verbose_name_plural = _("lines of a quote")
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(fields=["quote", "position"], name="quote_line_position"),
            models.CheckConstraint(condition=Q(position__gte=1), name="quote_line_from_one"),
            models.CheckConstraint(condition=~Q(text=""), name="quote_line_says_what"),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, price__gte=0), name="quote_line_not_negative"
            ),
            models.CheckConstraint(
                condition=within_hundred("discount_percent") & within_hundred("vat_percent"),
                name="quote_line_percent_within_hundred",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.text}"


class QuoteDocument(models.Model):
    """What was handed out: the PDF of a revision, as it was on that day, for good."""

    quote = models.ForeignKey(
        Quote, verbose_name=_("quote"), on_delete=models.CASCADE, related_name="documents"
    )
    revision = models.PositiveSmallIntegerField(_("revision"))
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=2)
    pdf = models.BinaryField(_("PDF"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    created_by = models.ForeignKey(
        User, verbose_name=_("created by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("document of a quote")
        verbose_name_plural = _("documents of quotes")
        ordering = ("-revision",)
        constraints = [
            models.UniqueConstraint(fields=["quote", "revision"], name="quote_document_once"),
        ]

    def __str__(self) -> str:
        return self.full_number

    @property
    def full_number(self) -> str:
        """The number of the quote as it stood on this document."""
        number = f"{Quote.PREFIX}{self.quote_id}"
        return f"{number}-{self.revision}" if self.revision > 1 else number
