"""The fields in which a contact or a salesperson is chosen for something new."""

from datetime import date
from typing import Any

from django.db.models import Q
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from contacts.models import Campaign, Contact, Segment
from lists.filtering import RowField, shown
from salespeople.models import Salesperson, User
from salespeople.visibility import assignable_salespeople

NOT_CHOSEN = "---------"


def contact_field(by: User, *, required: bool = False, present: int | None = None) -> RowField:
    """Return the field of a contact that may be used for something new, or the present one."""
    seen = Contact.objects.visible_to(by)
    usable = seen.filter(
        Q(is_blocked=False) & (Q(company__isnull=True) | Q(company__is_blocked=False))
        | Q(pk=present)
    )
    return RowField(
        label=_("Contact"),
        queryset=usable,
        lookups=("name",),
        label_of=shown,
        suggest=str(reverse_lazy("contacts:suggest")),
        required=required,
        empty_label=NOT_CHOSEN,
        help_text=_("A company, or a person: type a part of the name."),
    )


def salesperson_field(by: User, *, required: bool = False, present: int | None = None) -> RowField:
    """Return the field of a salesperson to whom `by` may give something, or the present one."""
    assignable = assignable_salespeople(by).values("pk")
    return RowField(
        label=_("Salesperson"),
        queryset=Salesperson.objects.filter(Q(pk__in=assignable) | Q(pk=present)),
        lookups=("code", "name"),
        required=required,
        empty_label=NOT_CHOSEN,
    )


def campaign_field(day: date, *, present: int | None = None) -> RowField | None:
    """Return the field of the campaigns that ran on `day`, and the present one (R143).

    None where there is nothing to choose.
    """
    running = Campaign.objects.running_on(day) | Campaign.objects.filter(pk=present or 0)
    return _choice(_("Campaign"), running)


def segment_field(campaign: Campaign | None, *, present: int | None = None) -> RowField | None:
    """Return the field of the segments to choose from, and the present one (R144).

    None where there is nothing to choose.
    """
    offered = Segment.objects.offered_for(campaign)
    return _choice(_("Segment"), offered | Segment.objects.filter(pk=present or 0))


def _choice(label: str, rows: Any) -> RowField | None:
    field = RowField(
        label=label,
        queryset=rows,
        lookups=("description",),
        label_of=shown,
        required=False,
        empty_label=NOT_CHOSEN,
    )
    return None if field.rows == {} else field
