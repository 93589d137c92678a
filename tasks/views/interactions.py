"""The pages of interactions: the list, one of them, logging, cancelling."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from changes.log import one_act, receipt_of
from lists.filtering import chips
from lists.paging import Sort, page_of
from lists.parameters import check_parameters, own_address, tidy
from salespeople.visibility import visible_ids
from tasks import interactions
from tasks.interaction_filters import InteractionFilter
from tasks.interaction_forms import InteractionForm
from tasks.models import Interaction
from tasks.origin import NAMES, origin_of, person

SORTS = {
    "when": Sort("happened_at"),
    "contact": Sort("contact__name_sort"),
    "salesperson": Sort("salesperson__name_sort"),
    "cost": Sort("cost"),
    "duration": Sort("duration"),
}
PARAMETERS = {*InteractionFilter.base_filters, "sort", "cursor"}
RELATED = ("contact", "company", "opportunity", "salesperson")
OFFER = "offer:%d"  # a receipt that offers to create an opportunity (R232)


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the interactions that match the filters, a page at a time."""
    check_parameters(request.GET, PARAMETERS)
    if clean := tidy(request):
        return clean
    rows = Interaction.objects.visible_to(request.user)
    filterset = InteractionFilter(request.GET, rows, request=request)
    page = page_of(
        filterset.rows().defer("text").select_related(*RELATED),
        sorts=SORTS,
        sort=request.GET.get("sort", "-when"),
        cursor=request.GET.get("cursor", ""),
    )
    context = {
        "form": filterset.form,
        "page": page,
        "figures": filterset.rows().figures(),
        "chips": chips(request.GET, filterset.sentence()),
        "hidden": [(n, request.GET[n]) for n in filterset.unshown if n in request.GET],
    }
    status = 400 if filterset.form.errors else 200
    return render(request, "interactions/list.html", context, status=status)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show what happened, wholly."""
    check_parameters(request.GET, [])
    rows = Interaction.objects.visible_to(request.user).select_related(
        *RELATED, "task", "campaign", "recorded_by", "cancelled_by"
    )
    interaction = get_object_or_404(rows, pk=pk)
    visible = visible_ids(request.user)
    context = {
        "interaction": interaction,
        "may_see_salesperson": visible is None or interaction.salesperson_id in visible,
        "may_lead": not interaction.is_cancelled and interaction.opportunity_id is None,
    }
    return render(request, "interactions/detail.html", context)


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Log a call, a mail, a meeting or a note (R228, R230, R231)."""
    check_parameters(request.GET, [*NAMES, "kind", "next"])
    origin = origin_of(request)
    initial = {name: request.GET[name] for name in ("kind", "next") if name in request.GET}
    form = InteractionForm(request.POST or None, by=person(request), origin=origin, initial=initial)
    if form.is_bound and form.is_valid():
        try:
            with one_act() as noted:
                interaction = interactions.log(by=person(request), **form.wishes())
        except ValidationError as error:
            form.add_refusal(error)
        else:
            _tell_logged(request, interaction, undo=receipt_of(noted))
            return redirect(own_address(request) or origin.url)
    context = {"form": form, "origin": origin}
    status = 422 if form.errors else 200
    return render(request, "interactions/create.html", context, status=status)


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one back (R229)."""
    interaction = interactions.cancel(_found(request, pk), by=person(request))
    text = _("“%(subject)s” is cancelled: it counts nowhere.")
    tags = f"undo:interactions:restore:{interaction.pk}"
    messages.success(request, text % {"subject": interaction}, extra_tags=tags)
    return redirect(own_address(request) or interaction)


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a cancelled one count again."""
    interaction = interactions.restore(_found(request, pk), by=person(request))
    text = _("“%(subject)s” counts again.")
    tags = f"undo:interactions:cancel:{interaction.pk}"
    messages.success(request, text % {"subject": interaction}, extra_tags=tags)
    return redirect(own_address(request) or interaction)


def _tell_logged(request: HttpRequest, interaction: Interaction, *, undo: str) -> None:
    """Say that it is kept; without an opportunity, offer to create one (R232)."""
    text = _("Logged: %(kind)s, “%(subject)s”.")
    words = {"kind": interaction.get_kind_display().lower(), "subject": interaction}
    tags = [undo, OFFER % interaction.pk if interaction.opportunity_id is None else ""]
    messages.success(request, text % words, extra_tags=" ".join(tags).strip())


def _found(request: HttpRequest, pk: int) -> Interaction:
    return get_object_or_404(Interaction.objects.visible_to(request.user), pk=pk)
