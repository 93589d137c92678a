"""The room "salescycles" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SalesCyclesConfig(AppConfig):
    """Configuration of the room."""

    name = "salescycles"
    verbose_name = _("Sales cycles")
