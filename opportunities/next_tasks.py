"""The next-task signal: what is to be done next about an opportunity, and how urgent it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.dates import relative, today
from tasks.models import Task

LATE, TODAY, LATER, NONE = "late", "today", "later", "none"
SIGNALS = [
    (LATE, gettext_lazy("Late")),
    (TODAY, gettext_lazy("Today")),
    (LATER, gettext_lazy("Later")),
    (NONE, gettext_lazy("None")),
]


@dataclass(frozen=True, slots=True)
class NextTask:
    """The open task of an opportunity that is due first; without one, `pk` is None."""

    signal: str
    pk: int | None = None
    description: str = ""
    due_on: date | None = None
    edits: int = 0

    @property
    def words(self) -> str:
        """What is to be done, and when: for the tooltip and for who hears the page."""
        if self.due_on is None:
            return _("No next task: plan one")
        wish = {"description": self.description, "when": relative(self.due_on)}
        if self.signal == LATE:
            return _("Late: %(description)s, due %(when)s") % wish
        return _("Next: %(description)s, due %(when)s") % wish


NO_TASK = NextTask(NONE)


def signal_of(due_on: date, day: date) -> str:
    """Return how urgent a task of that date is on `day`."""
    if due_on < day:
        return LATE
    return TODAY if due_on == day else LATER


def next_tasks_of(opportunities: Iterable[int]) -> dict[int, NextTask]:
    """Return the next task of each opportunity that has one, by id: one query."""
    day = today()
    return {
        row["opportunity"]: NextTask(
            signal_of(row["due_on"], day),
            row["pk"],
            row["description"],
            row["due_on"],
            row["edits"],
        )
        for row in first_tasks(opportunities).values(
            "opportunity", "pk", "description", "due_on", "edits"
        )
    }


def first_tasks(opportunities: Iterable[int]) -> Any:
    """Return the open task that is due first of each opportunity, as a QuerySet."""
    first = ("opportunity", "due_on", F("start_time").asc(nulls_first=True), "pk")
    rows = Task.objects.open().filter(opportunity__in=list(opportunities))
    return rows.order_by(*first).distinct("opportunity")


def has_any(rows: QuerySet[Any]) -> Q:
    """Return the condition that `rows`, which name their outer row, has one.

    As EXISTS does, but asked of each outer row: of many of them PostgreSQL
    would read the whole table of `rows` into a hash, for the sake of a few.
    """
    return Q(IsNull(Subquery(rows.order_by().values("pk")[:1]), False))


def has_signal(name: str) -> Q:
    """Return the condition of the opportunities whose next task is late, today, later or none."""
    day = today()
    theirs = Task.objects.open().filter(opportunity=OuterRef("pk"))
    late = has_any(theirs.filter(due_on__lt=day))
    match name:
        case "late":
            return late
        case "today":
            return has_any(theirs.filter(due_on=day)) & ~late
        case "later":
            return has_any(theirs) & ~has_any(theirs.filter(due_on__lte=day))
        case "none":
            return ~has_any(theirs)
    raise ValueError(f"there is no such signal: {name}")
