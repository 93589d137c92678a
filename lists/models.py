"""What people keep of a list: views, columns, their first view; and changes of many rows."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
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
    """How one person wants to see one list: the columns, and the view that opens it."""

    kind = models.CharField(_("list"), max_length=30)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("user"),
        on_delete=models.CASCADE,
        related_name="list_preferences",
    )
    columns = models.CharField(_("columns"), max_length=500, blank=True)
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
