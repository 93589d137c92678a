"""The columns of the list of tasks: how each is shown, sorted, summed and exported.

Who attends a meeting sees the task, and not what it is about: what belongs to
an opportunity is shown where `tells` says so (`TaskQuerySet.telling`).
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from crm.dates import hours, site_date, span
from lists.columns import Column, Columns, Part
from lists.paging import Sort

CELLS = "tasks/cells.html"


def _column(name: str, label: Any, *parts: Part, **options: Any) -> Column:
    return Column(name=name, label=label, template=f"{CELLS}#{name}", parts=parts, **options)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _duration(row: Any) -> str:
    """Return how long it takes: whole days (R187), or hours and minutes."""
    return span(row.duration.days) if row.is_all_day else hours(row.duration)


def _opportunity(row: Any) -> str:
    return row.opportunity.description if row.tells else ""


COLUMNS = Columns(
    _column(
        "description",
        _("Task"),
        Part(_("Number"), lambda row: row.number),
        Part(_("Task"), lambda row: row.description),
        sort=Sort("description_sort"),
        classes="cell-title",
    ),
    _column(
        "due",
        _("Due"),
        Part(_("Due"), lambda row: row.due_on),
        Part(_("Start"), lambda row: row.start_time.strftime("%H:%M") if row.start_time else ""),
        sort=Sort("due_on"),
        classes="text-nowrap",
    ),
    _column(
        "opportunity",
        _("Opportunity"),
        Part(_("Opportunity"), _opportunity),
        sort=Sort("told_sort", is_nullable=True),
        classes="cell-name",
        related=("opportunity",),
    ),
    _column(
        "contact",
        _("Contact"),
        Part(_("Contact"), lambda row: _text(row.contact)),
        Part(_("Company"), lambda row: _text(row.company)),
        sort=Sort("contact__name_sort", is_nullable=True),
        classes="cell-name",
        related=("contact", "company"),
    ),
    _column(
        "salesperson",
        _("Salesperson"),
        Part(_("Salesperson"), lambda row: _text(row.salesperson)),
        Part(_("Team"), lambda row: _text(row.team)),
        sort=Sort("salesperson__name_sort", is_nullable=True),
        classes="cell-name",
        related=("salesperson", "team"),
    ),
    _column(
        "priority",
        _("Priority"),
        Part(_("Priority"), lambda row: row.get_priority_display()),
        sort=Sort("priority"),
    ),
    _column(
        "status",
        _("Status"),
        Part(_("Status"), lambda row: row.get_status_display()),
        sort=Sort("status"),
    ),
    _column(
        "kind",
        _("Kind"),
        Part(_("Kind"), lambda row: row.get_kind_display()),
        sort=Sort("kind"),
        is_usual=False,
    ),
    _column(
        "duration",
        _("Duration"),
        Part(_("Duration"), _duration),
        sort=Sort("duration"),
        total="duration",
        is_number=True,
        is_usual=False,
        classes="text-end text-nowrap",
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
        "closed",
        _("Closed on"),
        Part(_("Closed on"), lambda row: site_date(row.closed_at) if row.closed_at else None),
        sort=Sort("closed_at", is_nullable=True),
        is_usual=False,
        classes="text-nowrap",
    ),
    _column(
        "location",
        _("Location"),
        Part(_("Location"), lambda row: row.location),
        is_usual=False,
    ),
)
