"""Companies and people, their tags, and the segments and campaigns that reach them."""

from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Concat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.campaign import Campaign, CampaignQuerySet
from contacts.segment import Segment, SegmentMember, SegmentQuerySet
from contacts.tag import Tag
from crm.fields import Fold, folded_field, pair, sort_key_field
from salespeople.models import Salesperson, User

__all__ = [
    "Campaign",
    "CampaignQuerySet",
    "Contact",
    "ContactQuerySet",
    "Industry",
    "Segment",
    "SegmentMember",
    "SegmentQuerySet",
    "Tag",
]
FEWEST_DIGITS = 4  # of something that is searched as a phone number
MOST_DIGITS = 18  # of an id that fits the database

no_letters = RegexValidator(
    r"[^\W\d_]", _("A phone number holds no letters."), code="letters", inverse_match=True
)


class Industry(models.Model):
    """A line of business, to choose from on a contact."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    name_sort = sort_key_field("name")

    class Meta:
        verbose_name = _("industry")
        verbose_name_plural = _("industries")
        ordering = ("name_sort", "pk")

    def __str__(self) -> str:
        return self.name


class Digits(models.Func):
    """The digits of a phone number, nothing else."""

    function = "regexp_replace"
    template = "%(function)s(%(expressions)s, '[^0-9]', '', 'g')"
    output_field = models.TextField()


class ContactQuerySet(models.QuerySet["Contact"]):
    """The vocabulary of questions about contacts."""

    def visible_to(self, user: Any) -> "ContactQuerySet":
        """Return what `user` may see: all contacts, for whoever is signed in."""
        return self if user.is_authenticated else self.none()

    def usable(self) -> "ContactQuerySet":
        """Return those that may be named by something new."""
        return self.filter(is_blocked=False)

    def companies(self) -> "ContactQuerySet":
        """Return the companies."""
        return self.filter(kind=Contact.Kind.COMPANY)

    def people(self) -> "ContactQuerySet":
        """Return the persons."""
        return self.filter(kind=Contact.Kind.PERSON)

    def search(self, text: str) -> "ContactQuerySet":
        """Return those in whose name, number, e-mail or phone each word of `text` stands.

        Accents are folded, words come in any order, a phone number is found in
        any spelling, and "C17" or "17" finds the contact of that number.
        """
        words = text.split()
        matches = Q()
        for word in words:
            matches &= Q(search_text__contains=Fold(Value(word)))
        digits = "".join(c for c in text if c.isdigit())
        if len(digits) >= FEWEST_DIGITS and not any(c.isalpha() for c in text):
            matches |= Q(search_text__contains=digits)
        number = text.strip().upper().removeprefix(Contact.PREFIX)
        if number.isascii() and number.isdigit() and len(number) < MOST_DIGITS:
            matches |= Q(pk=int(number))
        return self.filter(matches) if words else self


class Contact(models.Model):
    """A company or a person (Business Central R205)."""

    PREFIX = "C"

    class Kind(models.TextChoices):
        COMPANY = "company", _("Company")
        PERSON = "person", _("Person")

    class Salutation(models.TextChoices):
        NEUTRAL = "neutral", _("Neutral")
        MS = "ms", _("Ms")
        MR = "mr", _("Mr")

    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.COMPANY)
    company = models.ForeignKey(
        "self",
        verbose_name=_("company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="people",
        limit_choices_to={"kind": Kind.COMPANY},
    )
    name = models.CharField(_("name"), max_length=150)
    name_sort = sort_key_field("name")
    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    middle_name = models.CharField(_("middle name"), max_length=100, blank=True)
    surname = models.CharField(_("surname"), max_length=100, blank=True)
    job_title = models.CharField(_("job title"), max_length=100, blank=True)
    address = models.CharField(_("address"), max_length=100, blank=True)
    address_2 = models.CharField(_("address, second line"), max_length=100, blank=True)
    post_code = models.CharField(_("post code"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True, validators=[no_letters])
    mobile_phone = models.CharField(
        _("mobile phone"), max_length=30, blank=True, validators=[no_letters]
    )
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.URLField(_("website"), blank=True)
    industry = models.ForeignKey(
        Industry,
        verbose_name=_("industry"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="contacts",
    )
    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="contacts",
    )
    salutation = models.CharField(
        _("salutation"), max_length=7, choices=Salutation, default=Salutation.NEUTRAL
    )
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=[("en", _("English")), ("nb", _("Norwegian"))],
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="contacts")
    customer_since = models.DateField(_("customer since"), null=True, blank=True)
    is_blocked = models.BooleanField(
        _("blocked"), default=False, help_text=_("May not be chosen for anything new.")
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        User, verbose_name=_("created by"), on_delete=models.PROTECT, related_name="+"
    )
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
    search_text = folded_field(
        Concat(
            "name",
            Value(" "),
            "email",
            Value(" "),
            Digits("phone"),
            Value(" "),
            Digits("mobile_phone"),
            output_field=models.TextField(),
        )
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ("name_sort", "pk")
        indexes = [
            models.Index(fields=["name_sort", "id"], name="contact_by_name"),
            GinIndex(OpClass("search_text", "gin_trgm_ops"), name="contact_search"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="contact_has_a_name"),
            models.CheckConstraint(
                condition=Q(kind="person") | Q(company__isnull=True),
                name="contact_company_has_no_company",
                violation_error_message=_("Only a person belongs to a company."),
            ),
            models.CheckConstraint(
                condition=Q(kind="person")
                | Q(first_name="", middle_name="", surname="", job_title=""),
                name="contact_company_has_no_surname",
                violation_error_message=_("Only a person has a first name and a surname."),
            ),
            models.CheckConstraint(
                condition=pair("changed_at", "changed_by"), name="contact_changed_pair"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address of the contact's page."""
        return reverse("contacts:detail", args=[self.pk])

    @property
    def number(self) -> str:
        """The number people quote: a prefix and the id (house.md 3)."""
        return f"{self.PREFIX}{self.pk}"

    @property
    def is_company(self) -> bool:
        """Say whether this is a company."""
        return self.kind == self.Kind.COMPANY

    @property
    def company_or_self(self) -> "Contact | None":
        """The company an opportunity of this contact belongs to (Business Central R24)."""
        return self if self.is_company else self.company
