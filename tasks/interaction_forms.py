"""How people type what happened."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.inputs import NOT_CHOSEN, contact_field, salesperson_field
from crm.fields import AmountField
from crm.forms import DoorForm, mentioning
from lists.filtering import RowField
from salespeople.models import Salesperson, User
from salespeople.visibility import salesperson_of
from tasks.interactions import choosable_opportunities
from tasks.models import MOST_DURATION, Interaction
from tasks.origin import Origin

TEXT_LENGTH = 100_000
SUBJECT_LENGTH = 200
FOLDED = ("salesperson", "direction", "evaluation", "cost", "is_failed")
MOST_MINUTES = MOST_DURATION // timedelta(minutes=1)


def subject_from(text: str) -> str:
    """Return the first line of a text, cut to the length of a subject."""
    line = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return line if len(line) <= SUBJECT_LENGTH else f"{line[: SUBJECT_LENGTH - 1]}…"


class InteractionForm(DoorForm):
    """What happened, in one field if need be; the rest is proposed (R176, R228, R230)."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=Interaction.Kind.choices,
        widget=forms.RadioSelect,
        initial=Interaction.Kind.CALL,
    )
    text = forms.CharField(
        label=gettext_lazy("What was said or done"),
        required=False,
        max_length=TEXT_LENGTH,
        widget=mentioning(6, autofocus=True),
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=SUBJECT_LENGTH,
        help_text=gettext_lazy("Empty: the first line of the text."),
    )
    happened_at = forms.DateTimeField(
        label=gettext_lazy("When"),
        required=False,
        widget=forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}),
    )
    direction = forms.ChoiceField(
        label=gettext_lazy("Direction"),
        required=False,
        choices=[("", NOT_CHOSEN), *Interaction.Direction.choices],
    )
    minutes = forms.IntegerField(
        label=gettext_lazy("Minutes"), required=False, min_value=0, max_value=MOST_MINUTES
    )
    cost = AmountField(
        label=gettext_lazy("Cost"),
        required=False,
        max_digits=18,
        decimal_places=2,
        min_value=Decimal(0),
    )
    evaluation = forms.ChoiceField(
        label=gettext_lazy("Evaluation"),
        required=False,
        choices=[("", NOT_CHOSEN), *Interaction.Evaluation.choices],
    )
    is_failed = forms.BooleanField(
        label=gettext_lazy("Nobody answered"),
        required=False,
        help_text=gettext_lazy("An attempt: nobody answered, or the mail came back."),
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def __init__(self, *args: Any, by: User, origin: Origin, **options: Any) -> None:
        proposed = self._proposals(by, origin)
        options["initial"] = {**proposed, **(options.get("initial") or {})}
        super().__init__(*args, **options)
        self.by, self.origin = by, origin
        present = proposed["salesperson"]
        self.fields["salesperson"] = salesperson_field(by, present=present)
        self.fields["contact"] = self._contact_field(by, origin)
        if origin.opportunity is None and origin.contact is not None:
            self._offer_opportunities(origin)

    @staticmethod
    def _proposals(by: User, origin: Origin) -> dict[str, Any]:
        """Return who it was with and who talked, as the door would fill it in (R176, R230)."""
        own, contact = salesperson_of(by), origin.contact
        sources = [row for row in (origin.task, origin.opportunity) if row is not None]
        carried = next((row.salesperson_id for row in sources if row.salesperson_id), None)
        usual = own.pk if own else contact.salesperson_id if contact else None
        return {
            "happened_at": timezone.now(),
            "contact": contact.pk if contact else None,
            "salesperson": carried or usual,
        }

    @staticmethod
    def _contact_field(by: User, origin: Origin) -> RowField:
        people = origin.people(by)
        if people is None:
            return contact_field(
                by, required=True, present=origin.contact.pk if origin.contact else None
            )
        return RowField(label=_("Contact"), queryset=people, empty_label=NOT_CHOSEN, required=False)

    def _offer_opportunities(self, origin: Origin) -> None:
        """Offer what it may be about: open, of the same company and the salesperson (R231)."""
        rows = self._offered(origin.contact)
        if rows.exists():
            self.fields["opportunity"] = RowField(
                label=_("About the opportunity"),
                queryset=rows,
                lookups=("description",),
                required=False,
                empty_label=_("None"),
            )

    def _offered(self, contact: Any) -> Any:
        typed = self.data.get("salesperson") if self.is_bound else self.initial["salesperson"]
        try:
            salesperson: Salesperson | None = self.fields["salesperson"].clean(typed)
        except forms.ValidationError:
            salesperson = None
        return choosable_opportunities(contact, by=self.by, salesperson=salesperson)

    def clean(self) -> dict[str, Any]:
        """Take the first line of the text as the subject; ask for one of them (R228)."""
        data = self.cleaned_data
        if not data.get("subject") and "subject" not in self.errors:
            data["subject"] = subject_from(data.get("text") or "")
            if not data["subject"] and "text" not in self.errors:
                self.add_error("text", _("Write what happened."))
        return data

    @property
    def has_more_errors(self) -> bool:
        """Say whether something is marked among the fields that are folded away."""
        return not self.errors.keys().isdisjoint(FOLDED)

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door."""
        data = {name: value for name, value in self.cleaned_data.items() if name != "next"}
        minutes = data.pop("minutes") or 0
        data["duration"] = timedelta(minutes=minutes)
        data["cost"] = data["cost"] or Decimal(0)
        data.setdefault("opportunity", self.origin.opportunity)
        return {**data, "task": self.origin.task}
