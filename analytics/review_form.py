"""The form of the review: whose it is."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from lists.filtering import RowField
from salespeople.visibility import Person, visible_salespeople, visible_teams


class ReviewForm(forms.Form):
    """A team or a salesperson, among those whom the person sees on the day; typed if many."""

    use_required_attribute = False

    def __init__(self, data: Any, *, user: Person, on: date) -> None:
        super().__init__(data)
        self.fields["team"] = RowField(
            label=_("Team"),
            queryset=visible_teams(user).order_by("name", "pk"),
            lookups=("code", "name"),
            empty_label=_("All teams"),
            required=False,
        )
        self.fields["salesperson"] = RowField(
            label=_("Salesperson"),
            queryset=visible_salespeople(user, on).order_by("name_sort", "pk"),
            lookups=("code", "name"),
            empty_label=_("Anybody"),
            required=False,
        )
        for field in self.fields.values():
            is_choice = hasattr(field.widget, "choices")
            field.widget.attrs["class"] = "form-select" if is_choice else "form-control"
