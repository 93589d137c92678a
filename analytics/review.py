"""The review of a pipeline: which open opportunities to talk about, and why (product.md 1, Review).

Everything is asked of two days, the compare-to date and the day itself, as
known at one moment: the address that names the moment shows the same for ever.
All reasons of all opportunities are one statement.
"""

from collections.abc import Iterator
from contextlib import closing as closed_afterwards
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import compress
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.http import urlencode

from analytics import review_signals as signals
from analytics.forecast import Scope
from analytics.periods import Period
from crm.dates import today
from opportunities.days import Day, end_of
from opportunities.models import OPEN, Action, OpportunityEntry
from salespeople.visibility import visible_ids_on

REASONS = ("pushed", "past", "stale", "bare", "jumped", "big", "cut")
LEAPS = (Action.SKIPPED, Action.JUMPED)
ZERO = Decimal(0)
# The tenth of the open ones that are worth most are big.
TALK = """
WITH closing AS MATERIALIZED ({closing}), opening AS ({opening}), tasked AS ({tasked}),
spoken AS ({spoken}), done AS ({done}), leapt AS ({leapt}), large AS (
    SELECT percentile_disc(0.9) WITHIN GROUP (ORDER BY estimated_value) AS amount FROM closing
), talk AS (
    SELECT c.opportunity_id, c.estimated_value AS amount,
        coalesce(o.is_there AND c.estimated_close_on > o.estimated_close_on, false) AS pushed,
        coalesce(c.estimated_close_on < %s, false) AS past,
        c.effective_on <= %s AND s.opportunity_id IS NULL AND d.opportunity_id IS NULL AS stale,
        t.opportunity_id IS NULL AS bare,
        l.opportunity_id IS NOT NULL AS jumped,
        o.opportunity_id IS NULL AND c.estimated_value > 0
            AND c.estimated_value >= large.amount AS big,
        coalesce(o.is_there AND c.estimated_value < o.estimated_value, false) AS cut,
        o.estimated_close_on AS close_before, o.estimated_value AS value_before
    FROM closing c CROSS JOIN large
    LEFT JOIN opening o ON o.opportunity_id = c.opportunity_id
    LEFT JOIN tasked t ON t.opportunity_id = c.opportunity_id
    LEFT JOIN spoken s ON s.opportunity_id = c.opportunity_id
    LEFT JOIN done d ON d.opportunity_id = c.opportunity_id
    LEFT JOIN leapt l ON l.opportunity_id = c.opportunity_id
)
"""
ANY = " OR ".join(REASONS)
SUMS = "SELECT count(*), coalesce(sum(amount), 0), {parts} FROM talk WHERE {any}"
PART = "count(*) FILTER (WHERE {0}), coalesce(sum(amount) FILTER (WHERE {0}), 0)"
ROWS = """
SELECT opportunity_id, amount, close_before, value_before, {reasons}
FROM talk WHERE ({which}) {behind} ORDER BY amount DESC, opportunity_id LIMIT %s
"""
BEHIND = "AND (-amount, opportunity_id) > (-%s::numeric, %s)"


class Sums(NamedTuple):
    """How many opportunities there are to talk about, and what they are worth."""

    number: int
    value: Decimal


@dataclass(frozen=True)
class Talk:
    """An opportunity to talk about: what is at stake, why, and what it was before."""

    pk: int
    amount: Decimal
    close_before: date | None
    value_before: Decimal | None
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Review:
    """A review: as who may see it, whose, of which day, since when, in which period."""

    scope: Scope
    opening: Day
    period: Period

    @property
    def day(self) -> Day:
        """The day itself."""
        return self.scope.day

    @property
    def moment(self) -> datetime | None:
        """The moment at which tasks and interactions are looked at; None for now."""
        if self.day.at is not None:
            return self.day.at
        return None if self.day.on == today() else end_of(self.day.on)

    @property
    def whose(self) -> tuple[tuple[str, str], ...]:
        """Team and salesperson as parameters of an address."""
        return tuple((name, str(row.pk)) for name, row in self.named)

    @property
    def named(self) -> list[tuple[str, Any]]:
        """Team and salesperson, as far as they are chosen."""
        rows = (("team", self.scope.team), ("salesperson", self.scope.salesperson))
        return [(name, row) for name, row in rows if row is not None]

    def parameters(self, known: datetime | None = None) -> list[tuple[str, str]]:
        """Return the review as parameters of its address; `known` fixes what was known."""
        text = known.isoformat() if known else self.day.known
        return [
            ("on", self.day.on.isoformat()),
            ("since", self.opening.on.isoformat()),
            ("period", self.period.kind),
            *([("known", text)] if text else []),
            *self.whose,
        ]

    def query(self, known: datetime | None = None) -> str:
        """Return its parameters as they stand in an address."""
        return f"?{urlencode(self.parameters(known))}"

    @cached_property
    def sums(self) -> dict[str, Sums]:
        """Return number and value by reason, and of all under "": one query."""
        parts = ", ".join(PART.format(name) for name in REASONS)
        (found,) = self._fetched(SUMS.format(parts=parts, any=ANY), [])
        pairs = zip(found[::2], found[1::2], strict=True)
        return dict(zip(("", *REASONS), (Sums(*pair) for pair in pairs), strict=True))

    def rows(
        self, reason: str = "", *, most: int, behind: tuple[Decimal, int] | None = None
    ) -> list[Talk]:
        """Return up to `most` opportunities, those with the most at stake first: one query.

        `behind` is the amount and the id of the one after which they begin.
        """
        sql = ROWS.format(
            reasons=", ".join(REASONS), which=reason or ANY, behind=BEHIND if behind else ""
        )
        return [
            Talk(pk, amount, close_on, value, tuple(compress(REASONS, has)))
            for pk, amount, close_on, value, *has in self._fetched(sql, [*(behind or ()), most])
        ]

    def leaps(self) -> QuerySet[OpportunityEntry]:
        """Return the entries that passed a stage, or went back over one, and stand."""
        at = self.day.at
        undone = OpportunityEntry.objects.filter(undoes=OuterRef("pk"))
        rows = OpportunityEntry.objects.order_by().filter(
            action__in=LEAPS, effective_on__gt=self.opening.on, effective_on__lte=self.day.on
        )
        if at is not None:
            rows, undone = rows.filter(recorded_at__lte=at), undone.filter(recorded_at__lte=at)
        return rows.filter(~Exists(undone))

    def _fetched(self, sql: str, values: list[Any]) -> Iterator[tuple[Any, ...]]:
        last, since = signals.quiet_from(self.day.on)
        states: Any = self.scope.narrowed.rows
        names = ("opportunity_id", "estimated_value", "estimated_close_on", "effective_on")
        parts: dict[str, Any] = {
            "closing": states.open().values(*names),
            "opening": self._opening().values(*names[:3], "is_there"),
            "tasked": _opportunities(signals.open_tasks(self.moment)),
            "spoken": _opportunities(signals.interactions(since, self.moment)),
            "done": _opportunities(signals.done_tasks(since, self.moment)),
            "leapt": _opportunities(self.leaps()),
        }
        compiled = {name: rows.query.sql_with_params() for name, rows in parts.items()}
        text = TALK.format(**{name: part for name, (part, _values) in compiled.items()}) + sql
        given = [value for _sql, part in compiled.values() for value in part]
        with closed_afterwards(connection.cursor()) as cursor:
            cursor.execute(text, [*given, self.day.on, last, *values])
            yield from cursor.fetchall()

    def _opening(self) -> QuerySet[OpportunityEntry]:
        """Return the states of the compare-to date; `is_there` if open then, and to be seen."""
        ids = visible_ids_on(self.scope.user, self.opening.on)
        there = Q(status__in=OPEN, is_deleted=False)
        there &= Q() if ids is None else Q(salesperson__in=ids)
        flag = Case(
            When(there, then=Value(value=True)),
            default=Value(value=False),
            output_field=BooleanField(),
        )
        return self.opening.states().annotate(is_there=flag)


def _opportunities(rows: QuerySet[Any]) -> Any:
    return rows.filter(opportunity__isnull=False).values("opportunity_id").distinct()
