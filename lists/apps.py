"""The room "lists" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ListsConfig(AppConfig):
    """Configuration of the room."""

    name = "lists"
    verbose_name = _("Lists")
