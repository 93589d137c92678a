"""The one way in which a verb of a task is shown, answered, refused and disputed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from changes.log import one_act, receipt_of, since
from changes.models import Change
from changes.words import headline_of, told
from lists.parameters import check_parameters, own_address
from salespeople.models import User
from tasks import lifecycle
from tasks.forms import ActForm
from tasks.models import Task
from tasks.reading import facts_of

RELATED = (
    "salesperson", "team", "contact", "company", "opportunity", "opportunity__salesperson",
    "campaign", "created_by", "changed_by", "closed_by", "completed_by",
)  # fmt: skip
# What a verb rests on: another's change of it is asked about.
RESTS_ON: dict[str, tuple[str, ...]] = {
    "start": ("status", "description", "kind"),
    "take": ("status", "salesperson", "team"),
    "reopen": ("status",),
    "reschedule": ("status", "due_on", "start_time"),
    "assign": ("status", "salesperson", "team"),
    "cancel": ("status", "description", "kind", "is_recurring", "recurring_interval"),
    "complete": ("status", "description", "kind", "is_recurring", "recurring_interval"),
}
UNKEPT = ("csrfmiddlewaretoken", "seen")


@dataclass(frozen=True)
class Act:
    """A verb of the door as a page: its words, its form, and how it is done."""

    verb: str
    title: str
    label: str
    form: ActForm
    do: Callable[[dict[str, Any]], Task]
    receipt: Callable[[Task], str]
    template: str = "tasks/act.html"
    tone: str = "primary"
    context: dict[str, Any] = field(default_factory=dict)


def person(request: HttpRequest) -> User:
    """Return who is signed in; the middleware lets nobody else pass."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def posted(request: HttpRequest) -> Any:
    """Return what was sent, None where the page is only asked for."""
    return request.POST if request.method == "POST" else None


def found(request: HttpRequest, pk: int, *allowed: str) -> Task:
    """Return the task that the person may see, 404 otherwise; refuse unknown parameters."""
    check_parameters(request.GET, ["next", *allowed])
    rows = Task.objects.visible_to(request.user).select_related(*RELATED)
    return get_object_or_404(rows, pk=pk)


def answer(request: HttpRequest, task: Task, act: Act) -> HttpResponse:
    """Show the form, or do what it says: receipt, refusal (422) or conflict (409)."""
    form = act.form
    if not form.is_bound:
        return page(request, task, act, 200)
    if not form.is_valid():
        return page(request, task, act, 422)
    try:
        with one_act() as noted:
            fresh, kept = _done(act)
    except ValidationError as error:
        form.add_refusal(error)
        return page(request, task, act, 422)
    except lifecycle.Conflict as conflict:
        return disputed(request, conflict.task, act)
    except Task.DoesNotExist as error:  # given away since it was found
        raise Http404 from error
    tell(
        request, fresh, was=task, text=" ".join([act.receipt(fresh), *kept]), tags=receipt_of(noted)
    )
    return HttpResponseRedirect(way_on(request, fresh))


def _done(act: Act) -> tuple[Task, list[str]]:
    """Do it, also where somebody has changed since what it does not rest on (U8); say what."""
    wishes = act.form.wishes()
    try:
        return act.do(wishes), []
    except lifecycle.Conflict as conflict:
        newer = newer_than(act.verb, conflict.task, wishes.get("seen"))
        if newer is None:
            raise
        text = _("Meanwhile: %(name)s %(what)s.")
        kept = [text % {"name": c.changed_by, "what": headline_of(c)} for c in newer]
        return act.do({**wishes, "seen": conflict.task.edits}), kept


def newer_than(verb: str, task: Task, seen: int | None) -> list[Change] | None:
    """Return what was done since, if the verb rests on none of it; else None: ask."""
    newer = since(task, seen) if seen is not None else None
    touched = {name for change in newer or () for name in change.after}
    return None if touched.intersection(RESTS_ON.get(verb, touched)) else newer


def page(request: HttpRequest, task: Task, act: Act, status: int) -> HttpResponse:
    """Return the page of a verb."""
    context = {
        "task": task,
        "act": act,
        "form": act.form,
        "back": own_address(request),
        "facts": facts_of(task, person(request)),
        **act.context,
    }
    return render(request, act.template, context, status=status)


def disputed(request: HttpRequest, task: Task, act: Act) -> HttpResponse:
    """Say who changed it, and offer to go on all the same, or to keep it (U8)."""
    seen = act.form.cleaned_data.get("seen")
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in UNKEPT
    ]
    context = {
        "task": task,
        "act": act,
        "kept": kept,
        "newer": told(since(task, seen) or [], person(request)) if seen is not None else [],
        "facts": facts_of(task, person(request)),
    }
    return render(request, "tasks/conflict.html", context, status=409)


def tell(request: HttpRequest, fresh: Task, *, was: Task, text: str, tags: str = "") -> None:
    """Leave a receipt, with Undo where there is one; say so when nothing has changed."""
    if fresh.edits == was.edits:
        messages.info(request, _("Nothing has changed."))
        return
    tell_made(request, fresh, text=text, tags=tags)


def tell_made(request: HttpRequest, task: Task, *, text: str, tags: str) -> None:
    """Leave a receipt, with Undo for whoever sees the task now."""
    is_seen = Task.objects.visible_to(request.user).filter(pk=task.pk).exists()
    messages.success(request, text, extra_tags=tags if is_seen else "")


def way_on(request: HttpRequest, task: Task) -> str:
    """Return where the person came from, if that is ours, else the task's page.

    Whoever gave it to somebody whose tasks he or she does not see goes to the list.
    """
    target = own_address(request)
    if not Task.objects.visible_to(request.user).filter(pk=task.pk).exists():
        is_its_page = target.startswith(task.get_absolute_url())
        return target if target and not is_its_page else reverse("tasks:list")
    return target or task.get_absolute_url()
