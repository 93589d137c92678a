"""Putting an opportunity off from "my day", and taking that back."""

from datetime import date, timedelta

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
from opportunities.models import Opportunity, Snooze
from opportunities.views.acting import found, person

MOST_DIGITS = 3


@require_POST
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide it from the person's day for so many days, or until a day; 0 shows it again."""
    opportunity = found(request, pk)
    try:
        _put_off(request, opportunity, _until(request))
    except ValidationError as error:
        raise BadRequest(" ".join(error.messages)) from error
    except Opportunity.DoesNotExist as error:  # deleted, or given to another team since
        raise Http404 from error
    return HttpResponseRedirect(own_address(request) or reverse("my_day"))


def _until(request: HttpRequest) -> date | None:
    """Return the day that was asked for, None for none: now."""
    if day := request.POST.get("until", ""):
        try:
            return date.fromisoformat(day)
        except ValueError as error:
            raise BadRequest(_("“%(day)s” is no day.") % {"day": day[:40]}) from error
    text = request.POST.get("days", "")
    if not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        raise BadRequest(_("“%(name)s” must be a number.") % {"name": "days"})
    return today() + timedelta(days=int(text)) if int(text) else None


def _put_off(request: HttpRequest, opportunity: Opportunity, until_on: date | None) -> None:
    """Do it; the receipt takes it back to the day until which it was put off before."""
    by = person(request)
    before = Snooze.objects.filter(user=by, opportunity=opportunity).first()
    wish = f"until={before.until_on.isoformat()}" if before else "days=0"
    undo = f"undo:opportunities:snooze:{opportunity.pk}:{wish}"
    if until_on is not None:
        snoozing.snooze(opportunity, by=by, until_on=until_on)
        words = {"name": opportunity, "day": date_format(until_on, "DATE_FORMAT")}
        text = _("“%(name)s” is snoozed until %(day)s.") % words
        messages.success(request, text, extra_tags=undo)
    elif snoozing.wake(opportunity, by=by):
        text = _("“%(name)s” is back.") % {"name": opportunity}
        messages.success(request, text, extra_tags=undo)
