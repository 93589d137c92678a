"""Opportunities for a field in which one is typed."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from lists.filtering import shown
from lists.parameters import check_parameters
from opportunities.models import Opportunity

LONGEST_TEXT = 100
MOST = 12


@require_GET
def suggest(request: HttpRequest) -> JsonResponse:
    """Answer {"names": ["A new roof (O17)", …]}: at most 12 open ones, the newest first."""
    check_parameters(request.GET, ["q"])
    text = request.GET.get("q", "")[:LONGEST_TEXT].replace("\x00", "").strip()
    rows = Opportunity.objects.visible_to(request.user).kept().open()
    found = rows.search(text).order_by("-pk")[:MOST] if text else []
    return JsonResponse({"names": [shown(row) for row in found]})
