"""The room "opportunities" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OpportunitiesConfig(AppConfig):
    """Configuration of the room."""

    name = "opportunities"
    verbose_name = _("Opportunities")

    def ready(self) -> None:
        """Make the lists known to the pages of views, columns and files, the changes to Undo."""
        from changes import kinds  # noqa: PLC0415 - models are loaded only now
        from lists.kinds import register  # noqa: PLC0415
        from opportunities.change_kind import OPPORTUNITIES as CHANGES  # noqa: PLC0415
        from opportunities.list_kind import OPPORTUNITIES  # noqa: PLC0415
        from opportunities.past_kind import PAST  # noqa: PLC0415

        register(OPPORTUNITIES)
        register(PAST)
        kinds.register(CHANGES)
