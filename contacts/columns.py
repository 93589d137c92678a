"""The columns of the list of contacts: how each is shown, sorted and exported."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from contacts.countries import country_name
from crm.dates import site_date
from lists.columns import Column, Columns, Part
from lists.paging import Sort

CELLS = "contacts/cells.html"


def load_tags(rows: list[Any]) -> None:
    """Give each row its tags: one query."""
    prefetch_related_objects(rows, "tags")


def _tags(row: Any) -> str:
    return ", ".join(str(tag) for tag in row.tags.all())


def _column(name: str, label: Any, *parts: Part, **options: Any) -> Column:
    return Column(name=name, label=label, template=f"{CELLS}#{name}", parts=parts, **options)


def _field(name: str, label: Any, field: str = "", **options: Any) -> Column:
    """Return the column of a field of the contact itself, or of a row that it names."""

    def value(row: Any) -> Any:
        found = getattr(row, field or name)
        return "" if found is None else str(found)

    return _column(name, label, Part(label, value), **options)


COLUMNS = Columns(
    _column(
        "name",
        _("Name"),
        Part(_("Number"), lambda row: row.number),
        Part(_("Name"), lambda row: row.name),
        Part(_("Kind"), lambda row: row.get_kind_display()),
        sort=Sort("name_sort"),
        classes="cell-title",
        load=load_tags,
    ),
    _field(
        "company",
        _("Company"),
        sort=Sort("company__name_sort", is_nullable=True),
        related=("company",),
        classes="cell-name",
    ),
    _column(
        "reach",
        _("Phone and mail"),
        Part(_("Phone"), lambda row: row.phone),
        Part(_("Mobile phone"), lambda row: row.mobile_phone),
        Part(_("E-mail"), lambda row: row.email),
        sort=Sort("email"),
    ),
    _field("city", _("City"), sort=Sort("city"), classes="cell-name"),
    _field(
        "salesperson",
        _("Salesperson"),
        sort=Sort("salesperson__name_sort", is_nullable=True),
        related=("salesperson",),
        classes="cell-name",
    ),
    _column(
        "customer",
        _("Customer since"),
        Part(_("Customer since"), lambda row: row.customer_since),
        sort=Sort("customer_since", is_nullable=True),
        classes="text-nowrap",
    ),
    _column(
        "kind",
        _("Kind"),
        Part(_("Kind"), lambda row: row.get_kind_display()),
        sort=Sort("kind"),
        is_usual=False,
    ),
    _field(
        "industry",
        _("Industry"),
        sort=Sort("industry__name_sort", is_nullable=True),
        related=("industry",),
        is_usual=False,
        classes="cell-name",
    ),
    _field("job_title", _("Job title"), sort=Sort("job_title"), is_usual=False),
    _field("address", _("Address"), sort=Sort("address"), is_usual=False, classes="cell-name"),
    _field("post_code", _("Post code"), sort=Sort("post_code"), is_usual=False),
    _column(
        "country",
        _("Country"),
        Part(_("Country"), lambda row: country_name(row.country)),
        sort=Sort("country"),
        is_usual=False,
    ),
    _field("website", _("Website"), is_usual=False, classes="cell-name"),
    _column("tags", _("Tags"), Part(_("Tags"), _tags), is_usual=False, load=load_tags),
    _column(
        "blocked",
        _("Blocked"),
        Part(_("Blocked"), lambda row: _("yes") if row.is_blocked else _("no")),
        sort=Sort("is_blocked"),
        is_usual=False,
    ),
    _column(
        "created",
        _("Created"),
        Part(_("Created"), lambda row: site_date(row.created_at)),
        sort=Sort("created_at"),
        is_usual=False,
        classes="text-nowrap",
    ),
    _column(
        "changed",
        _("Last change"),
        Part(_("Last change"), lambda row: site_date(row.changed_at or row.created_at)),
        sort=Sort("changed_at", is_nullable=True),
        is_usual=False,
        classes="text-nowrap",
    ),
)
