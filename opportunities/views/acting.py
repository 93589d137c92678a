"""The one way in which a form of the journey is shown, answered, refused and disputed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from opportunities import lifecycle
from opportunities.forms import ActForm
from opportunities.models import Opportunity
from salespeople.models import User

RELATED = ("contact", "company", "salesperson", "sales_cycle", "stage", "close_reason", "campaign")
UNKEPT = ("csrfmiddlewaretoken", "seen", "seen_edits")


@dataclass(frozen=True)
class Act:
    """A verb of the door as a page: its words, its form, and how it is done."""

    verb: str
    title: str
    label: str
    form: ActForm
    do: Callable[[dict[str, Any]], Opportunity]
    receipt: Callable[[Opportunity], str]
    tone: str = "primary"
    context: dict[str, Any] = field(default_factory=dict)


def found(request: HttpRequest, pk: int) -> Opportunity:
    """Return the opportunity that the person may see; 404 otherwise."""
    rows = Opportunity.objects.visible_to(request.user).select_related(*RELATED)
    opportunity: Opportunity = get_object_or_404(rows, pk=pk)
    return opportunity


def person(request: HttpRequest) -> User:
    """Return who is signed in; the middleware lets nobody else pass."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def refused(request: HttpRequest, opportunity: Opportunity, verb: str) -> HttpResponse | None:
    """Return the page that says why the verb cannot be used now, None when it can."""
    try:
        lifecycle.check_may(verb, opportunity, by=person(request))
    except ValidationError as error:
        context = {"opportunity": opportunity, "reasons": error.messages}
        return render(request, "opportunities/refused.html", context, status=422)
    return None


def answer(request: HttpRequest, opportunity: Opportunity, act: Act) -> HttpResponse:
    """Show the form, or do what it says: receipt, refusal (422) or conflict (409)."""
    form = act.form
    if not form.is_bound:
        return _page(request, opportunity, act, 200)
    if not form.is_valid():
        return _page(request, opportunity, act, 422)
    try:
        fresh = act.do(form.wishes())
    except ValidationError as error:
        form.add_refusal(error)
        return _page(request, opportunity, act, 422)
    except lifecycle.Conflict as conflict:
        return _conflict(request, act, conflict)
    _tell(request, act, fresh, was=opportunity.sequence)
    return HttpResponseRedirect(way_on(request, fresh))


def way_on(request: HttpRequest, opportunity: Opportunity) -> str:
    """Return where the person came from, if that is ours, else the opportunity's page."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, request.is_secure())
    return target if target and is_ours else opportunity.get_absolute_url()


def _tell(request: HttpRequest, act: Act, fresh: Opportunity, *, was: int) -> None:
    if fresh.sequence == was and act.verb != "edit":
        messages.info(request, _("Nothing has changed."))
        return
    can_undo = act.verb not in ("edit", "undo")
    entry = fresh.entries.get(sequence=fresh.sequence) if can_undo else None
    tags = f"undo:{fresh.pk}:{entry.pk}:{fresh.sequence}" if entry else ""
    messages.success(request, act.receipt(fresh), extra_tags=tags)


def _page(request: HttpRequest, opportunity: Opportunity, act: Act, status: int) -> HttpResponse:
    context = {"opportunity": opportunity, "act": act, "form": act.form, **act.context}
    return render(request, f"opportunities/{act.verb}.html", context, status=status)


def _conflict(request: HttpRequest, act: Act, conflict: lifecycle.Conflict) -> HttpResponse:
    """Say who changed what, and offer to go on or to keep it (U8)."""
    kept = [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name not in UNKEPT
    ]
    context = {
        "opportunity": conflict.opportunity,
        "act": act,
        "entries": conflict.entries,
        "kept": kept,
    }
    return render(request, "opportunities/conflict.html", context, status=409)
