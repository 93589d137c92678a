"""The page of one task, which is its form, and the page that plans a new one."""

from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from changes import merging
from changes.log import one_act, receipt_of
from contacts.models import Contact
from crm.dates import today
from lists.filtering import shown
from lists.parameters import check_parameters, integer, own_address
from salescycles.models import TaskKind
from salespeople.models import Salesperson
from salespeople.visibility import assignable_salespeople, salesperson_of
from tasks import lifecycle
from tasks.forms import TaskForm, check_day
from tasks.inputs import opportunities_of
from tasks.models import Task
from tasks.reading import facts_of
from tasks.views.acting import found, person, posted, tell, tell_made, way_on

PREFILLS = ("opportunity", "contact", "salesperson", "due_on", "kind", "description")
LONGEST_TEXT = 100
MOST_NAMES = 12


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a task: its form while it is open, what may be done, and what stands beside it."""
    return _page(request, found(request, pk), 200)


@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change it; 409 with both sides when somebody was faster with the same field."""
    task, by = found(request, pk), person(request)
    if request.method == "GET":
        return _page(request, task, 200)
    form = TaskForm(request.POST, by=by, task=task)
    if not form.is_valid():
        return _page(request, task, 422, form)
    try:
        with one_act() as noted:
            done = merging.done(
                form,
                _room(request),
                lambda seen: lifecycle.edit(task, by=by, seen=seen, **form.changes()),
            )
    except ValidationError as error:
        form.add_refusal(error)
        return _page(request, task, 422, form)
    except merging.Disputed as disputed:
        context = {"task": task, "dispute": disputed.dispute}
        return render(request, "tasks/edit_conflict.html", context, status=409)
    except Task.DoesNotExist as error:  # given away since it was found
        raise Http404 from error
    text = " ".join([_("“%(task)s” has been saved.") % {"task": done.row}, *done.kept])
    tell(request, done.row, was=task, text=text, tags=receipt_of(noted))
    return HttpResponseRedirect(way_on(request, done.row))


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Plan a task, prefilled from what the address names (R188)."""
    check_parameters(request.GET, [*PREFILLS, "next"])
    form = TaskForm(posted(request), by=person(request), initial=_prefill(request))
    if form.is_bound and form.is_valid():
        try:
            with one_act() as noted:
                task = lifecycle.plan(by=person(request), **form.wish())
        except ValidationError as error:
            form.add_refusal(error)
        else:
            text = _("“%(task)s” has been planned.") % {"task": task}
            tell_made(request, task, text=text, tags=receipt_of(noted))
            return HttpResponseRedirect(way_on(request, task))
    context = {"form": form, "back": own_address(request)}
    return render(request, "tasks/create.html", context, status=422 if form.is_bound else 200)


@require_GET
def suggest(request: HttpRequest) -> JsonResponse:
    """Answer {"names": […]}: salespeople and contacts who may attend, by name."""
    check_parameters(request.GET, ["q"])
    text = request.GET.get("q", "")[:LONGEST_TEXT].replace("\x00", "").strip()
    if not text:
        return JsonResponse({"names": []})
    sellers = assignable_salespeople(request.user).filter(name__icontains=text)[:MOST_NAMES]
    usable = Contact.objects.visible_to(request.user).usable().exclude(company__is_blocked=True)
    contacts = usable.search(text).order_by("name_sort", "pk")[:MOST_NAMES]
    names = [shown(row) for row in (*sellers, *contacts)]
    return JsonResponse({"names": names[:MOST_NAMES]})


def _page(
    request: HttpRequest, task: Task, status: int, form: TaskForm | None = None
) -> HttpResponse:  # fmt: skip
    initial = {"next": own_address(request)}
    if form is None and task.is_open:
        form = TaskForm(by=person(request), task=task, initial=initial)
    is_resent = form is not None and form.is_bound
    context = {
        "task": task,
        "form": form,
        "facts": facts_of(task, person(request)),
        "shown": request.POST.get("shown", "") if is_resent else form and form.as_shown(),
    }
    return render(request, "tasks/detail.html", context, status=status)


def _room(request: HttpRequest) -> merging.Room:
    """Return how the form of a task meets the door."""
    return merging.Room(
        conflict=lifecycle.Conflict,
        row_of=lambda conflict: conflict.task,
        form_of=lambda task: TaskForm(by=person(request), task=task),
        names=lambda form: form.compared(),  # type: ignore[attr-defined]
        seen=lambda task: task.edits,
    )


def _prefill(request: HttpRequest) -> dict[str, Any]:
    """Return the proposals: of an opportunity its contact and salesperson (R188)."""
    query = request.GET
    opportunity = _asked(request, "opportunity", opportunities_of(request.user))
    contact = _asked(request, "contact", Contact.objects.visible_to(request.user))
    people = assignable_salespeople(request.user)
    salesperson = _asked(request, "salesperson", people) or salesperson_of(request.user)
    if opportunity is not None:
        contact = contact or opportunity.contact
        salesperson = salesperson or people.filter(pk=opportunity.salesperson_id).first()
    kind = query.get("kind", "") or TaskKind.TO_DO
    if kind not in TaskKind.values:
        raise BadRequest(_("There is no such kind of task."))
    return {
        "opportunity": opportunity and opportunity.pk,
        "contact": contact and contact.pk,
        "salesperson": _pk(salesperson),
        "due_on": _day(request),
        "kind": kind,
        "description": query.get("description", "")[:LONGEST_TEXT],
        "next": own_address(request),
    }


def _pk(row: Salesperson | None) -> int | None:
    return row.pk if row is not None else None


def _day(request: HttpRequest) -> Any:
    text = request.GET.get("due_on", "")
    try:
        return check_day(text) if text else today()
    except ValidationError as error:
        raise BadRequest(error.message) from error


def _asked(request: HttpRequest, name: str, rows: Any) -> Any:
    """Return the row that the address names; 404 for what there is not, or is not for one."""
    pk = integer(request.GET, name)
    return None if pk is None else get_object_or_404(rows, pk=pk)
