"""The page on which a filter is built, for every list whose filters know groups."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET

from lists.builder import SENT, Builder
from lists.kinds import kind_of
from lists.parameters import check_parameters
from lists.tabs import MOST_COUNTED


@require_GET
def build(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the conditions, each button's answer, or the list that is filtered so."""
    found = kind_of(kind)
    if not found.has_groups:
        raise Http404
    check_parameters(request.GET, found.known | SENT, several=found.several)
    builder = Builder(request, found)
    if "show" in request.GET and builder.is_valid:
        if request.headers.get("HX-Request"):
            return HttpResponse(headers={"HX-Redirect": builder.url})
        return HttpResponseRedirect(builder.url)
    context = {"kind": found, "builder": builder, "most": MOST_COUNTED}
    if request.headers.get("HX-Request"):
        return render(request, "lists/builder.html#builder", context)
    status = 200 if builder.is_valid else 400
    return render(request, "lists/builder.html", context, status=status)
