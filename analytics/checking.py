"""What came of the chances that were told: observed shares, and a back-test (product.md, U4).

A stage's observed share is that of the wins among the closed opportunities
that had been in progress there. The back-test goes month by month: at the
beginning of each it takes the open opportunities with the probabilities that
stood then, and what was known then of those closed before; nothing recorded
later is read but how each of them ended, which is the judge.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import Count, Q

from analytics.chances import FLOOR, Band, Observed, Told, bands_of, brier
from opportunities.models import (
    OpportunityEntry,
    OpportunityQuerySet,
    Status,
)

# The whole company, beside the stages.
BASE = None


def observed_of(closed: OpportunityQuerySet) -> dict[int, Observed]:
    """Return the observed share of each stage over these closed opportunities: one query."""
    entries = OpportunityEntry.objects.standing().filter(
        status=Status.IN_PROGRESS, is_deleted=False, opportunity__in=closed.order_by()
    )
    rows = (
        entries.order_by()
        .values("stage")
        .annotate(
            count=Count("opportunity", distinct=True),
            won=Count("opportunity", distinct=True, filter=Q(opportunity__status=Status.WON)),
        )
    )
    return {row["stage"]: Observed(row["won"], row["count"]) for row in rows}


@dataclass(frozen=True, slots=True)
class Scores:
    """Brier scores of the same opportunities: as told, by the base rate, by what was learned."""

    count: int
    told: float | None
    base: float | None
    learned: float | None


@dataclass(frozen=True, slots=True)
class MonthScores:
    """The scores of those open at the beginning of a month; None where too few had closed."""

    month: date
    scores: Scores | None


@dataclass(frozen=True)
class BackTest:
    """The months, the scores of all of them together, and the reliability of both."""

    months: list[MonthScores]
    scores: Scores
    told: list[Band]
    learned: list[Band]


@dataclass
class Scored:
    """The chances of the same opportunities, from three sources."""

    told: list[Told] = field(default_factory=list)
    base: list[Told] = field(default_factory=list)
    learned: list[Told] = field(default_factory=list)

    def add(self, told: Told, base: float, learned: float) -> None:
        """Add a group of opportunities with its three chances."""
        self.told.append(told)
        self.base.append(Told(base, told.won, told.count))
        self.learned.append(Told(learned, told.won, told.count))

    @property
    def scores(self) -> Scores:
        """The scores."""
        count = sum(each.count for each in self.told)
        return Scores(count, brier(self.told), brier(self.base), brier(self.learned))


def back_test(rows: OpportunityQuerySet, first: date, last: date, floor: int = FLOOR) -> BackTest:
    """Score the chances of `rows` at the beginning of each month of a period: two queries.

    `first` and `last` are first days of months. Those that are open still, or
    deleted, say nothing yet and are left out; so is a month before which
    fewer than `floor` had closed.
    """
    known = KnownByMonth(_closed(rows))
    found: dict[date, list[Any]] = defaultdict(list)
    for month, *group in _told(rows, first, last):
        found[month].append(group)
    whole = Scored()
    months = []
    for month in _months(first, last):
        base, part = known.at(month, BASE), Scored()
        if base.count >= floor:
            for stage, probability, won, count in found[month]:
                told = Told(float(probability) / 100, won, count)
                learned = known.at(month, stage).learned(told.chance)
                for scored in (part, whole):
                    scored.add(told, base.won / base.count, learned)
        months.append(MonthScores(month, part.scores if part.told else None))
    return BackTest(months, whole.scores, bands_of(whole.told), bands_of(whole.learned))


class KnownByMonth:
    """What was known, at the beginning of a month, of those closed before, by stage."""

    def __init__(self, rows: list[tuple[date, date | None, int | None, bool, int]]) -> None:
        """Keep what is counted in a month for the first time, and for the last."""
        self.rows: dict[int | None, list[Any]] = defaultdict(list)
        for since, until, stage, is_won, count in rows:
            self.rows[stage].append((since, until, is_won, count))

    def at(self, month: date, stage: int | None) -> Observed:
        """Return how many had been won of how many closed."""
        won = total = 0
        for since, until, is_won, count in self.rows.get(stage, ()):
            if since <= month and (until is None or month < until):
                total += count
                won += count if is_won else 0
        return Observed(won, total)


def _months(first: date, last: date) -> list[date]:
    numbers = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return [date(number // 12, number % 12 + 1, 1) for number in numbers]


# The first of the month from whose beginning a moment lies in the past.
NEXT_MONTH = "(date_trunc('month', {0} AT TIME ZONE %(zone)s) + interval '1 month')::date"
SPAN = f"""{NEXT_MONTH.format("e.recorded_at")} AS since,
    {NEXT_MONTH.format("e.superseded_at")} AS until"""

TOLD = f"""
WITH spans AS (
    SELECT e.stage_id, e.probability, o.status = 'won' AS is_won, {SPAN}
    FROM opportunities_opportunityentry e
    JOIN opportunities_opportunity o ON o.id = e.opportunity_id
    WHERE e.status = 'in_progress' AND NOT e.is_deleted
        AND o.status IN ('won', 'lost') AND NOT o.is_deleted AND o.id IN (%(rows)s)
)
SELECT month::date, stage_id, probability, count(*) FILTER (WHERE is_won), count(*)
FROM spans, generate_series(
    greatest(since, %(first)s)::timestamp,
    least(until - 1, %(last)s)::timestamp,
    interval '1 month'
) AS month
GROUP BY month, stage_id, probability
"""  # noqa: S608 - constants of this module

CLOSED = f"""
WITH closed AS (
    SELECT e.opportunity_id, e.recorded_at, e.status = 'won' AS is_won, {SPAN}
    FROM opportunities_opportunityentry e
    WHERE e.status IN ('won', 'lost') AND NOT e.is_deleted AND e.opportunity_id IN (%(rows)s)
), seen AS (
    SELECT DISTINCT c.opportunity_id, c.is_won, c.since, c.until, v.stage_id
    FROM closed c
    JOIN opportunities_opportunityentry v ON v.opportunity_id = c.opportunity_id
        AND v.status = 'in_progress' AND v.action <> 'undone' AND NOT v.is_deleted
        AND v.recorded_at <= c.recorded_at
    LEFT JOIN opportunities_opportunityentry u ON u.undoes_id = v.id
        AND u.recorded_at <= c.recorded_at
    WHERE u.id IS NULL AND (c.until IS NULL OR c.since < c.until)
)
SELECT since, until, stage_id, is_won, count(*) FROM seen GROUP BY 1, 2, 3, 4
UNION ALL
SELECT since, until, NULL, is_won, count(*) FROM closed
WHERE until IS NULL OR since < until
GROUP BY 1, 2, 4
"""  # noqa: S608 - constants of this module


def _told(rows: OpportunityQuerySet, first: date, last: date) -> list[tuple[Any, ...]]:
    return _fetch(TOLD, rows, {"first": first, "last": last})


def _closed(rows: OpportunityQuerySet) -> list[Any]:
    return _fetch(CLOSED, rows, {})


def _fetch(sql: str, rows: OpportunityQuerySet, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement over the entries of `rows`, whose own statement stands in it."""
    try:
        inner, parameters = rows.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:  # whoever asks sees nobody's
        return []
    names = {f"row{n}": value for n, value in enumerate(parameters)}
    named = inner % tuple(f"%({name})s" for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.replace("%(rows)s", named),
            {**values, **names, "zone": settings.TIME_ZONE},
        )
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found
