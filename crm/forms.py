"""What the forms of every room share: refusals beside their fields, days, notes."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.utils.translation import gettext_lazy

NOTE_LENGTH = 5000


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


def day_input(label: Any, *, required: bool = False) -> forms.DateField:
    """Return the field of a day, with the browser's calendar."""
    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    return forms.DateField(label=label, required=required, widget=widget)


def show_what_was_not_sent(field: forms.Field) -> None:
    """Let a refused form show its proposal where nothing at all was sent."""
    read = field.bound_data

    def bound_data(data: Any, initial: Any) -> Any:
        return initial if data is None else read(data, initial)

    setattr(field, "bound_data", bound_data)  # noqa: B010 - mypy refuses the plain way


def note_input() -> forms.CharField:
    """Return the field of a note for the timeline."""
    return forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
