"""The room "contacts" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContactsConfig(AppConfig):
    """Configuration of the room."""

    name = "contacts"
    verbose_name = _("Contacts")

    def ready(self) -> None:
        """Make the list known to its pages, and the changes of the room to Undo."""
        from changes import kinds  # noqa: PLC0415 - models are loaded only now
        from contacts.change_kind import CONTACTS as CHANGES  # noqa: PLC0415
        from contacts.list_kind import CONTACTS  # noqa: PLC0415
        from lists.kinds import register  # noqa: PLC0415

        register(CONTACTS)
        kinds.register(CHANGES)
