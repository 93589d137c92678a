"""A row of the list as a form: stage, salesperson, estimates and next task through the doors."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.inputs import salesperson_field
from crm.dates import today
from crm.forms import day_input
from opportunities import lifecycle
from opportunities.forms import ActForm
from opportunities.inputs import money_input
from opportunities.models import Opportunity
from opportunities.next_tasks import first_tasks
from salescycles.models import SalesCycleStage, TaskKind
from salespeople.models import User
from tasks import lifecycle as task_door
from tasks.models import Task

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
    task_description = forms.CharField(
        label=gettext_lazy("Next task"), required=False, max_length=100
    )
    task_due_on = day_input(gettext_lazy("Due on"))
    # The open task that was shown, as its id and the number of its changes.
    task_seen = forms.RegexField(r"^\d{1,18}-\d{1,9}$", required=False, widget=forms.HiddenInput)
    field_order = (
        "stage", "salesperson", "estimated_value", "estimated_close_on",
        "task_description", "task_due_on",
    )  # fmt: skip

    template = "opportunities/list_row_form.html"
    is_task_saved = False

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
        """Return the row as it is, and its next task."""
        task = first_tasks([self.opportunity.pk]).first()
        if task is None:
            return shown_of(self.opportunity)
        shown = {"task_description": task.description, "task_due_on": task.due_on}
        return {**shown_of(self.opportunity), **shown, "task_seen": f"{task.pk}-{task.edits}"}

    def renew_task(self, task: Task) -> None:
        """Say what somebody else made of the next task; sent again, this form replaces it."""
        data = {name: self.data.get(name) for name in self.data}
        self.data = {**data, "task_seen": f"{task.pk}-{task.edits}" if task.is_open else ""}
        told = {"name": task.changed_by, "status": task.get_status_display().lower(),
                "description": task.description, "day": date_format(task.due_on)}  # fmt: skip
        if task.is_open:
            text = _("%(name)s made it “%(description)s”, %(day)s. Save again to replace that.")
        else:
            text = _("%(name)s closed it meanwhile (%(status)s). Save again to plan another.")
        self.add_error("task_description", text % told)

    def begin_at(self, name: str) -> None:
        """Let the person begin in the field of that name."""
        if name in self.fields:
            self.fields[name].widget.attrs["autofocus"] = True

    def wishes(self) -> dict[str, Any]:
        """Return what differs from what was shown, and what was seen."""
        shown = self._seen()
        typed = {name: self.cleaned_data.get(name) for name in shown_of(self.opportunity)}
        salesperson = typed["salesperson"]
        typed["salesperson"] = salesperson.pk if salesperson else None
        wished = {n: v for n, v in typed.items() if v is not None and v != shown[n]}
        return {**wished, **self._task_wishes(), "seen": self.cleaned_data["seen"]}

    def _task_wishes(self) -> dict[str, Any]:
        """Return what is wished of the next task: the one that was shown, or a new one."""
        typed = {
            "description": " ".join(self.cleaned_data["task_description"].split()),
            "due_on": self.cleaned_data["task_due_on"],
        }
        text = self.cleaned_data["task_seen"]
        if not text:
            return {"plan": typed} if typed["description"] else {}
        pk, edits = (int(part) for part in text.split("-"))
        task = Task.objects.visible_to(self.by).filter(opportunity=self.opportunity, pk=pk).first()
        if task is None:
            raise Task.DoesNotExist
        changes = {n: v for n, v in typed.items() if v and v != getattr(task, n)}
        return {"task": (task, edits, changes)} if changes else {}

    def add_refusal(self, error: ValidationError) -> None:
        """Put what the door of tasks refuses beside the fields of the task."""
        if hasattr(error, "error_dict"):
            of_task = ("description", "due_on")
            found = {
                f"task_{name}" if name in of_task else name: errors
                for name, errors in error.error_dict.items()
            }
            error = ValidationError(found)
        super().add_refusal(error)

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


def _save_task(row: Opportunity, wishes: dict[str, Any], *, by: User) -> bool:
    """Change the next task, or plan one for today where no day is given; say whether."""
    if "task" in wishes:
        task, seen, changes = wishes["task"]
        task_door.edit(task, by=by, seen=seen, **changes)
    if "plan" in wishes:
        wish = {**wishes["plan"], "due_on": wishes["plan"]["due_on"] or today()}
        task_door.plan(by=by, kind=TaskKind.TO_DO, opportunity=row, **wish)
    return bool(wishes.keys() & {"task", "plan"})


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
        form.is_task_saved = _save_task(row, wishes, by=by)
        if "salesperson" in wishes:
            salesperson = form.cleaned_data["salesperson"]
            row = lifecycle.reassign(
                row, by=by, salesperson=salesperson, hand_over_open_tasks=True, seen=row.sequence
            )
        return row
