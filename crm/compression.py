"""Pages go over the wire compressed; static files are compressed once, by WhiteNoise."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware

TEXTS = ("text/html", "text/csv", "text/calendar", "application/json")


class TextCompressionMiddleware(GZipMiddleware):
    """Compresses texts; what is compressed already (PDF, XLSX, attachments) goes as it is.

    Django pads each answer by a random length and masks the CSRF token anew each time, which
    is what a page needs whose size must not tell what is in it (BREACH).
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Return the response, compressed if it is text and the browser takes it."""
        kind = response.headers.get("Content-Type", "").partition(";")[0]
        if kind not in TEXTS:
            return response
        return super().process_response(request, response)
