"""What was changed beside the opportunities' ledger: before and after, by whom, when (ADR 0022).

The rows name rows of the rooms above without importing them (house.md 1). They
go with what they tell of: a purge, and a deletion, takes them along.
"""

import uuid
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from salespeople.models import User

RECORDS = ("opportunity", "contact", "quote", "task", "interaction")


def _exactly_one() -> Q:
    """Return the condition: exactly one record is named."""
    found = Q()
    for record in RECORDS:
        found |= Q(**{f"{other}__isnull": other != record for other in RECORDS})
    return found


def _record(label: Any, model: str) -> Any:
    return models.ForeignKey(
        model,
        verbose_name=label,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="changes",
    )


class ChangeQuerySet(models.QuerySet["Change"]):
    """The vocabulary of questions about changes."""

    def standing(self) -> "ChangeQuerySet":
        """Return those that are neither undone nor an undo."""
        undoing = Change.objects.filter(undoes=OuterRef("pk"))
        return self.filter(~Exists(undoing), undoes__isnull=True)


class Change(models.Model):
    """What one call of a room's door changed of one row.

    `before` and `after` hold the values of the fields that it changed, by name,
    as JSON; rooms add names of their own ("lines", "tag"). `act` is shared by
    what one confirmation did, `undoes` names the change that this one takes back,
    `version` is the number of edits of the row after it, where the room counts them.
    """

    opportunity = _record(_("opportunity"), "opportunities.Opportunity")
    contact = _record(_("contact"), "contacts.Contact")
    quote = _record(_("quote"), "quotes.Quote")
    task = _record(_("task"), "tasks.Task")
    interaction = _record(_("interaction"), "tasks.Interaction")
    verb = models.CharField(_("verb"), max_length=20)
    before = models.JSONField(_("before"), default=dict, encoder=DjangoJSONEncoder)
    after = models.JSONField(_("after"), default=dict, encoder=DjangoJSONEncoder)
    version = models.PositiveIntegerField(_("version"), null=True, blank=True)
    act = models.UUIDField(_("act"), default=uuid.uuid4, db_index=True)
    changed_at = models.DateTimeField(_("changed at"), db_default=Now())
    changed_by = models.ForeignKey(
        User, verbose_name=_("changed by"), on_delete=models.PROTECT, related_name="+"
    )
    undoes = models.OneToOneField(
        "self",
        verbose_name=_("undoes"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="undone_by",
    )

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = _("change")
        verbose_name_plural = _("changes")
        ordering = ("-pk",)
        constraints = [
            models.CheckConstraint(condition=_exactly_one(), name="change_of_one_record"),
            models.CheckConstraint(condition=~Q(verb=""), name="change_has_a_verb"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} ({self.record})"

    @property
    def kind(self) -> str:
        """The name of the kind of row that it tells of."""
        return next(name for name in RECORDS if getattr(self, f"{name}_id") is not None)

    @property
    def record(self) -> Any:
        """The row that it tells of."""
        return getattr(self, self.kind)
