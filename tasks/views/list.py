"""The list of tasks."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from lists import running
from lists.listing import opened, switch
from lists.parameters import as_id, check_parameters
from salespeople.models import User
from salespeople.visibility import salesperson_of
from tasks.bulk import BULK
from tasks.filters import ALL, STATUSES, WHOSE
from tasks.list_kind import TASKS
from tasks.models import Task
from tasks.views.acting import person

IN_TABS = ("open", "completed", "cancelled", "any")


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the tasks that match the filters, a page at a time."""
    found = opened(request, TASKS)
    if isinstance(found, HttpResponse):
        return found
    sells = salesperson_of(request.user) is not None
    filterset, query = found.filterset, request.GET
    whose = [pair for pair in WHOSE if sells or pair[0] == ALL]
    statuses = [pair for pair in STATUSES if pair[0] in (filterset.of_status, *IN_TABS)]
    return found.answer(
        "tasks/list.html",
        in_tabs=("whose", "status"),
        switches=[
            (_("Whose"), switch(query, "whose", whose, filterset.of_whom)),
            (_("Status"), switch(query, "status", statuses, filterset.of_status)),
        ],
        here=request.get_full_path(),
    )


@require_POST
def cancel_many(request: HttpRequest) -> HttpResponse:
    """Cancel what an activity has just planned (each "id-edits"), and tell how it went."""
    check_parameters(request.GET, [])
    by = person(request)
    try:
        run = running.choose(TASKS, "cancel", _named(request.POST.getlist("task"), by), by=by)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("tasks:list")
    run = running.begin(run, {})
    running.go_on(run, BULK.step(run, by=by), position=0)
    return redirect("lists:bulk", TASKS.name, run.pk)


def _named(words: list[str], by: User) -> list[tuple[int, int]]:
    """Return the visible tasks that are named, each with the version that was seen."""
    pairs = [(as_id(pk), as_id(edits)) for pk, _dash, edits in (w.partition("-") for w in words)]
    seen = {pk: edits for pk, edits in pairs if pk is not None and edits is not None}
    rows = Task.objects.visible_to(by).filter(pk__in=seen)
    return [(pk, seen[pk]) for pk in rows.values_list("pk", flat=True)]
