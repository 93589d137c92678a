"""The sections of "my day": tasks that are due, and opportunities with a reason to look at them."""

from dataclasses import dataclass, field, replace
from datetime import date, time
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    ExpressionWrapper,
    F,
    Q,
    QuerySet,
    Sum,
    Value,
    When,
    Window,
)
from django.db.models.functions import RowNumber
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from crm.dates import today
from opportunities import populations
from opportunities.day_reasons import (
    BARE,
    CHANGED,
    NEW,
    PAST,
    QUIET,
    Facts,
    Reason,
    facts_of,
    next_task,
    reasons_of,
)
from opportunities.models import OPEN, Opportunity
from opportunities.next_tasks import NextTask
from opportunities.populations import Narrowed, Population
from opportunities.sums import MOST_COUNTED, Sums, sums_from
from salespeople.models import Salesperson
from salespeople.visibility import Person, visible_ids
from tasks.models import Task, teams_of
from tasks.reading import seen_opportunity

MOST_ROWS = 10
RELATED = (
    "team", "contact", "company", "opportunity__contact", "opportunity__company",
    "opportunity__stage",
)  # fmt: skip
MOST_TASKS = 1_000  # that are counted
DUE = "due"  # the reason of an opportunity that a task above tells of
ORDER = (BARE, PAST, QUIET, NEW, CHANGED)


@dataclass(frozen=True)
class TaskRow:
    """A task that is due, why it is here, and what else there is to its opportunity.

    An opportunity that the person may not see is not named.
    """

    task: Task
    opportunity: Opportunity | None
    why: str
    is_late: bool
    is_for_taking: bool
    reasons: list[Reason]
    next_anchor: str = ""

    @property
    def anchor(self) -> str:
        """Where the page scrolls to."""
        return f"task-{self.task.pk}"


@dataclass(frozen=True)
class Row:
    """An opportunity with all its reasons, the one of its section first."""

    opportunity: Opportunity
    reasons: list[Reason]
    next_task: NextTask
    next_anchor: str = ""

    @property
    def anchor(self) -> str:
        """Where the page scrolls to."""
        return f"opportunity-{self.opportunity.pk}"


@dataclass(frozen=True)
class Tasks:
    """The tasks that are late or due today: how many, and the first of them.

    `free` counts those of a team that nobody has taken yet.
    """

    late: int = 0
    today: int = 0
    free: int = 0
    is_capped: bool = False
    rows: list[TaskRow] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many there are."""
        return self.late + self.today + self.free

    @property
    def is_cut(self) -> bool:
        """Say whether there are more than the rows."""
        return self.is_capped or self.count > len(self.rows)


@dataclass(frozen=True)
class Section:
    """Opportunities with one reason: all of them summed up, the first that stand here as rows.

    `elsewhere` counts those that an earlier section tells of.
    """

    kind: str
    sums: Sums
    rows: list[Row]
    elsewhere: int = 0

    @property
    def is_cut(self) -> bool:
        """Say whether there are more than the rows, and those told of above."""
        return self.sums.is_capped or self.sums.count > len(self.rows) + self.elsewhere


def due_tasks(user: Person, salesperson: Salesperson) -> tuple[Tasks, list[Task]]:
    """Return how many tasks are due, and the first of them, the latest first: 4 queries."""
    due = Task.objects.open().filter(due_on__lte=today())
    mine = Q(salesperson=salesperson)
    free = Q(team__in=teams_of(user), salesperson__isnull=True)
    first = ("due_on", F("start_time").asc(nulls_first=True), "pk")
    few = due.filter(mine | free).order_by().values("pk", "due_on", "salesperson")
    counted = few[: MOST_TASKS + 1].aggregate(
        all=Count("pk"),
        late=Count("pk", filter=Q(salesperson__isnull=False, due_on__lt=today())),
        today=Count("pk", filter=Q(salesperson__isnull=False, due_on=today())),
        free=Count("pk", filter=Q(salesperson__isnull=True)),
    )
    # Each by an index of its own; joined, the planner walks through everybody's tasks.
    picked = [
        task
        for rows in (due.filter(mine), due.filter(free))
        for task in rows.select_related(*RELATED).order_by(*first)[:MOST_ROWS]
    ]
    is_capped = counted.pop("all") > MOST_TASKS
    found = Tasks(**counted, is_capped=is_capped)
    return found, sorted(picked, key=_by_date)[:MOST_ROWS]


def _by_date(task: Task) -> tuple[date, time, int]:
    """Return the key by which tasks stand in order: whole days before what has a start."""
    return task.due_on, task.start_time or time.min, task.pk


@dataclass(frozen=True)
class Judged:
    """My opportunities, and for each reason the population that has it."""

    seen: Narrowed
    whose: Population
    conditions: dict[str, Population]
    is_told_above: Q
    news: list[int]

    def rows(self) -> QuerySet[Any]:
        """Return the open ones and those with news, with a flag per reason, and the first.

        The flags are asked once a row; those without any have "" for the first.
        """
        flags = {
            f"is_{kind}": ExpressionWrapper(population.condition, output_field=BooleanField())
            for kind, population in self.conditions.items()
        }
        firsts = [When(self.is_told_above, then=Value(DUE))]
        firsts += [When(**{f"is_{kind}": True}, then=Value(kind)) for kind in self.conditions]
        rows = self.seen.rows_of(self.whose).filter(Q(status__in=OPEN) | Q(pk__in=self.news))
        return rows.annotate(**flags).annotate(first=Case(*firsts, default=Value("")))

    def url_of(self, kind: str) -> str:
        """Return the address of the list of exactly those with a reason."""
        return self.seen.url_of(self.whose & self.conditions[kind])


def judged(seen: Narrowed, user: Person, salesperson: Salesperson) -> Judged:
    """Return what is asked of the opportunities of a salesperson: 1 query."""
    news = populations.by_others(salesperson, populations.CHANGED_DAYS)
    due = Task.objects.open().filter(salesperson=salesperson, due_on__lte=today())
    return Judged(
        seen=seen,
        whose=populations.of_salesperson(salesperson) & populations.snoozed(user, is_snoozed=False),
        conditions={
            BARE: populations.next_task("none"),
            PAST: populations.past_close_date(),
            QUIET: populations.quiet(),
            NEW: populations.new_to(salesperson),
            CHANGED: populations.changed_for(salesperson),
        },
        is_told_above=Q(pk__in=due.filter(opportunity__isnull=False).values("opportunity")),
        news=list(news.values_list("opportunity", flat=True).distinct()[:MOST_COUNTED]),
    )


def first_rows(asked: Judged) -> list[tuple[str, Opportunity]]:
    """Return the first opportunities of each section, in a stable order: 2 queries.

    The soonest close date stands first; of the quiet ones the one that is so the longest.
    """
    key = Case(When(first=QUIET, then=F("effective_on")), default=F("estimated_close_on"))
    place = Window(
        RowNumber(), partition_by=[F("first")], order_by=[key.asc(nulls_last=True), F("pk").asc()]
    )
    rows = asked.rows().annotate(place=place).filter(place__lte=MOST_ROWS).order_by("place")
    firsts = {pk: first for pk, first in rows.values_list("pk", "first") if first in ORDER}
    found = Opportunity.objects.select_related("contact", "company", "stage").in_bulk(firsts)
    return [(first, found[pk]) for pk, first in firsts.items()]


def sums_by_reason(asked: Judged) -> dict[str, tuple[Sums, int]]:
    """Return for each reason the sums, and how many stand in an earlier section: one query."""
    names = ("estimated_value", "calculated_value", "first", *(f"is_{kind}" for kind in ORDER))
    few = asked.rows().order_by().values("pk", *names)[: MOST_COUNTED + 1]
    columns: dict[str, Any] = {"all": Count("pk")}
    for kind in ORDER:
        holds = Q((f"is_{kind}", True))
        columns |= {
            f"{kind}_count": Count("pk", filter=holds),
            f"{kind}_value": Sum("estimated_value", filter=holds),
            f"{kind}_calculated": Sum("calculated_value", filter=holds),
            f"{kind}_elsewhere": Count("pk", filter=holds & ~Q(first=kind)),
        }
    found = few.aggregate(**columns)
    is_capped = found["all"] > MOST_COUNTED
    sums = {}
    for kind in ORDER:
        row = {name: found[f"{kind}_{name}"] for name in ("count", "value", "calculated")}
        url = asked.url_of(kind)
        plain = sums_from(row, url)
        capped = Sums(plain.count, None, None, url, is_capped=True)
        sums[kind] = (capped if is_capped else plain, found[f"{kind}_elsewhere"])
    return sums


def sections_of(
    seen: Narrowed, user: Person, salesperson: Salesperson
) -> tuple[Tasks, list[Section]]:
    """Read tasks and sections of a salesperson: 11 queries, whatever there is."""
    tasks, due = due_tasks(user, salesperson)
    asked = judged(seen, user, salesperson)
    sums, found = sums_by_reason(asked), first_rows(asked)
    related = [task.opportunity_id for task in due if task.opportunity_id]
    facts = facts_of([*related, *(row.pk for _first, row in found)], salesperson)
    sections = [
        Section(kind, sums[kind][0], _rows(kind, found, facts), sums[kind][1]) for kind in ORDER
    ]
    visible = visible_ids(user)
    rows = [_task_row(task, seen_opportunity(task, visible), facts) for task in due]
    return (
        replace(tasks, rows=_chained(rows, DUE)),
        [Section(s.kind, s.sums, _chained(s.rows, s.kind), s.elsewhere) for s in sections],
    )


def _rows(kind: str, found: list[tuple[str, Opportunity]], facts: Facts) -> list[Row]:
    return [
        Row(row, _ranked(kind, reasons_of(row, facts)), next_task(row, facts))
        for first, row in found
        if first == kind
    ]


def _ranked(kind: str, reasons: list[Reason]) -> list[Reason]:
    """Return the reasons, the section's own first."""
    return sorted(reasons, key=lambda reason: reason.kind != kind)


def _chained(rows: list[Any], section: str) -> list[Any]:
    """Tell each row which one takes its place when it goes: the next, else the one before."""
    anchors = [row.anchor for row in rows]
    return [
        replace(row, next_anchor=[*anchors[n + 1 :], *anchors[:n][-1:], section][0])
        for n, row in enumerate(rows)
    ]


def _task_row(task: Task, opportunity: Opportunity | None, facts: Facts) -> TaskRow:
    is_for_taking = task.salesperson_id is None
    return TaskRow(
        task=task,
        opportunity=opportunity,
        why=_why(task, today()),
        is_late=task.is_late(today()),
        is_for_taking=is_for_taking,
        reasons=[] if opportunity is None or is_for_taking else reasons_of(opportunity, facts),
    )


def _why(task: Task, day: date) -> str:
    """Return when it is due: "due 3 days ago", "due today at 10:00"."""
    if task.due_on == day and task.start_time is not None:
        return _("due today at %(time)s") % {"time": time_format(task.start_time)}
    if task.due_on == day:
        return _("due today")
    count = (day - task.due_on).days
    text = ngettext("due %(count)d day ago", "due %(count)d days ago", count)
    return text % {"count": count}
