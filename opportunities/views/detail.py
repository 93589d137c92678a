"""The page of one opportunity, and the form that creates one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contacts.models import Campaign, Contact, Segment
from lists.parameters import check_parameters, integer
from opportunities import lifecycle
from opportunities.create_form import CreateForm
from opportunities.detail import page_of_one
from opportunities.lifecycle.creation import LONGEST_DESCRIPTION
from opportunities.models import Opportunity
from opportunities.timeline import Asked
from opportunities.views.acting import found, person, way_on
from opportunities.views.past import past_detail
from salescycles.models import SalesCycle
from salespeople.models import Salesperson, User
from salespeople.visibility import assignable_salespeople, salesperson_of
from tasks.interactions import check_may_lead
from tasks.models import Interaction


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an opportunity: figures, stages, what may be done, and its history."""
    if "on" in request.GET:
        return past_detail(request, pk)
    check_parameters(request.GET, ["show", "older"])
    page = page_of_one(found(request, pk), by=person(request), asked=Asked.of(request.GET))
    return render(request, "opportunities/detail.html", {"page": page, **vars(page)})


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Create one, prefilled from what the address names (R37), or of an interaction (R44)."""
    check_parameters(request.GET, ["contact", "salesperson", "campaign", "segment", "interaction"])
    source = _source(request)
    if source is not None and (page := _leads_nowhere(request, source)):
        return page
    form = CreateForm(
        request.POST or None, by=person(request), initial=_prefill(request) | _taken_over(source)
    )
    if form.is_bound and form.is_valid():
        try:
            opportunity = _created(form, source, by=person(request))
        except ValidationError as error:
            form.add_refusal(error)
        else:
            act = opportunity.entries.values_list("act", flat=True)[0]
            text = _("“%(name)s” has been created.") % {"name": opportunity}
            messages.success(request, text, extra_tags=f"undo:opportunities:undo_act:{act}")
            return redirect(way_on(request, opportunity))
    context = {
        "form": form,
        "segment": _asked(request, "segment", Segment.objects.visible_to(request.user)),
        "has_cycles": SalesCycle.objects.usable().exists(),
        "back": _back(request),
    }
    return render(request, "opportunities/create.html", context, status=422 if form.errors else 200)


def _source(request: HttpRequest) -> Interaction | None:
    """Return the interaction that the address names; 404 for what is not for one."""
    if "interaction" not in request.GET:
        return None
    rows = Interaction.objects.visible_to(request.user).select_related("contact__company")
    found: Interaction | None = _asked(request, "interaction", rows)
    return found


def _created(form: CreateForm, source: Interaction | None, *, by: User) -> Opportunity:
    """Create it, and link the interaction that it comes from."""
    if source is None:
        return lifecycle.create(by=by, **form.cleaned_data)
    return lifecycle.create_from_interaction(source, by=by, **form.cleaned_data)


def _leads_nowhere(request: HttpRequest, source: Interaction) -> HttpResponse | None:
    """Return the page that says why nothing comes from the interaction, None if it may (R44)."""
    try:
        check_may_lead(source)
    except ValidationError as error:
        context = {"interaction": source, "reasons": error.messages}
        return render(request, "interactions/refused.html", context, status=422)
    return None


def _taken_over(source: Interaction | None) -> dict[str, Any]:
    """Return what an opportunity takes over from an interaction; it is not started (R44)."""
    if source is None:
        return {}
    return {
        "description": source.subject[:LONGEST_DESCRIPTION],
        "contact": source.contact_id,
        "salesperson": source.salesperson_id,
        "campaign": source.campaign_id,
        "activate": False,
    }


def _prefill(request: HttpRequest) -> dict[str, Any]:
    """Return the proposals, each step overwriting the earlier one (R22, R25, R37)."""
    cycle = SalesCycle.objects.default()
    salesperson = salesperson_of(request.user)
    contact = _asked(request, "contact", Contact.objects.visible_to(request.user))
    if contact is not None:
        theirs = contact.salesperson or (contact.company and contact.company.salesperson)
        salesperson = _usable(request, theirs) or salesperson
    people = assignable_salespeople(request.user)
    salesperson = _asked(request, "salesperson", people) or salesperson
    campaign = _asked(request, "campaign", Campaign.objects.visible_to(request.user))
    segment = _asked(request, "segment", Segment.objects.visible_to(request.user))
    for named in (campaign, segment):
        if named is not None:
            salesperson = _usable(request, named.salesperson) or salesperson_of(request.user)
    campaign = segment.campaign if segment is not None else campaign
    return {
        "campaign": campaign.pk if campaign else None,
        "segment": segment.pk if segment else None,
        "sales_cycle": cycle.pk if cycle else None,
        "contact": contact.pk if contact else None,
        "salesperson": salesperson.pk if salesperson else None,
    }


def _back(request: HttpRequest) -> str:
    """Return where Cancel leads: to what the address names, else to the list."""
    for name, page in (
        ("interaction", "interactions:detail"),
        ("contact", "contacts:detail"),
        ("salesperson", "salespeople:detail"),
        ("segment", "segments:detail"),
        ("campaign", "campaigns:detail"),
    ):
        pk = integer(request.GET, name)
        if pk is not None:
            return reverse(page, args=[pk])
    return reverse("opportunities:list")


def _asked(request: HttpRequest, name: str, rows: Any) -> Any:
    """Return the row that the address names; 404 for what there is not, or is not for one."""
    pk = integer(request.GET, name)
    return None if pk is None else get_object_or_404(rows, pk=pk)


def _usable(request: HttpRequest, salesperson: Salesperson | None) -> Salesperson | None:
    if salesperson is None:
        return None
    return assignable_salespeople(request.user).filter(pk=salesperson.pk).first()
