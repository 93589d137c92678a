"""The filters of the list of interactions."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from lists.filtering import FlagFilter, RangeForm, RowFilter, date_filter
from salespeople.visibility import visible_salespeople
from tasks.models import Interaction
from tasks.origin import OPPORTUNITY


class InteractionFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Every filter of the list; the cancelled ones only where they are asked for (R229)."""

    unshown: ClassVar[tuple[str, ...]] = ("opportunity", "contact", "sort")

    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=Interaction.Kind.choices, empty_label=_("Any kind")
    )
    salesperson = RowFilter(
        field_name="salesperson",
        label=_("Salesperson"),
        rows=lambda f: visible_salespeople(f.request.user),
        lookups=("code", "name"),
        empty_label=_("Anybody"),
    )
    happened_from = date_filter("happened_at", "date__gte", _("From"))
    happened_until = date_filter("happened_at", "date__lte", _("Until"))
    cancelled = FlagFilter(method="by_cancelled", label=_("Cancelled ones only"), required=False)
    opportunity = RowFilter(
        field_name="opportunity",
        label=_("Opportunity"),
        rows=lambda f: OPPORTUNITY.objects.visible_to(f.request.user),
        lookups=("description",),
        widget=forms.HiddenInput,
    )
    contact = RowFilter(
        method="by_contact",
        label=_("Contact"),
        rows=lambda f: Contact.objects.visible_to(f.request.user),
        widget=forms.HiddenInput,
    )

    phrases: ClassVar[dict[str, Any]] = {
        "salesperson": _("of %(value)s"),
        "opportunity": _("about the opportunity %(value)s"),
        "contact": _("with %(value)s"),
        "happened_from": _("from %(value)s on"),
        "happened_until": _("until %(value)s"),
        "cancelled": _("that were cancelled"),
    }
    choices: ClassVar[dict[str, Any]] = {
        Interaction.Kind.CALL: _("that are phone calls"),
        Interaction.Kind.EMAIL: _("that are e-mails"),
        Interaction.Kind.MEETING: _("that are meetings"),
        Interaction.Kind.NOTE: _("that are notes"),
        Interaction.Kind.OTHER: _("of another kind"),
    }

    class Meta:
        model = Interaction
        form = RangeForm
        fields: ClassVar[list[str]] = []

    @cached_property
    def used(self) -> dict[str, Any]:
        """The filters that are in use, by name; empty when one of them was refused."""
        if not self.form.is_valid():
            return {}
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def rows(self) -> Any:
        """Return what matches; nothing when a filter was refused."""
        if not self.form.is_valid():
            return self.queryset.none()
        rows: Any = self.qs
        return rows if self.used.get("cancelled") else rows.counted()

    def sentence(self) -> dict[str, str]:
        """Return a phrase for each filter in use, by its parameter."""
        return {name: self._phrase(name, value) for name, value in self.used.items()}

    def _phrase(self, name: str, value: Any) -> str:
        if name == "kind":
            return str(self.choices[value])
        return str(self.phrases[name]) % {"value": value}

    def by_contact(self, rows: QuerySet[Interaction], name: str, value: Contact) -> Any:
        """Keep those with the contact; of a company, those with its people too (R149)."""
        return rows.filter(Q(company=value) if value.is_company else Q(contact=value))

    def by_cancelled(self, rows: QuerySet[Interaction], name: str, value: bool) -> Any:
        """Keep those that were taken back, if they are asked for."""
        return rows.filter(cancelled_at__isnull=False) if value else rows
