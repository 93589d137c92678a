"""Adds the kept totals up anew and says what differed (ADR 0032)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

LOCK = "SELECT pg_advisory_xact_lock(hashtext('opportunities_kepttotal'))"
DIFFERENCES = "SELECT * FROM crm_total_differences() ORDER BY 1, 2, 3, 4, 5, 6"
REBUILD = "SELECT crm_rebuild_totals()"
FOLD = "SELECT crm_fold_totals(%s)"
MOST_FOLDED = 2**31 - 1
MOST_TOLD = 20


class Command(BaseCommand):
    """Compares what is kept with what the opportunities add up to, while others go on writing."""

    help = (
        "Add the totals of stages, salespeople and close months up anew, and say what differed."
        " Nobody has to stop working."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to look only, or to fold only."""
        way = parser.add_mutually_exclusive_group()
        way.add_argument("--check", action="store_true", help="change nothing; fail if they differ")
        way.add_argument("--fold", action="store_true", help="only fold the changes that wait")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say what differs, and correct it unless only a check is asked for."""
        with transaction.atomic(), connection.cursor() as cursor:
            if options["fold"]:
                cursor.execute(FOLD, [MOST_FOLDED])
                self.stdout.write(f"{cursor.fetchone()[0]:,} changes folded.")
                return
            if not options["check"]:
                cursor.execute(LOCK)
            cursor.execute(DIFFERENCES)
            columns = [column.name for column in cursor.description]
            found = [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]
            self._tell(found)
            if options["check"] and found:
                raise CommandError(f"{len(found):,} totals are wrong; run rebuild_totals.")
            if not options["check"]:
                cursor.execute(REBUILD)
                self.stdout.write(f"{cursor.fetchone()[0]:,} totals corrected.")

    def _tell(self, found: list[dict[str, Any]]) -> None:
        """Write what the kept totals lacked, the first of them by name."""
        for row in found[:MOST_TOLD]:
            self.stdout.write(", ".join(f"{k} {v}" for k, v in row.items() if v is not None))
        if len(found) > MOST_TOLD:
            self.stdout.write(f"and {len(found) - MOST_TOLD:,} more")
        if not found:
            self.stdout.write("All totals are right.")
