"""What changed between two days: from opening to closing, each opportunity in one bar (U2).

An opportunity contributes to a day while it is open, not deleted, visible, and
meets the filter on that day. The bar is the first that applies, in the order of
product.md: won, lost, deleted, reopened or restored, created, reassigned, moved
in or out of the period, other in or out of the filter, value up or down. Ways in
and ways out are told apart, so that all amounts of a bar have one sign. All of it
is one statement: both states of each opportunity side by side, a CASE, a sum.
"""

from collections.abc import Iterator
from contextlib import closing as closed_afterwards
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, Case, F, Q, Value, When

from analytics.bridge_filters import PERIOD, PERSON, BridgeFilter
from opportunities.days import Day
from opportunities.models import OPEN
from salespeople.visibility import Person, visible_ids_on

MEASURES = {"value": "estimated_value", "calculated": "calculated_value"}
BARS = (
    "won", "lost", "deleted", "reopened", "created", "reassigned_in", "reassigned_out",
    "period_in", "period_out", "other_in", "other_out", "up", "down", "same",
)  # fmt: skip
COLUMNS = (
    "opportunity_id", "status", "is_deleted", "amount",
    "is_seen", "is_person", "is_period", "matches", "is_in",
)  # fmt: skip
# What the person may not see on one of the days came or went with its salesperson, and
# nothing else is told of it; for the rest, the first that applies.
BRIDGED = """
WITH opening AS ({opening}), closing AS ({closing}), bridged AS (
    SELECT *, closing_amount - opening_amount AS amount FROM (
        SELECT
            c.opportunity_id,
            o.opportunity_id IS NOT NULL AS existed,
            coalesce(o.is_in, false) AS was_in,
            c.is_in,
            CASE WHEN o.is_in THEN o.amount ELSE 0 END AS opening_amount,
            CASE WHEN c.is_in THEN c.amount ELSE 0 END AS closing_amount,
            o.is_seen AS was_seen, o.is_person AS was_person, o.is_period AS was_period,
            o.status AS was_status, o.is_deleted AS was_deleted,
            c.is_seen, c.is_person, c.is_period, c.status, c.is_deleted
        FROM closing c LEFT JOIN opening o ON o.opportunity_id = c.opportunity_id
        WHERE o.is_in OR c.is_in OR (
            o.opportunity_id IS NULL AND c.matches
            AND (c.status IN ('won', 'lost') OR c.is_deleted)
        )
    ) AS pairs
), barred AS (
    SELECT opportunity_id, was_in, is_in, opening_amount, closing_amount, amount,
        CASE
            WHEN was_in AND NOT is_seen THEN 'reassigned_out'
            WHEN is_in AND existed AND NOT was_seen THEN 'reassigned_in'
            WHEN status = 'won' THEN 'won'
            WHEN status = 'lost' THEN 'lost'
            WHEN is_deleted THEN 'deleted'
            WHEN was_status IN ('won', 'lost') OR was_deleted THEN 'reopened'
            WHEN NOT existed THEN 'created'
            WHEN NOT is_in AND NOT is_person THEN 'reassigned_out'
            WHEN NOT was_in AND NOT was_person THEN 'reassigned_in'
            WHEN NOT is_in AND NOT is_period THEN 'period_out'
            WHEN NOT was_in AND NOT was_period THEN 'period_in'
            WHEN NOT is_in THEN 'other_out'
            WHEN NOT was_in THEN 'other_in'
            WHEN amount > 0 THEN 'up'
            WHEN amount < 0 THEN 'down'
            ELSE 'same'
        END AS bar
    FROM bridged
)
"""
SUMS = """
SELECT bar, count(*), count(*) FILTER (WHERE was_in), count(*) FILTER (WHERE is_in),
    sum(opening_amount), sum(closing_amount), sum(amount)
FROM barred GROUP BY bar
"""
ROWS = """
SELECT opportunity_id, bar, opening_amount, closing_amount, amount
FROM barred WHERE bar = ANY(%s) {behind}
ORDER BY abs(amount) DESC, opportunity_id LIMIT %s
"""
BEHIND = "AND (-abs(amount), opportunity_id) > (-abs(%s::numeric), %s)"


@dataclass(frozen=True)
class Span:
    """The two days of a bridge; each stands for its evening, `opening` before `closing`."""

    opening: Day
    closing: Day


class Sums(NamedTuple):
    """A bar: how many opportunities, how many of them on each day, and their amounts."""

    bar: str
    number: int
    opening_count: int
    closing_count: int
    opening: Decimal
    closing: Decimal
    amount: Decimal


class Row(NamedTuple):
    """An opportunity in its bar: what it contributed on each day, and the difference."""

    pk: int
    bar: str
    opening: Decimal
    closing: Decimal
    amount: Decimal


@dataclass(frozen=True)
class Bridge:
    """A bridge for a person: the two days, the filter, and what is added up."""

    span: Span
    asked: BridgeFilter
    user: Person
    measure: str = "value"

    def sums(self) -> dict[str, Sums]:
        """Return the bars that have rows, by their names: one query."""
        return {row[0]: Sums(*row) for row in self._fetched(SUMS, [])}

    def rows(
        self, bars: tuple[str, ...], *, most: int, behind: tuple[Decimal, int] | None = None
    ) -> list[Row]:
        """Return up to `most` rows of these bars, the greatest amounts first: one query.

        `behind` is the amount and the id of the row after which they begin.
        """
        sql = ROWS.format(behind=BEHIND if behind else "")
        return [Row(*row) for row in self._fetched(sql, [list(bars), *(behind or ()), most])]

    def _fetched(self, sql: str, values: list[Any]) -> Iterator[tuple[Any, ...]]:
        opening, of_opening = self._side(self.span.opening)
        closing, of_closing = self._side(self.span.closing)
        text = BRIDGED.format(opening=opening, closing=closing) + sql
        with closed_afterwards(connection.cursor()) as cursor:
            cursor.execute(text, [*of_opening, *of_closing, *values])
            yield from cursor.fetchall()

    def _side(self, day: Day) -> tuple[str, tuple[Any, ...]]:
        """Return the states of a day as SQL, with what is true of each."""
        ids = visible_ids_on(self.user, day.on)
        asked = self.asked
        states = day.states().annotate(
            amount=F(MEASURES[self.measure]),
            is_seen=_flag(Q() if ids is None else Q(salesperson__in=ids)),
            is_person=_flag(asked.asked(day.on, only=PERSON)),
            is_period=_flag(asked.asked(day.on, only=PERIOD)),
            is_other=_flag(asked.asked(day.on, but=(*PERSON, *PERIOD))),
        )
        matches = Q(is_seen=True, is_person=True, is_period=True, is_other=True)
        states = states.annotate(
            matches=_flag(matches),
            is_in=_flag(matches & Q(status__in=OPEN, is_deleted=False)),
        )
        sql, values = states.values(*COLUMNS).query.sql_with_params()
        return sql, values


def _flag(condition: Q) -> Case | Value:
    """Return a condition as a column, false where it is unknown."""
    yes, no = Value(value=True), Value(value=False)
    if not condition:
        return Value(value=True, output_field=BooleanField())
    return Case(When(condition, then=yes), default=no, output_field=BooleanField())
