"""Deletes files that nothing names, and those that were removed long ago."""

from argparse import ArgumentParser
from datetime import datetime, timedelta
from typing import Any

from django.core.files.storage import Storage
from django.core.management.base import BaseCommand
from django.utils import timezone

from files.models import Attachment

YOUNG = timedelta(days=1)  # may belong to a row that is being written
REMOVED_DAYS = 30


class Command(BaseCommand):
    """Sweeps the folder of files; safe to run at any time, and again."""

    help = "Delete removed files after some days, and files on disk that no row names."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take for how long removed files are kept, and whether it is meant."""
        parser.add_argument("--removed-days", type=int, default=REMOVED_DAYS)
        parser.add_argument("--dry-run", action="store_true", help="only say how many")

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete rows first, then the files that no row names."""
        limit = timezone.now() - timedelta(days=max(0, options["removed_days"]))
        removed = Attachment.objects.filter(removed_at__lt=limit)
        number = removed.count()
        gone = set(removed.values_list("file", flat=True))
        if not options["dry_run"]:
            removed.delete()
        storage = Attachment._meta.get_field("file").storage
        named = set(Attachment.objects.values_list("file", flat=True))
        if options["dry_run"]:  # what would have gone; restored meanwhile, it has a row, and stays
            named -= gone
        lost = [
            path for path in paths(storage) if path not in named and _is_due(storage, path, gone)
        ]
        for path in lost:
            if not options["dry_run"]:
                storage.delete(path)
        self.stdout.write(f"Removed long ago: {number}. Files without a row: {len(lost)}.")


def paths(storage: Storage) -> list[str]:
    """Return where files lie: one folder deep, as `random_name` puts them."""
    try:
        folders = storage.listdir("")[0]
    except FileNotFoundError:
        return []
    return [f"{folder}/{name}" for folder in folders for name in storage.listdir(folder)[1]]


def _is_due(storage: Storage, path: str, gone: set[str]) -> bool:
    """Say whether a file without a row may go: its row just went, or it is old enough."""
    written: datetime = storage.get_modified_time(path)
    return path in gone or written < timezone.now() - YOUNG
