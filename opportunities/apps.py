"""The room "opportunities" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpportunitiesConfig(AppConfig):
    """Configuration of the room."""

    name = "opportunities"
    verbose_name = _("Opportunities")
