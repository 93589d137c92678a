"""What the pages of the room ask of a request."""

from typing import Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from contacts.models import Contact
from salespeople.models import User


def person(request: HttpRequest) -> User:
    """Return who is signed in; the middleware lets nobody else pass."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def posted(request: HttpRequest) -> Any:
    """Return what a form sent, None where none was sent."""
    return request.POST if request.method == "POST" else None


def seen_contact(request: HttpRequest, pk: int) -> Contact:
    """Return the contact that the person may see; 404 otherwise."""
    rows = Contact.objects.visible_to(person(request))
    return get_object_or_404(rows.select_related("company"), pk=pk)
