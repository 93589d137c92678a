"""How people type what the door is asked for; a field is named as the door's argument."""

from collections.abc import Collection
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.inputs import (
    NOT_CHOSEN,
    campaign_field,
    contact_field,
    salesperson_field,
    segment_field,
)
from crm.dates import today
from crm.forms import DoorForm, day_input, note_input, show_what_was_not_sent, shown_input
from crm.merging import Raw, as_shown, raw_of, read_shown
from opportunities.inputs import chances_input, money_input, on_input, tasks_input
from opportunities.models import STATE_FIELDS, Opportunity, OpportunityEntry, Status
from salescycles.models import CloseReason, SalesCycle
from salespeople.models import User
from tasks import stages


class ActForm(DoorForm):
    """What every act has: the entry that was seen, where to go afterwards, and a note."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=2**31 - 1,
        error_messages={"required": gettext_lazy("The form is stale. Load the page again.")},
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    tasks_field = ""  # what it asks about open tasks, where there are any
    is_ticked = False
    blank_keeps: Collection[str] = frozenset(STATE_FIELDS) - {"campaign"}

    def __init__(self, *args: Any, opportunity: Opportunity, by: User, **options: Any) -> None:
        self.opportunity = opportunity
        self.by = by
        options["initial"] = {
            "seen": opportunity.sequence,
            **self.proposals(),
            **(options.get("initial") or {}),
        }
        super().__init__(*args, **options)
        if self.tasks_field and (waiting := stages.open_tasks(opportunity)):
            self.fields[self.tasks_field] = tasks_input(self.tasks_field, waiting)
            self.initial.setdefault(self.tasks_field, self.is_ticked)
        if "on" in self.fields:
            self.fields["on"].widget.attrs["max"] = today().isoformat()
        for field in self.fields.values():
            show_what_was_not_sent(field)

    @property
    def was_typed(self) -> bool:
        """Say whether a person filled in the form; the board sends a stage only."""
        return "estimated_value" in self.data

    def proposals(self) -> dict[str, Any]:
        """Return what the form shows before anything is typed."""
        return {}

    def shown_then(self, seen: OpportunityEntry | None) -> dict[str, Raw]:
        """Return what the form had shown of the ledger's facts, at the entry that was seen."""
        names = [name for name in STATE_FIELDS if name in self.fields and seen is not None]
        return {name: raw_of(self, name, getattr(seen, name)) for name in names}

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door; what was not asked about tasks is left out."""
        unasked = {self.tasks_field} if self.cleaned_data.get(self.tasks_field) is None else set()
        return {n: v for n, v in self.cleaned_data.items() if n not in {"next", *unasked}}

    def merged(self, fresh: Opportunity, theirs: Collection[str]) -> dict[str, Any]:
        """Return what is wished of the row as it is now; of `theirs` nothing is."""
        unsaid = {*theirs, *(f"clears_{name}" for name in theirs)}
        wishes = {n: v for n, v in self.wishes().items() if n not in unsaid}
        wishes |= {name: getattr(fresh, name) for name in theirs if name in STATE_FIELDS}
        seen = {"seen": fresh.sequence, "seen_edits": fresh.edits}
        return wishes | {name: value for name, value in seen.items() if name in wishes}


class EstimatesForm(ActForm):
    """Value, chances and close date, as they stand."""

    tasks_field = "cancel_open_tasks"  # not ticked (R98)
    stage_entered: Any = None
    quote: Any = None
    estimated_value = money_input()
    chances_of_success = chances_input()
    estimated_close_on = day_input(gettext_lazy("Estimated close date"))
    on = on_input()
    note = note_input()

    def proposals(self) -> dict[str, Any]:
        """Return the present estimates; the amount of the deciding quote counts first (R74)."""
        row = self.opportunity
        if row.status == Status.IN_PROGRESS:
            self.quote = row.quotes.deciding().first()
        return {
            "on": today(),
            "estimated_value": self.quote.amount if self.quote else row.estimated_value,
            "chances_of_success": row.chances_of_success,
            "estimated_close_on": row.estimated_close_on,
        }

    @property
    def creates(self) -> list[Any]:
        """The tasks that entering the stage will create, by the date of the change (R100)."""
        on = getattr(self, "cleaned_data", {}).get("on") or today()
        return stages.planned(self.stage_entered, on)


def check_dated(form: forms.Form, stage: Any, present: Any = None) -> None:
    """Ask for a close date where neither a person nor the stage's formula gives one (R39)."""
    typed = form.cleaned_data.get("estimated_close_on")
    if "estimated_close_on" in form.errors or typed or present:
        return
    if stage is None or not stage.date_formula:
        form.add_error("estimated_close_on", _("Give an estimated close date."))


class ActivateForm(EstimatesForm):
    """The first stage; `stage` is set by the view for the proposals."""

    def __init__(self, *args: Any, stage: Any, proposed_on: Any, **options: Any) -> None:
        self.stage = self.stage_entered = stage
        self.proposed_on = proposed_on
        super().__init__(*args, **options)

    def proposals(self) -> dict[str, Any]:
        """Return the stage's chances where none were given, and a date where it is blank."""
        row = self.opportunity
        return super().proposals() | {
            "chances_of_success": row.chances_of_success or self.stage.chances_of_success,
            "estimated_close_on": row.estimated_close_on or self.proposed_on,
        }

    def clean(self) -> dict[str, Any]:
        """Ask for a close date."""
        check_dated(self, self.stage, self.opportunity.estimated_close_on)
        return self.cleaned_data


class MoveForm(EstimatesForm):
    """Entering a stage: its chances are proposed, the close date is kept (R68, R69, D23)."""

    stage = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=1,
        max_value=2**63 - 1,
        error_messages={"required": gettext_lazy("Choose a stage.")},
    )

    def __init__(self, *args: Any, stage: Any, proposed_on: Any, **options: Any) -> None:
        self.chosen = self.stage_entered = stage
        self.proposed_on = proposed_on
        super().__init__(*args, **options)

    def proposals(self) -> dict[str, Any]:
        """Return the chances of the chosen stage, and its date where the date is blank."""
        found = super().proposals()
        if self.chosen is None:
            return found
        row = self.opportunity
        return found | {
            "stage": self.chosen.pk,
            "chances_of_success": self.chosen.chances_of_success or row.chances_of_success,
            "estimated_close_on": row.estimated_close_on or self.proposed_on,
        }

    def clean(self) -> dict[str, Any]:
        """Ask for a close date when the move is the start."""
        check_dated(self, self.chosen, self.opportunity.estimated_close_on)
        return self.cleaned_data

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door, without the stage."""
        return {name: value for name, value in super().wishes().items() if name != "stage"}


class UpdateForm(EstimatesForm):
    """New estimates at the same stage; before the start the cycle may change, too (R28)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.opportunity.status == Status.NOT_STARTED:
            self.fields["sales_cycle"] = forms.ModelChoiceField(
                label=_("Sales cycle"),
                queryset=SalesCycle.objects.usable(),
                required=False,
                initial=self.opportunity.sales_cycle_id,
            )


class CloseForm(ActForm):
    """A reason, filled in when there is only one (R109), and the day."""

    tasks_field = "cancel_open_tasks"
    is_ticked = True  # R108
    kind = CloseReason.Kind.LOST
    reason = forms.ModelChoiceField(
        label=gettext_lazy("Reason"),
        queryset=CloseReason.objects.none(),
        required=False,
        empty_label=NOT_CHOSEN,
    )
    on = day_input(gettext_lazy("Closing date"), required=True)
    note = note_input()

    def __init__(self, *args: Any, **options: Any) -> None:
        self.reasons = CloseReason.objects.usable().filter(kind=self.kind)
        super().__init__(*args, **options)
        self._choices("reason").queryset = self.reasons

    def proposals(self) -> dict[str, Any]:
        """Return today, and the only reason."""
        only = list(self.reasons[:2])
        return {"on": today(), "reason": only[0].pk if len(only) == 1 else None}


class LoseForm(CloseForm):
    """Why it was lost."""


class WinForm(CloseForm):
    """Why it was won, and for how much."""

    kind = CloseReason.Kind.WON
    sales_value = money_input()
    field_order = ("reason", "sales_value", "on", "cancel_open_tasks", "note")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["sales_value"].label = _("Sales value")

    def proposals(self) -> dict[str, Any]:
        """Return the amount of the deciding quote, else the estimated value (R93, D20)."""
        quote = self.opportunity.quotes.deciding().first()
        value = quote.amount if quote else self.opportunity.estimated_value
        return super().proposals() | {"sales_value": value}


class ReopenForm(ActForm):
    """Where it goes back to stands in the ledger; a date that has passed is asked for (D10)."""

    estimated_close_on = day_input(gettext_lazy("Estimated close date"))
    on = on_input()
    note = note_input()

    def __init__(self, *args: Any, before: Any, **options: Any) -> None:
        self.before = before
        super().__init__(*args, **options)

    def proposals(self) -> dict[str, Any]:
        """Return the close date of the last open entry unless it has passed."""
        close_on = self.before.estimated_close_on
        return {"on": today(), "estimated_close_on": close_on if _is_ahead(close_on) else None}


def _is_ahead(day: Any) -> bool:
    return day is not None and day >= today()


class ReassignForm(ActForm):
    """Another salesperson, contact or campaign."""

    tasks_field = "hand_over_open_tasks"  # not ticked (R139, R140, R142)
    on = on_input()
    note = note_input()
    field_order = ("salesperson", "contact", "campaign", "hand_over_open_tasks", "on", "note")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        row = self.opportunity
        self.fields["salesperson"] = salesperson_field(self.by, present=row.salesperson_id)
        self.fields["contact"] = contact_field(self.by, present=row.contact_id)
        if field := campaign_field(row.created_on, present=row.campaign_id):
            self.fields["campaign"] = field
        self.order_fields(self.field_order)

    def proposals(self) -> dict[str, Any]:
        """Return the present ones."""
        row = self.opportunity
        return {
            "on": today(),
            "salesperson": row.salesperson_id,
            "contact": row.contact_id,
            "campaign": row.campaign_id,
        }

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door; an emptied campaign is cleared (R142)."""
        found = super().wishes()
        if "campaign" in self.fields and self.data.get("campaign") == "":
            found["clears_campaign"] = True
        return found


class EditForm(ActForm):
    """What the ledger does not hold."""

    description = forms.CharField(label=gettext_lazy("Description"), max_length=100)
    priority = forms.TypedChoiceField(
        label=gettext_lazy("Priority"),
        choices=Opportunity.Priority.choices,
        coerce=int,
        required=False,
        empty_value=None,
    )
    seen_edits = forms.IntegerField(
        widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1, required=False
    )
    shown = shown_input()

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        row = self.opportunity
        if row.is_closed:
            del self.fields["priority"]
        if field := segment_field(row.campaign, present=row.segment_id):
            self.fields["segment"] = field
        self.initial["shown"] = as_shown(self, self._asked())

    def shown_then(self, seen: OpportunityEntry | None) -> dict[str, Raw]:
        """Return what the form had shown: none of it stands in the ledger."""
        shown = read_shown(self.cleaned_data["shown"])
        return {name: shown[name] for name in self._asked() if name in shown}

    def _asked(self) -> list[str]:
        return [name for name in ("description", "priority", "segment") if name in self.fields]

    def proposals(self) -> dict[str, Any]:
        """Return both as they are."""
        row = self.opportunity
        return {
            "description": row.description,
            "priority": row.priority,
            "segment": row.segment_id,
            "seen_edits": row.edits,
        }

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door; an emptied segment is cleared."""
        found = {name: value for name, value in super().wishes().items() if name != "shown"}
        if "segment" in self.fields and self.data.get("segment") == "":
            found["clears_segment"] = True
        return found


class NoteForm(ActForm):
    """Deleting, restoring, undoing: nothing but a word why."""

    note = note_input()
