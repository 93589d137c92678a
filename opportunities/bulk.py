"""What can be done with many opportunities at once: each row through the door, all in one act."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Tag
from lists.models import BulkRun
from lists.running import Skipped, Step
from opportunities import bulk_forms as forms
from opportunities import lifecycle, tagging
from opportunities.models import Opportunity, Status
from salespeople.models import User
from tasks import lifecycle as task_door
from tasks.models import Task

type Do = Callable[..., Any]


@dataclass(frozen=True, kw_only=True)
class BulkAction:
    """One of the actions: its words, its form, and what it does with a row and takes back.

    `do(row, by=, seen=, **wishes)` returns the row as it is afterwards, or the
    id of what it made; `undo(row, run, by=)` takes that back.
    """

    name: str
    label: str | Promise
    title: str | Promise
    icon: str
    form: type[forms.ManyForm]
    do: Do
    undo: Do
    options: dict[str, Any] = field(default_factory=dict)

    def step(self, run: BulkRun, *, by: User) -> Step:
        """Return what is done with each row; all entries belong to the run's act."""
        form = self.form(run.wishes, by=by)
        form.full_clean()

        def step(pk: int, seen: int) -> int | None:
            if form.errors:  # what was chosen has gone since
                raise ValidationError([e for found in form.errors.values() for e in found])
            row = Opportunity.objects.visible_to(by).get(pk=pk)
            with lifecycle.one_act(run.act):
                try:
                    result = self.do(row, by=by, seen=seen, **form.wishes())
                except lifecycle.Conflict as conflict:
                    raise ValidationError(_changed_since(conflict)) from conflict
            if isinstance(result, Opportunity):
                if result.sequence == row.sequence:
                    raise Skipped(_("It is so already."))
                return None
            made: int | None = result
            return made

        return step

    def undo_step(self, run: BulkRun, *, by: User) -> Step:
        """Return what is taken back for each row that was done."""

        def step(pk: int, _seen: int) -> None:
            self.undo(Opportunity.objects.visible_to(by).get(pk=pk), run, by=by)

        return step


def _changed_since(conflict: lifecycle.Conflict) -> str:
    if not conflict.entries:
        return _("It has been changed since you chose it.")
    newest = conflict.entries[0]
    return _("%(name)s has changed it since you chose it (%(action)s).") % {
        "name": newest.recorded_by,
        "action": newest.get_action_display().lower(),
    }


def _lose(row: Opportunity, **wishes: Any) -> Opportunity:
    if row.status == Status.LOST:
        raise Skipped(_("It is lost already."))
    return lifecycle.lose(row, **wishes)


def _tag(row: Opportunity, *, by: User, seen: int, name: str) -> int:
    if row.tags.filter(name__iexact=name).exists():
        raise Skipped(_("It has the tag already."))
    return tagging.add(row, name, by=by).pk


def _plan(row: Opportunity, *, by: User, seen: int, **wish: Any) -> int:
    lifecycle.check_may("reassign", row, by=by)  # what is closed or deleted gets no task
    return task_door.plan(by=by, opportunity=row, **wish).pk


def _undo_entry(row: Opportunity, run: BulkRun, *, by: User) -> None:
    entry = row.entries.filter(act=run.act, undoes__isnull=True).latest("sequence")
    with lifecycle.one_act():
        lifecycle.undo(entry, by=by)


def _untag(row: Opportunity, run: BulkRun, *, by: User) -> None:
    tag = Tag.objects.filter(pk=run.made[str(row.pk)]).first()
    if tag is not None:
        tagging.remove(row, tag, by=by)


def _unplan(row: Opportunity, run: BulkRun, *, by: User) -> None:
    task = Task.objects.visible_to(by).get(pk=run.made[str(row.pk)])
    task_door.cancel(task, by=by)


ACTIONS = {
    action.name: action
    for action in (
        BulkAction(
            name="move",
            label=gettext_lazy("Move to a stage"),
            title=gettext_lazy("Move to another stage"),
            icon="arrow-right",
            form=forms.MoveManyForm,
            do=lifecycle.move,
            undo=_undo_entry,
        ),
        BulkAction(
            name="reassign",
            label=gettext_lazy("Reassign"),
            title=gettext_lazy("Give to another salesperson"),
            icon="user",
            form=forms.ReassignManyForm,
            do=lifecycle.reassign,
            undo=_undo_entry,
        ),
        BulkAction(
            name="redate",
            label=gettext_lazy("Close date"),
            title=gettext_lazy("Change the close date"),
            icon="calendar",
            form=forms.RedateManyForm,
            do=lifecycle.update,
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
        ),
    )
}
