"""How sure a forecast is: its distribution, what moves it most, and its weak inputs (U5)."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import DecimalField, ExpressionWrapper, F, Sum, Value

from analytics.distribution import (
    MOST_PARTS,
    Distribution,
    Part,
    Rest,
    distribution_of,
    movers_of,
)
from analytics.figures import Reading, in_percent
from analytics.forecast import Cell, Scope, closing_open
from analytics.forecast_figures import CHANCE, DOUBT, MEAN, OVERDUE, PERCENTILES
from opportunities import populations
from opportunities.models import Opportunity, OpportunityEntry
from opportunities.sums import Sums, sums_of

SHARE = Value(Decimal("0.0001"))
EXACT: Any = DecimalField(max_digits=60, decimal_places=14)
NOTHING = Decimal(0)


@dataclass(frozen=True)
class MoverLine:
    """An opportunity that moves the sum, with its share of the doubt."""

    state: OpportunityEntry
    reading: Reading

    @property
    def opportunity(self) -> Opportunity:
        """The opportunity itself."""
        return self.state.opportunity


@dataclass(frozen=True)
class Outlook:
    """The distribution of what a period brings; `chance` is that of reaching the target."""

    cell: Cell
    distribution: Distribution
    chance: float | None
    movers: list[MoverLine]
    others: Reading
    late: Sums

    @cached_property
    def percentiles(self) -> list[Reading]:
        """P10, P50 and P90: not exceeded with 10, 50 and 90 %."""
        return [
            figure.reading(self.distribution.percentile(share / 100), self.cell.url)
            for share, figure in PERCENTILES.items()
        ]

    @property
    def mean(self) -> Reading:
        """The mean of what may come: the landing."""
        return MEAN.reading(self.distribution.mean, self.cell.url)

    @property
    def chance_reading(self) -> Reading | None:
        """The chance to reach the target, None without one."""
        return (
            None if self.chance is None else CHANCE.reading(in_percent(self.chance), self.cell.url)
        )

    @property
    def overdue(self) -> list[Reading]:
        """How many are past their close date, and their value where it was added up."""
        numbers = (self.late.count, self.late.value)
        found = zip(OVERDUE, numbers, strict=True)
        return [] if self.late.is_capped else [f.reading(n, self.late.url) for f, n in found]


def outlook_of(scope: Scope, cell: Cell) -> Outlook:
    """Return how sure the forecast of a period is: four queries."""
    narrowed = scope.narrowed
    rows: Any = narrowed.rows_of(closing_open(cell.period))
    variance = ExpressionWrapper(
        F("estimated_value")
        * F("estimated_value")
        * F("probability")
        * (Value(Decimal(100)) - F("probability"))
        * SHARE,
        output_field=EXACT,
    )
    ordered = rows.annotate(variance=variance).order_by("-variance", "-estimated_value", "pk")
    first = list(ordered.values_list("opportunity", "estimated_value", "probability")[:MOST_PARTS])
    parts = [Part(value, probability, pk) for pk, value, probability in first]
    rest = _rest(ordered.values("estimated_value", "calculated_value", "variance"))
    shown = distribution_of(parts, cell.won.calculated or NOTHING, rest)
    movers, others = movers_of(parts, rest)
    states = {
        state.opportunity_id: state
        for state in rows.filter(opportunity__in=[m.part.key for m in movers]).select_related(
            "opportunity", "company", "contact", "stage"
        )
    }
    late = populations.in_status("open") & populations.past_close_date(scope.day.on)
    return Outlook(
        cell,
        shown,
        None if not cell.target else shown.chance_of(cell.target),
        [
            MoverLine(states[mover.part.key], DOUBT.reading(in_percent(mover.share), cell.open.url))
            for mover in movers
        ],
        DOUBT.reading(in_percent(others), cell.open.url),
        sums_of(narrowed.rows_of(late), narrowed.url_of(late)),
    )


def _rest(ordered: Any) -> Rest:
    """Add up all but the first parts, in the database."""
    found = ordered[MOST_PARTS:].aggregate(
        value=Sum("estimated_value"),
        calculated=Sum("calculated_value"),
        doubt=Sum("variance"),
    )
    return Rest(
        found["calculated"] or NOTHING, found["doubt"] or NOTHING, found["value"] or NOTHING
    )
