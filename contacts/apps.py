"""The room "contacts" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    """Configuration of the room."""

    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        """Make the list known to the pages of views, columns, files and many rows."""
        from contacts.list_kind import CONTACTS  # noqa: PLC0415 - models are loaded only now
        from lists.kinds import register  # noqa: PLC0415

        register(CONTACTS)
