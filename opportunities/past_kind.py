"""The list of a past day, as the pages of columns and files know it."""

from dataclasses import replace
from typing import Any

from django.db.models import BooleanField, ExpressionWrapper, Q, Value
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_lazy as _

from lists.columns import Column, Columns, Part
from lists.kinds import ListKind
from lists.paging import Sort
from opportunities.columns import COLUMNS
from opportunities.days import Day
from opportunities.groups import GROUPS
from opportunities.models import OpportunityEntryQuerySet
from opportunities.past_filters import StateFilter
from opportunities.sums import SUM_ROW
from salespeople.roles import is_manager
from salespeople.visibility import Person, visible_ids

CELLS = "opportunities/past_cells.html"
# What is of today alone, and was kept by no entry.
OF_TODAY = ("next_task", "tags", "priority")
OTHERWISE: dict[str, dict[str, Any]] = {
    "description": {
        "template": f"{CELLS}#description",
        "parts": (
            Part(_("Number"), lambda row: row.opportunity.number),
            Part(_("Opportunity"), lambda row: row.opportunity.description),
        ),
        "sort": Sort("opportunity__description_sort"),
        "related": ("opportunity",),
        "load": None,
    },
    "stage": {
        "template": f"{CELLS}#stage",
        "parts": (
            Part(_("Status"), lambda row: row.get_status_display()),
            Part(_("Stage"), lambda row: row.stage_name),
            Part(_("Sales cycle"), lambda row: row.sales_cycle.name),
        ),
    },
    "created": {
        "template": f"{CELLS}#created",
        "parts": (Part(_("Created"), lambda row: row.opportunity.created_on),),
        "sort": Sort("opportunity__created_at"),
        "related": ("opportunity",),
    },
}


def _columns() -> list[Column]:
    return [
        replace(column, **OTHERWISE.get(column.name, {}))
        for column in COLUMNS
        if column.name not in OF_TODAY
    ]


def listed(request: HttpRequest, query: QueryDict) -> OpportunityEntryQuerySet:
    """Return the states of the day that the address names, and whose pages may be opened."""
    states = Day.of(query).states_for(request.user)
    return states.annotate(may_open=may_open(request.user))


def may_open(user: Person) -> Any:
    """Return the question whether the page of a state's opportunity may be opened today."""
    ids = visible_ids(user)
    asked: Any = Value(value=True) if ids is None else Q(opportunity__salesperson__in=ids)
    return ExpressionWrapper(asked, output_field=BooleanField())


PAST = ListKind(
    name="past",
    label=_("Opportunities on a day"),
    page="opportunities:list",
    columns=Columns(*_columns()),
    filters=StateFilter,
    rows=listed,
    groups=GROUPS,
    usual_sort="-value",
    may_share=is_manager,
    flags=("on", "known"),
    sums=SUM_ROW,
)
