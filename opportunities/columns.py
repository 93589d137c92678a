"""The columns of the list of opportunities: how each is shown, sorted, summed and exported."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from lists.columns import Column, Columns, Part
from lists.paging import Sort
from opportunities.next_tasks import NO_TASK, next_tasks_of

CELLS = "opportunities/cells.html"


def load_tags(rows: list[Any]) -> None:
    """Give each row its tags: one query."""
    prefetch_related_objects(rows, "tags")


def _tags(row: Any) -> str:
    return ", ".join(str(tag) for tag in row.tags.all())


def load_next_tasks(rows: list[Any]) -> None:
    """Give each open row its next task: one query."""
    tasks = next_tasks_of(row.pk for row in rows if row.is_open)
    for row in rows:
        row.next_task = tasks.get(row.pk, NO_TASK)


def _column(name: str, label: Any, *parts: Part, **options: Any) -> Column:
    return Column(name=name, label=label, template=f"{CELLS}#{name}", parts=parts, **options)


def _number(name: str, label: Any, field: str, **options: Any) -> Column:
    part = Part(label, lambda row: getattr(row, field))
    return _column(name, label, part, is_number=True, classes="text-end text-nowrap", **options)


def _day(name: str, label: Any, field: str, **options: Any) -> Column:
    part = Part(label, lambda row: getattr(row, field))
    return _column(name, label, part, classes="text-nowrap", **options)


def _name(name: str, label: Any, **options: Any) -> Column:
    return _column(name, label, Part(label, lambda row: _text(getattr(row, name))), **options)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


COLUMNS = Columns(
    _column(
        "description",
        _("Opportunity"),
        Part(_("Number"), lambda row: row.number),
        Part(_("Opportunity"), lambda row: row.description),
        sort=Sort("description_sort"),
        classes="cell-title",
        load=load_tags,
    ),
    _column(
        "contact",
        _("Contact"),
        Part(_("Contact"), lambda row: row.contact.name),
        Part(_("Company"), lambda row: _text(row.company)),
        sort=Sort("contact__name_sort"),
        classes="cell-name",
        related=("contact", "company"),
    ),
    _column(
        "stage",
        _("Stage"),
        Part(_("Status"), lambda row: row.get_status_display()),
        Part(_("Stage"), lambda row: _text(row.stage)),
        Part(_("Sales cycle"), lambda row: row.sales_cycle.name),
        sort=Sort("stage__position", is_nullable=True),
        classes="cell-name",
        form_field="stage",
        related=("stage", "sales_cycle"),
    ),
    _name(
        "salesperson",
        _("Salesperson"),
        classes="cell-name",
        form_field="salesperson",
        sort=Sort("salesperson__name_sort"),
        related=("salesperson",),
    ),
    _number(
        "value",
        _("Value"),
        "estimated_value",
        sort=Sort("estimated_value"),
        total="value",
        form_field="estimated_value",
    ),
    _number(
        "probability", _("Probability"), "probability", sort=Sort("probability"), is_usual=False
    ),
    _number(
        "calculated",
        _("Calculated value"),
        "calculated_value",
        sort=Sort("calculated_value"),
        total="calculated",
        is_usual=False,
        is_wide=True,
    ),
    _day(
        "close",
        _("Close date"),
        "estimated_close_on",
        sort=Sort("estimated_close_on", is_nullable=True),
        form_field="estimated_close_on",
    ),
    _column(
        "next_task",
        _("Next task"),
        Part(_("Next task"), lambda row: row.next_task.description),
        Part(_("Next task due"), lambda row: row.next_task.due_on),
        load=load_next_tasks,
        form_field="task_description",
    ),
    _day("created", _("Created"), "created_on", sort=Sort("created_at"), is_usual=False),
    _name("company", _("Company"), is_usual=False, classes="cell-name", related=("company",)),
    _name(
        "sales_cycle",
        _("Sales cycle"),
        is_usual=False,
        classes="cell-name",
        related=("sales_cycle",),
    ),
    _column(
        "status", _("Status"), Part(_("Status"), lambda r: r.get_status_display()), is_usual=False
    ),
    _column(
        "priority",
        _("Priority"),
        Part(_("Priority"), lambda row: row.get_priority_display()),
        is_usual=False,
    ),
    _number("chances", _("Chances of success"), "chances_of_success", is_usual=False),
    _number("completed", _("Completed"), "completed", is_usual=False),
    _day("stage_since", _("At this stage since"), "stage_entered_on", is_usual=False),
    _day("changed", _("Last change"), "effective_on", is_usual=False),
    _name("campaign", _("Campaign"), is_usual=False, classes="cell-name", related=("campaign",)),
    _column("tags", _("Tags"), Part(_("Tags"), _tags), is_usual=False, load=load_tags),
    _day("closed", _("Closed on"), "closed_on", is_usual=False),
    _name("close_reason", _("Close reason"), is_usual=False, related=("close_reason",)),
)
