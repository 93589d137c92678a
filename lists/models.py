"""What people keep of a list: views, columns, their first view; and changes of many rows."""

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

MOST_PARAMETERS = 2000


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    """The vocabulary of questions about saved views."""

    def visible_to(self, user: Any) -> "SavedViewQuerySet":
        """Return one's own, and those that are shared."""
        return self.filter(Q(owner=user.pk) | Q(is_shared=True))


class SavedView(models.Model):
    """Filters, order and columns of a list under a name.

    `kind` is the list, `parameters` its address's query string. What a shared
    one shows is what the person who looks may see.
    """

    kind = models.CharField(_("list"), max_length=30)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="saved_views",
    )
    name = models.CharField(_("name"), max_length=40)
    parameters = models.CharField(_("parameters"), max_length=MOST_PARAMETERS, blank=True)
    is_shared = models.BooleanField(_("shared with everybody"), default=False)
    position = models.PositiveIntegerField(_("position"), default=1)

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved view")
        verbose_name_plural = _("saved views")
        ordering = ("position", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "owner", "name"],
                name="saved_view_name_unique",
                violation_error_message=_("You have a view of this name already."),
            ),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ListPreference(models.Model):
    """How one person wants to see one list: the columns, and the view that opens it.

    `arrangement` is a query string: how the board is grouped and sorted.
    """

    kind = models.CharField(_("list"), max_length=30)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="list_preferences",
    )
    columns = models.CharField(_("columns"), max_length=500, blank=True)
    arrangement = models.CharField(_("grouping and order"), max_length=100, blank=True)
    default_view = models.ForeignKey(
        SavedView,
        verbose_name=_("first view"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )

    class Meta:
        verbose_name = _("preference of a list")
        verbose_name_plural = _("preferences of lists")
        constraints = [
            models.UniqueConstraint(fields=["kind", "user"], name="list_preference_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.kind}"


class BulkRun(models.Model):
    """A change of many rows: chosen, confirmed, done in parts, told, and perhaps taken back.

    `ids` are the rows in the order in which they are done, `seen` what the
    person saw of each; `position` is how many are done, `undo_position` how
    many of `done` have been taken back (None: nobody asked). `skipped`,
    `refused` and `kept` hold pairs of an id and the reason; `made` holds, by
    the id of its row, what an undo must know of it.
    """

    class Status(models.TextChoices):
        CHOSEN = "chosen", _("Chosen")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    kind = models.CharField(_("list"), max_length=30)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        on_delete=models.CASCADE,
        related_name="bulk_runs",
    )
    action = models.CharField(_("action"), max_length=20)
    parameters = models.CharField(_("parameters"), max_length=MOST_PARAMETERS, blank=True)
    wishes = models.JSONField(_("wishes"), default=dict)
    act = models.UUIDField(_("act"), default=uuid.uuid4, unique=True)
    status = models.CharField(_("status"), max_length=8, choices=Status, default=Status.CHOSEN)
    ids = ArrayField(models.BigIntegerField(), verbose_name=_("rows"))
    seen = ArrayField(models.BigIntegerField(), verbose_name=_("seen"))
    position = models.PositiveIntegerField(_("position"), default=0)
    undo_position = models.PositiveIntegerField(_("position of the undo"), default=0)
    done = ArrayField(models.BigIntegerField(), verbose_name=_("done"), default=list)
    skipped = models.JSONField(_("skipped"), default=list)
    refused = models.JSONField(_("refused"), default=list)
    kept = models.JSONField(_("not undone"), default=list)
    made = models.JSONField(_("made"), default=dict)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("change of many rows")
        verbose_name_plural = _("changes of many rows")
        constraints = [
            models.CheckConstraint(
                condition=Q(ids__len=F("seen__len")), name="bulk_run_seen_of_each"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["chosen", "running", "finished", "undoing", "undone"]),
                name="bulk_run_status_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {len(self.ids)}"

    @property
    def is_under_way(self) -> bool:
        """Say whether there is more to be done, or to be taken back."""
        return self.status in (self.Status.RUNNING, self.Status.UNDOING)

    @property
    def progress(self) -> tuple[int, int]:
        """How many of how many are done, or taken back."""
        if self.status in (self.Status.UNDOING, self.Status.UNDONE):
            return self.undo_position, len(self.done)
        return self.position, len(self.ids)
