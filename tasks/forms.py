"""How people type what the door of tasks is asked for."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from changes.merging import mine
from contacts.inputs import contact_field, salesperson_field
from crm.dates import today
from crm.forms import DoorForm, day_input, mentioning, show_what_was_not_sent
from crm.merging import as_shown
from salescycles.fields import DateFormulaFormField
from salescycles.models import TaskKind, TaskPriority
from salespeople.models import User
from salespeople.visibility import salesperson_of, visible_ids
from tasks.inputs import (
    AttendeesField,
    DurationField,
    opportunity_field,
    team_field,
    time_input,
)
from tasks.models import Task
from tasks.reading import seen_opportunity

MOST_EDITS = 2**31 - 1
LONGEST_ADDRESS = 2000
OPEN_STATUSES = [(status.value, status.label) for status in Task.OPEN]
SNOOZES = (
    (1, gettext_lazy("Tomorrow")),
    (3, gettext_lazy("In 3 days")),
    (7, gettext_lazy("In a week")),
)


def pills() -> forms.RadioSelect:
    """Return a choice of which each option is a button."""
    return forms.RadioSelect(attrs={"class": "form-selectgroup-input"})


class ActForm(DoorForm):
    """What every act has: the version that was seen (none: whatever it is), and where to go on."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=MOST_EDITS
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_ADDRESS)

    def __init__(self, data: Any = None, *, task: Task, by: User, **options: Any) -> None:
        self.task = task
        self.by = by
        options["initial"] = {"seen": task.edits, **(options.get("initial") or {})}
        super().__init__(data, **options)
        for field in self.fields.values():
            show_what_was_not_sent(field)

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door."""
        return {name: value for name, value in self.cleaned_data.items() if name != "next"}


class RescheduleForm(ActForm):
    """Another day: a date, or so many days from now."""

    due_on = day_input(gettext_lazy("Due on"))
    start_time = time_input()
    days = forms.IntegerField(required=False, min_value=1, max_value=366, widget=forms.HiddenInput)

    def __init__(self, *args: Any, task: Task, **options: Any) -> None:
        options["initial"] = {
            "due_on": task.due_on,
            "start_time": task.start_time,
            **(options.get("initial") or {}),
        }
        super().__init__(*args, task=task, **options)
        if task.is_all_day:
            del self.fields["start_time"]

    def clean(self) -> dict[str, Any]:
        """Count the days from its day, from today for what is late."""
        data = self.cleaned_data
        days = data.pop("days", None)
        if days:
            data["due_on"] = max(self.task.due_on, today()) + timedelta(days=days)
        elif not data.get("due_on") and "due_on" not in self.errors:
            self.add_error("due_on", _("Give a day."))
        return data


class AssignForm(ActForm):
    """Another salesperson, or a team of which somebody takes it."""

    def __init__(self, *args: Any, task: Task, by: User, **options: Any) -> None:
        options["initial"] = {
            "salesperson": task.salesperson_id,
            "team": task.team_id if task.salesperson_id is None else None,
            **(options.get("initial") or {}),
        }
        super().__init__(*args, task=task, by=by, **options)
        self.fields["salesperson"] = salesperson_field(by, present=task.salesperson_id)
        self.fields["team"] = team_field(by)


class CancelForm(ActForm):
    """Of a recurring task one may say that it was the last."""

    ends_recurrence = forms.BooleanField(
        label=gettext_lazy("It does not come again"), required=False
    )

    def __init__(self, *args: Any, task: Task, **options: Any) -> None:
        super().__init__(*args, task=task, **options)
        if not task.is_recurring:
            del self.fields["ends_recurrence"]


class TaskForm(DoorForm):
    """A new task, or an open one to be changed; the door checks what is typed.

    `shown` are the values as the form showed them: what was left so is no wish,
    and takes nobody's change back.
    """

    kind = forms.ChoiceField(label=gettext_lazy("Kind"), choices=TaskKind.choices, widget=pills())
    description = forms.CharField(label=gettext_lazy("What is to be done"), max_length=100)
    due_on = day_input(gettext_lazy("Due on"), required=True)
    start_time = time_input()
    duration = DurationField(
        label=gettext_lazy("Duration"),
        help_text=gettext_lazy("30m, 1:30, 2h, 2d"),
    )
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"), choices=TaskPriority.choices, coerce=int
    )
    status = forms.ChoiceField(label=gettext_lazy("Status"), choices=OPEN_STATUSES)
    location = forms.CharField(label=gettext_lazy("Location"), max_length=100, required=False)
    note = forms.CharField(
        label=gettext_lazy("Note"),
        required=False,
        max_length=5000,
        widget=mentioning(3),
    )
    is_recurring = forms.BooleanField(label=gettext_lazy("Comes again"), required=False)
    recurring_interval = DateFormulaFormField(
        label=gettext_lazy("Again after"), required=False, max_length=40
    )
    recurs_from = forms.ChoiceField(
        label=gettext_lazy("Counted from"),
        required=False,
        choices=[("", "---------"), *Task.RecursFrom.choices],
    )
    seen = ActForm.base_fields["seen"]
    next = ActForm.base_fields["next"]
    shown = forms.CharField(widget=forms.HiddenInput, required=False, max_length=20_000)

    def __init__(
        self, data: Any = None, *, by: User, task: Task | None = None, initial: Any = None
    ) -> None:
        self.by = by
        self.task = task
        super().__init__(data, initial={**(_values(task, by) if task else NEW), **(initial or {})})
        opportunity = self.initial.get("opportunity")
        self.fields["contact"] = contact_field(by, present=self.initial.get("contact"))
        self.fields["contact"].help_text = ""
        self.fields["opportunity"] = opportunity_field(by, present=opportunity)
        self.fields["attendees"] = AttendeesField(by=by, present=task)
        interval = self.fields["recurring_interval"]
        interval.help_text = _("Days, weeks or months: %(example)s") % {"example": _example()}
        if task is None:
            self.fields["salesperson"] = salesperson_field(by)
            self.fields["team"] = team_field(by)
            del self.fields["status"], self.fields["shown"], self.fields["seen"]
        elif task.kind != TaskKind.MEETING:
            del self.fields["attendees"]
            kinds = [pair for pair in TaskKind.choices if pair[0] != TaskKind.MEETING]
            self._choices("kind").choices = kinds
        else:
            self._choices("kind").choices = [(TaskKind.MEETING.value, TaskKind.MEETING.label)]
        for field in self.fields.values():
            show_what_was_not_sent(field)

    @property
    def uses_more(self) -> bool:
        """Say whether "More" is open: something of it was refused, or stands there already."""
        more = set(self.fields) - TOP
        is_refused = any(name in self.errors for name in more) if self.is_bound else False
        is_used = any(self.initial.get(name) for name in MORE_USED)
        return is_refused or is_used

    def wish(self) -> dict[str, Any]:
        """Return the fields of a new task."""
        typed = {name: v for name, v in self.cleaned_data.items() if name not in UNWRITTEN}
        if typed["kind"] == TaskKind.MEETING and typed["salesperson"] is None:
            typed["organizer"] = salesperson_of(self.by)
        return typed

    def changes(self) -> dict[str, Any]:
        """Return what was changed of the task, as the door takes it."""
        touched = mine(self, self.compared())
        return {name: value for name, value in self.cleaned_data.items() if name in touched}

    def compared(self) -> list[str]:
        """Return the fields that two people may have changed at once."""
        return [name for name in self.fields if name not in UNWRITTEN]

    def as_shown(self) -> str:
        """Return the present values, for the form to send back beside what was typed."""
        return as_shown(self, self.compared())


TOP = {"kind", "description", "due_on", "start_time", "salesperson", "contact", "opportunity"}
MORE_USED = ("team", "location", "note", "is_recurring", "attendees")
UNWRITTEN = {"seen", "next", "shown"}
NEW: dict[str, Any] = {
    "kind": TaskKind.TO_DO,
    "priority": TaskPriority.NORMAL,
}


def _values(task: Task, by: User) -> dict[str, Any]:
    """Return an open task as its form shows it; an opportunity that is hidden from `by` stays."""
    opportunity = seen_opportunity(task, visible_ids(by))
    rows = task.attendees.select_related("salesperson", "contact")
    plain = (
        "kind", "description", "due_on", "start_time", "duration", "priority", "status",
        "location", "note", "is_recurring", "recurring_interval", "recurs_from",
    )  # fmt: skip
    return {
        **{name: getattr(task, name) for name in plain},
        "contact": task.contact_id,
        "opportunity": opportunity and opportunity.pk,
        "attendees": [row.salesperson or row.contact for row in rows if not row.is_organizer],
        "seen": task.edits,
    }


def _example() -> str:
    return "2U, 1M" if get_language() == "nb" else "2W, 1M"


def check_day(text: str) -> date:
    """Return the day that an address names; ValidationError for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ValidationError(_("“%(day)s” is no day.") % {"day": text[:40]}) from error
