"""What the pages of funnel, times, wins and cohorts share: filters, addresses, shares."""

from collections.abc import Sequence
from contextlib import closing as closed_afterwards
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from analytics.chances import Observed
from analytics.figures import Figure, Reading
from crm.money import format_percent
from opportunities.past_filters import StateFilter


class FlowFilter(StateFilter):
    """The filters of a day's states; the page itself asks for status, stage and path."""

    status: Any = None
    stage: Any = None
    visited: Any = None
    beyond: Any = None
    skipped: Any = None
    left: Any = None
    reason: Any = None
    campaignless: Any = None
    unclosed_on: Any = None
    undated: Any = None
    unstaged: Any = None
    overdue: Any = None
    probability_from: Any = None
    probability_to: Any = None
    completed_from: Any = None
    completed_to: Any = None


class FunnelFilter(FlowFilter):
    """The filters of a page of one cycle, whose opportunities are chosen by day of creation."""

    cycle: Any = None
    close_from: Any = None
    close_until: Any = None
    first: ClassVar[tuple[str, ...]] = ("salesperson", "team", "created_from", "created_until")


class WinLossFilter(FlowFilter):
    """The filters of what was closed; a period is one of closing."""

    created_from: Any = None
    created_until: Any = None
    first: ClassVar[tuple[str, ...]] = (
        "salesperson", "team", "cycle", "close_from", "close_until",
    )  # fmt: skip


class CohortFilter(FlowFilter):
    """The filters of cohorts, whose months the page itself names."""

    created_from: Any = None
    created_until: Any = None
    close_from: Any = None
    close_until: Any = None
    first: ClassVar[tuple[str, ...]] = ("salesperson", "team", "cycle")


@dataclass(frozen=True)
class Share:
    """A share, bound to what it is a share of, and the interval in which the true one lies."""

    reading: Reading
    observed: Observed

    @property
    def interval(self) -> str:
        """The 95 % interval in words; "" of nothing."""
        if not self.observed.count:
            return ""
        low, high = (format_percent(round(Decimal(100 * x))) for x in self.observed.interval)
        return f"{low}–{high}"

    @property
    def is_too_few(self) -> bool:
        """Say whether there are too few to judge by."""
        return self.observed.is_too_few


def share_of(figure: Figure, part: int, whole: int, url: str) -> Share:
    """Return a part of a whole in %, with its interval."""
    number = Decimal(part) * 100 / whole if whole else Decimal(0)
    return Share(figure.reading(number, url), Observed(part, whole))


def url_of(filterset: StateFilter, **narrowed: Any) -> str:
    """Return the list of the day, by the page's filters and narrowed further."""
    kept = [(n, v) for n, v in filterset.narrowed().parameters if n not in narrowed]
    parameters = [*filterset.day.named, *kept, *narrowed.items()]
    return f"{reverse('opportunities:list')}?{urlencode(parameters)}"


def fetched(sql: str, parts: Sequence[QuerySet[Any]], *values: Any) -> list[tuple[Any, ...]]:
    """Run a statement in which `parts` stand as `{}`; nothing where a part has no rows for sure."""
    try:
        compiled = [part.query.sql_with_params() for part in parts]
    except EmptyResultSet:  # whoever asks sees nobody's
        return []
    text = sql.format(*(inner for inner, _values in compiled))
    given = [value for _inner, of_part in compiled for value in of_part]
    with closed_afterwards(connection.cursor()) as cursor:
        cursor.execute(text, [*given, *values])
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
