"""How people type a new opportunity."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.inputs import NOT_CHOSEN, campaign_field, contact_field, salesperson_field
from contacts.models import Segment
from crm.dates import today
from crm.forms import DoorForm, day_input, note_input
from lists.filtering import RowField
from opportunities.forms import check_dated
from opportunities.inputs import chances_input, money_input
from opportunities.models import Opportunity
from salescycles.models import SalesCycle
from salespeople.models import User


class CreateForm(DoorForm):
    """A new opportunity; the estimates count with or without activation (D25)."""

    description = forms.CharField(label=gettext_lazy("Description"), max_length=100)
    sales_cycle = forms.ModelChoiceField(
        label=gettext_lazy("Sales cycle"),
        queryset=SalesCycle.objects.usable(),
        empty_label=NOT_CHOSEN,
    )
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"),
        choices=Opportunity.Priority.choices,
        coerce=int,
        initial=Opportunity.Priority.NORMAL,
    )
    estimated_value = money_input()
    chances_of_success = chances_input()
    estimated_close_on = day_input(gettext_lazy("Estimated close date"))
    activate = forms.BooleanField(
        label=gettext_lazy("Start at the first stage now"), required=False, initial=True
    )
    on = day_input(gettext_lazy("Created on"))
    note = note_input()
    field_order = ("description", "contact", "salesperson", "sales_cycle")

    def __init__(self, *args: Any, by: User, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["contact"] = contact_field(by, required=True)
        self.fields["salesperson"] = salesperson_field(by, required=True)
        if field := campaign_field(today()):
            self.fields["campaign"] = field
        self.fields["segment"] = RowField(
            label=_("Segment"),
            queryset=Segment.objects.visible_to(by),
            lookups=("description",),
            required=False,
            widget=forms.HiddenInput,
        )
        self.fields["on"].widget.attrs["max"] = today().isoformat()
        self.fields["on"].initial = today
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Ask for a close date when it is started (R39)."""
        cycle = self.cleaned_data.get("sales_cycle")
        if self.cleaned_data.get("activate") and cycle is not None:
            check_dated(self, cycle.stages.usable().first())
            if not self.cleaned_data.get("estimated_value") and not self.errors.get(
                "estimated_value"
            ):
                self.add_error("estimated_value", _("Give an estimated value above 0."))
        return self.cleaned_data
