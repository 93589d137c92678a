"""Opportunities, and the ledger of entries that says what each of them was, is, and when.

Beside the check constraints declared here, the migration `0002_ledger` holds
the triggers: an entry is never changed or deleted, and at commit an
opportunity agrees with its newest entry in every state column.
"""

import uuid
from datetime import date

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q, Value
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import Campaign, Contact, Segment, Tag
from crm.fields import Fold, folded_field, sort_key_field
from opportunities.beside import OpportunityContact, Question, Snooze
from opportunities.change import BoardChange
from opportunities.state import (
    CLOSED,
    MOVES,
    OPEN,
    STARTED,
    STATE_ATTRIBUTES,
    STATE_FIELDS,
    TURNS,
    Action,
    OpportunityState,
    Status,
    money_field,
)
from opportunities.states import StatesQuerySet
from opportunities.totals import GroupTotal, KeptTotal, TotalChange
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.models import Salesperson, User
from salespeople.visibility import Person, visible_ids

__all__ = [
    "CLOSED",
    "MOVES",
    "OPEN",
    "STARTED",
    "STATE_ATTRIBUTES",
    "STATE_FIELDS",
    "TURNS",
    "Action",
    "BoardChange",
    "GroupTotal",
    "KeptTotal",
    "Opportunity",
    "OpportunityContact",
    "OpportunityEntry",
    "OpportunityEntryQuerySet",
    "OpportunityQuerySet",
    "OpportunityState",
    "Purge",
    "Question",
    "Snooze",
    "Status",
    "TotalChange",
    "money_field",
]
MOST_DIGITS = 18  # of an id that fits the database


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
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opportunities",
    )
    segment = models.ForeignKey(
        Segment,
        verbose_name=_("segment"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="opportunities",
    )
    tags = models.ManyToManyField(
        Tag, verbose_name=_("tags"), blank=True, related_name="opportunities"
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
        close_on = self.estimated_close_on
        return self.is_open and close_on is not None and close_on < day


class OpportunityEntryQuerySet(StatesQuerySet["OpportunityEntry"]):
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
            models.Index(fields=["salesperson", "recorded_at"], name="entry_of_salesperson"),
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
