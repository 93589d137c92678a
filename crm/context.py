"""What every page knows."""

from functools import cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest

from salespeople.roles import is_administrator, is_manager
from tasks.reading import waiting_for


def client_address(request: HttpRequest) -> str:
    """Return who asks: behind our proxy, the last address that it was told (rightmost hop)."""
    forwarded = request.headers.get("X-Forwarded-For", "") if settings.BEHIND_PROXY else ""
    address = forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")
    return str(address)


def site(request: HttpRequest) -> dict[str, Any]:
    """Return the site's currency, the roles of the person, and how many tasks wait.

    The tasks are counted when a page shows the number, once.
    """
    user = getattr(request, "user", AnonymousUser())
    return {
        "currency": settings.SITE_CURRENCY,
        "is_manager": is_manager(user),
        "is_administrator": is_administrator(user),
        "waiting_tasks": cache(lambda: waiting_for(user)),
    }
