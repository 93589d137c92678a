"""The room "demo" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DemoConfig(AppConfig):
    """Configuration of the room."""

    name = "demo"
    verbose_name = _("Demo data")
