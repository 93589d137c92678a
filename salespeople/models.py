"""Who signs in, who sells, and how they are organised in teams."""

from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from crm.fields import percent_field, sort_key_field, within_hundred


def check_time_zone(value: str) -> None:
    """Raise ValidationError unless `value` names a time zone."""
    if value not in available_timezones():
        raise ValidationError(_("“%(value)s” is not a time zone."), params={"value": value})


class User(AbstractUser):
    """Somebody who signs in, with the preferences of that person."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(
        _("language"),
        max_length=10,
        blank=True,
        choices=[("en", "English"), ("nb", "Norsk bokmål")],
        help_text=_("Empty: as the browser asks."),
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        blank=True,
        validators=[check_time_zone],
        help_text=_("Empty: the site's time zone."),
    )
    mail_digest = models.BooleanField(
        _("daily mail"),
        default=True,
        help_text=_("Each morning: what is late and what is due today."),
    )
    mail_review = models.BooleanField(
        _("weekly mail of the review"),
        default=False,
        help_text=_("For managers: each Monday morning, what changed and what to talk about."),
    )
    # Counted up to revoke the address of the calendar feed; 0: there is none.
    calendar_version = models.PositiveIntegerField(
        _("version of the calendar feed"), default=0, editable=False
    )
    # Kept by salespeople.visibility for the time of one request.
    visible_ids_kept: list[int] | None = None

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @cached_property
    def role_names(self) -> frozenset[str]:
        """The names of the user's groups, asked for once a request."""
        return frozenset(self.groups.values_list("name", flat=True))


class SalespersonQuerySet(models.QuerySet["Salesperson"]):
    """The vocabulary of questions about salespeople."""

    def usable(self) -> "SalespersonQuerySet":
        """Return those who may be chosen for something new (Business Central R23)."""
        return self.filter(is_blocked=False)

    def search(self, text: str) -> "SalespersonQuerySet":
        """Return those whose name, code or e-mail contains `text`."""
        return self.filter(
            models.Q(name__icontains=text)
            | models.Q(code__icontains=text)
            | models.Q(email__icontains=text)
        )


class Salesperson(models.Model):
    """A person who sells (Business Central R172)."""

    class Sees(models.TextChoices):
        OWN = "own", _("Own")
        TEAM = "team", _("Team, with the teams below it")
        ALL = "all", _("Everything")

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_sort = sort_key_field("name")
    job_title = models.CharField(_("job title"), max_length=100, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    commission_percent = percent_field(_("commission %"), default=0)
    is_blocked = models.BooleanField(
        _("blocked"), default=False, help_text=_("May not be chosen for anything new.")
    )
    user = models.OneToOneField(
        User,
        verbose_name=_("user"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="salesperson",
        help_text=_("Who signs in as this salesperson."),
    )
    sees = models.CharField(_("sees"), max_length=4, choices=Sees, default=Sees.OWN)
    # Kept by salespeople.visibility for the time of one request.
    team_ids_kept: set[int] | None = None

    objects = SalespersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("salesperson")
        verbose_name_plural = _("salespeople")
        ordering = ("name_sort", "pk")
        constraints = [
            models.CheckConstraint(
                condition=within_hundred("commission_percent"),
                name="salesperson_commission_within_hundred",
            ),
            models.CheckConstraint(
                condition=models.Q(code=Upper("code")) & ~models.Q(code=""),
                name="salesperson_code_upper",
                violation_error_message=_("A code is written in capital letters."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Store the code in capital letters, and the phone number as it is written there."""
        self.code = self.code.strip().upper()

    def get_absolute_url(self) -> str:
        """Return the address of the salesperson's page."""
        return reverse("salespeople:detail", args=[self.pk])


class Team(models.Model):
    """A team of salespeople, in a tree (Business Central R174)."""

    code = models.CharField(_("code"), max_length=10, unique=True)
    name = models.CharField(_("name"), max_length=100)
    name_sort = sort_key_field("name")
    parent = models.ForeignKey(
        "self",
        verbose_name=_("belongs to"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    manager = models.ForeignKey(
        Salesperson,
        verbose_name=_("manager"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="managed_teams",
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        ordering = ("name_sort", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(parent=models.F("pk")),
                name="team_not_its_own_parent",
                violation_error_message=_("A team cannot belong to itself."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        """Refuse a tree that bites its tail."""
        seen = {self.pk}
        above = self.parent
        while above is not None:
            if above.pk in seen:
                raise ValidationError({"parent": _("A team cannot belong to a team below it.")})
            seen.add(above.pk)
            above = above.parent

    def get_absolute_url(self) -> str:
        """Return the address of the team's page."""
        return reverse("salespeople:team", args=[self.pk])


class DateSpan(models.Func):
    """The range of days from a first day up to, not including, a last one."""

    function = "DATERANGE"
    output_field: Any = DateRangeField()


class TeamMembershipQuerySet(models.QuerySet["TeamMembership"]):
    """The vocabulary of questions about who belongs where."""

    def on(self, day: date) -> "TeamMembershipQuerySet":
        """Return the memberships that hold on `day`."""
        return self.filter(
            models.Q(until_on__isnull=True) | models.Q(until_on__gt=day), from_on__lte=day
        )

    def home(self) -> "TeamMembershipQuerySet":
        """Return the memberships that decide who sees whom."""
        return self.filter(is_home=True)


class TeamMembership(models.Model):
    """A salesperson's time in a team; one home team at a time, any number of others."""

    team = models.ForeignKey(
        Team, verbose_name=_("team"), on_delete=models.CASCADE, related_name="memberships"
    )
    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        on_delete=models.CASCADE,
        related_name="memberships",
    )
    is_home = models.BooleanField(
        _("home team"), default=True, help_text=_("Others only take tasks of the team.")
    )
    from_on = models.DateField(_("from"))
    until_on = models.DateField(
        _("until"), null=True, blank=True, help_text=_("The first day after it; empty: still.")
    )

    objects = TeamMembershipQuerySet.as_manager()

    class Meta:
        verbose_name = _("team membership")
        verbose_name_plural = _("team memberships")
        ordering = ("team", "from_on", "pk")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_on__isnull=True)
                | models.Q(until_on__gt=models.F("from_on")),
                name="membership_ends_after_it_begins",
                violation_error_message=_("The end lies before the beginning."),
            ),
            ExclusionConstraint(
                name="membership_one_home_at_a_time",
                expressions=[
                    ("salesperson", RangeOperators.EQUAL),
                    (DateSpan("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
                condition=models.Q(is_home=True),
                violation_error_message=_("A salesperson has one home team at a time."),
            ),
            ExclusionConstraint(
                name="membership_once_in_a_team",
                expressions=[
                    ("salesperson", RangeOperators.EQUAL),
                    ("team", RangeOperators.EQUAL),
                    (DateSpan("from_on", "until_on"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("A salesperson is in a team once at a time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.salesperson} – {self.team}"

    def holds_on(self, day: date) -> bool:
        """Say whether it holds on `day`."""
        return self.from_on <= day and (self.until_on is None or day < self.until_on)

    def is_home_on(self, day: date) -> bool:
        """Say whether it decides on `day` who sees whom."""
        return self.is_home and self.holds_on(day)


class SiteSettings(models.Model):
    """What administrators set for everybody: one row, or none while the usual holds."""

    BIG_WIN = Decimal(1_000_000)

    big_win_value = models.DecimalField(
        _("a big win from"),
        max_digits=18,
        decimal_places=2,
        null=True,
        blank=True,
        default=BIG_WIN,
        validators=[MinValueValidator(Decimal(1))],
        help_text=_(
            "When an opportunity is won for so much, in the site's currency, those who may see it "
            "are told. Empty: nobody is told."
        ),
    )

    class Meta:
        verbose_name = _("settings of the site")
        verbose_name_plural = _("settings of the site")
        constraints = [
            models.CheckConstraint(condition=models.Q(pk=1), name="site_settings_one_row"),
            models.CheckConstraint(
                condition=models.Q(big_win_value__isnull=True) | models.Q(big_win_value__gte=1),
                name="site_settings_big_win_positive",
            ),
        ]

    def __str__(self) -> str:
        return str(_("Settings of the site"))

    @classmethod
    def current(cls) -> "SiteSettings":
        """Return what holds."""
        return cls.objects.first() or cls()


class Target(models.Model):
    """What a salesperson is to win in a month, in the site's currency (product.md 1, My day)."""

    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        on_delete=models.CASCADE,
        related_name="targets",
    )
    month = models.DateField(_("month"), help_text=_("Its first day."))
    value = models.DecimalField(
        _("target"),
        max_digits=18,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0))],
    )
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    changed_by = models.ForeignKey(
        User, verbose_name=_("changed by"), on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("target")
        verbose_name_plural = _("targets")
        ordering = ("month", "salesperson")
        constraints = [
            models.UniqueConstraint(fields=["salesperson", "month"], name="target_once"),
            models.CheckConstraint(
                condition=models.Q(month__day=1), name="target_month_is_its_first_day"
            ),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="target_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.salesperson} {self.month:%Y-%m}"
