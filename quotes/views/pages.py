"""The pages of one quote: a new one, and one as it stands."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from changes import merging
from changes.log import one_act, receipt_of
from crm.dates import today
from crm.money import format_money
from lists.parameters import check_parameters, integer
from opportunities.models import Opportunity
from opportunities.views.acting import part, person
from quotes import lifecycle
from quotes.document import recipient
from quotes.forms import QuoteForm
from quotes.lifecycle.writing import check_in_progress, usual_terms, usual_validity
from quotes.line_forms import LineTable, rows_of_post, rows_of_wishes
from quotes.merging import Merging
from quotes.models import Quote
from quotes.views.common import (
    CONFLICT,
    found,
    gone_is_404,
    letterhead,
    quote_page,
    table_of,
    way_back,
    with_next,
)
from salespeople.models import User

SAVING = ("", "save", "send")


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a quote; a draft is edited here."""
    check_parameters(request.GET, ["next"])
    return quote_page(request, found(request, pk))


@require_http_methods(["GET", "POST"])
@gone_is_404
def create(request: HttpRequest) -> HttpResponse:
    """Create a quote for the opportunity that the address names."""
    check_parameters(request.GET, ["opportunity", "next"])
    pk = integer(request.GET, "opportunity")
    rows = Opportunity.objects.visible_to(request.user).kept()
    opportunity = get_object_or_404(rows.select_related("contact__company"), pk=pk)
    if request.method == "GET":
        return _new_page(request, opportunity)
    form, table = QuoteForm(request.POST), _table(request)
    if not _is_saving(request):
        return _create_page(request, opportunity, _typed(request), table.show())
    quote = None
    if _is_valid(form, table):
        wishes = {**form.wishes(), "lines": table.wishes()}
        quote = _done(form, lambda: lifecycle.create(opportunity, by=person(request), **wishes))
    if quote is None:
        return _create_page(request, opportunity, form, table, 422)
    shown = {"number": quote.number, "amount": format_money(quote.amount)}
    messages.success(request, _("Quote %(number)s has been created: %(amount)s.") % shown)
    return _go_on(request, quote, default=way_back(request) or quote.get_absolute_url())


@require_http_methods(["GET", "POST"])
@gone_is_404
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft: its lines, its terms, until when it is valid."""
    check_parameters(request.GET, ["next"])
    quote = found(request, pk)
    target = way_back(request)
    here = with_next(quote.get_absolute_url(), target)
    if request.method == "GET":
        return redirect(here)
    form, table = QuoteForm(request.POST), _table(request, quote)
    if not _is_saving(request):
        return quote_page(request, quote, form=_typed(request), table=table.show())
    if _is_valid(form, table):
        try:
            with one_act() as noted:
                saved = _done(form, lambda: _save(quote, form, table, by=person(request)))
        except merging.Disputed as disputed:
            context = {"quote": quote, "dispute": disputed.dispute}
            return render(request, "quotes/conflict.html", context, status=CONFLICT)
        if saved:
            text = " ".join([_("The quote has been saved."), *saved.kept])
            messages.success(request, text, extra_tags=receipt_of(noted))
            return _go_on(request, saved.row, default=here)
    return quote_page(request, quote, form=form, table=table, status=422)


def _save(quote: Quote, form: QuoteForm, table: LineTable, *, by: User) -> merging.Done:
    """Save what is mine of the form and its lines, merged with what somebody else did."""
    merge = Merging(form, table)
    seen, kept = form.cleaned_data["seen"] or None, list[str]()
    for _attempt in range(merging.MOST_TRIES):
        try:
            fresh = lifecycle.edit(quote, by=by, seen=seen, **merge.wishes())
        except lifecycle.Conflict as conflict:
            fresh = conflict.quote
        else:
            return merging.Done(fresh, kept)
        fields = merge.compared(fresh)
        if any(field.is_disputed for field in fields):
            break
        seen, kept = fresh.version, merging.kept_words(fields)
    raise merging.Disputed(merge.dispute(fresh, fields))


def _new_page(request: HttpRequest, opportunity: Opportunity) -> HttpResponse:
    """Show the form of a new quote with what is proposed, or why there can be none."""
    try:
        check_in_progress(opportunity)
    except ValidationError as error:
        context = {"opportunity": opportunity, "reasons": error.messages}
        return render(request, part(request, "opportunities/refused.html"), context, status=422)
    form = QuoteForm(initial=_proposed(request, opportunity))
    table = table_of(rows_of_wishes(lifecycle.proposed_lines(opportunity)))
    return _create_page(request, opportunity, form, table.show())


def _create_page(
    request: HttpRequest,
    opportunity: Opportunity,
    form: QuoteForm,
    table: LineTable,
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "table": table,
        "opportunity": opportunity,
        "letterhead": letterhead(),
        "recipient": recipient(opportunity.contact),
        "next": way_back(request),
    }
    return render(request, part(request, "quotes/create.html"), context, status=status)


def _proposed(request: HttpRequest, opportunity: Opportunity) -> dict[str, Any]:
    """Return what a new quote says if nobody says otherwise."""
    language = Quote(opportunity=opportunity, contact=opportunity.contact).written_in
    return {
        "valid_until": usual_validity(today()),
        "terms": usual_terms(language),
        "next": way_back(request),
    }


def _table(request: HttpRequest, quote: Quote | None = None) -> LineTable:
    """Return the rows that were sent, changed as the button says."""
    table = table_of(rows_of_post(request.POST), quote)
    table.do(request.POST.get("do", ""))
    return table


def _is_saving(request: HttpRequest) -> bool:
    """Say whether the button that was pressed saves; others add and take away rows."""
    return request.POST.get("do", "") in SAVING


def _is_valid(form: QuoteForm, table: LineTable) -> bool:
    """Read both, so that everything that is wrong is said at once."""
    judged = (form.is_valid(), table.is_valid())
    return all(judged)


def _typed(request: HttpRequest, **changes: str) -> QuoteForm:
    """Return the form with what was typed, not judged yet."""
    names = QuoteForm.base_fields
    return QuoteForm(initial={name: request.POST.get(name, "") for name in names} | changes)


def _go_on(request: HttpRequest, quote: Quote, *, default: str) -> HttpResponse:
    """Go to the page that sends it, or back to where the work leads."""
    if request.POST.get("do") == "send":
        return redirect(with_next(reverse("quotes:send", args=[quote.pk]), way_back(request)))
    return redirect(default)


def _done[T](form: QuoteForm, work: Callable[[], T]) -> T | None:
    """Do it; put a refusal on the form."""
    try:
        return work()
    except ValidationError as error:
        form.add_refusal(error)
        return None
