"""Empties the database of a local run and loads the demo data anew."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection


class Command(BaseCommand):
    """Drops everything; only where CRM_LOCAL=1 says that nobody else works there."""

    help = "Drop ALL tables of a local database, migrate, and load the demo data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Ask for the word that means it."""
        parser.add_argument("--yes", action="store_true", help="yes, drop everything")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse, or drop, migrate and load."""
        name = connection.settings_dict["NAME"]
        if not settings.LOCAL:
            raise CommandError("Only a local run is reset: CRM_LOCAL is not set.")
        if not options["yes"]:
            raise CommandError(f"Everything in the database “{name}” would go; add --yes.")
        drop_everything()
        call_command("migrate", interactive=False, verbosity=0, stdout=self.stdout)
        call_command("load_demo", stdout=self.stdout)


def drop_everything() -> None:
    """Drop the schema with its tables, functions and extensions, and make an empty one."""
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE")
        cursor.execute("CREATE SCHEMA public")
    ContentType.objects.clear_cache()
