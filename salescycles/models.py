"""Sales cycles with their ordered stages, activities, and the reasons for closing."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from crm.fields import percent_field, within_hundred
from salescycles.fields import DateFormulaField
from salescycles.probability import ProbabilityCalculation


class SalesCycleQuerySet(models.QuerySet["SalesCycle"]):
    """The vocabulary of questions about sales cycles."""

    def usable(self) -> "SalesCycleQuerySet":
        """Return those that may be assigned to an opportunity (Business Central R3)."""
        return self.filter(is_blocked=False)

    def default(self) -> "SalesCycle | None":
        """Return the cycle proposed for a new opportunity (Business Central R25)."""
        return self.usable().filter(is_default=True).first()


class SalesCycle(models.Model):
    """A way of selling: an ordered row of stages (Business Central R1)."""

    code = models.CharField(_("code"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(_("description"), blank=True)
    probability_calculation = models.CharField(
        _("probability calculation"),
        max_length=10,
        choices=ProbabilityCalculation,
        default=ProbabilityCalculation.MULTIPLY,
        help_text=_("A change is used when the next entry is written; history stays as it is."),
    )
    is_default = models.BooleanField(
        _("default"), default=False, help_text=_("Proposed for new opportunities.")
    )
    is_blocked = models.BooleanField(
        _("blocked"),
        default=False,
        help_text=_("Not for new opportunities; those that use it carry on."),
    )

    objects = SalesCycleQuerySet.as_manager()

    class Meta:
        verbose_name = _("sales cycle")
        verbose_name_plural = _("sales cycles")
        ordering = ("name", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(code=Upper("code")) & ~Q(code=""),
                name="cycle_code_upper",
                violation_error_message=_("A code is written in capital letters."),
            ),
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="cycle_one_default",
                violation_error_message=_("Another sales cycle is the default."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Store the code in capital letters (Business Central R1)."""
        self.code = self.code.strip().upper()


class TaskKind(models.TextChoices):
    """What is to be done (Business Central R178; its blank type is a "to do" here)."""

    TO_DO = "to_do", _("To do")
    PHONE_CALL = "phone_call", _("Phone call")
    MEETING = "meeting", _("Meeting")


class TaskPriority(models.IntegerChoices):
    """How much it matters (Business Central R179)."""

    LOW = 1, _("Low")
    NORMAL = 2, _("Normal")
    HIGH = 3, _("High")


class ActivityQuerySet(models.QuerySet["Activity"]):
    """The vocabulary of questions about activities."""

    def usable(self) -> "ActivityQuerySet":
        """Return those that may be assigned."""
        return self.filter(is_blocked=False)


class Activity(models.Model):
    """A template of tasks, given to a stage or assigned by hand (Business Central R202)."""

    code = models.CharField(_("code"), max_length=10, unique=True)
    description = models.CharField(_("description"), max_length=100)
    is_blocked = models.BooleanField(
        _("blocked"),
        default=False,
        help_text=_("May not be assigned any more, nor given to another stage."),
    )

    objects = ActivityQuerySet.as_manager()

    class Meta:
        verbose_name = _("activity")
        verbose_name_plural = _("activities")
        ordering = ("description", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(code=Upper("code")) & ~Q(code=""),
                name="activity_code_upper",
                violation_error_message=_("A code is written in capital letters."),
            ),
        ]

    def __str__(self) -> str:
        return self.description

    def clean(self) -> None:
        """Store the code in capital letters (Business Central R202)."""
        self.code = self.code.strip().upper()


class ActivityStep(models.Model):
    """One task that an activity makes, dated by a formula from the day it is assigned (R100)."""

    activity = models.ForeignKey(
        Activity, verbose_name=_("activity"), on_delete=models.CASCADE, related_name="steps"
    )
    position = models.PositiveIntegerField(_("position"), validators=[MinValueValidator(1)])
    kind = models.CharField(_("kind"), max_length=10, choices=TaskKind, default=TaskKind.TO_DO)
    description = models.CharField(_("description"), max_length=100)
    priority = models.PositiveSmallIntegerField(
        _("priority"), choices=TaskPriority, default=TaskPriority.LOW
    )
    date_formula = DateFormulaField(
        _("date formula"),
        blank=True,
        help_text=_("When it is due, counted from the day it is assigned: 2D, 1W, CM."),
    )

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ("activity", "position")
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "position"],
                name="step_position_unique",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message=_("Another step has this position."),
            ),
            models.CheckConstraint(condition=Q(position__gte=1), name="step_position_from_one"),
            models.CheckConstraint(condition=Q(kind__in=TaskKind.values), name="step_kind_known"),
            models.CheckConstraint(
                condition=Q(priority__in=TaskPriority.values), name="step_priority_known"
            ),
            models.CheckConstraint(condition=~Q(description=""), name="step_described"),
        ]

    def __str__(self) -> str:
        return self.description


class SalesCycleStageQuerySet(models.QuerySet["SalesCycleStage"]):
    """The vocabulary of questions about stages."""

    def usable(self) -> "SalesCycleStageQuerySet":
        """Return those that may be entered."""
        return self.filter(is_blocked=False)


class SalesCycleStage(models.Model):
    """A stage of a sales cycle (Business Central R8); the order is that of `position`."""

    sales_cycle = models.ForeignKey(
        SalesCycle, verbose_name=_("sales cycle"), on_delete=models.CASCADE, related_name="stages"
    )
    position = models.PositiveIntegerField(_("position"), validators=[MinValueValidator(1)])
    name = models.CharField(_("name"), max_length=100)
    description = models.TextField(
        _("description"), blank=True, help_text=_("What is true of an opportunity at this stage.")
    )
    completed = percent_field(_("completed %"), default=0)
    chances_of_success = percent_field(_("chances of success %"), default=0)
    quote_required = models.BooleanField(
        _("quote required"),
        default=False,
        help_text=_("Entered forward only with a quote that is neither declined nor expired."),
    )
    allow_skip = models.BooleanField(
        _("allow skip"), default=False, help_text=_("May be passed over.")
    )
    date_formula = DateFormulaField(
        _("date formula"),
        blank=True,
        help_text=_("Proposes the estimated close date, counted from the change: 1M, 2W+1D, CM."),
    )
    activity = models.ForeignKey(
        Activity,
        verbose_name=_("activity"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="stages",
        help_text=_("Its tasks are created when the stage is entered."),
    )
    is_blocked = models.BooleanField(
        _("blocked"),
        default=False,
        help_text=_("May not be entered any more; what is there stays and can leave."),
    )

    objects = SalesCycleStageQuerySet.as_manager()

    class Meta:
        verbose_name = _("stage")
        verbose_name_plural = _("stages")
        ordering = ("sales_cycle", "position")
        constraints = [
            models.UniqueConstraint(
                fields=["sales_cycle", "position"],
                name="stage_position_unique",
                deferrable=models.Deferrable.DEFERRED,
                violation_error_message=_("Another stage has this position."),
            ),
            # What the ledger's composite foreign key (stage, its cycle) points to.
            models.UniqueConstraint(fields=["id", "sales_cycle"], name="stage_with_its_cycle"),
            models.CheckConstraint(condition=Q(position__gte=1), name="stage_position_from_one"),
            models.CheckConstraint(
                condition=within_hundred("completed"), name="stage_completed_within_hundred"
            ),
            models.CheckConstraint(
                condition=within_hundred("chances_of_success"),
                name="stage_chances_within_hundred",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CloseReasonQuerySet(models.QuerySet["CloseReason"]):
    """The vocabulary of questions about close reasons."""

    def usable(self) -> "CloseReasonQuerySet":
        """Return those that may be chosen."""
        return self.filter(is_blocked=False)


class CloseReason(models.Model):
    """Why an opportunity was won or lost (Business Central R14)."""

    class Kind(models.TextChoices):
        WON = "won", _("Won")
        LOST = "lost", _("Lost")

    code = models.CharField(_("code"), max_length=10, unique=True)
    description = models.CharField(_("description"), max_length=100)
    kind = models.CharField(_("kind"), max_length=4, choices=Kind, default=Kind.WON)
    is_blocked = models.BooleanField(
        _("blocked"), default=False, help_text=_("May not be chosen any more.")
    )

    objects = CloseReasonQuerySet.as_manager()

    class Meta:
        verbose_name = _("close reason")
        verbose_name_plural = _("close reasons")
        ordering = ("kind", "description", "pk")
        constraints = [
            models.CheckConstraint(
                condition=Q(code=Upper("code")) & ~Q(code=""),
                name="reason_code_upper",
                violation_error_message=_("A code is written in capital letters."),
            ),
            # What the ledger's composite foreign key (reason, status) points to.
            models.UniqueConstraint(fields=["id", "kind"], name="reason_with_its_kind"),
        ]

    def __str__(self) -> str:
        return self.description

    def clean(self) -> None:
        """Store the code in capital letters."""
        self.code = self.code.strip().upper()
