"""The room "notices" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NoticesConfig(AppConfig):
    """Configuration of the room."""

    name = "notices"
    verbose_name = _("Notices")
