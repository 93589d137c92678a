"""The room "tasks" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TasksConfig(AppConfig):
    """Configuration of the room."""

    name = "tasks"
    verbose_name = _("Tasks")
