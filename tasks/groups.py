"""The list of tasks in groups: by status, salesperson, or the month in which they are due."""

from django.db.models.functions import TruncMonth
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lists.grouping import Group, within_month
from lists.paging import Sort
from tasks.models import Task


def _whose(row: Task) -> str:
    return str(row.salesperson) if row.salesperson else _("Nobody yet")


def _by_salesperson(row: Task, _query: QueryDict) -> dict[str, str]:
    return {"salesperson": str(row.salesperson_id)} if row.salesperson_id else {"untaken": "1"}


def _by_month(row: Task, query: QueryDict) -> dict[str, str]:
    return within_month(row.due_on, query, "due_from", "due_until")


GROUPS = {
    "status": Group(
        label=gettext_lazy("Status"),
        sorts=(Sort("status"),),
        title=lambda row: row.get_status_display(),
        narrowed=lambda row, _query: {"status": row.status},
    ),
    "salesperson": Group(
        label=gettext_lazy("Salesperson"),
        sorts=(
            Sort("salesperson__name_sort", is_nullable=True),
            Sort("salesperson_id", is_nullable=True),
        ),
        title=_whose,
        narrowed=_by_salesperson,
        related=("salesperson",),
    ),
    "month": Group(
        label=gettext_lazy("Due month"),
        sorts=(Sort("due_month"),),
        title=lambda row: date_format(row.due_on, "YEAR_MONTH_FORMAT"),
        narrowed=_by_month,
        prepared=lambda rows: rows.annotate(due_month=TruncMonth("due_on")),
    ),
}
