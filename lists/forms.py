"""How people name a view; a field is called as the door's argument."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from crm.forms import DoorForm
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
