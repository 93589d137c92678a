"""Names of contacts for a field in which one is typed."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_GET

from contacts.models import Contact, ContactQuerySet, Tag
from lists.filtering import shown
from lists.parameters import check_parameters

LONGEST_TEXT = 100
MOST = 12


@require_GET
def suggest(request: HttpRequest) -> JsonResponse:
    """Answer {"names": ["Name (C17)", …]}: at most 12 that may be chosen, by name."""
    usable = Contact.objects.visible_to(request.user).usable().exclude(company__is_blocked=True)
    return _names(request, usable)


@require_GET
def suggest_companies(request: HttpRequest) -> JsonResponse:
    """Answer as `suggest`, with companies only."""
    return _names(request, Contact.objects.visible_to(request.user).usable().companies())


def _names(request: HttpRequest, rows: ContactQuerySet) -> JsonResponse:
    text = _text(request)
    found = rows.search(text).order_by("name_sort", "pk")[:MOST] if text else []
    return JsonResponse({"names": [shown(contact) for contact in found]})


@require_GET
def suggest_tags(request: HttpRequest) -> JsonResponse:
    """Answer {"names": ["Solar", …]}: at most 12 tags in whose name the text stands."""
    text = _text(request)
    found = Tag.objects.filter(name__icontains=text)[:MOST] if text else []
    return JsonResponse({"names": [tag.name for tag in found]})


def _text(request: HttpRequest) -> str:
    check_parameters(request.GET, ["q"])
    return request.GET.get("q", "")[:LONGEST_TEXT].replace("\x00", "").strip()
