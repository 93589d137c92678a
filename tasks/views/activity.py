"""Assigning an activity by hand: choose, look at the tasks, confirm (Business Central R203)."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from contacts.models import Contact
from lists.parameters import check_parameters, integer, own_address
from salespeople.visibility import assignable_salespeople, salesperson_of
from tasks.activities import assign_activity as assign
from tasks.activity_form import ActivityForm, mark_of
from tasks.inputs import opportunities_of, team_field
from tasks.models import Task
from tasks.views.acting import person
from tasks.wishes import NewTask

PREFILLS = ("opportunity", "contact", "salesperson", "team")
CHOSEN = ("activity", "on", "organizer")


@require_http_methods(["GET", "POST"])
def assign_activity(request: HttpRequest) -> HttpResponse:
    """Show the tasks that an activity makes, once one is chosen; plan them when that is sent."""
    check_parameters(request.GET, [*PREFILLS, *CHOSEN, "next"])
    form = _form(request)
    wishes = form.planned() if form.is_bound else []
    if request.method == "POST":
        form.check_shown(wishes)
        if form.is_valid():
            try:
                return _done(request, assign(by=person(request), **form.assignment))
            except ValidationError as error:
                form.add_refusal(error)
    return _page(request, form, wishes)


def _form(request: HttpRequest) -> ActivityForm:
    """Return the form with what was sent or chosen, else with what the address proposes."""
    by = person(request)
    if request.method == "POST":
        return ActivityForm(request.POST, by=by, initial={})
    if "activity" in request.GET:
        return ActivityForm(request.GET, by=by, initial={})
    return ActivityForm(by=by, initial=_prefill(request))


def _page(request: HttpRequest, form: ActivityForm, wishes: list[NewTask]) -> HttpResponse:
    is_refused = form.is_bound and bool(form.errors)
    data = request.POST if request.method == "POST" else request.GET
    names = (*PREFILLS, *CHOSEN)
    context = {
        "form": form,
        "wishes": wishes,
        "mark": mark_of(wishes),
        "chosen": [(name, data.get(name, "")) for name in names],
        "back": own_address(request),
    }
    status = 422 if is_refused else 200
    return render(request, "tasks/assign_activity.html", context, status=status)


def _done(request: HttpRequest, made: list[Task]) -> HttpResponse:
    """Leave a receipt that takes all of them back, and go on."""
    boxes = [f"task={task.pk}-{task.edits}" for task in made]
    text = ngettext("%(count)d task planned.", "%(count)d tasks planned.", len(made))
    tags = ":".join(["undo", "tasks", "cancel_many", "", *boxes])
    messages.success(request, text % {"count": len(made)}, extra_tags=tags)
    about = made[0].opportunity or made[0].contact
    target = about.get_absolute_url() if about is not None else reverse("tasks:list")
    return HttpResponseRedirect(own_address(request) or target)


def _prefill(request: HttpRequest) -> dict[str, Any]:
    """Return the proposals: whose it is by what the address names, else one's own (R188)."""
    opportunity = _asked(request, "opportunity", opportunities_of(request.user))
    contact = _asked(request, "contact", Contact.objects.visible_to(request.user))
    team = _asked(request, "team", team_field(person(request)).queryset)
    people = assignable_salespeople(request.user)
    salesperson = _asked(request, "salesperson", people)
    if opportunity is not None:
        contact = contact or opportunity.contact
        salesperson = salesperson or people.filter(pk=opportunity.salesperson_id).first()
    if team is None:
        salesperson = salesperson or salesperson_of(request.user)
    rows = {"opportunity": opportunity, "contact": contact, "salesperson": salesperson}
    found = {name: row.pk for name, row in {**rows, "team": team}.items() if row is not None}
    return {**found, "next": own_address(request)}


def _asked(request: HttpRequest, name: str, rows: Any) -> Any:
    """Return the row that the address names; 404 for what there is not, or is not for one."""
    pk = integer(request.GET, name)
    return None if pk is None else get_object_or_404(rows, pk=pk)
