"""The list of quotes."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm.dates import today
from lists.listing import opened, switch
from quotes.filters import SOON_DAYS
from quotes.list_kind import QUOTES
from quotes.models import Quote


@require_GET
def list_page(request: HttpRequest) -> HttpResponse:
    """List the quotes of the opportunities that the person sees."""
    found = opened(request, QUOTES)
    if isinstance(found, HttpResponse):
        return found
    statuses = [("", _("All")), *Quote.Status.choices]
    present = request.GET.get("status", "")
    return found.answer(
        "quotes/list.html",
        in_tabs=("status",),
        switches=[(_("Status"), switch(request.GET, "status", statuses, present))],
        soon=today() + timedelta(days=SOON_DAYS),
    )
