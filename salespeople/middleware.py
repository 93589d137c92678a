"""Who is signed in, and the language and the time zone of that person."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone, translation
from django_htmx.http import HttpResponseClientRedirect

type GetResponse = Callable[[HttpRequest], HttpResponse]


class SignInMiddleware(LoginRequiredMiddleware):
    """Lead whoever is not signed in to the sign-in, and from there back to the page.

    What htmx asks for is a part of a page: there the whole page is led away.
    """

    def handle_no_permission(  # type: ignore[override]  # narrower than what Django calls
        self, request: HttpRequest, view_func: Any
    ) -> HttpResponseBase:
        """Answer with the way to the sign-in."""
        shown = urlsplit(request.headers.get("HX-Current-URL", ""))
        if not shown.path:
            return super().handle_no_permission(request, view_func)
        address = f"{shown.path}?{shown.query}" if shown.query else shown.path
        return HttpResponseClientRedirect(redirect_to_login(address).url)


class PreferencesMiddleware:
    """Answer in the person's own language and time zone, where these are set.

    Stands behind LocaleMiddleware, whose choice holds for everybody else.
    """

    def __init__(self, get_response: GetResponse) -> None:
        """Keep the rest of the chain."""
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Set both for the time of one request."""
        language = getattr(request.user, "language", "")
        zone = getattr(request.user, "time_zone", "")
        with ExitStack() as preferences:
            if language:
                preferences.enter_context(translation.override(language))
                request.LANGUAGE_CODE = language
            preferences.enter_context(timezone.override(ZoneInfo(zone) if zone else None))
            response = self.get_response(request)
        if language:
            response.headers.setdefault("Content-Language", language)
        return response
