"""The room "changes" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChangesConfig(AppConfig):
    """Configuration of the room."""

    name = "changes"
    verbose_name = _("Changes")
