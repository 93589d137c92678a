"""The fields in which a contact or a salesperson is chosen for something new."""

from django.db.models import Q
from django.urls import reverse_lazy
from django.utils.translation import gettext as _

from contacts.models import Contact
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
