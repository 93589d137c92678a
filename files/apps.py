"""The room "files" as a Django app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FilesConfig(AppConfig):
    """Configuration of the room."""

    name = "files"
    verbose_name = _("Files")
