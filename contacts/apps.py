"""The room "contacts" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    """Configuration of the room."""

    name = "contacts"
    verbose_name = _("Contacts")
