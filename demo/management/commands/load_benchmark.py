"""Loads the data on which pages are measured."""

from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from demo.benchmark import USERNAME, load
from demo.loading import has_data
from salespeople.models import User

MOST = 5_000_000


class Command(BaseCommand):
    """Writes rows in bulk, in one transaction, checked by the ledger's triggers."""

    help = (
        "Load opportunities of three years with some 5 entries each, half as many contacts, and a"
        " quote for one in five; sign in as bench, who sees everything. There are no tasks and no"
        " interactions yet, so none are loaded."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how many, and from which seed."""
        parser.add_argument("--opportunities", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, help="the same rows for the same seed")
        parser.add_argument("--force", action="store_true", help="load them beside other data")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuse, or load and say what was loaded."""
        number = options["opportunities"]
        if not 1 <= number <= MOST:
            raise CommandError(f"Give a number of opportunities from 1 to {MOST:,}.")
        if has_data() and not options["force"]:
            raise CommandError("There are data already; add --force to load beside them.")
        if User.objects.filter(username=USERNAME).exists():
            raise CommandError("The benchmark data are there already.")
        begun = monotonic()
        loaded = load(number, options["seed"])
        self.stdout.write(
            f"{loaded.opportunities:,} opportunities with {loaded.entries:,} entries,"
            f" {loaded.contacts:,} contacts, {loaded.salespeople:,} salespeople"
            f" in {monotonic() - begun:.0f} s; sign in as {USERNAME}, the password is demo."
        )
