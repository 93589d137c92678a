"""The pages of campaigns."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from contacts import campaigns
from contacts.campaign_figures import campaign_page, started_url, with_figures
from contacts.campaign_forms import CampaignFilter, CampaignForm, SeenForm
from contacts.models import Campaign
from contacts.requests import person, posted
from crm.dates import today
from lists.filtering import chips
from lists.paging import Sort, page_of
from lists.parameters import check_parameters, tidy
from salespeople.visibility import visible_ids

SORTS = {
    "description": Sort("description_sort"),
    "starts": Sort("starts_on", is_nullable=True),
    "ends": Sort("ends_on", is_nullable=True),
    "salesperson": Sort("salesperson__name_sort", is_nullable=True),
    "number": Sort("number_started"),
    "value": Sort("estimated"),
    "calculated": Sort("calculated"),
}
PARAMETERS = {*CampaignFilter.base_filters, "sort", "cursor"}
both = require_http_methods(["GET", "POST"])


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show the campaigns, with what was sold under each (R151)."""
    check_parameters(request.GET, PARAMETERS)
    if clean := tidy(request):
        return clean
    by = person(request)
    filterset = CampaignFilter(request.GET, Campaign.objects.visible_to(by), request=request)
    page = page_of(
        with_figures(filterset.rows(), by).select_related("salesperson"),
        sorts=SORTS,
        sort=request.GET.get("sort", "-starts"),
        cursor=request.GET.get("cursor", ""),
    )
    for row in page.rows:
        _describe(row)
    context = {
        "form": filterset.form,
        "page": page,
        "chips": chips(request.GET, filterset.sentence()),
        "hidden": [("sort", request.GET["sort"])] if "sort" in request.GET else [],
    }
    status = 400 if filterset.form.errors else 200
    return render(request, "campaigns/list.html", context, status=status)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a campaign: its figures (R151), segments, and what happened."""
    check_parameters(request.GET, [])
    campaign, by = _found(request, pk), person(request)
    _describe(campaign)
    visible = visible_ids(by)
    context = {
        "campaign": campaign,
        "page": campaign_page(campaign, by),
        "may_change": campaigns.may_change(campaign, by=by),
        "may_see_salesperson": visible is None or campaign.salesperson_id in visible,
    }
    return render(request, "campaigns/detail.html", context)


@both
def create(request: HttpRequest) -> HttpResponse:
    """Create a campaign."""
    check_parameters(request.GET, [])
    by = person(request)
    form = CampaignForm(posted(request), by=by)
    if form.is_bound and form.is_valid():
        try:
            campaign = campaigns.create(by=by, **form.wishes())
        except ValidationError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("“%(name)s” was created.") % {"name": campaign})
            return redirect(campaign)
    status = 422 if form.is_bound else 200
    return render(request, "campaigns/create.html", {"form": form}, status=status)


@both
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a campaign; 409 with what is there now when somebody was faster."""
    check_parameters(request.GET, [])
    campaign, by = _found(request, pk), person(request)
    campaigns.check_may_change(campaign, by=by)
    form = CampaignForm(posted(request), by=by, campaign=campaign)
    status = 422 if form.is_bound else 200
    changed = None
    if form.is_bound and form.is_valid():
        try:
            fresh = campaigns.edit(campaign, by=by, seen=form.cleaned_data["seen"], **form.wishes())
        except ValidationError as error:
            form.add_refusal(error)
        except campaigns.Conflict as conflict:
            form, changed, status = _again(request, conflict), conflict.campaign, 409
        else:
            messages.success(request, _("“%(name)s” was saved.") % {"name": fresh})
            return redirect(fresh)
    context = {"form": form, "campaign": campaign, "changed": changed}
    return render(request, "campaigns/edit.html", context, status=status)


@require_POST
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let opportunities be sold under it (R238)."""
    campaign = campaigns.activate(_found(request, pk), by=person(request))
    messages.success(request, _("“%(name)s” is activated.") % {"name": campaign})
    return redirect(campaign)


@require_POST
def deactivate(request: HttpRequest, pk: int) -> HttpResponse:
    """Let nothing new be sold under it."""
    campaign = campaigns.deactivate(_found(request, pk), by=person(request))
    messages.success(request, _("“%(name)s” is not activated any more.") % {"name": campaign})
    return redirect(campaign)


@both
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a campaign that nothing names (R240, rules D19)."""
    check_parameters(request.GET, [])
    campaign, by = _found(request, pk), person(request)
    campaigns.check_may_change(campaign, by=by)
    form = SeenForm(posted(request), initial={"seen": campaign.edits})
    refusal = campaigns.refusal_to_delete(campaign)
    status = 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            campaigns.delete(campaign, by=by, seen=form.cleaned_data["seen"])
        except ValidationError as error:
            refusal = " ".join(error.messages)
        except campaigns.Conflict:
            refusal, status = _("Somebody has changed it since you opened the page."), 409
        else:
            messages.success(request, _("“%(name)s” was deleted.") % {"name": campaign})
            return redirect("campaigns:list")
    context = {"form": form, "campaign": campaign, "refusal": refusal}
    return render(request, "campaigns/delete.html", context, status=status)


def _found(request: HttpRequest, pk: int) -> Campaign:
    rows = Campaign.objects.visible_to(person(request))
    return get_object_or_404(
        rows.select_related("salesperson", "activated_by", "changed_by"), pk=pk
    )


def _describe(campaign: Any) -> None:
    """Say where it stands today, and where what was sold under it is listed."""
    day = today()
    campaign.url = started_url(campaign)
    campaign.is_over = campaign.ends_on is not None and campaign.ends_on < day
    campaign.is_running = campaign.is_activated and campaign.was_running_on(day)
    campaign.is_ahead = campaign.starts_on is not None and campaign.starts_on > day


def _again(request: HttpRequest, conflict: campaigns.Conflict) -> CampaignForm:
    """Return what was typed, to be saved over what is there now if it is sent again."""
    data = request.POST.copy()
    data["seen"] = str(conflict.campaign.edits)
    return CampaignForm(data, by=person(request), campaign=conflict.campaign)
