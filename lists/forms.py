"""How people name a view, and what they want of many rows; fields are the doors' arguments."""

from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.forms import DoorForm
from lists.filtering import RowField
from lists.models import MOST_PARAMETERS


class ViewForm(DoorForm):
    """A name, whether it is shared, and whether it opens the list."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=40)
    is_shared = forms.BooleanField(label=gettext_lazy("Share with everybody"), required=False)
    is_default = forms.BooleanField(
        label=gettext_lazy("Open the list with this view"), required=False
    )
    parameters = forms.CharField(
        widget=forms.HiddenInput, required=False, max_length=MOST_PARAMETERS
    )

    def __init__(self, *args: Any, may_share: bool, **options: Any) -> None:
        super().__init__(*args, **options)
        if not may_share:
            del self.fields["is_shared"]


class ManyForm(DoorForm):
    """What every action on many rows has: who asks. Its fields are the door's arguments."""

    def __init__(self, *args: Any, by: Any, **options: Any) -> None:
        self.by = by
        super().__init__(*args, **options)

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door."""
        return dict(self.cleaned_data)

    def kept(self) -> dict[str, Any]:
        """Return what was typed, as the run keeps it."""
        return {name: self.data.get(name, "") for name in self.fields if name in self.data}

    def told(self) -> list[tuple[str, str]]:
        """Return label and value of what was asked for, in words."""
        return [
            (str(self.fields[name].label), self._in_words(name, value))
            for name, value in self.cleaned_data.items()
            if value not in (None, "", False)
        ]

    def _in_words(self, name: str, value: Any) -> str:
        if value is True:
            return _("yes")
        if isinstance(value, date):
            return date_format(value)
        field: Any = self.fields[name]
        if isinstance(field, RowField):
            return field.label_of(value)
        labels: Any = field.choices if type(field) is forms.ChoiceField else ()
        return str(dict(labels).get(value, value))


def tick(label: Any, *, initial: bool = False) -> forms.BooleanField:
    """Return a box to tick."""
    return forms.BooleanField(label=label, required=False, initial=initial)
