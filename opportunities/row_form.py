"""A row of the list as a form: stage, salesperson, value and close date through the door."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.inputs import salesperson_field
from crm.forms import day_input
from opportunities import lifecycle
from opportunities.forms import ActForm
from opportunities.inputs import money_input
from opportunities.models import Opportunity
from salescycles.models import SalesCycleStage

ESTIMATES = ("estimated_value", "estimated_close_on")


class StageSelect(forms.Select):
    """The stages of a cycle; those that cannot be entered now are shown, and cannot be chosen."""

    refused: frozenset[int] = frozenset()

    def create_option(self, *args: Any, **options: Any) -> dict[str, Any]:
        """Disable what is refused."""
        option = super().create_option(*args, **options)
        if option["value"] in self.refused:
            option["attrs"]["disabled"] = True
        return option


class RowForm(ActForm):
    """What can be changed in the list; what is left as it was shown is not touched."""

    stage = forms.TypedChoiceField(
        label=gettext_lazy("Stage"), coerce=int, required=False, empty_value=None
    )
    estimated_value = money_input()
    estimated_close_on = day_input(gettext_lazy("Estimated close date"))
    template = "opportunities/list_row_form.html"
    field_order = ("stage", "salesperson", "estimated_value", "estimated_close_on")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        row = self.opportunity
        self.fields["salesperson"] = salesperson_field(self.by, present=row.salesperson_id)
        moves = lifecycle.possible_moves(row)
        present = (row.stage_id or "", str(row.stage or _("Not started")))
        widget = StageSelect()
        widget.refused = frozenset(move.stage.pk for move in moves if move.refusal)
        self.fields["stage"].widget = widget
        self._choices("stage").choices = [present, *((m.stage.pk, _label(m)) for m in moves)]
        self.order_fields(self.field_order)

    @property
    def row(self) -> Opportunity:
        """The row that is changed."""
        return self.opportunity

    def proposals(self) -> dict[str, Any]:
        """Return the row as it is."""
        return shown_of(self.opportunity)

    def wishes(self) -> dict[str, Any]:
        """Return what differs from what was shown, and what was seen."""
        shown = self._seen()
        typed = {name: self.cleaned_data.get(name) for name in shown_of(self.opportunity)}
        salesperson = typed["salesperson"]
        typed["salesperson"] = salesperson.pk if salesperson else None
        wished = {n: v for n, v in typed.items() if v is not None and v != shown[n]}
        return {**wished, "seen": self.cleaned_data["seen"]}

    def merged(self, fresh: Opportunity, theirs: Collection[str]) -> dict[str, Any]:
        """Return what is wished of the row as it is now; of `theirs` nothing is."""
        wishes = {n: v for n, v in self.wishes().items() if n not in theirs}
        return {**wishes, "seen": fresh.sequence}

    def _seen(self) -> dict[str, Any]:
        entry = self.opportunity.entries.filter(sequence=self.cleaned_data["seen"]).first()
        return shown_of(entry or self.opportunity)


def shown_of(row: Any) -> dict[str, Any]:
    """Return what the form shows of an opportunity, or of an entry."""
    return {
        "stage": row.stage_id,
        "salesperson": row.salesperson_id,
        "estimated_value": row.estimated_value,
        "estimated_close_on": row.estimated_close_on,
    }


def _label(move: lifecycle.PossibleMove) -> str:
    return f"{move.stage} ({move.refusal})" if move.refusal else str(move.stage)


def save(form: RowForm, wishes: dict[str, Any]) -> Opportunity:
    """Do what the form asks for, all of it or nothing, in one act.

    The salesperson comes last: who gives a row away may not see it any more.
    """
    row, by, seen = form.opportunity, form.by, wishes["seen"]
    typed = {name: wishes[name] for name in ESTIMATES if name in wishes}
    with transaction.atomic(), lifecycle.one_act():
        if "stage" in wishes:
            stage = SalesCycleStage.objects.get(pk=wishes["stage"])
            row = lifecycle.move(row, stage, by=by, seen=seen, **typed)
        else:
            row = lifecycle.update(row, by=by, seen=seen, **typed)
        if "salesperson" in wishes:
            salesperson = form.cleaned_data["salesperson"]
            row = lifecycle.reassign(
                row, by=by, salesperson=salesperson, hand_over_open_tasks=True, seen=row.sequence
            )
        return row
