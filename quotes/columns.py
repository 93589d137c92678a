"""The columns of the list of quotes: how each is shown, sorted, summed and exported."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.dates import site_date
from lists.columns import Column, Columns, Part
from lists.paging import Sort

CELLS = "quotes/cells.html"


def _column(name: str, label: Any, *parts: Part, **options: Any) -> Column:
    return Column(name=name, label=label, template=f"{CELLS}#{name}", parts=parts, **options)


def _moment(name: str, label: Any, field: str) -> Column:
    """Return the column of a moment, shown and exported as its day."""

    def day(row: Any) -> Any:
        moment = getattr(row, field)
        return site_date(moment) if moment is not None else None

    sort = Sort(field, is_nullable=field != "created_at")
    part = Part(label, day)
    return _column(name, label, part, sort=sort, classes="text-nowrap", is_usual=False)


COLUMNS = Columns(
    _column(
        "number",
        _("Number"),
        Part(_("Number"), lambda row: row.full_number),
        sort=Sort("id"),
        classes="text-nowrap",
    ),
    _column(
        "opportunity",
        _("Opportunity"),
        Part(_("Opportunity"), lambda row: row.opportunity.description),
        Part(_("Number of the opportunity"), lambda row: row.opportunity.number),
        sort=Sort("opportunity__description_sort"),
        classes="cell-title",
        related=("opportunity",),
    ),
    _column(
        "contact",
        _("Contact"),
        Part(_("Contact"), lambda row: row.contact.name),
        sort=Sort("contact__name_sort"),
        classes="cell-name",
        related=("contact",),
    ),
    _column(
        "salesperson",
        _("Salesperson"),
        Part(_("Salesperson"), lambda row: row.opportunity.salesperson.name),
        sort=Sort("opportunity__salesperson__name_sort"),
        classes="cell-name",
        related=("opportunity__salesperson",),
    ),
    _column(
        "status",
        _("Status"),
        Part(_("Status"), lambda row: row.get_status_display()),
        sort=Sort("status"),
    ),
    _column(
        "valid",
        _("Valid until"),
        Part(_("Valid until"), lambda row: row.valid_until),
        related=("opportunity",),
        sort=Sort("valid_until", is_nullable=True),
        classes="text-nowrap",
    ),
    _column(
        "amount",
        _("Amount"),
        Part(_("Amount"), lambda row: row.amount),
        sort=Sort("amount"),
        total="amount",
        is_number=True,
        classes="text-end text-nowrap",
    ),
    _column(
        "revision",
        _("Revision"),
        Part(_("Revision"), lambda row: row.revision),
        sort=Sort("revision"),
        is_number=True,
        is_usual=False,
        classes="text-end",
    ),
    _moment("created", _("Created"), "created_at"),
    _moment("sent", _("Sent"), "sent_at"),
    _moment("decided", _("Decided"), "decided_at"),
)
