"""What is asked for once when many opportunities are changed; fields are the door's arguments."""

from datetime import date
from typing import Any

from django import forms
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.inputs import NOT_CHOSEN, salesperson_field
from crm.dates import today
from crm.forms import DoorForm, day_input, note_input
from lists.filtering import RowField
from opportunities.filters import stage_label
from salescycles.models import CloseReason, SalesCycleStage, TaskKind
from salespeople.models import User


class ManyForm(DoorForm):
    """What every action on many rows has: who asks."""

    def __init__(self, *args: Any, by: User, **options: Any) -> None:
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
        if isinstance(value, SalesCycleStage):
            return stage_label(value)
        field: Any = self.fields[name]
        labels: Any = field.choices if type(field) is forms.ChoiceField else ()
        return str(dict(labels).get(value, value))


def tick(label: Any, *, initial: bool = False) -> forms.BooleanField:
    """Return a box to tick."""
    return forms.BooleanField(label=label, required=False, initial=initial)


class MoveManyForm(ManyForm):
    """The stage; each row keeps its value and date, and gets the stage's chances (D23)."""

    cancel_open_tasks = tick(gettext_lazy("Cancel the open tasks"))
    note = note_input()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        stages = SalesCycleStage.objects.usable().filter(sales_cycle__is_blocked=False)
        self.fields["stage"] = RowField(
            label=_("Stage"),
            queryset=stages.select_related("sales_cycle").order_by(
                "sales_cycle__name", "sales_cycle", "position"
            ),
            label_of=stage_label,
            empty_label=NOT_CHOSEN,
        )
        self.order_fields(["stage"])


class ReassignManyForm(ManyForm):
    """The salesperson."""

    hand_over_open_tasks = tick(gettext_lazy("Hand the open tasks over, too"), initial=True)
    note = note_input()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["salesperson"] = salesperson_field(self.by, required=True)
        self.order_fields(["salesperson"])


class RedateManyForm(ManyForm):
    """The new close date."""

    estimated_close_on = day_input(gettext_lazy("Estimated close date"), required=True)
    note = note_input()


class LoseManyForm(ManyForm):
    """Why they were lost (R109, R112)."""

    reason = forms.ModelChoiceField(
        label=gettext_lazy("Reason"),
        queryset=CloseReason.objects.none(),
        empty_label=NOT_CHOSEN,
    )
    cancel_open_tasks = tick(gettext_lazy("Cancel the open tasks"), initial=True)
    note = note_input()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        reasons = CloseReason.objects.usable().filter(kind=CloseReason.Kind.LOST)
        self._choices("reason").queryset = reasons


class TagManyForm(ManyForm):
    """The tag, which is made if there is none of that name."""

    name = forms.CharField(label=gettext_lazy("Tag"), max_length=40)


class PlanManyForm(ManyForm):
    """One task for each, given to its salesperson."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[row for row in TaskKind.choices if row[0] != TaskKind.MEETING],
        initial=TaskKind.PHONE_CALL,
    )
    description = forms.CharField(label=gettext_lazy("What is to be done"), max_length=100)
    due_on = day_input(gettext_lazy("Due on"), required=True)
    note = note_input()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["due_on"].initial = today
