"""The fields that the forms of the journey share."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy, ngettext

from crm.fields import AmountField
from crm.forms import TickField, day_input

MOST_NAMED = 3
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


def on_input() -> forms.DateField:
    """Return the field of the business date."""
    return day_input(gettext_lazy("Date of the change"))


def tasks_input(name: str, waiting: list[str]) -> TickField:
    """Return the box that asks what becomes of the open tasks, and names the first of them."""
    texts = {
        "cancel_open_tasks": ngettext(
            "Cancel the open task", "Cancel the %(count)d open tasks", len(waiting)
        ),
        "hand_over_open_tasks": ngettext(
            "Let the open task follow", "Let the %(count)d open tasks follow", len(waiting)
        ),
    }
    more = ["…"] if len(waiting) > MOST_NAMED else []
    return TickField(
        label=texts[name] % {"count": len(waiting)},
        required=False,
        help_text=", ".join([*waiting[:MOST_NAMED], *more]),
    )
