"""Many rows at once, of any list: chosen, confirmed, done in parts, told, taken back."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from lists import running
from lists.bulk import Bulk
from lists.kinds import ListKind, kind_of
from lists.models import BulkRun
from lists.parameters import as_id, check_parameters

MOST_NAMED = 100
MOST_SHOWN = 5


@require_POST
def choose(request: HttpRequest, kind: str) -> HttpResponse:
    """Note the ticked rows, or all that match, and ask what is to be done with them."""
    found, bulk = _kind(kind)
    check_parameters(request.GET, found.known, several=found.several)
    action = bulk.actions.get(request.POST.get("action", ""))
    if action is None:
        raise BadRequest(_("There is no such action."))
    query = request.GET.urlencode()
    try:
        wanted = _wanted(request, found, bulk)
        run = running.choose(found, action.name, wanted, by=request.user, parameters=query)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(f"{found.url}?{query or 'view=all'}")
    return redirect("lists:bulk", found.name, run.pk)


@require_http_methods(["GET", "POST"])
def bulk(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Confirm a change of many rows, do its next part, or tell how it went."""
    check_parameters(request.GET, [])
    found, run = _found(request, kind, pk)
    form_of = _bulk(found).actions[run.action].form
    form = form_of(request.POST if request.method == "POST" else None, by=request.user)
    if run.status == BulkRun.Status.CHOSEN:
        if not form.is_bound or not form.is_valid():
            return _page(request, found, run, form)
        run = running.begin(run, form.kept())
        _go_on(request, found, run, 0)
        return redirect("lists:bulk", found.name, run.pk)
    if request.method == "POST":
        _go_on(request, found, run, as_id(request.POST.get("position", "")))
        return redirect("lists:bulk", found.name, run.pk)
    return _page(request, found, run, form_of(run.wishes, by=request.user))


@require_POST
def bulk_undo(request: HttpRequest, kind: str, pk: int) -> HttpResponse:
    """Take back all that was done."""
    found, run = _found(request, kind, pk)
    _go_on(request, found, running.begin_undo(run), 0)
    return redirect("lists:bulk", found.name, run.pk)


def _kind(name: str) -> tuple[ListKind, Bulk]:
    found = kind_of(name)
    return found, _bulk(found)


def _bulk(kind: ListKind) -> Bulk:
    """Return what a list can do with many rows; 404 for one that can nothing."""
    if kind.bulk is None:
        raise Http404
    return kind.bulk


def _go_on(request: HttpRequest, kind: ListKind, run: BulkRun, position: int | None) -> None:
    """Do, or take back, the part that begins at `position`, if it is still to be done."""
    if position is None:
        return
    if run.status == BulkRun.Status.RUNNING:
        running.go_on(run, _bulk(kind).step(run, by=request.user), position=position)
    elif run.status == BulkRun.Status.UNDOING:
        step = _bulk(kind).undo_step(run, by=request.user)
        running.go_on_undoing(run, step, position=position)


def _wanted(request: HttpRequest, kind: ListKind, bulk: Bulk) -> list[tuple[int, int]]:
    """Return id, and what was seen, of the ticked rows that match, or of all that match."""
    rows = kind.filterset(request, request.GET).rows()
    if request.POST.get("all") != "1":
        ids = [as_id(text) for text in request.POST.getlist("row")[: running.MOST_ROWS + 1]]
        rows = rows.filter(pk__in=[pk for pk in ids if pk is not None])
    few = rows.order_by("pk")[: running.MOST_ROWS + 1]
    return list(few.values_list("pk", bulk.seen))


def _found(request: HttpRequest, kind: str, pk: int) -> tuple[ListKind, BulkRun]:
    found, bulk = _kind(kind)
    runs = BulkRun.objects.filter(owner=request.user.pk, kind=found.name)
    return found, get_object_or_404(runs, pk=pk, action__in=bulk.actions)


@dataclass(frozen=True)
class Reason:
    """A reason why rows were not changed, how many, and the first of them."""

    text: str
    count: int
    rows: list[Any]

    @property
    def others(self) -> int:
        """How many more there are than are named."""
        return self.count - len(self.rows)


def _reasons(request: HttpRequest, bulk: Bulk, pairs: list[list[Any]]) -> list[Reason]:
    """Return the reasons, the most frequent first, with the rows that the person may see."""
    ids: dict[str, list[int]] = defaultdict(list)
    for pk, text in pairs:
        ids[text].append(pk)
    named = [pk for pks in ids.values() for pk in pks[:MOST_NAMED]]
    rows = bulk.rows(request.user).in_bulk(named)
    found = [
        Reason(text, len(pks), [rows[pk] for pk in pks[:MOST_NAMED] if pk in rows])
        for text, pks in ids.items()
    ]
    return sorted(found, key=lambda reason: -reason.count)


def _page(request: HttpRequest, kind: ListKind, run: BulkRun, form: Any) -> HttpResponse:
    bulk = _bulk(kind)
    is_asked = run.status == BulkRun.Status.CHOSEN
    is_readable = not is_asked and form.is_valid()
    context = {
        "kind": kind,
        "run": run,
        "action": bulk.actions[run.action],
        "counted": bulk.counted(len(run.ids)),
        "form": form,
        "told": form.told() if is_readable else [],
        "back": f"{kind.url}?{run.parameters or 'view=all'}",
        "done_url": f"{kind.url}?run={run.pk}",
        "skipped": _reasons(request, bulk, run.skipped),
        "refused": _reasons(request, bulk, run.refused),
        "kept": _reasons(request, bulk, run.kept),
        "first": list(bulk.rows(request.user).filter(pk__in=run.ids[:MOST_SHOWN]))
        if is_asked
        else [],
        "others": len(run.ids) - MOST_SHOWN,
    }
    status = 422 if is_asked and form.errors else 200
    return render(request, "lists/bulk.html", context, status=status)
