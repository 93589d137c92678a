"""The pages of quotes."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.money import format_money
from lists.paging import Sort, page_of
from lists.parameters import check_parameters, integer, tidy
from opportunities.models import Opportunity, Status
from opportunities.views.acting import person, way_on
from quotes import lifecycle
from quotes.forms import QuoteForm
from quotes.models import Quote

CONFLICT = 409
SORTS = {
    "number": Sort("id"),
    "opportunity": Sort("opportunity__description_sort"),
    "contact": Sort("contact__name_sort"),
    "amount": Sort("amount"),
    "status": Sort("status"),
}


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """List the quotes of the opportunities that the person sees."""
    check_parameters(request.GET, ["status", "sort", "cursor"])
    if clean := tidy(request):
        return clean
    status = request.GET.get("status", "")
    rows = Quote.objects.visible_to(request.user)
    if status and status not in Quote.Status.values:
        raise BadRequest(_("There is no such status."))
    page = page_of(
        (rows.filter(status=status) if status else rows).select_related(
            "opportunity", "opportunity__salesperson", "contact"
        ),
        sorts=SORTS,
        sort=request.GET.get("sort", "-number"),
        cursor=request.GET.get("cursor", ""),
    )
    context = {"page": page, "status": status, "statuses": Quote.Status.choices}
    return render(request, "quotes/list.html", context)


def gone_is_404(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 404 for what was given to another team since it was found."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Opportunity.DoesNotExist as error:
            raise Http404 from error

    return wrapped


@require_http_methods(["GET", "POST"])
@gone_is_404
def create(request: HttpRequest) -> HttpResponse:
    """Create a quote for the opportunity that the address names."""
    check_parameters(request.GET, ["opportunity", "next"])
    pk = integer(request.GET, "opportunity")
    opportunity = get_object_or_404(Opportunity.objects.visible_to(request.user).kept(), pk=pk)
    initial = {
        "amount": opportunity.estimated_value or None,
        "next": request.GET.get("next", ""),
    }
    form = QuoteForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        quote = _done(
            form,
            lambda: lifecycle.create(
                opportunity, by=person(request), amount=form.cleaned_data["amount"]
            ),
        )
        if quote:
            text = _("Quote %(number)s has been created: %(amount)s.")
            shown = {"number": quote.number, "amount": format_money(quote.amount)}
            messages.success(request, text % shown)
            return redirect(way_on(request, opportunity))
    elif not form.is_bound and opportunity.status != Status.IN_PROGRESS:
        form = _refused(form, opportunity)
    context = {"form": form, "opportunity": opportunity, "title": _("New quote")}
    return render(request, "quotes/form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@gone_is_404
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the amount, and show what may become of the quote."""
    check_parameters(request.GET, ["next"])
    quote = _found(request, pk)
    initial = {
        "amount": quote.amount,
        "next": request.GET.get("next", ""),
        "seen": quote.version,
    }
    form = QuoteForm(request.POST or None, initial=initial)
    if form.is_bound and form.is_valid():
        amount, seen = form.cleaned_data["amount"], form.cleaned_data["seen"]
        try:
            done = _done(
                form, lambda: lifecycle.edit(quote, by=person(request), amount=amount, seen=seen)
            )
        except lifecycle.Conflict as conflict:
            return _quote_page(request, conflict.quote, _again(conflict.quote, amount), 409)
        if done:
            messages.success(request, _("The quote has been saved."))
            return redirect(way_on(request, quote.opportunity))
    return _quote_page(request, quote, form, 422 if form.errors else 200)


@require_POST
@gone_is_404
def change_status(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of a quote; an accepted one leads to winning (D18)."""
    quote = _found(request, pk)
    status = request.POST.get("status", "")
    if status not in Quote.Status.values:
        raise BadRequest(_("There is no such status."))
    try:
        quote = lifecycle.change_status(
            quote, status, by=person(request), seen=request.POST.get("seen", "")
        )
    except ValidationError as error:
        context = {"opportunity": quote.opportunity, "reasons": error.messages}
        return render(request, "opportunities/refused.html", context, status=422)
    except lifecycle.Conflict as conflict:
        fresh = conflict.quote
        return _quote_page(request, fresh, _again(fresh, fresh.amount), 409)
    text = _("Quote %(number)s is now: %(status)s.")
    shown = {"number": quote.number, "status": quote.get_status_display().lower()}
    messages.success(request, text % shown)
    if quote.status == Quote.Status.ACCEPTED:
        return redirect("opportunities:win", quote.opportunity_id)
    return redirect(way_on(request, quote.opportunity))


def _quote_page(request: HttpRequest, quote: Quote, form: QuoteForm, status: int) -> HttpResponse:
    """Show the quote: its form, or why it stays as it is."""
    context = {
        "form": form,
        "quote": quote,
        "opportunity": quote.opportunity,
        "title": _("Quote %(number)s") % {"number": quote.number},
        "is_frozen": quote.opportunity.is_closed,
        "is_changed": status == CONFLICT,
        "steps": [
            (step, Quote.Status(step).label) for step in lifecycle.STEPS[Quote.Status(quote.status)]
        ],
    }
    return render(request, "quotes/form.html", context, status=status)


def _again(quote: Quote, amount: Any) -> QuoteForm:
    """Return the form with what was typed, for the quote as it is now."""
    return QuoteForm(initial={"amount": amount, "seen": quote.version})


def _found(request: HttpRequest, pk: int) -> Quote:
    rows = Quote.objects.visible_to(request.user).select_related("opportunity", "contact")
    quote: Quote = get_object_or_404(rows, pk=pk)
    return quote


def _done(form: QuoteForm, work: Any) -> Quote | None:
    """Do it; put a refusal on the form."""
    try:
        quote: Quote = work()
    except ValidationError as error:
        form.add_refusal(error)
        return None
    return quote


def _refused(form: QuoteForm, opportunity: Opportunity) -> QuoteForm:
    """Say on the empty form that a quote needs an opportunity in progress."""
    form = QuoteForm({"amount": opportunity.estimated_value})
    form.is_valid()
    text = _("The opportunity is %(status)s: quotes are made while it is in progress.")
    form.add_error(None, text % {"status": opportunity.get_status_display().lower()})
    return form
