"""What the forms of every room share: their refusals come back beside the fields."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError


class DoorForm(forms.Form):
    """A form whose answer goes to the door, and whose refusals come back beside the fields."""

    def add_refusal(self, error: ValidationError) -> None:
        """Put the door's sentences beside the fields, the others on top."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, errors in error.error_dict.items():
            field = name if name in self.fields and name != NON_FIELD_ERRORS else None
            for one in errors:
                self.add_error(field, one)

    def _choices(self, name: str) -> Any:
        return self.fields[name]
