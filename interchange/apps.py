"""The room "interchange" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InterchangeConfig(AppConfig):
    """Configuration of the room."""

    name = "interchange"
    verbose_name = _("Interchange")
