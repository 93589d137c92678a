"""How people choose files."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms import DoorForm
from files.lifecycle import NewFile


class FilesInput(forms.FileInput):
    """A file input that takes several."""

    allow_multiple_selected = True

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return all that were chosen."""
        return files.getlist(name)


class FilesField(forms.FileField):
    """Several files, as the door takes them."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return a `NewFile` for each; an empty one is the door's to refuse."""
        rows = data if isinstance(data, list | tuple) else [data]
        found = [NewFile(row.name, row) for row in rows if row]
        if self.required and not found:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return found


class AttachForm(DoorForm):
    """The files to attach."""

    uploads = FilesField(label=_("Files"), error_messages={"required": _("Choose a file.")})
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
