"""Putting an opportunity off from "my day", and taking that back."""

from datetime import timedelta

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from crm.dates import today
from lists.parameters import own_address
from opportunities import snoozing
from opportunities.models import Opportunity
from opportunities.views.acting import found, person

MOST_DIGITS = 3


@require_POST
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide it from the person's day for so many days; 0 shows it again."""
    opportunity = found(request, pk)
    text = request.POST.get("days", "")
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise BadRequest(_("“%(name)s” must be a number.") % {"name": "days"})
    try:
        _put_off(request, opportunity, int(text))
    except ValidationError as error:
        raise BadRequest(" ".join(error.messages)) from error
    except Opportunity.DoesNotExist as error:  # deleted, or given to another team since
        raise Http404 from error
    return HttpResponseRedirect(own_address(request) or reverse("my_day"))


def _put_off(request: HttpRequest, opportunity: Opportunity, days: int) -> None:
    if not days:
        if snoozing.wake(opportunity, by=person(request)):
            messages.success(request, _("“%(name)s” is back.") % {"name": opportunity})
        return
    until_on = today() + timedelta(days=days)
    snoozing.snooze(opportunity, by=person(request), until_on=until_on)
    wish = {"name": opportunity, "day": date_format(until_on, "DATE_FORMAT")}
    text = _("“%(name)s” is snoozed until %(day)s.") % wish
    messages.success(request, text, extra_tags=f"undo:opportunities:snooze:{opportunity.pk}:days=0")
