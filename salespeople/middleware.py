"""The language and the time zone of the person who is signed in."""

from collections.abc import Callable
from contextlib import ExitStack
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

type GetResponse = Callable[[HttpRequest], HttpResponse]


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
