"""What stands at a sales cycle and its stages now, and how often each is used."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Avg, Count, F, Q, Sum

from salescycles.models import SalesCycle, SalesCycleStage

NOT_STARTED = "not_started"
IN_PROGRESS = "in_progress"


@dataclass(frozen=True)
class Figures:
    """How many opportunities, and their two sums in the site's currency (R6, R11)."""

    number: int = 0
    estimated_value: Decimal = Decimal(0)
    calculated_value: Decimal = Decimal(0)


@dataclass(frozen=True)
class StageFigures:
    """A stage with what is there now, and the average days (R11; None without history)."""

    stage: SalesCycleStage
    figures: Figures
    average_days: float | None
    query: str


@dataclass(frozen=True)
class CycleFigures:
    """A cycle as it stands now.

    `in_progress` is the sum of the stages (R6, without won and lost, rules D1);
    those not started stand at no stage and are counted apart.
    """

    in_progress: Figures
    not_started: Figures
    stages: list[StageFigures] = field(default_factory=list)
    in_progress_query: str = ""
    not_started_query: str = ""


def cycle_figures(cycle: SalesCycle) -> CycleFigures:
    """Return what stands at `cycle` now, in four queries."""
    totals = _grouped(cycle.opportunities.kept(), "status")
    at_stages = _grouped(cycle.opportunities.kept().filter(status=IN_PROGRESS), "stage")
    days = average_days(cycle)
    return CycleFigures(
        in_progress=totals.get(IN_PROGRESS, Figures()),
        not_started=totals.get(NOT_STARTED, Figures()),
        stages=[
            StageFigures(
                stage=stage,
                figures=at_stages.get(stage.pk, Figures()),
                average_days=days.get(stage.pk),
                query=_query(cycle, status=IN_PROGRESS, stage=stage.pk),
            )
            for stage in cycle.stages.order_by("position")
        ],
        in_progress_query=_query(cycle, status=IN_PROGRESS),
        not_started_query=_query(cycle, status=NOT_STARTED),
    )


def average_days(cycle: SalesCycle) -> dict[int, float]:
    """Return the mean days open of each stage's past entries, by the id of the stage.

    As Business Central R11 and R58 have it: every entry that a later one
    followed counts, with the days between the two. An entry that was undone
    never held and does not count.
    """
    past = cycle.opportunities.kept().filter(
        entries__sales_cycle=cycle,
        entries__status=IN_PROGRESS,
        entries__superseded_on__isnull=False,
        entries__undone_by__isnull=True,
    )
    rows = past.order_by().values_list("entries__stage").annotate(
        days=Avg(F("entries__superseded_on") - F("entries__effective_on"))
    )  # fmt: skip
    return {stage: days.total_seconds() / 86400 for stage, days in rows}


def cycle_columns() -> dict[str, Any]:
    """Return the annotations of a list of cycles: what is in progress at each (R6)."""
    there = Q(opportunities__status=IN_PROGRESS, opportunities__is_deleted=False)
    return {
        "number": Count("opportunities", filter=there),
        "estimated_value": Sum("opportunities__estimated_value", filter=there, default=Decimal(0)),
        "calculated_value": Sum(
            "opportunities__calculated_value", filter=there, default=Decimal(0)
        ),
    }


def _grouped(opportunities: Any, key: str) -> dict[Any, Figures]:
    rows = opportunities.order_by().values_list(key).annotate(
        Count("pk"), Sum("estimated_value"), Sum("calculated_value")
    )  # fmt: skip
    return {found: Figures(*figures) for found, *figures in rows}


def _query(cycle: SalesCycle, **more: Any) -> str:
    """Return the part of an address that asks the list of opportunities for these rows."""
    return urlencode({"cycle": cycle.pk, **more})
