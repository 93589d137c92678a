"""The filters of the list of contacts."""

from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact, Industry, Tag
from lists.alternatives import ListFilter
from lists.filtering import FlagFilter, RowFilter, RowsFilter, RunFilter
from salespeople.models import Salesperson
from salespeople.visibility import visible_salespeople

LONGEST_TEXT = 200
YES, NO = "yes", "no"


def whose_contacts_are_seen(filterset: Any) -> QuerySet[Salesperson]:
    """Return whom the person sees, and whoever looks after a contact: everybody sees those."""
    seen = visible_salespeople(filterset.request.user).order_by().values("pk")
    theirs = Contact.objects.filter(salesperson=OuterRef("pk")).order_by()
    return Salesperson.objects.filter(Q(pk__in=seen) | Exists(theirs))


class ContactFilter(ListFilter):
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
        rows=whose_contacts_are_seen,
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

    unassigned = FlagFilter(
        "salesperson", "isnull", label=_("Without a salesperson"), required=False
    )
    without_industry = FlagFilter(
        "industry", "isnull", label=_("Without an industry"), required=False
    )
    run = RunFilter("contacts")

    in_tabs: ClassVar[tuple[str, ...]] = ("kind",)
    first: ClassVar[tuple[str, ...]] = ("q", "salesperson", "customer", "tag")

    phrases: ClassVar[dict[str, Any]] = {
        "kind": "%(value)s",
        "customer": "%(value)s",
        "blocked": "%(value)s",
        "tag": _("tagged “%(value)s”"),
        "q": _("with “%(value)s” in name, number, e-mail or phone"),
        "salesperson": _("of %(value)s"),
        "industry": _("in the industry %(value)s"),
        "company": _("of the company %(value)s"),
        "unassigned": _("without a salesperson"),
        "without_industry": _("without an industry"),
        "run": _("that were changed together"),
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

    def _shown(self, name: str, value: Any) -> str:
        return str(self.choices.get((name, str(value)), value))

    def by_text(self, rows: Any, name: str, value: str) -> Any:
        """Keep those in whose name, number, e-mail or phone the text stands."""
        return rows.search(value)

    def by_customer(self, rows: Any, name: str, value: str) -> Any:
        """Keep those that have bought, or those that have not."""
        return rows.filter(customer_since__isnull=value == NO)

    def by_blocked(self, rows: Any, name: str, value: str) -> Any:
        """Keep the blocked ones, or the others."""
        return rows.filter(is_blocked=value == YES)
