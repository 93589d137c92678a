"""Loads the demo data: two years of a company that sells heat pumps and the like."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from demo.loading import has_data, in_the_way, load


class Command(BaseCommand):
    """Loads everything through the door, in one transaction, or nothing."""

    help = "Load the demo data: 12 salespeople, 150 companies, 600 opportunities of two years."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Say what is to be done when there are data."""
        group = parser.add_mutually_exclusive_group()
        group.add_argument("--if-empty", action="store_true", help="do nothing when there are data")
        group.add_argument("--force", action="store_true", help="load them beside other data")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse, or load and say what was loaded."""
        if has_data() and options["if_empty"]:
            self.stdout.write("There are data already: nothing was loaded.")
            return
        if has_data() and not options["force"]:
            raise CommandError("There are data already; add --force to load beside them.")
        if taken := in_the_way():
            raise CommandError(f"The demo data do not fit: there is the {taken} already.")
        try:
            loaded = load()
        except (ValidationError, PermissionDenied) as error:
            raise CommandError(f"Nothing was loaded: {error}") from error
        administrator = "admin" if loaded.made_administrator else "(the admin that was there)"
        self.stdout.write(
            f"{loaded.opportunities} opportunities; sign in as rep, manager or {administrator};"
            " the password is demo."
        )
