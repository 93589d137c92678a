"""What has changed since a board was read: exact, whatever the order of commits (ADR 0018)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.core.exceptions import BadRequest
from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from crm.dates import site_date
from opportunities.models import Opportunity, OpportunityEntry
from salespeople.models import User
from salespeople.visibility import visible_ids

# More changes than these are told in one sentence: load the board again.
MOST_CHANGES = 300
# Notes of changes are kept for an hour; what is asked about has to be younger.
LONGEST = 1800  # seconds
MARK = re.compile(r"(\d{1,11})~(\d{1,18}):(\d{1,18}):((?:\d{1,18}(?:,\d{1,18}){0,500})?)")
CHANGED = """
SELECT pg_current_snapshot()::text, extract(epoch FROM clock_timestamp())::bigint, ARRAY(
    SELECT DISTINCT opportunity FROM opportunities_boardchange
    WHERE transaction >= %(first)s
        AND (transaction >= %(next)s OR transaction = ANY(%(running)s::bigint[]))
    LIMIT %(most)s
)
"""


@dataclass(frozen=True)
class Mark:
    """What a board had seen when it was read: a snapshot of the database's transactions.

    Those below `first` had ended; of the others below `next`, all but the
    `running` ones.
    """

    seconds: int
    first: int
    next: int
    running: tuple[int, ...] = ()

    @classmethod
    def read(cls, text: str) -> "Mark":
        """Return what an address says; BadRequest for what is no mark."""
        found = MARK.fullmatch(text)
        if found is None:
            raise BadRequest(_("This state of the board is not known. Load the page again."))
        running = tuple(int(part) for part in found[4].split(",") if part)
        return cls(int(found[1]), int(found[2]), int(found[3]), running)

    def __str__(self) -> str:
        running = ",".join(map(str, self.running))
        return f"{self.seconds}~{self.first}:{self.next}:{running}"

    @property
    def day(self) -> date:
        """The day on which it was taken."""
        return site_date(datetime.fromtimestamp(self.seconds, UTC))


@dataclass(frozen=True)
class Changes:
    """The opportunities that have changed since a mark, and the mark of now.

    `is_lost`: too many, too long ago, or on another day: the board has to be
    loaded again.
    """

    mark: Mark
    ids: frozenset[int]
    is_lost: bool


def mark_now() -> Mark:
    """Return the mark of what is read after this: one query."""
    return changes_since(None).mark


def changes_since(mark: Mark | None) -> Changes:
    """Return what transactions have changed that the mark had not seen: one query.

    Asked by the numbers of transactions, because one that began earlier may
    end later: a highest number, or a moment, would pass it over.
    """
    asked: dict[str, Any] = {
        "first": mark.first if mark else 2**62,
        "next": mark.next if mark else 2**62,
        "running": list(mark.running) if mark else [],
        "most": MOST_CHANGES + 1,
    }
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, asked)
        snapshot, seconds, ids = cursor.fetchone()
    now = Mark.read(f"{seconds}~{snapshot}")
    is_old = mark is not None and (now.seconds - mark.seconds > LONGEST or now.day != mark.day)
    return Changes(now, frozenset(ids), is_lost=is_old or len(ids) > MOST_CHANGES)


def known_to(user: User, ids: Iterable[int]) -> list[int]:
    """Return those of `ids` that the person may see or could see once, by the ledger.

    Of the others not even the number is told: one query, none where nothing is hidden.
    """
    wanted = list(ids)
    visible = visible_ids(user)
    if visible is None or not wanted:
        return wanted
    entries = OpportunityEntry.objects.filter(opportunity__in=wanted, salesperson__in=visible)
    seen = Opportunity.objects.filter(
        Q(salesperson__in=visible) | Q(pk__in=entries.order_by().values("opportunity")),
        pk__in=wanted,
    )
    return list(seen.order_by().values_list("pk", flat=True))
