"""Expires the quotes that nobody has answered in time; for a timer, once a day."""

from typing import Any

from django.core.management.base import BaseCommand

from quotes.lifecycle import expire_past


class Command(BaseCommand):
    """See `help`."""

    help = "Expires the sent quotes whose date has passed. A second run finds nothing to do."

    def handle(self, *args: Any, **options: Any) -> None:
        """Expire them, and say how many."""
        expired = expire_past()
        self.stdout.write(f"Expired: {len(expired)}.")
