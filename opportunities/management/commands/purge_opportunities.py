"""Deletes closed opportunities for good (Business Central R123, rules D11)."""

from argparse import ArgumentParser, ArgumentTypeError
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from django.db.models import Model, QuerySet

from contacts.models import Campaign, Contact
from opportunities.models import CLOSED, Opportunity, OpportunityEntry, OpportunityQuerySet
from salescycles.models import SalesCycle
from salespeople.models import Salesperson, User
from salespeople.roles import is_administrator

FILTERS = (
    "number", "closed_before", "status", "salesperson", "cycle", "contact", "campaign", "deleted",
)  # fmt: skip
PURGE = """
SELECT count(*) FILTER (WHERE removed > 0), coalesce(sum(removed), 0)
FROM (SELECT crm_purge_opportunity(id, %s) AS removed FROM unnest(%s::bigint[]) AS id) AS purged
"""


class Command(BaseCommand):
    """Purges what all given filters name; what is open is passed over in silence (R123)."""

    help = (
        "Delete closed opportunities for good, with their entries and quotes."
        " Filters are combined; open opportunities are passed over."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take who does it, which ones, and whether it is meant."""
        parser.add_argument("--by", required=True, metavar="USERNAME", help="an administrator")
        parser.add_argument("--number", metavar="O17", help="this one")
        parser.add_argument("--closed-before", type=_day, metavar="DATE", help="2024-12-31")
        parser.add_argument("--status", choices=[status.value for status in CLOSED])
        parser.add_argument("--salesperson", metavar="CODE")
        parser.add_argument("--cycle", metavar="CODE", help="the sales cycle")
        parser.add_argument(
            "--contact", metavar="C5", help="a person, or a company with its people"
        )
        parser.add_argument("--campaign", metavar="DESCRIPTION")
        parser.add_argument("--deleted", action="store_true", help="only those that are hidden")
        meant = parser.add_mutually_exclusive_group()
        meant.add_argument("--dry-run", action="store_true", help="only say how many")
        meant.add_argument("--yes", action="store_true", help="yes, delete them for good")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how many there are, and purge them when it is meant."""
        purger = _administrator(options["by"])
        if not any(options[name] for name in FILTERS):
            raise CommandError("Say which ones: give at least one filter.")
        rows = chosen(options)
        if options["yes"]:
            told = _told(*purge(rows, by=purger))
            self.stdout.write(f"Deleted for good: {told}.")
            return
        entries = OpportunityEntry.objects.filter(opportunity__in=rows)
        told = f"Would be deleted for good: {_told(rows.count(), entries.count())}."
        if not options["dry_run"]:
            raise CommandError(f"{told} Add --yes to do it.")
        self.stdout.write(told)


def chosen(options: dict[str, Any]) -> OpportunityQuerySet:
    """Return the closed opportunities that pass every filter given (R123)."""
    rows = Opportunity.objects.closed()
    if options["deleted"]:
        rows = rows.deleted()
    if options["number"]:
        rows = rows.filter(pk=_id(options["number"], Opportunity.PREFIX))
    if options["closed_before"]:
        rows = rows.filter(closed_on__lt=options["closed_before"])
    if options["status"]:
        rows = rows.filter(status=options["status"])
    if options["salesperson"]:
        rows = rows.filter(salesperson=_one(Salesperson.objects.all(), code=options["salesperson"]))
    if options["cycle"]:
        rows = rows.filter(sales_cycle=_one(SalesCycle.objects.all(), code=options["cycle"]))
    if options["contact"]:
        pk = _id(options["contact"], Contact.PREFIX)
        rows = rows.of_company(_one(Contact.objects.all(), pk=pk))
    if options["campaign"]:
        found = Campaign.objects.filter(description=options["campaign"])
        if not found:
            raise CommandError(f"There is no campaign “{options['campaign']}”.")
        rows = rows.filter(campaign__in=found)
    return rows


def purge(rows: OpportunityQuerySet, *, by: User) -> tuple[int, int]:
    """Delete them for good, all or none; return the numbers of opportunities and entries."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(PURGE, [by.pk, list(rows.order_by("pk").values_list("pk", flat=True))])
        opportunities, entries = cursor.fetchone()
    return opportunities, entries


def _told(opportunities: int, entries: int) -> str:
    first = "1 opportunity" if opportunities == 1 else f"{opportunities} opportunities"
    return f"{first} with {entries} {'entry' if entries == 1 else 'entries'}"


def _administrator(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None or not is_administrator(user):
        raise CommandError(f"“{username}” is no administrator.")
    return user


def _one[M: Model](rows: QuerySet[M], **lookup: Any) -> M:
    found = rows.filter(**lookup).first()
    if found is None:
        name = rows.model._meta.verbose_name
        raise CommandError(f"There is no {name} “{next(iter(lookup.values()))}”.")
    return found


def _id(number: str, prefix: str) -> int:
    digits = number.strip().upper().removeprefix(prefix)
    if not (digits.isascii() and digits.isdigit()):
        raise CommandError(f"“{number}” is no number like {prefix}17.")
    return int(digits)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"“{text}” is no date like 2024-12-31.") from error
