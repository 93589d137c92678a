"""The fields that the forms of the journey share."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from crm.fields import AmountField

NOTE_LENGTH = 5000
MONEY: dict[str, Any] = {"max_digits": 18, "decimal_places": 2, "min_value": Decimal(0)}
PERCENT: dict[str, Any] = {
    "max_digits": 5,
    "decimal_places": 2,
    "min_value": Decimal(0),
    "max_value": Decimal(100),
}


def money_input() -> AmountField:
    """Return the field of an estimated value; empty means that it is kept."""
    return AmountField(label=gettext_lazy("Estimated value"), required=False, **MONEY)


def chances_input() -> AmountField:
    """Return the field of the chances; empty means as the door reads None."""
    return AmountField(label=gettext_lazy("Chances of success %"), required=False, **PERCENT)


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


def on_input() -> forms.DateField:
    """Return the field of the business date."""
    return day_input(gettext_lazy("Date of the change"))
