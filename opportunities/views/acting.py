"""The one way in which a form of the journey is shown, answered, refused and disputed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from changes.log import one_act, receipt_of
from crm.htmx import in_dialog
from lists.parameters import own_address
from opportunities import conflicts, lifecycle
from opportunities.forms import ActForm
from opportunities.history import changes_since
from opportunities.models import Opportunity
from opportunities.views.dialogs import ALWAYS, small_form
from salespeople.models import User
from tasks import stages

RELATED = (
    "contact",
    "company",
    "salesperson",
    "sales_cycle",
    "stage",
    "close_reason",
    "campaign",
    "segment",
)


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
        return render(request, part(request, "opportunities/refused.html"), context, status=422)
    return None


def part(request: HttpRequest, template: str) -> str:
    """Return the page, or the part of it that a dialog shows."""
    return f"{template}#dialog" if in_dialog(request) else template


def answer(request: HttpRequest, opportunity: Opportunity, act: Act) -> HttpResponse:
    """Show the form, or do what it says: receipt, refusal (422) or conflict (409)."""
    form = act.form
    if not form.is_bound:
        return _page(request, opportunity, act, 200)
    if not form.is_valid():
        return _page(request, opportunity, act, 422)
    try:
        with one_act() as noted:
            found = conflicts.done(act.verb, form, act.do, by=person(request))
    except ValidationError as error:
        form.add_refusal(error)
        return _page(request, opportunity, act, 422)
    except conflicts.Disputed as disputed:
        return _conflict(request, act, disputed.dispute)
    except Opportunity.DoesNotExist as error:  # given to another team since it was found
        raise Http404 from error
    _tell(request, act, found, was=opportunity, noted=receipt_of(noted))
    return HttpResponseRedirect(way_on(request, found.opportunity))


def is_seen(request: HttpRequest, opportunity: Opportunity) -> bool:
    """Say whether the person may see the page of an opportunity, now that it has changed."""
    return Opportunity.objects.visible_to(request.user).filter(pk=opportunity.pk).exists()


def way_on(request: HttpRequest, opportunity: Opportunity) -> str:
    """Return where the person came from, if that is ours, else the opportunity's page.

    Whoever gave it to somebody whose rows he or she does not see goes to the list.
    """
    target = own_address(request)
    if not is_seen(request, opportunity):
        is_its_page = target.startswith(opportunity.get_absolute_url())
        return target if target and not is_its_page else reverse("opportunities:list")
    return target or opportunity.get_absolute_url()


def _tell(
    request: HttpRequest, act: Act, done: conflicts.Done, *, was: Opportunity, noted: str
) -> None:
    """Leave a receipt with Undo; say so when nothing has changed. `noted` is that of an edit."""
    fresh = done.opportunity
    if (fresh.sequence, fresh.edits) == (was.sequence, was.edits):
        messages.info(request, _("Nothing has changed."))
        return
    tags, words = noted if act.verb == "edit" else "", [act.receipt(fresh)]
    if act.verb not in ("edit", "undo") and is_seen(request, fresh):
        entry = fresh.entries.get(sequence=fresh.sequence)
        tags = f"undo:opportunities:undo:{fresh.pk}:entry={entry.pk}:seen={fresh.sequence}"
        words += stages.told(entry)
    if act.verb in ("move", "update", "activate"):
        changes = changes_since(fresh, was.sequence)
        words += [f"{change.label}: {change.before} → {change.after}." for change in changes]
    messages.success(request, " ".join([*words, *done.kept]), extra_tags=tags)


def _page(request: HttpRequest, opportunity: Opportunity, act: Act, status: int) -> HttpResponse:
    if in_dialog(request) and act.verb in ALWAYS:
        return small_form(request, opportunity, act, status)
    context = {"opportunity": opportunity, "act": act, "form": act.form, **act.context}
    return render(request, f"opportunities/{act.verb}.html", context, status=status)


def _conflict(request: HttpRequest, act: Act, dispute: conflicts.Dispute) -> HttpResponse:
    """Say who changed what, and let the person choose field by field, or keep it (U8)."""
    context = {"opportunity": dispute.opportunity, "act": act, "dispute": dispute}
    return render(request, part(request, "opportunities/conflict.html"), context, status=409)
