"""The list in groups: by stage, salesperson or month of closing, with the sums of each."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import TruncMonth
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.dates import month_of
from lists.filtering import without
from lists.grouping import Group
from lists.kinds import GROUP
from lists.paging import Sort
from opportunities.models import Opportunity
from opportunities.sums import SUMS, Sums, sums_from


@dataclass(frozen=True)
class Head:
    """The row above a group: its name, where its rows are listed, and their sums, if known."""

    title: str
    url: str
    sums: Sums | None


def heads(
    rows: QuerySet[Opportunity],
    shown: list[Opportunity],
    group: Group,
    query: QueryDict,
    *,
    with_sums: bool,
) -> dict[int, Head]:
    """Return a head for each group among the `shown` rows, by the id of its first row.

    One query; none where there are too many rows to be added up.
    """
    sums = _sums(rows, group) if with_sums and shown else {}
    found: dict[int, Head] = {}
    before: Any = object()
    for row in shown:
        key = group.key(row)
        if key != before:
            url = _address(group, row, query)
            total = sums_from(sums.get(key), url) if with_sums else None
            found[row.pk] = Head(group.title(row), url, total)
        before = key
    return found


def _sums(rows: QuerySet[Opportunity], group: Group) -> dict[tuple[Any, ...], dict[str, Any]]:
    counted = group.prepared(rows).order_by().values(*group.paths).annotate(**SUMS)
    return {tuple(row[path] for path in group.paths): row for row in counted}


def _address(group: Group, row: Opportunity, query: QueryDict) -> str:
    """Return the address of the group's rows: what is asked for now, narrowed to them."""
    narrowed = group.narrowed(row, query)
    rest = QueryDict(
        without(query, GROUP, "view", "edit", *narrowed).removeprefix("?"), mutable=True
    )
    for name, value in narrowed.items():
        rest[name] = value
    return f"?{rest.urlencode()}"


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
    """Return the month, cut to the days that the address asks for."""
    if row.estimated_close_on is None:
        return {"undated": "1"}
    first, last = month_of(row.estimated_close_on)
    return {
        "close_from": max(first, _day(query, "close_from") or first).isoformat(),
        "close_until": min(last, _day(query, "close_until") or last).isoformat(),
    }


def _day(query: QueryDict, name: str) -> date | None:
    try:
        return date.fromisoformat(str(query.get(name, "")))
    except ValueError:
        return None


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
    ),
    "salesperson": Group(
        label=gettext_lazy("Salesperson"),
        sorts=(Sort("salesperson__name_sort"), Sort("salesperson_id")),
        title=lambda row: str(row.salesperson),
        narrowed=_by_salesperson,
        related=("salesperson",),
    ),
    "month": Group(
        label=gettext_lazy("Close month"),
        sorts=(Sort("close_month", is_nullable=True),),
        title=_month_title,
        narrowed=_by_month,
        prepared=lambda rows: rows.annotate(close_month=TruncMonth("estimated_close_on")),
    ),
}
