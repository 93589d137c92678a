"""Segments: saved lists of contacts (Business Central R234, rules D22)."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.campaign import Campaign, described_as
from crm.fields import folded_field, pair, sort_key_field
from salespeople.models import Salesperson, User


class SegmentQuerySet(models.QuerySet["Segment"]):
    """The vocabulary of questions about segments."""

    def visible_to(self, user: Any) -> "SegmentQuerySet":
        """Return what `user` may see: all segments, for whoever is signed in."""
        return self if user.is_authenticated else self.none()

    def search(self, text: str) -> "SegmentQuerySet":
        """Return those in whose description each word of `text` stands, or of that number."""
        return described_as(self, text, Segment.PREFIX)

    def offered_for(self, campaign: Campaign | None) -> "SegmentQuerySet":
        """Return those to choose from: with a campaign, its own (Business Central R144)."""
        return self.all() if campaign is None else self.filter(campaign=campaign)


class Segment(models.Model):
    """A saved list of contacts, perhaps for a campaign (Business Central R234, rules D22)."""

    PREFIX = "S"

    description = models.CharField(_("description"), max_length=100)
    description_sort = sort_key_field("description")
    search_text = folded_field("description")
    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="segments",
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="segments",
    )
    members = models.ManyToManyField(
        "contacts.Contact",
        verbose_name=_("contacts"),
        through="SegmentMember",
        related_name="segments",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(
        User, verbose_name=_("created by"), on_delete=models.PROTECT, related_name="+"
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

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        ordering = ("description_sort", "pk")
        constraints = [
            models.CheckConstraint(condition=~Q(description=""), name="segment_described"),
            models.CheckConstraint(
                condition=pair("changed_at", "changed_by"), name="segment_changed_pair"
            ),
        ]

    def __str__(self) -> str:
        return self.description

    def get_absolute_url(self) -> str:
        """Return the address of the segment's page."""
        return reverse("segments:detail", args=[self.pk])

    @property
    def number(self) -> str:
        """The number people quote: a prefix and the id (house.md 3)."""
        return f"{self.PREFIX}{self.pk}"


class SegmentMember(models.Model):
    """A contact of a segment: once, in the order in which it was added."""

    segment = models.ForeignKey(
        Segment, verbose_name=_("segment"), on_delete=models.CASCADE, related_name="rows"
    )
    contact = models.ForeignKey(
        "contacts.Contact",
        verbose_name=_("contact"),
        on_delete=models.PROTECT,
        related_name="segment_rows",
    )
    added_at = models.DateTimeField(_("added at"), auto_now_add=True)
    added_by = models.ForeignKey(
        User, verbose_name=_("added by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("listing in a segment")
        verbose_name_plural = _("listings in segments")
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["segment", "contact"], name="segment_member_once"),
        ]

    def __str__(self) -> str:
        return str(self.contact)
