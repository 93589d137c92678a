"""Things to do; who attends them stands in `tasks.attendee`, what happened in `tasks.interaction`.

Only `tasks.lifecycle` writes them. They name an opportunity without importing
it: tasks lie below opportunities (house.md 1).
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import ExpressionWrapper, F, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import Campaign, Contact, Segment
from crm.dates import today
from crm.fields import folded_field, pair, sort_key_field
from salescycles.fields import DateFormulaField
from salescycles.models import TaskKind, TaskPriority
from salespeople.models import Salesperson, Team, TeamMembership, User
from salespeople.visibility import Person, salesperson_of, visible_ids, visible_teams
from tasks.attendee import TaskAttendee
from tasks.interaction import Interaction, InteractionFigures, InteractionQuerySet
from tasks.mail_template import MailTemplate

__all__ = [
    "Interaction",
    "InteractionFigures",
    "InteractionQuerySet",
    "MailTemplate",
    "Task",
    "TaskAttendee",
    "TaskQuerySet",
]

FIRST_DAY = date(1900, 1, 1)
LAST_DAY = date(2999, 12, 31)
WHOLE_DAY = timedelta(days=1)
LEAST_DURATION = timedelta(minutes=1)
MOST_DURATION = timedelta(days=3650)


def memberships_of(salesperson: Salesperson) -> QuerySet[TeamMembership]:
    """Return the memberships of today, of any kind: what says whose tasks one may take."""
    return TeamMembership.objects.on(today()).filter(salesperson=salesperson).order_by("team")


def teams_of(user: Person) -> list[int]:
    """Return the ids of the teams whose tasks `user` may take."""
    own = salesperson_of(user)
    return [] if own is None else list(memberships_of(own).values_list("team", flat=True))


class TaskQuerySet(models.QuerySet["Task"]):
    """The vocabulary of questions about tasks."""

    def visible_to(self, user: Person) -> "TaskQuerySet":
        """Return what `user` may see (product.md 2).

        Tasks follow their opportunity or, without one, their salesperson or
        team. Besides, everybody sees what is his or her own, the meetings that
        he or she attends, and what is a task of his or her teams, taken or not.
        """
        ids = visible_ids(user)
        if ids is None:
            return self.all()
        nobodys = Q(salesperson__isnull=True)
        of_theirs = Q(salesperson__in=ids) | nobodys & Q(team__in=visible_teams(user).values("pk"))
        found = Q(opportunity__salesperson__in=ids) | Q(opportunity__isnull=True) & of_theirs
        own = salesperson_of(user)
        if own is not None:
            attended = TaskAttendee.objects.filter(salesperson=own).values("task")
            mates = memberships_of(own).values("team")
            found |= Q(salesperson=own) | Q(pk__in=attended) | Q(team__in=mates)
        return self.filter(found)

    def telling(self, user: Person) -> "TaskQuerySet":
        """Return them with `tells`: whether `user` may see the opportunity of each.

        Who attends a meeting sees the task, and not what it is about.
        """
        told, ids = Q(opportunity__is_deleted=False), visible_ids(user)
        if ids is not None:
            told &= Q(opportunity__salesperson__in=ids)
        return self.annotate(tells=ExpressionWrapper(told, output_field=models.BooleanField()))

    def open(self) -> "TaskQuerySet":
        """Return those neither completed nor cancelled."""
        return self.filter(status__in=Task.OPEN)

    def closed(self) -> "TaskQuerySet":
        """Return those completed and those cancelled."""
        return self.exclude(status__in=Task.OPEN)

    def late(self, day: date) -> "TaskQuerySet":
        """Return the open ones that were due before `day`."""
        return self.open().filter(due_on__lt=day)

    def due_between(self, first: date, last: date) -> "TaskQuerySet":
        """Return those due within, both days included."""
        return self.filter(due_on__range=(first, last))

    def of_opportunity(self, opportunity: Any) -> "TaskQuerySet":
        """Return those of one opportunity, the next first."""
        return self.filter(opportunity=opportunity).order_by("due_on", "start_time", "pk")


class Task(models.Model):
    """Something to do (Business Central R177–R188 with rules D21).

    A task of a team has no salesperson until a member takes it. Without a
    start it takes whole days; `duration` then counts the first and the last
    (R187). `edits` counts the changes: what a form sends back as `seen`.
    """

    PREFIX = "T"

    class Status(models.TextChoices):
        NOT_STARTED = "not_started", _("Not started")
        IN_PROGRESS = "in_progress", _("In progress")
        WAITING = "waiting", _("Waiting")
        POSTPONED = "postponed", _("Postponed")
        COMPLETED = "completed", _("Completed")
        CANCELLED = "cancelled", _("Cancelled")

    class RecursFrom(models.TextChoices):
        DUE = "due", _("its due date")
        CLOSING = "closing", _("the day it is closed")

    OPEN = (Status.NOT_STARTED, Status.IN_PROGRESS, Status.WAITING, Status.POSTPONED)

    kind = models.CharField(_("kind"), max_length=10, choices=TaskKind, default=TaskKind.TO_DO)
    description = models.CharField(_("description"), max_length=100)
    description_sort = sort_key_field("description")
    search_text = folded_field("description")
    note = models.TextField(_("note"), blank=True)
    due_on = models.DateField(_("due on"))
    start_time = models.TimeField(_("start"), null=True, blank=True)
    duration = models.DurationField(_("duration"), default=WHOLE_DAY)
    status = models.CharField(
        _("status"), max_length=11, choices=Status, default=Status.NOT_STARTED
    )
    status_before = models.CharField(
        _("status before it was closed"), max_length=11, blank=True, editable=False
    )
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=TaskPriority, default=TaskPriority.NORMAL
    )
    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    team = models.ForeignKey(
        Team,
        verbose_name=_("team"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    contact = models.ForeignKey(
        Contact,
        verbose_name=_("contact"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    company = models.ForeignKey(
        Contact,
        verbose_name=_("company"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="company_tasks",
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        verbose_name=_("opportunity"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    entry = models.ForeignKey(
        "opportunities.OpportunityEntry",
        verbose_name=_("entry"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
        help_text=_("The entry that created it, else the newest one when it was planned."),
    )
    is_of_stage = models.BooleanField(
        _("created by the stage"), default=False, help_text=_("Made when its entry was written.")
    )
    cancelled_by_entry = models.ForeignKey(
        "opportunities.OpportunityEntry",
        verbose_name=_("cancelled by the entry"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="cancelled_tasks",
    )
    handed_over_by = models.ForeignKey(
        "opportunities.OpportunityEntry",
        verbose_name=_("handed over by the entry"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="handed_over_tasks",
    )
    campaign = models.ForeignKey(
        Campaign,
        verbose_name=_("campaign"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    segment = models.ForeignKey(
        Segment,
        verbose_name=_("segment"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="tasks",
    )
    location = models.CharField(_("location"), max_length=100, blank=True)
    is_recurring = models.BooleanField(_("recurring"), default=False)
    recurring_interval = DateFormulaField(_("again after"), blank=True)
    recurs_from = models.CharField(_("counted from"), max_length=7, choices=RecursFrom, blank=True)
    follows = models.OneToOneField(
        "self",
        verbose_name=_("follows"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="followed_by",
        help_text=_("The recurring task whose closing created this one."),
    )
    completed_by = models.ForeignKey(
        Salesperson,
        verbose_name=_("completed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="completed_tasks",
    )
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    closed_by = models.ForeignKey(
        User,
        verbose_name=_("closed by"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
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
    edits = models.PositiveIntegerField(_("number of changes"), default=0, editable=False)
    is_touched = models.BooleanField(
        _("touched"),
        default=False,
        editable=False,
        help_text=_("Somebody changed the task itself, not only its opportunity."),
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.CheckConstraint(condition=~Q(description=""), name="task_described"),
            models.CheckConstraint(condition=Q(kind__in=TaskKind.values), name="task_kind_known"),
            models.CheckConstraint(
                condition=Q(priority__in=TaskPriority.values), name="task_priority_known"
            ),
            models.CheckConstraint(
                condition=Q(salesperson__isnull=False) | Q(team__isnull=False),
                name="task_belongs_to_somebody",
            ),
            models.CheckConstraint(
                condition=Q(due_on__range=(FIRST_DAY, LAST_DAY)), name="task_due_within_calendar"
            ),
            models.CheckConstraint(
                condition=Q(duration__gte=LEAST_DURATION, duration__lte=MOST_DURATION),
                name="task_duration_within_bounds",
            ),
            models.CheckConstraint(
                condition=Q(is_recurring=False)
                | (~Q(recurring_interval="") & Q(recurs_from__in=["due", "closing"])),
                name="task_recurs_by_rule",
            ),
            models.CheckConstraint(
                condition=Q(
                    status__in=["not_started", "in_progress", "waiting", "postponed"],
                    closed_at__isnull=True,
                    completed_by__isnull=True,
                )
                | Q(status="completed", closed_at__isnull=False)
                | Q(status="cancelled", closed_at__isnull=False, completed_by__isnull=True),
                name="task_closed_with_its_moment",
            ),
            models.CheckConstraint(
                condition=~Q(status="completed", salesperson__isnull=True)
                | Q(completed_by__isnull=False),
                name="task_of_team_completed_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(cancelled_by_entry__isnull=True) | Q(status="cancelled"),
                name="task_cancelled_by_entry",
            ),
            models.CheckConstraint(
                condition=pair("closed_at", "closed_by"), name="task_closed_pair"
            ),
            models.CheckConstraint(
                condition=pair("changed_at", "changed_by"), name="task_changed_pair"
            ),
            models.CheckConstraint(
                condition=Q(follows__isnull=True) | ~Q(follows=F("pk")), name="task_follows_another"
            ),
        ]
        indexes = [
            models.Index(
                fields=["salesperson", "due_on", "id"],
                name="task_open_of_salesperson",
                condition=Q(status__in=["not_started", "in_progress", "waiting", "postponed"]),
            ),
            models.Index(
                fields=["opportunity", "due_on"],
                name="task_open_of_opportunity",
                condition=Q(status__in=["not_started", "in_progress", "waiting", "postponed"]),
            ),
            models.Index(fields=["due_on", "id"], name="task_by_due_date"),
            GinIndex(OpClass("search_text", "gin_trgm_ops"), name="task_search"),
        ]

    def __str__(self) -> str:
        return self.description

    def get_absolute_url(self) -> str:
        """Return the address of the task's page."""
        return reverse("tasks:detail", args=[self.pk])

    @property
    def number(self) -> str:
        """The number people quote: a prefix and the id (house.md 3)."""
        return f"{self.PREFIX}{self.pk}"

    @property
    def is_open(self) -> bool:
        """Say whether it is neither completed nor cancelled."""
        return self.status in self.OPEN

    @property
    def is_all_day(self) -> bool:
        """Say whether it takes whole days (R187)."""
        return self.start_time is None

    @property
    def ends_on(self) -> date:
        """The last day: of an all-day task, duration counts both the first and the last (R187)."""
        if self.start_time is None:
            return self.due_on + max(self.duration - WHOLE_DAY, timedelta(0))
        return self._end.date()

    @property
    def end_time(self) -> time | None:
        """When it ends on its last day; None for an all-day task (R187)."""
        return None if self.start_time is None else self._end.time()

    @property
    def _end(self) -> datetime:
        start = datetime.combine(self.due_on, self.start_time or time(0), UTC)
        return start + self.duration

    def is_late(self, day: date) -> bool:
        """Say whether it is open and was due before `day`."""
        return self.is_open and self.due_on < day
