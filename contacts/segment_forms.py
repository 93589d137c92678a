"""How a segment is typed, and how segments are filtered."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.campaign_forms import LONGEST_TEXT, SeenForm
from contacts.inputs import NOT_CHOSEN, salesperson_field
from contacts.models import Campaign, Contact, Segment
from crm.forms import DoorForm
from lists.filtering import RowField, RowFilter, shown
from salespeople.models import Salesperson, User
from salespeople.visibility import visible_salespeople

LONGEST_PASTE = 200_000


class SegmentForm(SeenForm):
    """A segment, new or to be changed."""

    description = forms.CharField(label=gettext_lazy("Description"), max_length=100)
    field_order = ("description", "campaign", "salesperson")

    def __init__(
        self,
        data: Any = None,
        *,
        by: User,
        segment: Segment | None = None,
        campaign: Campaign | None = None,
    ) -> None:
        present = segment.salesperson_id if segment is not None else None
        own: Salesperson | None = getattr(by, "salesperson", None)
        initial: dict[str, Any] = {"campaign": campaign.pk if campaign else None}
        if segment is not None:
            initial = {
                "description": segment.description,
                "salesperson": present,
                "campaign": segment.campaign_id,
                "seen": segment.edits,
            }
        elif own is not None and not own.is_blocked:
            initial["salesperson"] = own.pk
        super().__init__(data, initial=initial)
        self.fields["salesperson"] = salesperson_field(by, present=present)
        self.fields["campaign"] = RowField(
            label=_("Campaign"),
            queryset=Campaign.objects.visible_to(by),
            lookups=("description",),
            label_of=shown,
            required=False,
            empty_label=NOT_CHOSEN,
        )
        self.order_fields(self.field_order)
        if segment is None:
            del self.fields["seen"]

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door."""
        return {name: self.cleaned_data[name] for name in self.field_order}


class MemberForm(DoorForm):
    """One contact to be added, by name."""

    def __init__(self, data: Any = None, *, by: User) -> None:
        super().__init__(data)
        suggest = {"autocomplete": "off", "data-suggest": reverse_lazy("contacts:suggest")}
        self.fields["contact"] = RowField(
            label=_("Contact"),
            queryset=Contact.objects.visible_to(by),
            widget=forms.TextInput(attrs=suggest),
        )


class PasteForm(DoorForm):
    """Many contacts to be added, by numbers and e-mail addresses."""

    text = forms.CharField(
        label=gettext_lazy("Numbers and e-mail addresses"),
        max_length=LONGEST_PASTE,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "One below the other, or with commas between: C17, kari@example.com."
        ),
    )


class MatchingForm(DoorForm):
    """A segment, or the name of a new one, to which contacts are added."""

    name = forms.CharField(label=gettext_lazy("Name of a new one"), max_length=100, required=False)

    def __init__(self, data: Any = None, *, by: User) -> None:
        super().__init__(data)
        self.fields["segment"] = RowField(
            label=_("Segment"),
            queryset=Segment.objects.visible_to(by),
            lookups=("description",),
            label_of=shown,
            required=False,
            empty_label=NOT_CHOSEN,
        )
        self.order_fields(("segment", "name"))

    def clean(self) -> dict[str, Any]:
        """Ask for one of the two."""
        data = self.cleaned_data
        if bool(data.get("segment")) == bool(data.get("name")) and not self.errors:
            raise ValidationError(_("Choose a segment, or name a new one."))
        return data


class SegmentFilter(django_filters.FilterSet):  # type: ignore[misc]
    """The filters of the list of segments."""

    q = django_filters.CharFilter(
        method="by_text",
        label=gettext_lazy("Description or number"),
        max_length=LONGEST_TEXT,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search")}),
    )
    campaign = RowFilter(
        field_name="campaign",
        label=gettext_lazy("Campaign"),
        rows=lambda _filterset: Campaign.objects.all(),
        lookups=("description",),
        empty_label=gettext_lazy("Any campaign"),
    )
    salesperson = RowFilter(
        field_name="salesperson",
        label=gettext_lazy("Salesperson"),
        rows=lambda f: visible_salespeople(f.request.user),
        lookups=("code", "name"),
        empty_label=gettext_lazy("Anybody"),
    )

    phrases: ClassVar[dict[str, Any]] = {
        "q": gettext_lazy("with “%(value)s” in the description"),
        "campaign": gettext_lazy("of the campaign %(value)s"),
        "salesperson": gettext_lazy("of %(value)s"),
    }

    class Meta:
        model = Segment
        fields: ClassVar[list[str]] = []

    def rows(self) -> Any:
        """Return what matches; nothing when a filter was refused."""
        return self.qs if self.form.is_valid() else self.queryset.none()

    def sentence(self) -> dict[str, str]:
        """Return a phrase for each filter in use, by its parameter."""
        used = self.form.cleaned_data if self.form.is_valid() else {}
        return {
            name: str(self.phrases[name]) % {"value": value}
            for name, value in used.items()
            if value
        }

    def by_text(self, rows: Any, name: str, value: str) -> Any:
        """Keep those in whose description the text stands."""
        return rows.search(value)
