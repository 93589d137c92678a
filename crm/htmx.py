"""Which part of a page is asked for: a dialog wants the form alone (house.md 7)."""

from django.http import HttpRequest

DIALOG = "card-dialog"


def in_dialog(request: HttpRequest) -> bool:
    """Say whether the answer is shown in the board's dialog; the header is that of htmx."""
    return request.headers.get("HX-Target") == DIALOG
