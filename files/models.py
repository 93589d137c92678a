"""Files of an opportunity, a contact, a quote or an interaction; `files.lifecycle` writes them.

They name rows of the rooms above without importing them (house.md 1).
"""

import uuid
from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from crm.fields import pair
from salespeople.models import User
from salespeople.visibility import Person, visible_ids

RECORDS = ("opportunity", "contact", "quote", "interaction")
LONGEST_NAME = 200


def random_name(_attachment: Any, _name: str) -> str:
    """Return where a file lies: a name that tells nothing, and never the person's own."""
    name = uuid.uuid4().hex
    return f"{name[:2]}/{name}"


def _exactly_one() -> Q:
    """Return the condition: exactly one record is named."""
    found = Q()
    for record in RECORDS:
        found |= Q(**{f"{other}__isnull": other != record for other in RECORDS})
    return found


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """The vocabulary of questions about files."""

    def visible_to(self, user: Person) -> "AttachmentQuerySet":
        """Return the files of the records that `user` may see (product.md 2)."""
        ids = visible_ids(user)
        if ids is None:
            return self.all()
        talk = Q(interaction__opportunity__salesperson__in=ids) | Q(
            interaction__isnull=False,
            interaction__opportunity__isnull=True,
            interaction__salesperson__in=ids,
        )
        return self.filter(
            Q(opportunity__salesperson__in=ids)
            | Q(quote__opportunity__salesperson__in=ids)
            | Q(contact__in=Contact.objects.visible_to(user).order_by().values("pk"))
            | talk
        )

    def of_kept_records(self) -> "AttachmentQuerySet":
        """Return those whose opportunity, if it has one, has not been deleted."""
        return self.exclude(
            Q(opportunity__is_deleted=True)
            | Q(quote__opportunity__is_deleted=True)
            | Q(interaction__opportunity__is_deleted=True)
        )

    def kept(self) -> "AttachmentQuerySet":
        """Return those that have not been removed."""
        return self.filter(removed_at__isnull=True)


class Attachment(models.Model):
    """A file of exactly one record; `name` is what people call it, `size` in bytes."""

    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        verbose_name=_("opportunity"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attachments",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attachments",
    )
    quote = models.ForeignKey(
        "quotes.Quote",
        verbose_name=_("quote"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attachments",
    )
    interaction = models.ForeignKey(
        "tasks.Interaction",
        verbose_name=_("interaction"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attachments",
    )
    file = models.FileField(_("file"), upload_to=random_name, max_length=100)
    name = models.CharField(_("name"), max_length=LONGEST_NAME)
    size = models.PositiveBigIntegerField(_("size"))
    content_type = models.CharField(_("content type"), max_length=100)
    sha256 = models.CharField("SHA-256", max_length=64)
    uploaded_at = models.DateTimeField(_("uploaded at"), auto_now_add=True)
    uploaded_by = models.ForeignKey(
        User, verbose_name=_("uploaded by"), on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    removed_by = models.ForeignKey(
        User,
        verbose_name=_("removed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    objects = AttachmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="attachment_has_a_name"),
            models.CheckConstraint(condition=_exactly_one(), name="attachment_of_one_record"),
            models.CheckConstraint(
                condition=pair("removed_at", "removed_by"), name="attachment_removed_pair"
            ),
            models.UniqueConstraint(fields=["file"], name="attachment_file_once"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        """Return the address at which the file is downloaded."""
        return reverse("files:download", args=[self.pk])

    @property
    def record(self) -> Any:
        """The row that it belongs to."""
        return next(row for name in RECORDS if (row := getattr(self, name)) is not None)
