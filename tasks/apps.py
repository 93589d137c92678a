"""The room "tasks" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    """Configuration of the room."""

    name = "tasks"
    verbose_name = _("Tasks")

    def ready(self) -> None:
        """Make the list known to the pages of views, columns, files and many rows."""
        from lists.kinds import register  # noqa: PLC0415 - models are loaded only now
        from tasks.list_kind import TASKS  # noqa: PLC0415

        register(TASKS)
