"""The list in groups: by stage, salesperson or month of closing."""

from django.db.models.functions import TruncMonth
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lists.grouping import Group, within_month
from lists.paging import Sort
from opportunities.models import Opportunity


def _stage_title(row: Opportunity) -> str:
    return f"{row.stage.sales_cycle.name}: {row.stage.name}" if row.stage else _("Without a stage")


def _by_stage(row: Opportunity, query: QueryDict) -> dict[str, str]:
    return {"stage": str(row.stage_id)} if row.stage_id else {"unstaged": "1"}


def _by_salesperson(row: Opportunity, query: QueryDict) -> dict[str, str]:
    return {"salesperson": str(row.salesperson_id)}


def _month_title(row: Opportunity) -> str:
    day = row.estimated_close_on
    return date_format(day, "YEAR_MONTH_FORMAT") if day else _("Without a close date")


def _by_month(row: Opportunity, query: QueryDict) -> dict[str, str]:
    if row.estimated_close_on is None:
        return {"undated": "1"}
    return within_month(row.estimated_close_on, query, "close_from", "close_until")


GROUPS = {
    "stage": Group(
        label=gettext_lazy("Stage"),
        sorts=(
            Sort("stage__sales_cycle_id", is_nullable=True),
            Sort("stage__position", is_nullable=True),
        ),
        title=_stage_title,
        narrowed=_by_stage,
        related=("stage__sales_cycle",),
        keys=("stage",),
    ),
    "salesperson": Group(
        label=gettext_lazy("Salesperson"),
        sorts=(Sort("salesperson__name_sort"), Sort("salesperson_id")),
        title=lambda row: str(row.salesperson),
        narrowed=_by_salesperson,
        related=("salesperson",),
        keys=("salesperson",),
    ),
    "month": Group(
        label=gettext_lazy("Close month"),
        sorts=(Sort("close_month", is_nullable=True),),
        title=_month_title,
        narrowed=_by_month,
        prepared=lambda rows: rows.annotate(close_month=TruncMonth("estimated_close_on")),
        keys=("close_month",),
    ),
}
