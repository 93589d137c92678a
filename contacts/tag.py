"""Tags: words that people put on contacts and opportunities."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from crm.fields import sort_key_field


class Tag(models.Model):
    """A word that people put on contacts and opportunities, to find them again."""

    class Colour(models.TextChoices):
        BLUE = "blue", _("Blue")
        GREEN = "green", _("Green")
        YELLOW = "yellow", _("Yellow")
        ORANGE = "orange", _("Orange")
        RED = "red", _("Red")
        PURPLE = "purple", _("Purple")
        GREY = "secondary", _("Grey")

    name = models.CharField(_("name"), max_length=40)
    name_sort = sort_key_field("name")
    colour = models.CharField(_("colour"), max_length=9, choices=Colour, default=Colour.BLUE)

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ("name_sort", "pk")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="tag_has_a_name"),
            models.UniqueConstraint(
                Lower("name"),
                name="tag_name_unique",
                violation_error_message=_("There is a tag of this name already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name
