"""What is asked for once when many opportunities are changed; fields are the door's arguments."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.inputs import NOT_CHOSEN, salesperson_field
from crm.dates import today
from crm.forms import day_input, note_input
from lists.filtering import RowField
from lists.forms import ManyForm, tick
from opportunities.filters import stage_label
from salescycles.models import CloseReason, SalesCycleStage, TaskKind


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
