"""The list of tasks, and what is done with several of them at once."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from crm.dates import today
from lists.filtering import chips
from lists.paging import Sort, page_of
from lists.parameters import check_parameters, own_address, tidy
from salespeople.visibility import salesperson_of
from tasks.bulk import BulkForm, Report, act_on, chosen
from tasks.filters import ALL, STATUSES, WHOSE, TaskFilter
from tasks.models import Task
from tasks.reading import LISTED, rows_of
from tasks.views.acting import person

SORTS = {
    "description": Sort("description_sort"),
    "kind": Sort("kind"),
    "due": Sort("due_on"),
    "priority": Sort("priority"),
    "status": Sort("status"),
    "salesperson": Sort("salesperson__name_sort", is_nullable=True),
    "contact": Sort("contact__name_sort", is_nullable=True),
    "opportunity": Sort("opportunity__description_sort", is_nullable=True),
    "created": Sort("created_at"),
}
PARAMETERS = {*TaskFilter.base_filters, "more", "sort", "cursor"}
MOST_TOLD = 10
IN_TABS = ("open", "completed", "cancelled", "any")


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """Show the tasks that match the filters, a page at a time."""
    check_parameters(request.GET, PARAMETERS)
    if clean := tidy(request):
        return clean
    visible = Task.objects.visible_to(request.user)
    filterset = TaskFilter(request.GET, visible, request=request)
    page = page_of(
        filterset.rows().select_related(*LISTED),
        sorts=SORTS,
        sort=request.GET.get("sort", "due"),
        cursor=request.GET.get("cursor", ""),
    )
    context = {
        "filter": filterset,
        "form": filterset.form,
        "chips": chips(request.GET, filterset.sentence()),
        "page": page,
        "rows": rows_of(page.rows, person(request)),
        "today": today(),
        "bulk": BulkForm(by=person(request)),
        "here": request.get_full_path(),
        **_addresses(request, filterset),
    }
    status = 400 if filterset.form.errors else 200
    return render(request, "tasks/list.html", context, status=status)


@dataclass(frozen=True)
class Tab:
    """A way to look at the list."""

    label: Any
    url: str
    is_active: bool


def _addresses(request: HttpRequest, filterset: TaskFilter) -> dict[str, Any]:
    """Return the tabs, what the filter's form must carry along, and the way out of it."""
    sells = salesperson_of(request.user) is not None
    whose = [pair for pair in WHOSE if sells or pair[0] == ALL]
    statuses = [pair for pair in STATUSES if pair[0] in (filterset.of_status, *IN_TABS)]
    hidden = [(n, request.GET[n]) for n in ("whose", "status", "sort") if request.GET.get(n)]
    return {
        "whose_tabs": _tabs(request, "whose", whose, filterset.of_whom),
        "status_tabs": _tabs(request, "status", statuses, filterset.of_status),
        "hidden": hidden,
        "all_url": "?",
    }


def _tabs(request: HttpRequest, name: str, pairs: Any, present: str) -> list[Tab]:
    tabs = []
    for value, label in pairs:
        query = request.GET.copy()
        query.pop("cursor", None)
        query[name] = value
        tabs.append(Tab(label, f"?{query.urlencode()}", value == present))
    return tabs


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Do the same with all that are ticked, and report: done, skipped, refused with reasons."""
    check_parameters(request.GET, [])
    form = BulkForm(request.POST, by=person(request))
    tasks = chosen(request.POST.getlist("task"), by=person(request))
    target = own_address(request) or reverse("tasks:list")
    if not tasks:
        messages.warning(request, _("Nothing is ticked."))
    elif not form.is_valid():
        for errors in form.errors.values():
            messages.error(request, " ".join(str(error) for error in errors))
    else:
        _tell(request, act_on(tasks, form.verb()), form.cleaned_data["act"])
    return HttpResponseRedirect(target)


def _tell(request: HttpRequest, report: Report, verb: str) -> None:
    """Leave the report; what was completed or cancelled can be taken back at once."""
    if report.done:
        number = len(report.done)
        text = ngettext("%(number)d task changed.", "%(number)d tasks changed.", number)
        boxes = [f"task={task.pk}-{task.edits}" for task in report.done]
        can_undo = verb in ("complete", "cancel")
        tags = ":".join(["undo", "tasks", "bulk", "", "act=reopen", *boxes]) if can_undo else ""
        messages.success(request, text % {"number": number}, extra_tags=tags)
    if report.skipped:
        number = len(report.skipped)
        text = ngettext(
            "%(number)d skipped: it is so already.",
            "%(number)d skipped: they are so already.",
            number,
        )
        messages.info(request, text % {"number": number})
    for name, reason in report.refused[:MOST_TOLD]:
        words = {"task": name, "reason": reason}
        messages.error(request, _("Refused: “%(task)s”. %(reason)s") % words)
    if len(report.refused) > MOST_TOLD:
        number = len(report.refused) - MOST_TOLD
        text = ngettext("%(number)d more refused.", "%(number)d more refused.", number)
        messages.error(request, text % {"number": number})
