"""What the forms of every room share: refusals beside their fields, days, notes, boxes."""

from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.urls import reverse_lazy
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
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


def mentioning(rows: int, **attributes: Any) -> forms.Textarea:
    """Return the widget of a text in which an @ tells a colleague; scripts suggest names."""
    placeholder = gettext_lazy("@name tells a colleague")
    where = {"data-mention": reverse_lazy("salespeople:mention")}
    return forms.Textarea(attrs={"rows": rows, "placeholder": placeholder, **where, **attributes})


def note_input() -> forms.CharField:
    """Return the field of a note for the timeline."""
    return forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=NOTE_LENGTH,
        widget=mentioning(2),
    )


def shown_input() -> forms.CharField:
    """Return the field that sends back what the form had shown (`crm.merging`)."""
    return forms.CharField(widget=forms.HiddenInput, required=False, max_length=100_000)


TICKED = {"1": True, "on": True, "True": True, "0": False, "": False, "False": False}


class TickInput(forms.CheckboxInput):
    """A box that a browser sends even when it is not ticked: as 0, and behind it 1 if it is."""

    def __init__(self) -> None:
        super().__init__(check_test=lambda value: TICKED.get(str(value or ""), False))

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """Return the box behind a hidden 0."""
        box = super().render(name, value, {**(attrs or {}), "value": "1"}, renderer)
        return format_html('<input type="hidden" name="{}" value="0">{}', name, box)

    def format_value(self, value: Any) -> str:
        """Return what a ticked box sends."""
        return "1"

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return what was sent last; None where nothing was."""
        return data.get(name)


class TickField(forms.Field):
    """Yes, no, or None where the sender did not ask: a drop on the board sends no box.

    None leaves the decision to the door's default.
    """

    widget = TickInput

    def to_python(self, value: Any) -> bool | None:
        """Return what was ticked; refuse what no box sends."""
        if value is None or str(value) in TICKED:
            return None if value is None else TICKED[str(value)]
        raise ValidationError(_("Tick the box, or do not."), code="invalid")
