"""The filters of the list of contacts."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Industry, Tag
from lists.filtering import RowFilter, RowsFilter
from salespeople.visibility import visible_salespeople

LONGEST_TEXT = 200
YES, NO = "yes", "no"


class ContactFilter(django_filters.FilterSet):  # type: ignore[misc]
    """Every filter of the list; without a choice, everybody, blocked ones too."""

    q = django_filters.CharFilter(
        method="by_text",
        label=_("Text"),
        max_length=LONGEST_TEXT,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Name, number, e-mail, phone")}
        ),
    )
    kind = django_filters.ChoiceFilter(
        label=_("Kind"), choices=Contact.Kind.choices, empty_label=_("Companies and people")
    )
    salesperson = RowFilter(
        field_name="salesperson",
        label=_("Salesperson"),
        rows=lambda f: visible_salespeople(f.request.user),
        lookups=("code", "name"),
        empty_label=_("Anybody"),
    )
    industry = RowFilter(
        field_name="industry",
        label=_("Industry"),
        rows=lambda _filterset: Industry.objects.all(),
        empty_label=_("Any industry"),
    )
    customer = django_filters.ChoiceFilter(
        method="by_customer",
        label=_("Customer"),
        choices=[(YES, _("Customers")), (NO, _("Not customers"))],
        empty_label=_("Customers or not"),
    )
    blocked = django_filters.ChoiceFilter(
        method="by_blocked",
        label=_("Blocked"),
        choices=[(YES, _("Blocked")), (NO, _("Not blocked"))],
        empty_label=_("Blocked or not"),
    )
    tag = RowsFilter(
        field_name="tags",
        label=_("Tag"),
        rows=lambda _filterset: Tag.objects.all(),
        empty_label=_("Any tag"),
    )
    company = RowFilter(
        field_name="company",
        label=_("Company"),
        rows=lambda f: Contact.objects.visible_to(f.request.user).companies(),
        widget=forms.HiddenInput,
    )

    phrases: ClassVar[dict[str, Any]] = {
        "q": _("with “%(value)s” in name, number, e-mail or phone"),
        "salesperson": _("of %(value)s"),
        "industry": _("in the industry %(value)s"),
        "company": _("of the company %(value)s"),
    }
    choices: ClassVar[dict[tuple[str, str], Any]] = {
        ("kind", Contact.Kind.COMPANY): _("that are companies"),
        ("kind", Contact.Kind.PERSON): _("that are people"),
        ("customer", YES): _("that are customers"),
        ("customer", NO): _("that are not customers"),
        ("blocked", YES): _("that are blocked"),
        ("blocked", NO): _("that are not blocked"),
    }

    class Meta:
        model = Contact
        fields: ClassVar[list[str]] = []

    @cached_property
    def used(self) -> dict[str, Any]:
        """The filters that are in use, by name; empty when one of them was refused."""
        if not self.form.is_valid():
            return {}
        return {name: value for name, value in self.form.cleaned_data.items() if value}

    def rows(self) -> QuerySet[Contact]:
        """Return what matches; nothing when a filter was refused."""
        return self.qs if self.form.is_valid() else self.queryset.none()  # type: ignore[no-any-return]

    def sentence(self) -> dict[str, str | list[str]]:
        """Return a phrase for each filter in use, by its parameter."""
        used = {name: value for name, value in self.used.items() if name != "tag"}
        tags = [str(_("tagged “%(value)s”")) % {"value": tag} for tag in self.used.get("tag", [])]
        return {
            name: str(self.choices.get((name, str(value))) or self.phrases[name]) % {"value": value}
            for name, value in used.items()
        } | ({"tag": tags} if tags else {})

    def by_text(self, rows: Any, name: str, value: str) -> Any:
        """Keep those in whose name, number, e-mail or phone the text stands."""
        return rows.search(value)

    def by_customer(self, rows: Any, name: str, value: str) -> Any:
        """Keep those that have bought, or those that have not."""
        return rows.filter(customer_since__isnull=value == NO)

    def by_blocked(self, rows: Any, name: str, value: str) -> Any:
        """Keep the blocked ones, or the others."""
        return rows.filter(is_blocked=value == YES)
