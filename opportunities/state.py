"""What can change about an opportunity: the states, the actions, and the columns they fill."""

from decimal import Decimal
from typing import Any

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.utils.translation import gettext_lazy as _

from contacts.models import Campaign, Contact
from crm.fields import percent_field, within_hundred
from salescycles.models import CloseReason, SalesCycle, SalesCycleStage
from salespeople.models import Salesperson


class Status(models.TextChoices):
    """Where an opportunity stands in its life (Business Central R19); never a stage."""

    NOT_STARTED = "not_started", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


OPEN = (Status.NOT_STARTED, Status.IN_PROGRESS)
CLOSED = (Status.WON, Status.LOST)
STARTED = (Status.IN_PROGRESS, *CLOSED)


class Action(models.TextChoices):
    """What an entry did (Business Central R55, rules D2–D4, D10, D11)."""

    CREATED = "created", _("Created")
    ACTIVATED = "activated", _("Activated")
    NEXT = "next", _("Next")
    PREVIOUS = "previous", _("Previous")
    SKIPPED = "skipped", _("Skipped")
    JUMPED = "jumped", _("Jumped")
    UPDATED = "updated", _("Updated")
    REASSIGNED = "reassigned", _("Reassigned")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")
    REOPENED = "reopened", _("Reopened")
    UNDONE = "undone", _("Undone")
    DELETED = "deleted", _("Deleted")
    RESTORED = "restored", _("Restored")
    MERGED = "merged", _("Merged")


MOVES = (Action.ACTIVATED, Action.NEXT, Action.PREVIOUS, Action.SKIPPED, Action.JUMPED)
# Actions behind which a later change of stage or status may not be dated (house.md 4).
TURNS = (
    Action.CREATED,
    *MOVES,
    Action.WON,
    Action.LOST,
    Action.REOPENED,
    Action.DELETED,
    Action.RESTORED,
)


def money_field(label: Any, **options: Any) -> "models.DecimalField[Any, Any]":
    """Return an amount in the site's currency, with 2 decimals, not negative."""
    return models.DecimalField(
        label,
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
        **options,
    )


class OpportunityState(models.Model):
    """What can change about an opportunity: the columns that both tables hold alike.

    `sequence` and `effective_on` are those of the entry that brought the state
    about, so that the opportunity names its newest entry. Percentages are
    0–100; amounts are in the site's currency; the calculated value is exact
    (rules D16): value × probability while in progress, the sales value when
    won, 0 when lost or not started.
    """

    sequence = models.PositiveIntegerField(_("sequence"), default=1)
    effective_on = models.DateField(_("effective on"))
    status = models.CharField(_("status"), max_length=11, choices=Status)
    sales_cycle = models.ForeignKey(
        SalesCycle, verbose_name=_("sales cycle"), on_delete=models.PROTECT, related_name="+"
    )
    stage = models.ForeignKey(
        SalesCycleStage,
        verbose_name=_("stage"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    stage_entered_on = models.DateField(_("at this stage since"), null=True, blank=True)
    salesperson = models.ForeignKey(
        Salesperson, verbose_name=_("salesperson"), on_delete=models.PROTECT, related_name="+"
    )
    contact = models.ForeignKey(
        Contact, verbose_name=_("contact"), on_delete=models.PROTECT, related_name="+"
    )
    company = models.ForeignKey(
        Contact,
        verbose_name=_("company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    estimated_value = money_field(_("estimated value"), default=0)
    chances_of_success = percent_field(_("chances of success %"), default=0)
    completed = percent_field(_("completed %"), default=0)
    probability = models.DecimalField(_("probability %"), max_digits=9, decimal_places=6, default=0)
    calculated_value = models.DecimalField(
        _("calculated value"), max_digits=28, decimal_places=10, default=0
    )
    estimated_close_on = models.DateField(_("estimated close date"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    close_reason = models.ForeignKey(
        CloseReason,
        verbose_name=_("close reason"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    is_deleted = models.BooleanField(_("deleted"), default=False)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(condition=Q(sequence__gte=1), name="%(class)s_sequence"),
            models.CheckConstraint(
                condition=Q(status__in=Status.values), name="%(class)s_status_known"
            ),
            models.CheckConstraint(
                condition=within_hundred("chances_of_success")
                & within_hundred("completed")
                & within_hundred("probability"),
                name="%(class)s_percentages_within_hundred",
            ),
            models.CheckConstraint(
                condition=Q(estimated_value__gte=0, calculated_value__gte=0),
                name="%(class)s_values_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(stage__isnull=True, stage_entered_on__isnull=True)
                | Q(stage__isnull=False, stage_entered_on__isnull=False),
                name="%(class)s_stage_has_its_date",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.NOT_STARTED)
                | Q(stage__isnull=True, completed=0, probability=0, calculated_value=0),
                name="%(class)s_not_started",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.IN_PROGRESS)
                | Q(
                    stage__isnull=False,
                    estimated_close_on__isnull=False,
                    calculated_value=F("estimated_value")
                    * F("probability")
                    * Value(Decimal("0.01")),
                ),
                name="%(class)s_in_progress",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN, closed_on__isnull=True, close_reason__isnull=True)
                | Q(
                    status__in=CLOSED,
                    closed_on__isnull=False,
                    close_reason__isnull=False,
                    estimated_close_on=F("closed_on"),
                    completed=100,
                ),
                name="%(class)s_closed_with_date_and_reason",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.WON)
                | Q(chances_of_success=100, probability=100, calculated_value__gt=0),
                name="%(class)s_won",
            ),
            models.CheckConstraint(
                condition=~Q(status=Status.LOST)
                | Q(chances_of_success=0, probability=0, calculated_value=0),
                name="%(class)s_lost",
            ),
        ]

    @property
    def is_open(self) -> bool:
        """Say whether it is neither won nor lost."""
        return self.status in OPEN

    @property
    def is_closed(self) -> bool:
        """Say whether it is won or lost."""
        return self.status in CLOSED


STATE_FIELDS = tuple(field.name for field in OpportunityState._meta.local_fields)
STATE_ATTRIBUTES = tuple(field.attname for field in OpportunityState._meta.local_fields)
