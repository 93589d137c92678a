"""Many opportunities at once: chosen in the list, confirmed, done in parts, told, taken back."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lists import running
from lists.models import BulkRun
from lists.parameters import as_id, check_parameters
from opportunities.bulk import ACTIONS, BulkAction
from opportunities.list_kind import OPPORTUNITIES
from opportunities.models import Opportunity
from opportunities.views.acting import person

MOST_NAMED = 100


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Note the ticked rows, or all that match, and ask what is to be done with them."""
    check_parameters(request.GET, OPPORTUNITIES.known, several=OPPORTUNITIES.several)
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        raise BadRequest(_("There is no such action."))
    query = request.GET.urlencode()
    try:
        run = running.choose(
            OPPORTUNITIES, action.name, _wanted(request), by=person(request), parameters=query
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(f"{OPPORTUNITIES.url}?{query or 'view=all'}")
    return redirect("opportunities:bulk_run", run.pk)


@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, pk: int) -> HttpResponse:
    """Confirm a change of many rows, do its next part, or tell how it went."""
    check_parameters(request.GET, [])
    run, action = _found(request, pk)
    form = action.form(request.POST if request.method == "POST" else None, by=person(request))
    if run.status == BulkRun.Status.CHOSEN:
        if not form.is_bound or not form.is_valid():
            return _page(request, run, action, form)
        run = running.begin(run, form.kept())
        _go_on(request, run, action, 0)
        return redirect("opportunities:bulk_run", run.pk)
    if request.method == "POST":
        _go_on(request, run, action, as_id(request.POST.get("position", "")))
        return redirect("opportunities:bulk_run", run.pk)
    return _page(request, run, action, action.form(run.wishes, by=person(request)))


@require_POST
def bulk_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back all that was done."""
    run, action = _found(request, pk)
    run = running.begin_undo(run)
    _go_on(request, run, action, 0)
    return redirect("opportunities:bulk_run", run.pk)


def _go_on(request: HttpRequest, run: BulkRun, action: BulkAction, position: int | None) -> None:
    """Do, or take back, the part that begins at `position`, if it is still to be done."""
    by = person(request)
    if position is None:
        return
    if run.status == BulkRun.Status.RUNNING:
        running.go_on(run, action.step(run, by=by), position=position)
    elif run.status == BulkRun.Status.UNDOING:
        running.go_on_undoing(run, action.undo_step(run, by=by), position=position)


def _wanted(request: HttpRequest) -> list[tuple[int, int]]:
    """Return id and newest entry of the ticked rows that match, or of all that match."""
    filterset = OPPORTUNITIES.filterset(request, request.GET)
    rows = filterset.rows()
    if request.POST.get("all") != "1":
        ids = [as_id(text) for text in request.POST.getlist("row")[: running.MOST_ROWS + 1]]
        rows = rows.filter(pk__in=[pk for pk in ids if pk is not None])
    few = rows.order_by("pk")[: running.MOST_ROWS + 1]
    return list(few.values_list("pk", "sequence"))


def _found(request: HttpRequest, pk: int) -> tuple[BulkRun, BulkAction]:
    runs = BulkRun.objects.filter(owner=person(request), kind=OPPORTUNITIES.name)
    run = get_object_or_404(runs, pk=pk, action__in=ACTIONS)
    return run, ACTIONS[run.action]


@dataclass(frozen=True)
class Reason:
    """A reason why rows were not changed, how many, and the first of them."""

    text: str
    count: int
    rows: list[Opportunity]

    @property
    def others(self) -> int:
        """How many more there are than are named."""
        return self.count - len(self.rows)


def _reasons(request: HttpRequest, pairs: list[list[Any]]) -> list[Reason]:
    """Return the reasons, the most frequent first, with the rows that the person may see."""
    ids: dict[str, list[int]] = defaultdict(list)
    for pk, text in pairs:
        ids[text].append(pk)
    named = [pk for pks in ids.values() for pk in pks[:MOST_NAMED]]
    rows = Opportunity.objects.visible_to(request.user).in_bulk(named)
    found = [
        Reason(text, len(pks), [rows[pk] for pk in pks[:MOST_NAMED] if pk in rows])
        for text, pks in ids.items()
    ]
    return sorted(found, key=lambda reason: -reason.count)


def _page(request: HttpRequest, run: BulkRun, action: BulkAction, form: Any) -> HttpResponse:
    is_asked = run.status == BulkRun.Status.CHOSEN
    is_readable = not is_asked and form.is_valid()
    back = f"{OPPORTUNITIES.url}?{run.parameters or 'view=all'}"
    context = {
        "run": run,
        "action": action,
        "form": form,
        "told": form.told() if is_readable else [],
        "back": back,
        "skipped": _reasons(request, run.skipped),
        "refused": _reasons(request, run.refused),
        "kept": _reasons(request, run.kept),
        "first": _first(request, run) if is_asked else [],
        "others": len(run.ids) - MOST_SHOWN,
    }
    status = 422 if is_asked and form.errors else 200
    return render(request, "opportunities/bulk.html", context, status=status)


MOST_SHOWN = 5


def _first(request: HttpRequest, run: BulkRun) -> list[Opportunity]:
    rows = Opportunity.objects.visible_to(request.user).filter(pk__in=run.ids[:MOST_SHOWN])
    return list(rows.select_related("contact"))
