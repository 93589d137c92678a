"""The way of an opportunity through its stages until a day: where it has been, and what it passed.

It has been at a stage if an entry says that it was in progress there, and was
neither undone nor an undo. Stays of no whole day count as well.
"""

from typing import Any

from django.db.models import Exists, OuterRef, Q

from opportunities.days import Day
from opportunities.models import Action, OpportunityEntry, OpportunityEntryQuerySet, Status
from salescycles.models import SalesCycleStage


def visits(day: Day) -> OpportunityEntryQuerySet:
    """Return the entries by which opportunities were at a stage until `day`, as it was known."""
    entries = OpportunityEntry.objects.order_by().exclude(action=Action.UNDONE)
    entries = entries.filter(status=Status.IN_PROGRESS, is_deleted=False, effective_on__lte=day.on)
    stands = Q(undone_by__isnull=True)
    if day.at is None:
        return entries.filter(stands)
    stands |= Q(undone_by__recorded_at__gt=day.at)
    return entries.filter(stands, recorded_at__lte=day.at)


def _been(day: Day, **stage: Any) -> Q:
    return Q(Exists(visits(day).filter(opportunity=OuterRef("opportunity"), **stage)))


def visited(stage: SalesCycleStage, day: Day) -> Q:
    """Return the question whether it has been at a stage."""
    return _been(day, stage=stage)


def beyond(stage: SalesCycleStage, day: Day) -> Q:
    """Return the question whether it has been at the stage, and at a later one."""
    return visited(stage, day) & _later(stage, day)


def skipped(stage: SalesCycleStage, day: Day) -> Q:
    """Return the question whether it has been at a later stage, but never at this one."""
    return _later(stage, day) & ~visited(stage, day)


def left(stage: SalesCycleStage, day: Day) -> Q:
    """Return the question whether it has been at a stage and is not there any more."""
    return visited(stage, day) & ~Q(stage=stage, status=Status.IN_PROGRESS)


def _later(stage: SalesCycleStage, day: Day) -> Q:
    return _been(day, stage__sales_cycle=stage.sales_cycle_id, stage__position__gt=stage.position)


PATHS = {"visited": visited, "beyond": beyond, "skipped": skipped, "left": left}
