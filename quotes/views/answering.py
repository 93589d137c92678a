"""Sending a quote, and saying what became of it."""

from smtplib import SMTPException
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from changes.log import one_act, receipt_of
from crm.dates import today
from lists.parameters import check_parameters
from opportunities.views.acting import person
from quotes import lifecycle
from quotes.document import file_name
from quotes.forms import SendForm
from quotes.letter import letter_of
from quotes.models import Quote
from quotes.views.common import CONFLICT, found, gone_is_404, quote_page, way_back, with_next


@require_http_methods(["GET", "POST"])
@gone_is_404
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Mail the quote with its PDF, or say that it was sent by other means."""
    check_parameters(request.GET, ["next"])
    quote = found(request, pk)
    if request.method == "GET":
        initial = {**letter_of(quote), "seen": quote.version, "next": way_back(request)}
        return _send_page(request, quote, SendForm(initial=initial), 200)
    form = SendForm(request.POST)
    is_mail = request.POST.get("do", "mail") == "mail"
    try:
        done = _mail(request, quote, form) if is_mail else _mark(request, quote, form)
    except lifecycle.Conflict as conflict:
        again = SendForm(initial={**request.POST.dict(), "seen": conflict.quote.version})
        return _send_page(request, found(request, pk), again, CONFLICT)
    if not done:
        return _send_page(request, quote, form, 422)
    return redirect(way_back(request) or quote.get_absolute_url())


@require_POST
@gone_is_404
def change_status(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what became of a quote; an accepted one leads to winning (D18, R118)."""
    quote = found(request, pk)
    status = request.POST.get("status", "")
    if status not in Quote.Status.values:
        raise BadRequest(_("There is no such status."))
    try:
        with one_act() as noted:
            quote = lifecycle.change_status(
                quote, status, by=person(request), seen=request.POST.get("seen") or None
            )
    except ValidationError as error:
        context = {"opportunity": quote.opportunity, "reasons": error.messages}
        return render(request, "opportunities/refused.html", context, status=422)
    except lifecycle.Conflict:
        return quote_page(request, found(request, pk), status=CONFLICT)
    text = _("Quote %(number)s is now: %(status)s.")
    shown = {"number": quote.number, "status": quote.get_status_display().lower()}
    messages.success(request, text % shown, extra_tags=receipt_of(noted))
    if quote.status == Quote.Status.ACCEPTED:
        win = reverse("opportunities:win", args=[quote.opportunity_id])
        return redirect(f"{win}?accepted=1")
    return redirect(with_next(quote.get_absolute_url(), way_back(request)))


def _mail(request: HttpRequest, quote: Quote, form: SendForm) -> bool:
    """Send the mail; a mail server that refuses leaves everything as it was."""
    if not form.is_valid():
        return False
    wishes = {**form.wishes(), "seen": form.cleaned_data["seen"] or None}
    try:
        sent = lifecycle.mail(quote, by=person(request), **wishes)
    except ValidationError as error:
        form.add_refusal(error)
        return False
    except (SMTPException, OSError) as error:
        text = _("The mail server has not taken it (%(reason)s). Nothing has been saved or sent.")
        form.add_error(None, text % {"reason": type(error).__name__})
        return False
    shown = {"number": sent.full_number, "address": form.cleaned_data["to"]}
    messages.success(request, _("Quote %(number)s has been mailed to %(address)s.") % shown)
    return True


def _mark(request: HttpRequest, quote: Quote, form: SendForm) -> bool:
    """Say that it was sent by other means; the mail's fields do not matter."""
    try:
        with one_act() as noted:
            sent = lifecycle.send(quote, by=person(request), seen=request.POST.get("seen") or None)
    except ValidationError as error:
        form.full_clean()
        form.errors.clear()
        form.add_refusal(error)
        return False
    text = _("Quote %(number)s is marked as sent; its document is kept.")
    shown = {"number": sent.full_number}
    messages.success(request, text % shown, extra_tags=receipt_of(noted))
    return True


def _send_page(request: HttpRequest, quote: Quote, form: SendForm, status: int) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "quote": quote,
        "opportunity": quote.opportunity,
        "file_name": file_name(quote),
        "is_changed": status == CONFLICT,
        "is_past": quote.valid_until is not None and quote.valid_until < today(),
        "next": way_back(request),
    }
    return render(request, "quotes/send.html", context, status=status)
