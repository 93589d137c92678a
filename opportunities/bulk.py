"""What can be done with many opportunities at once: each row through the door, all in one act."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from lists.bulk import Bulk, BulkAction, Skipped
from lists.models import BulkRun
from notices.telling import together
from opportunities import bulk_forms as forms
from opportunities import lifecycle, tagging
from opportunities.lifecycle.ledger import current_act
from opportunities.models import Opportunity, Status
from salespeople.models import User
from tasks import lifecycle as task_door
from tasks import stages
from tasks.models import Task

type Do = Callable[..., Any]


@contextmanager
def one_row(run: BulkRun) -> Iterator[None]:
    """Let the entries of a row belong to the run's act, and say who was faster."""
    with lifecycle.one_act(run.act):
        try:
            yield
        except lifecycle.Conflict as conflict:
            raise ValidationError(_changed_since(conflict)) from conflict


def _changed_since(conflict: lifecycle.Conflict) -> str:
    if not conflict.entries:
        return _("It has been changed since you chose it.")
    newest = conflict.entries[0]
    return _("%(name)s has changed it since you chose it (%(action)s).") % {
        "name": newest.recorded_by,
        "action": newest.get_action_display().lower(),
    }


@contextmanager
def in_part(ids: Collection[int], by: User) -> Iterator[Callable[[int], Opportunity]]:
    """Lock the rows of a part together, and write at its end what has been decided of each."""
    with lifecycle.part_of(ids, by=by) as part:
        yield part.row


def _changed(verb: Do) -> Do:
    """Return the door's verb; what it leaves as it is, is skipped."""

    def do(row: Opportunity, **wishes: Any) -> None:
        before = row.sequence
        if verb(row, **wishes).sequence == before:
            raise Skipped(_("It is so already."))

    return do


def _lose(row: Opportunity, **wishes: Any) -> None:
    if row.status == Status.LOST:
        raise Skipped(_("It is lost already."))
    lifecycle.lose(row, **wishes)


def _tag(row: Opportunity, *, by: User, seen: int, name: str) -> Any:
    tagged = tagging.add_in_part(row, name, by=by)
    if tagged is None:
        raise Skipped(_("It has the tag already."))
    return tagged


def _plan(row: Opportunity, *, by: User, seen: int, **wish: Any) -> Any:
    lifecycle.check_may("reassign", row, by=by)  # what is closed or deleted gets no task
    wanted = task_door.NewTask(opportunity=row, **wish)
    act = current_act()
    return lifecycle.at_end("plan", wanted, lambda wishes: _planned(wishes, act, by=by))


def _planned(wishes: list[task_door.NewTask], act: UUID, *, by: User) -> list[int]:
    with together(act):
        return [task.pk for task in task_door.plan_many(wishes, by=by)]


def _undo_entry(row: Opportunity, run: BulkRun, *, by: User) -> None:
    entry = lifecycle.newest_of_act(row, run.act)
    with lifecycle.one_act():
        lifecycle.undo(entry, by=by)


def _untag(row: Opportunity, run: BulkRun, *, by: User) -> None:
    tagging.remove_in_part(row, run.made[str(row.pk)], by=by)


def _unplan(row: Opportunity, run: BulkRun, *, by: User) -> None:
    """Cancel the task that was planned, unless somebody has worked on it since."""
    made = [run.made[str(pk)] for pk in lifecycle.together_with(row.pk) if str(pk) in run.made]
    tasks = lifecycle.once("tasks", lambda: stages.held(made, by=by))
    task = tasks[run.made[str(row.pk)]]
    if task.status == Task.Status.CANCELLED:
        return
    if task.is_touched or not task.is_open:
        raise ValidationError(_("Its task has been worked on since."))
    lifecycle.at_end("unplan", task, lambda waiting: stages.cancel(waiting, by=by))


BULK = Bulk(
    BulkAction(
        name="move",
        label=gettext_lazy("Move to a stage"),
        title=gettext_lazy("Move to another stage"),
        icon="arrow-right",
        form=forms.MoveManyForm,
        do=_changed(lifecycle.move),
        undo=_undo_entry,
    ),
    BulkAction(
        name="reassign",
        label=gettext_lazy("Reassign"),
        title=gettext_lazy("Give to another salesperson"),
        icon="user",
        form=forms.ReassignManyForm,
        do=_changed(lifecycle.reassign),
        undo=_undo_entry,
    ),
    BulkAction(
        name="redate",
        label=gettext_lazy("Close date"),
        title=gettext_lazy("Change the close date"),
        icon="calendar",
        form=forms.RedateManyForm,
        do=_changed(lifecycle.update),
        undo=_undo_entry,
    ),
    BulkAction(
        name="tag",
        label=gettext_lazy("Tag"),
        title=gettext_lazy("Add a tag"),
        icon="tag",
        form=forms.TagManyForm,
        do=_tag,
        undo=_untag,
    ),
    BulkAction(
        name="plan",
        label=gettext_lazy("Plan a task"),
        title=gettext_lazy("Plan a task for each"),
        icon="calendar-due",
        form=forms.PlanManyForm,
        do=_plan,
        undo=_unplan,
    ),
    BulkAction(
        name="lose",
        label=gettext_lazy("Close as lost"),
        title=gettext_lazy("Close as lost"),
        icon="circle-x",
        form=forms.LoseManyForm,
        do=_lose,
        undo=_undo_entry,
        is_grave=True,
    ),
    rows=Opportunity.objects.visible_to,
    seen="sequence",
    noun=lambda number: ngettext("%(shown)s opportunity", "%(shown)s opportunities", number),
    within=one_row,
    together=in_part,
)
