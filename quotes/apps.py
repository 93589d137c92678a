"""The room "quotes" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QuotesConfig(AppConfig):
    """Configuration of the room."""

    name = "quotes"
    verbose_name = _("Quotes")

    def ready(self) -> None:
        """Make the list known to the pages of views, columns, files and many rows."""
        from lists.kinds import register  # noqa: PLC0415 - models are loaded only now
        from quotes.list_kind import QUOTES  # noqa: PLC0415

        register(QUOTES)
