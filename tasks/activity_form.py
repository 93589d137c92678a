"""How people assign an activity by hand: which, from which day, to whom, and what about."""

import hashlib
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.inputs import NOT_CHOSEN, contact_field, salesperson_field
from crm.dates import today
from crm.forms import DoorForm, day_input, show_what_was_not_sent
from salescycles.models import Activity
from salespeople.models import User
from tasks.activities import wishes_for
from tasks.inputs import opportunity_field, team_field
from tasks.wishes import NewTask


class ActivityForm(DoorForm):
    """An activity and whom it is for; `shown` is the mark of the tasks that a person has seen."""

    activity = forms.ModelChoiceField(
        label=gettext_lazy("Activity"), queryset=Activity.objects.none(), empty_label=NOT_CHOSEN
    )
    on = day_input(gettext_lazy("Counted from"), required=True)
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    field_order = ("activity", "on", "salesperson", "team", "organizer", "opportunity", "contact")

    def __init__(self, data: Any = None, *, by: User, initial: dict[str, Any]) -> None:
        super().__init__(data, initial={"on": today(), **initial})
        self._choices("activity").queryset = Activity.objects.usable()
        self.fields["salesperson"] = salesperson_field(by)
        self.fields["team"] = team_field(by)
        self.fields["organizer"] = salesperson_field(by)
        self.fields["organizer"].label = _("Who holds the meetings")
        self.fields["organizer"].help_text = _("Only where a team is given meetings.")
        self.fields["opportunity"] = opportunity_field(by, present=initial.get("opportunity"))
        self.fields["contact"] = contact_field(by, present=initial.get("contact"))
        self.order_fields(self.field_order)
        for field in self.fields.values():
            show_what_was_not_sent(field)

    @property
    def assignment(self) -> dict[str, Any]:
        """The arguments of the door."""
        return {n: v for n, v in self.cleaned_data.items() if n not in ("next", "shown")}

    def planned(self) -> list[NewTask]:
        """Return the tasks that it would make; none, with the reasons beside the fields."""
        try:
            return wishes_for(**self.assignment) if self.is_valid() else []
        except ValidationError as error:
            self.add_refusal(error)
            return []

    def check_shown(self, wishes: list[NewTask]) -> None:
        """Refuse to make other tasks than those that were shown: the activity has changed."""
        shown = self.cleaned_data.get("shown")
        if wishes and shown and shown != mark_of(wishes):
            self.add_error(None, _("The activity has been changed since. Look at its tasks again."))


def mark_of(wishes: list[NewTask]) -> str:
    """Return a mark that changes with the tasks."""
    words = repr([(wish.kind, wish.description, str(wish.due_on)) for wish in wishes])
    return hashlib.sha256(words.encode()).hexdigest()[:16]
