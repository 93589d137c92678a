"""The room "salespeople" as a Django app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class SalespeopleConfig(AppConfig):
    """Configuration of the room."""

    name = "salespeople"
    verbose_name = _("Salespeople")

    def ready(self) -> None:
        """See to it that the three roles exist."""
        from salespeople.roles import create_roles  # noqa: PLC0415 - needs the models

        post_migrate.connect(create_roles, sender=self)
