"""How a campaign is typed, and how campaigns are filtered."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from contacts.inputs import salesperson_field
from contacts.models import Campaign
from crm.dates import today
from crm.fields import AmountField
from crm.forms import DoorForm, day_input
from lists.filtering import RowFilter
from salespeople.models import Salesperson, User
from salespeople.visibility import visible_salespeople

LONGEST_TEXT = 200
STATES = [
    ("running", _("Running")),
    ("activated", _("Activated")),
    ("inactive", _("Not activated")),
    ("over", _("Over")),
]
AMOUNT: dict[str, Any] = {"max_digits": 18, "decimal_places": 2, "min_value": 0}


class SeenForm(DoorForm):
    """The number of changes that the person was looking at."""

    seen = forms.IntegerField(
        widget=forms.HiddenInput,
        min_value=0,
        max_value=2**31 - 1,
        error_messages={"required": _("The form is stale. Load the page again.")},
    )


class CampaignForm(SeenForm):
    """A campaign, new or to be changed."""

    description = forms.CharField(label=_("Description"), max_length=100)
    starts_on = day_input(_("Starts on"))
    ends_on = day_input(_("Ends on"))
    cost = AmountField(label=_("Planned cost"), required=False, **AMOUNT)
    target = AmountField(
        label=_("Target value"),
        required=False,
        help_text=_("What the opportunities that it brings should be worth when won."),
        **AMOUNT,
    )
    names: ClassVar[tuple[str, ...]] = (
        "description", "starts_on", "ends_on", "salesperson", "cost", "target",
    )  # fmt: skip

    def __init__(self, data: Any = None, *, by: User, campaign: Campaign | None = None) -> None:
        present = campaign.salesperson_id if campaign is not None else None
        initial: dict[str, Any] = {"cost": 0, "target": 0}
        own: Salesperson | None = getattr(by, "salesperson", None)
        if campaign is not None:
            initial = {name: getattr(campaign, name) for name in self.names}
            initial |= {"salesperson": present, "seen": campaign.edits}
        elif own is not None and not own.is_blocked:
            initial["salesperson"] = own.pk
        super().__init__(data, initial=initial)
        self.fields["salesperson"] = salesperson_field(by, present=present)
        if campaign is None:
            del self.fields["seen"]

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door; an empty amount is 0."""
        found = {name: self.cleaned_data[name] for name in self.names}
        return found | {name: found[name] or 0 for name in ("cost", "target")}


class CampaignFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of the list of campaigns."""

    q = django_filters.CharFilter(
        method="by_text",
        label=_("Description or number"),
        max_length=LONGEST_TEXT,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search")}),
    )
    salesperson = RowFilter(
        field_name="salesperson",
        label=_("Salesperson"),
        rows=lambda f: visible_salespeople(f.request.user),
        lookups=("code", "name"),
        empty_label=_("Anybody"),
    )
    state = django_filters.ChoiceFilter(
        method="by_state", label=_("State"), choices=STATES, empty_label=_("Any state")
    )

    phrases: ClassVar[dict[str, Any]] = {
        "q": _("with “%(value)s” in the description"),
        "salesperson": _("of %(value)s"),
    }
    states: ClassVar[dict[str, Any]] = {
        "running": _("that run today"),
        "activated": _("that are activated"),
        "inactive": _("that are not activated"),
        "over": _("that are over"),
    }

    class Meta:
        model = Campaign
        fields: ClassVar[list[str]] = []

    def rows(self) -> Any:
        """Return what matches; nothing when a filter was refused."""
        return self.qs if self.form.is_valid() else self.queryset.none()

    def sentence(self) -> dict[str, str]:
        """Return a phrase for each filter in use, by its parameter."""
        used = self.form.cleaned_data if self.form.is_valid() else {}
        return {
            name: str(self.states[value])
            if name == "state"
            else str(self.phrases[name]) % {"value": value}
            for name, value in used.items()
            if value
        }

    def by_text(self, rows: Any, name: str, value: str) -> Any:
        """Keep those in whose description the text stands."""
        return rows.search(value)

    def by_state(self, rows: Any, name: str, value: str) -> Any:
        """Keep those that run, are activated, are not, or have ended."""
        conditions = {
            "activated": Q(activated_at__isnull=False),
            "inactive": Q(activated_at__isnull=True),
            "over": Q(ends_on__lt=today()),
        }
        return rows.running_on(today()) if value == "running" else rows.filter(conditions[value])
