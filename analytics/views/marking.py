"""Marking a review as held, and taking that back."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from analytics import review_page, reviewing
from analytics.models import ReviewMark
from analytics.views.rights import for_managers
from lists.parameters import check_parameters, own_address

SENT = (*review_page.KNOWN, "csrfmiddlewaretoken", "note", "next")


@require_POST
@for_managers
def mark(request: HttpRequest) -> HttpResponse:
    """Write that the review was held, with the address that shows it again."""
    check_parameters(request.GET, [])
    check_parameters(request.POST, SENT)
    asked = review_page.review_of(request.POST, request.user)
    back = f"{reverse('analytics:review')}{asked.query()}"
    try:
        marked = reviewing.mark(asked, by=request.user, note=request.POST.get("note", ""))  # type: ignore[arg-type]
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(own_address(request) or back)
    text = _("The review is marked as held; its address shows the same later.")
    messages.success(request, text, extra_tags=f"undo:analytics:unmark:{marked.pk}")
    return HttpResponseRedirect(own_address(request) or back)


@require_POST
@for_managers
def unmark(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back that a review was held."""
    check_parameters(request.GET, [])
    marked = get_object_or_404(ReviewMark, pk=pk, reviewed_by=request.user.pk)
    reviewing.take_back(marked, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("The review is not marked as held any more."))
    return HttpResponseRedirect(own_address(request) or reverse("analytics:review"))
