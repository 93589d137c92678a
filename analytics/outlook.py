"""How sure a forecast is: its distribution, what moves it most, and its weak inputs (U5)."""

from dataclasses import dataclass
from decimal import Decimal
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
from analytics.forecast import Cell, Scope, closing_open
from opportunities import populations
from opportunities.models import Opportunity, OpportunityEntry
from opportunities.sums import Sums, sums_of

SHARE = Value(Decimal("0.0001"))
EXACT: Any = DecimalField(max_digits=60, decimal_places=14)
NOTHING = Decimal(0)


@dataclass(frozen=True)
class MoverLine:
    """An opportunity that moves the sum, with its share of the doubt, 0–1."""

    state: OpportunityEntry
    share: float

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
    others: float
    overdue: Sums

    @property
    def percentiles(self) -> list[tuple[int, Decimal]]:
        """P10, P50 and P90: not exceeded with 10, 50 and 90 %."""
        return [(share, self.distribution.percentile(share / 100)) for share in (10, 50, 90)]


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
        [MoverLine(states[mover.part.key], mover.share) for mover in movers],
        others,
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
