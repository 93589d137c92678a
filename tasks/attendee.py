"""Who takes part in a meeting (Business Central R189); only the door of tasks writes it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from salespeople.models import Salesperson


class TaskAttendee(models.Model):
    """Who takes part in a meeting: a salesperson or a contact (Business Central R189)."""

    task = models.ForeignKey(
        "tasks.Task", verbose_name=_("task"), on_delete=models.CASCADE, related_name="attendees"
    )
    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attendances",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="attendances",
    )
    is_organizer = models.BooleanField(_("organizer"), default=False)

    class Meta:
        verbose_name = _("attendee")
        verbose_name_plural = _("attendees")
        ordering = ("-is_organizer", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(salesperson__isnull=False, contact__isnull=True)
                | Q(salesperson__isnull=True, contact__isnull=False, is_organizer=False),
                name="attendee_is_one_person",
            ),
            models.UniqueConstraint(fields=["task", "salesperson"], name="attendee_sells_once"),
            models.UniqueConstraint(fields=["task", "contact"], name="attendee_contact_once"),
            models.UniqueConstraint(
                fields=["task"], condition=Q(is_organizer=True), name="attendee_one_organizer"
            ),
        ]

    def __str__(self) -> str:
        return str(self.salesperson or self.contact)
