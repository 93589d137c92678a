"""The room "quotes" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotesConfig(AppConfig):
    """Configuration of the room."""

    name = "quotes"
    verbose_name = _("Quotes")
