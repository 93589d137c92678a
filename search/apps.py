"""The room "search" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SearchConfig(AppConfig):
    """Configuration of the room."""

    name = "search"
    verbose_name = _("Search")
