"""The start page, and the pages that say what went wrong."""

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import loader
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from lists.parameters import check_parameters
from opportunities.day_figures import MONTH, QUARTER
from opportunities.my_day import my_day_of


@require_GET
def my_day(request: HttpRequest) -> HttpResponse:
    """Show what asks for attention today."""
    check_parameters(request.GET, ["period"])
    period = request.GET.get("period", MONTH)
    if period not in (MONTH, QUARTER):
        raise BadRequest(_("“%(name)s” is month or quarter.") % {"name": "period"})
    return render(request, "my_day.html", {"my_day": my_day_of(request.user, period)})


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what is wrong with the address; what Django itself refuses stays unnamed."""
    text = str(exception) if type(exception) is BadRequest else ""
    return _error(request, 400, _("This does not work"), text or _("The request is not valid."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say why not, and who may."""
    text = str(exception) or _("Your role does not allow it. An administrator can change that.")
    return _error(request, 403, _("You may not do this"), text)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say that there is nothing, without a hint whether there is."""
    text = _("There is nothing at this address, or it is not for you to see.")
    return _error(request, 404, _("Not found"), text)


def server_error(request: HttpRequest) -> HttpResponse:
    """Say that it failed, without the database and without knowing who asks."""
    return HttpResponse(loader.get_template("500.html").render(), status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Say that the form is stale."""
    text = _("The form was open for too long, or cookies are off. Go back, reload, try again.")
    return _error(request, 403, _("The form could not be checked"), text)


def _error(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {"title": title, "text": text}
    return render(request, "errors/error.html", context, status=status)
