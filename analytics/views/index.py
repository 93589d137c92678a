"""The table of contents of the managers' pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from analytics.views.rights import for_managers
from lists.parameters import check_parameters


@require_GET
@for_managers
def index(request: HttpRequest) -> HttpResponse:
    """List the pages, each with what it answers."""
    check_parameters(request.GET, [])
    return render(request, "analytics/index.html")
