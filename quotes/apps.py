"""The room "quotes" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotesConfig(AppConfig):
    """Configuration of the room."""

    name = "quotes"
    verbose_name = _("Quotes")

    def ready(self) -> None:
        """Make the list known to its pages, and the changes of the room to Undo."""
        from changes import kinds  # noqa: PLC0415 - models are loaded only now
        from lists.kinds import register  # noqa: PLC0415
        from quotes.change_kind import QUOTES as CHANGES  # noqa: PLC0415
        from quotes.list_kind import QUOTES  # noqa: PLC0415

        register(QUOTES)
        kinds.register(CHANGES)
