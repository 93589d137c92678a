"""The room "tasks" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    """Configuration of the room."""

    name = "tasks"
    verbose_name = _("Tasks")

    def ready(self) -> None:
        """Make the list known to its pages, and the changes of the room to Undo."""
        from changes import kinds  # noqa: PLC0415 - models are loaded only now
        from lists.kinds import register  # noqa: PLC0415
        from tasks.change_kind import TALK  # noqa: PLC0415
        from tasks.change_kind import TASKS as CHANGES  # noqa: PLC0415
        from tasks.list_kind import TASKS  # noqa: PLC0415

        register(TASKS)
        kinds.register(CHANGES)
        kinds.register(TALK)
