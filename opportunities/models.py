"""Opportunities, and the ledger of entries that says what each of them was, is, and when.

Beside the check constraints declared here, the migration `0002_ledger` holds
the triggers: an entry is never changed or deleted, and at commit an
opportunity agrees with its newest entry in every state column.
"""

import uuid
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import Campaign, Contact
from crm.fields import Fold, folded_field, percent_field, sort_key_field, within_hundred
from salescycles.models import CloseReason, SalesCycle, SalesCycleStage
from salespeople.models import Salesperson, User
from salespeople.visibility import Person, visible_ids


class Status(models.TextChoices):
    """Where an opportunity stands in its life (Business Central R19); never a stage."""

    NOT_STARTED = "not_started", _("Not started")
    IN_PROGRESS = "in_progress", _("In progress")
    WON = "won", _("Won")
    LOST = "lost", _("Lost")


MOST_DIGITS = 18  # of an id that fits the database
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


class OpportunityQuerySet(models.QuerySet["Opportunity"]):
    """The vocabulary of questions about opportunities."""

    def visible_to(self, user: Person) -> "OpportunityQuerySet":
        """Return what `user` may see: those of the visible salespeople (product.md 2).

        A plain IN, no join, so that the rows can be locked.
        """
        ids = visible_ids(user)
        return self.all() if ids is None else self.filter(salesperson__in=ids)

    def kept(self) -> "OpportunityQuerySet":
        """Return those that are not deleted."""
        return self.filter(is_deleted=False)

    def deleted(self) -> "OpportunityQuerySet":
        """Return the deleted ones."""
        return self.filter(is_deleted=True)

    def open(self) -> "OpportunityQuerySet":
        """Return those not started and those in progress (Business Central, section 0)."""
        return self.filter(status__in=OPEN)

    def closed(self) -> "OpportunityQuerySet":
        """Return those won and those lost."""
        return self.filter(status__in=CLOSED)

    def won(self) -> "OpportunityQuerySet":
        """Return those won."""
        return self.filter(status=Status.WON)

    def lost(self) -> "OpportunityQuerySet":
        """Return those lost."""
        return self.filter(status=Status.LOST)

    def closing_between(self, first: date, last: date) -> "OpportunityQuerySet":
        """Return those whose (estimated) close date lies within, both days included."""
        return self.filter(estimated_close_on__range=(first, last))

    def past_close_date(self, day: date) -> "OpportunityQuerySet":
        """Return the open ones that should have closed before `day` (R165, Overdue)."""
        return self.open().filter(estimated_close_on__lt=day)

    def of_company(self, contact: Contact) -> "OpportunityQuerySet":
        """Return those of a company and all its people, or of one person (R149)."""
        if contact.is_company:
            return self.filter(company=contact)
        return self.filter(contact=contact)

    def search(self, text: str) -> "OpportunityQuerySet":
        """Return those whose description, number, contact or company matches `text`.

        Description and names are asked apart and joined by UNION, so that each
        uses its own index.
        """
        words = text.split()
        if not words:
            return self
        described = Q()
        for word in words:
            described &= Q(search_text__contains=Fold(Value(word)))
        plain = Opportunity.objects.order_by()
        names = Contact.objects.order_by().search(text).values("pk")
        found = (
            plain.filter(described)
            .values("pk")
            .union(
                plain.filter(contact__in=names).values("pk"),
                plain.filter(company__in=names).values("pk"),
                plain.filter(pk__in=self._numbers(text)).values("pk"),
            )
        )
        return self.filter(pk__in=found)

    @staticmethod
    def _numbers(text: str) -> list[int]:
        number = text.strip().upper().removeprefix(Opportunity.PREFIX)
        is_number = number.isascii() and number.isdigit() and len(number) < MOST_DIGITS
        return [int(number)] if is_number else []


class Opportunity(OpportunityState):
    """A possible sale: what it is called, and a copy of the newest entry's state.

    Only `opportunities.lifecycle` writes one; whatever else tries is refused
    by the database at commit.
    """

    PREFIX = "O"

    class Priority(models.IntegerChoices):
        LOW = 1, _("Low")
        NORMAL = 2, _("Normal")
        HIGH = 3, _("High")

    description = models.CharField(_("description"), max_length=100)
    description_sort = sort_key_field("description")
    search_text = folded_field("description")
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=Priority, default=Priority.NORMAL
    )
    edits = models.PositiveIntegerField(_("number of edits"), default=0, editable=False)
    created_on = models.DateField(_("created on"))
    created_at = models.DateTimeField(_("created at"))
    created_by = models.ForeignKey(
        User, verbose_name=_("created by"), on_delete=models.PROTECT, related_name="+"
    )
    sales_cycle = models.ForeignKey(
        SalesCycle,
        verbose_name=_("sales cycle"),
        on_delete=models.PROTECT,
        related_name="opportunities",
    )
    stage = models.ForeignKey(
        SalesCycleStage,
        verbose_name=_("stage"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opportunities",
    )
    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        on_delete=models.PROTECT,
        related_name="opportunities",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        on_delete=models.PROTECT,
        related_name="opportunities",
    )
    company = models.ForeignKey(
        Contact,
        verbose_name=_("company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="company_opportunities",
    )

    objects = OpportunityQuerySet.as_manager()

    class Meta(OpportunityState.Meta):
        verbose_name = _("opportunity")
        verbose_name_plural = _("opportunities")
        constraints = [
            *OpportunityState.Meta.constraints,
            models.CheckConstraint(condition=~Q(description=""), name="opportunity_described"),
            models.CheckConstraint(
                condition=Q(priority__in=[1, 2, 3]), name="opportunity_priority_known"
            ),
        ]
        indexes = [
            models.Index(fields=["salesperson", "status"], name="opportunity_of_salesperson"),
            models.Index(
                fields=["sales_cycle", "stage", "estimated_close_on", "id"],
                name="opportunity_on_board",
                condition=Q(is_deleted=False, status__in=OPEN),
            ),
            models.Index(fields=["estimated_close_on", "id"], name="opportunity_by_close_date"),
            models.Index(fields=["created_at", "id"], name="opportunity_by_creation"),
            models.Index(fields=["estimated_value", "id"], name="opportunity_by_value"),
            models.Index(fields=["calculated_value", "id"], name="opportunity_by_calculated"),
            models.Index(fields=["description_sort", "id"], name="opportunity_by_description"),
            GinIndex(OpClass("search_text", "gin_trgm_ops"), name="opportunity_search"),
        ]

    def __str__(self) -> str:
        return self.description

    def get_absolute_url(self) -> str:
        """Return the address of the opportunity's page."""
        return reverse("opportunities:detail", args=[self.pk])

    @property
    def number(self) -> str:
        """The number people quote: a prefix and the id (house.md 3)."""
        return f"{self.PREFIX}{self.pk}"

    def is_past_close_date(self, day: date) -> bool:
        """Say whether it is open and should have closed before `day`."""
        return (
            self.is_open and self.estimated_close_on is not None and (self.estimated_close_on < day)
        )


class OpportunityEntryQuerySet(models.QuerySet["OpportunityEntry"]):
    """The vocabulary of questions about entries."""

    def visible_to(self, user: Person) -> "OpportunityEntryQuerySet":
        """Return the entries of the opportunities that `user` may see."""
        return self.filter(opportunity__in=Opportunity.objects.visible_to(user))

    def current(self) -> "OpportunityEntryQuerySet":
        """Return the newest entry of each opportunity."""
        return self.filter(superseded_at__isnull=True)

    def standing(self) -> "OpportunityEntryQuerySet":
        """Return those that are neither undone nor an undo (house.md 4)."""
        return self.filter(undone_by__isnull=True).exclude(action=Action.UNDONE)

    def as_of(self, day: date) -> "OpportunityEntryQuerySet":
        """Return the state of each opportunity on `day`, as we know it now."""
        return self.filter(
            Q(superseded_on__isnull=True) | Q(superseded_on__gt=day), effective_on__lte=day
        )

    def as_known_at(self, moment: Any) -> "OpportunityEntryQuerySet":
        """Return the newest entries as they were recorded at `moment`."""
        return self.filter(
            Q(superseded_at__isnull=True) | Q(superseded_at__gt=moment), recorded_at__lte=moment
        )


class OpportunityEntry(OpportunityState):
    """The whole state of an opportunity after one change (Business Central R54).

    `effective_on` is the day from which the state holds; `superseded_on` the
    day from which a later entry claims it. `recorded_at` and `superseded_at`
    are when we came to know it, and when we knew better.
    """

    opportunity = models.ForeignKey(
        Opportunity,
        verbose_name=_("opportunity"),
        on_delete=models.PROTECT,
        related_name="entries",
    )
    action = models.CharField(_("action"), max_length=10, choices=Action)
    stage_name = models.CharField(_("stage as it was called"), max_length=100, blank=True)
    previous_stage = models.ForeignKey(
        SalesCycleStage,
        verbose_name=_("previous stage"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    note = models.TextField(_("note"), blank=True)
    superseded_on = models.DateField(_("superseded on"), null=True, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        User, verbose_name=_("recorded by"), on_delete=models.PROTECT, related_name="+"
    )
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True)
    act = models.UUIDField(_("act"), default=uuid.uuid4)
    undoes = models.OneToOneField(
        "self",
        verbose_name=_("undoes"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="undone_by",
    )
    made_customer = models.BooleanField(_("made the company a customer"), default=False)

    objects = OpportunityEntryQuerySet.as_manager()

    class Meta(OpportunityState.Meta):
        verbose_name = _("opportunity entry")
        verbose_name_plural = _("opportunity entries")
        constraints = [
            *OpportunityState.Meta.constraints,
            models.UniqueConstraint(fields=["opportunity", "sequence"], name="entry_sequence"),
            models.UniqueConstraint(
                fields=["opportunity"],
                condition=Q(superseded_at__isnull=True),
                name="entry_one_current",
            ),
            models.CheckConstraint(
                condition=Q(action__in=Action.values), name="entry_action_known"
            ),
            models.CheckConstraint(
                condition=Q(superseded_on__isnull=True) | Q(superseded_on__gte=F("effective_on")),
                name="entry_span_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True) | Q(superseded_at__gte=F("recorded_at")),
                name="entry_recorded_span_not_negative",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=False) | Q(superseded_on__isnull=True),
                name="entry_newest_holds_on",
            ),
            models.CheckConstraint(
                condition=Q(action=Action.CREATED, sequence=1)
                | (~Q(action=Action.CREATED) & Q(sequence__gt=1)),
                name="entry_created_first",
            ),
            models.CheckConstraint(
                condition=Q(action=Action.UNDONE, undoes__isnull=False)
                | (~Q(action=Action.UNDONE) & Q(undoes__isnull=True)),
                name="entry_undone_pair",
            ),
        ]
        indexes = [
            models.Index(fields=["act"], name="entry_of_act"),
        ]

    def __str__(self) -> str:
        return f"{self.opportunity_id}/{self.sequence} {self.get_action_display()}"


class Purge(models.Model):
    """What was deleted for good, by whom and when (rules D11); nothing about anybody."""

    opportunity_number = models.CharField(_("opportunity number"), max_length=20)
    entries = models.PositiveIntegerField(_("number of entries"))
    purged_at = models.DateTimeField(_("purged at"))
    purged_by = models.ForeignKey(
        User, verbose_name=_("purged by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("purge")
        verbose_name_plural = _("purges")

    def __str__(self) -> str:
        return self.opportunity_number
