"""Names of contacts for a field in which one is typed."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from contacts.models import Contact
from lists.filtering import shown
from lists.parameters import check_parameters

LONGEST_TEXT = 100
MOST = 12


@require_GET
def suggest(request: HttpRequest) -> JsonResponse:
    """Answer {"names": ["Name (C17)", …]}: at most 12 that may be chosen, by name."""
    check_parameters(request.GET, ["q"])
    text = request.GET.get("q", "")[:LONGEST_TEXT].replace("\x00", "").strip()
    usable = Contact.objects.visible_to(request.user).usable().exclude(company__is_blocked=True)
    found = usable.search(text).order_by("name_sort", "pk")[:MOST] if text else []
    return JsonResponse({"names": [shown(contact) for contact in found]})
