"""The pages of the door's verbs: one function each, named like the verb."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from changes.log import one_act, receipt_of
from lists.parameters import own_address
from salespeople.models import User
from tasks import lifecycle
from tasks.completion import CompleteForm, Completion
from tasks.completion import complete as complete_all
from tasks.forms import SNOOZES, ActForm, AssignForm, CancelForm, RescheduleForm
from tasks.models import Task
from tasks.reading import seen_opportunity
from tasks.views.acting import (
    Act,
    answer,
    disputed,
    found,
    newer_than,
    page,
    person,
    posted,
    way_on,
)

both = require_http_methods(["GET", "POST"])


@require_POST
def start(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that it is being worked on."""
    task = found(request, pk)
    act = Act(
        "start",
        _("Start"),
        _("Start"),
        ActForm(request.POST, **_who(request, task)),
        lambda wishes: lifecycle.start(task, by=person(request), **wishes),
        lambda row: _("“%(task)s” is in progress.") % {"task": row},
    )
    return answer(request, task, act)


@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a task of one's team."""
    task = found(request, pk)
    act = Act(
        "take",
        _("Take it"),
        _("Take it"),
        ActForm(request.POST, **_who(request, task)),
        lambda wishes: lifecycle.take(task, by=person(request), **wishes),
        lambda row: _("“%(task)s” is yours.") % {"task": row},
    )
    return answer(request, task, act)


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a completed or cancelled one up again."""
    task = found(request, pk)
    act = Act(
        "reopen",
        _("Reopen"),
        _("Reopen"),
        ActForm(request.POST, **_who(request, task)),
        lambda wishes: lifecycle.reopen(task, by=person(request), **wishes),
        lambda row: _("“%(task)s” is open again.") % {"task": row},
    )
    return answer(request, task, act)


@both
def reschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it on another day, or so many days further on."""
    task = found(request, pk)
    day = date_format(task.due_on, "DATE_FORMAT")
    act = Act(
        "reschedule",
        _("Another day"),
        _("Move"),
        RescheduleForm(posted(request), **_who(request, task)),
        lambda wishes: lifecycle.reschedule(task, by=person(request), **wishes),
        lambda row: (
            _("“%(task)s” is due on %(day)s.")
            % {"task": row, "day": date_format(row.due_on, "DATE_FORMAT")}
        ),
        template="tasks/reschedule.html",
        context={"snoozes": SNOOZES, "day": day},
    )
    return answer(request, task, act)


@both
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it to a salesperson or a team."""
    task = found(request, pk)
    act = Act(
        "assign",
        _("Assign"),
        _("Assign"),
        AssignForm(posted(request), **_who(request, task)),
        lambda wishes: lifecycle.assign(task, by=person(request), **wishes),
        lambda row: (
            _("“%(task)s” belongs to %(whose)s.")
            % {"task": row, "whose": row.salesperson or row.team}
        ),
    )
    return answer(request, task, act)


@both
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that it will not be done."""
    task = found(request, pk)
    act = Act(
        "cancel",
        _("Cancel the task?"),
        _("Cancel the task"),
        CancelForm(posted(request), **_who(request, task)),
        lambda wishes: lifecycle.cancel(task, by=person(request), **wishes),
        lambda row: _("“%(task)s” is cancelled.") % {"task": row},
        tone="danger",
    )
    return answer(request, task, act)


@both
def complete(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that it is done; write down what happened and plan what comes next, if wished."""
    task = found(request, pk)
    form = CompleteForm(posted(request), **_who(request, task))
    act = Act(
        "complete",
        _("Done: %(task)s") % {"task": task} if task.is_open else _("What came of it"),
        _("Done") if task.is_open else _("Save"),
        form,
        lambda _wishes: task,  # the page does more than answer
        str,
        template="tasks/complete.html",
        tone="success",
    )
    if not form.is_bound or not form.is_valid():
        return page(request, task, act, 422 if form.is_bound else 200)
    try:
        with one_act() as noted:
            done = _completed(task, form, by=person(request))
    except ValidationError as error:
        form.add_refusal(error)
        return page(request, task, act, 422)
    except lifecycle.Conflict as conflict:
        return disputed(request, conflict.task, act)
    except Task.DoesNotExist as error:  # given away since it was found
        raise Http404 from error
    _tell_done(request, done, was=task, undo=receipt_of(noted))
    return HttpResponseRedirect(_way_on(request, done.task))


def _completed(task: Task, form: CompleteForm, *, by: User) -> Completion:
    """Complete it, also where somebody has changed what completing does not rest on (U8)."""
    try:
        return complete_all(task, form, by=by)
    except lifecycle.Conflict as conflict:
        if newer_than("complete", conflict.task, form.cleaned_data["seen"]) is None:
            raise
        form.cleaned_data["seen"] = conflict.task.edits
        return complete_all(task, form, by=by)


def _who(request: HttpRequest, task: Task) -> dict[str, Any]:
    """Return what every form is made with."""
    return {
        "task": task,
        "by": person(request),
        "initial": {"next": own_address(request)},
    }


def _tell_done(request: HttpRequest, done: Completion, *, was: Task, undo: str) -> None:
    """Tell what was done; of a task of an open opportunity, ask for the next (product.md 1)."""
    task = done.task
    is_new = task.edits != was.edits
    words = [_("“%(task)s” is done.") % {"task": task}] if is_new else []
    if done.interaction:
        words.append(_("What happened is written down."))
    for planned in (done.next_task, done.follower if is_new else None):
        if planned:
            day = date_format(planned.due_on, "DATE_FORMAT")
            words.append(_("Next: “%(task)s” on %(day)s.") % {"task": planned, "day": day})
    if not words:
        messages.info(request, _("Nothing has changed."))
        return
    tags = [undo]
    opportunity: Any = task.opportunity
    if is_new and opportunity is not None and opportunity.is_open and not done.next_task:
        tags.append(f"next:{task.pk}:{opportunity.pk}")
    messages.success(request, " ".join(words), extra_tags=" ".join(tags))


def _way_on(request: HttpRequest, task: Task) -> str:
    """Return where to go on after it is done: back, else to the opportunity, else to the list."""
    if own_address(request):
        return way_on(request, task)
    opportunity = seen_opportunity(task, None)
    visible = opportunity and type(opportunity).objects.visible_to(request.user)
    if opportunity and visible.filter(pk=opportunity.pk).exists():
        return str(opportunity.get_absolute_url())
    return reverse("tasks:list")
