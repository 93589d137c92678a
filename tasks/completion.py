"""Done, what came of it, and what comes next: one transaction (Business Central R184)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.log import one_act
from contacts.inputs import salesperson_field
from crm.dates import today
from crm.forms import day_input, mentioning
from salescycles.models import TaskKind
from salespeople.models import Salesperson, User
from salespeople.visibility import salesperson_of
from tasks import interactions, lifecycle
from tasks.forms import SNOOZES, ActForm, pills
from tasks.models import Interaction, Task

# The kind of interaction that the kind of task leads to (R184).
KINDS = {
    TaskKind.TO_DO: Interaction.Kind.NOTE,
    TaskKind.PHONE_CALL: Interaction.Kind.CALL,
    TaskKind.MEETING: Interaction.Kind.MEETING,
}
LOGGED = ("kind", "subject", "text", "evaluation", "is_failed")
NEXT = ("next_description", "next_kind", "next_in", "next_on")


@dataclass(frozen=True)
class Completion:
    """What completing a task has done."""

    task: Task
    interaction: Interaction | None
    next_task: Task | None

    @property
    def follower(self) -> Task | None:
        """The task that a recurring one is followed by, if it is waiting."""
        if not self.task.is_recurring:
            return None
        return Task.objects.open().filter(follows=self.task).first()


class CompleteForm(ActForm):
    """Nothing needs to be filled in; sent with `seen` alone it is the one-click Done."""

    completed_by = forms.Field(required=False)
    log = forms.BooleanField(label=gettext_lazy("Write down what happened"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=Interaction.Kind.choices, required=False
    )
    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=200, required=False)
    text = forms.CharField(
        label=gettext_lazy("What was said"),
        required=False,
        max_length=5000,
        widget=mentioning(4),
    )
    evaluation = forms.ChoiceField(
        label=gettext_lazy("How it went"),
        required=False,
        choices=[("", "---------"), *Interaction.Evaluation.choices],
    )
    is_failed = forms.BooleanField(label=gettext_lazy("Nobody answered"), required=False)
    next_description = forms.CharField(
        label=gettext_lazy("What comes next"), max_length=100, required=False
    )
    next_kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=TaskKind.choices, required=False
    )
    next_in = forms.TypedChoiceField(
        label=gettext_lazy("When"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[*SNOOZES, ("", gettext_lazy("On another day"))],
        widget=pills(),
    )
    next_on = day_input(gettext_lazy("On"))

    def __init__(self, *args: Any, task: Task, by: User, **options: Any) -> None:
        options["initial"] = {
            "log": True,
            "kind": KINDS[TaskKind(task.kind)],
            "subject": task.description,
            "next_kind": task.kind,
            "next_in": 1,
            **(options.get("initial") or {}),
        }
        super().__init__(*args, task=task, by=by, **options)
        needs_somebody = task.salesperson_id is None and salesperson_of(by) is None
        if needs_somebody and task.is_open:
            self.fields["completed_by"] = salesperson_field(by)
            self.fields["completed_by"].label = _("Who has done it")
        else:
            del self.fields["completed_by"]
        if not self.can_log:
            for name in ("log", *LOGGED):
                del self.fields[name]

    @property
    def can_log(self) -> bool:
        """Say whether there is a contact with whom something can have happened (R228)."""
        return self.task.contact_id is not None or self.task.opportunity_id is not None

    def clean(self) -> dict[str, Any]:
        """Ask for the day of what is to come next."""
        data = self.cleaned_data
        is_dated = data.get("next_on") or data.get("next_in") or "next_on" in self.errors
        if data.get("next_description") and not is_dated:
            self.add_error("next_on", _("Give a day."))
        if data.get("log") and not data.get("subject") and "subject" not in self.errors:
            self.add_error("subject", _("Give a subject."))
        return data

    @property
    def next_day(self) -> date:
        """The day of what comes next: a typed one counts first."""
        typed: date | None = self.cleaned_data.get("next_on")
        return typed or today() + timedelta(days=self.cleaned_data["next_in"])


def complete(task: Task, form: CompleteForm, *, by: User) -> Completion:
    """Complete the task; write down what happened and plan what comes next, if asked to.

    All of it or nothing. A task that is done already is left so: what
    happened, and what comes next, may be told afterwards.
    """
    wishes = form.cleaned_data
    with transaction.atomic(), one_act():
        done_by: Salesperson | None = wishes.get("completed_by") or None
        done = lifecycle.complete(task, by=by, completed_by=done_by, seen=wishes.get("seen"))
        logged = _log(done, wishes, by=by) if wishes.get("log") else None
        planned = None
        if wishes.get("next_description"):
            planned = _plan_next(done, form, by=by)
    return Completion(done, logged, planned)


def _log(task: Task, wishes: dict[str, Any], *, by: User) -> Interaction:
    """Write down what happened, with contact, opportunity and campaign of the task (R184)."""
    is_call = wishes["kind"] == Interaction.Kind.CALL
    return interactions.log(
        by=by,
        task=task,
        direction=Interaction.Direction.OUTBOUND if is_call else "",
        **{name: wishes[name] for name in LOGGED},
    )


def _plan_next(task: Task, form: CompleteForm, *, by: User) -> Task:
    """Plan what comes next for the same contact and opportunity, by the same salesperson."""
    wishes = form.cleaned_data
    opportunity: Any = task.opportunity
    return lifecycle.plan(
        by=by,
        description=wishes["next_description"],
        kind=wishes["next_kind"] or TaskKind.TO_DO,
        due_on=form.next_day,
        salesperson=_whose_next(task, by=by),
        team=task.team if task.salesperson_id is None else None,
        contact=task.contact,
        opportunity=opportunity,
        campaign=task.campaign,
    )


def _whose_next(task: Task, *, by: User) -> Salesperson | None:
    return salesperson_of(by) or task.salesperson
