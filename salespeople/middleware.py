"""The language and the time zone of the person who is signed in."""

from collections.abc import Callable
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
        if language:
            translation.activate(language)
            request.LANGUAGE_CODE = language
        if not zone:
            timezone.deactivate()
            return self.get_response(request)
        with timezone.override(ZoneInfo(zone)):
            return self.get_response(request)
