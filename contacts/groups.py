"""The list of contacts in groups: by kind, salesperson or industry."""

from typing import Any

from django.utils.translation import gettext_lazy

from contacts.models import Contact
from lists.grouping import Group
from lists.paging import Sort


def _named(relation: str, label: Any, nobody: Any, flag: str) -> Group:
    """Return the groups by a row that a contact may name; `flag` filters those that name none."""

    def narrowed(row: Contact, _query: Any) -> dict[str, str]:
        pk = getattr(row, f"{relation}_id")
        return {relation: str(pk)} if pk else {flag: "1"}

    return Group(
        label=label,
        sorts=(
            Sort(f"{relation}__name_sort", is_nullable=True),
            Sort(f"{relation}_id", is_nullable=True),
        ),
        title=lambda row: str(getattr(row, relation) or nobody),
        narrowed=narrowed,
        related=(relation,),
    )


GROUPS = {
    "kind": Group(
        label=gettext_lazy("Kind"),
        sorts=(Sort("kind"),),
        title=lambda row: row.get_kind_display(),
        narrowed=lambda row, _query: {"kind": row.kind},
    ),
    "salesperson": _named(
        "salesperson",
        gettext_lazy("Salesperson"),
        gettext_lazy("Without a salesperson"),
        "unassigned",
    ),
    "industry": _named(
        "industry",
        gettext_lazy("Industry"),
        gettext_lazy("Without an industry"),
        "without_industry",
    ),
}
