"""The room "analytics" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AnalyticsConfig(AppConfig):
    """Configuration of the room."""

    name = "analytics"
    verbose_name = _("Analytics")
