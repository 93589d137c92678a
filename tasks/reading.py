"""What pages read of tasks: the facts of one, and the open ones of a contact or an opportunity."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, QuerySet

from crm.dates import today
from salespeople.visibility import Person, salesperson_of, visible_ids
from tasks.models import Task, TaskQuerySet, teams_of

MOST_OPEN = 10
LISTED = ("salesperson", "team", "contact", "company", "opportunity", "opportunity__salesperson")


@dataclass(frozen=True)
class Row:
    """A task of a list: what it leads to that the person may see, and whether it is late."""

    task: Task
    opportunity: Any
    is_late: bool
    is_today: bool


def rows_of(tasks: Iterable[Task], user: Person) -> list[Row]:
    """Return the tasks as rows; an opportunity that `user` may not see is not named."""
    visible = visible_ids(user)
    day = today()
    return [
        Row(task, seen_opportunity(task, visible), task.is_late(day), task.due_on == day)
        for task in tasks
    ]


def seen_opportunity(task: Task, visible: list[int] | None) -> Any:
    """Return the task's opportunity if it lies among the visible ones, else None."""
    opportunity: Any = task.opportunity
    if opportunity is None or opportunity.is_deleted:
        return None
    return opportunity if visible is None or opportunity.salesperson_id in visible else None


@dataclass(frozen=True)
class Facts:
    """What stands beside a task."""

    row: Row
    attendees: list[Any]
    interactions: list[Any]
    follower: Task | None
    can_take: bool


def facts_of(task: Task, user: Person) -> Facts:
    """Read what stands beside a task."""
    own = salesperson_of(user)
    is_free = task.is_open and task.salesperson_id is None and own is not None
    return Facts(
        row=rows_of([task], user)[0],
        attendees=list(task.attendees.select_related("salesperson", "contact")),
        interactions=list(task.interactions.visible_to(user).counted().order_by("-happened_at")),
        follower=Task.objects.visible_to(user).filter(follows=task).first(),
        can_take=is_free and task.team_id is not None and task.team_id in teams_of(user),
    )


def waiting_rows(user: Person) -> TaskQuerySet:
    """Return the open tasks of `user` that are late or due today; an index has them."""
    own = salesperson_of(user)
    return Task.objects.open().filter(salesperson=own.pk if own else 0, due_on__lte=today())


@dataclass(frozen=True)
class OpenTasks:
    """The open tasks of an opportunity, the next first; the first ones of many."""

    rows: list[Row]
    has_more: bool

    @property
    def next(self) -> Row | None:
        """The one that is due first."""
        return self.rows[0] if self.rows else None

    @property
    def others(self) -> list[Row]:
        """The ones after it."""
        return self.rows[1:]


def open_tasks(tasks: TaskQuerySet, user: Person) -> OpenTasks:
    """Read the open ones of some tasks that `user` may see: one query."""
    found = list(next_first(tasks)[: MOST_OPEN + 1])
    return OpenTasks(rows_of(found[:MOST_OPEN], user), has_more=len(found) > MOST_OPEN)


def next_first(tasks: TaskQuerySet) -> QuerySet[Task]:
    """Return the open ones with what a row shows, the next first."""
    return (
        tasks.open()
        .select_related(*LISTED)
        .order_by("due_on", F("start_time").asc(nulls_first=True), "pk")
    )
