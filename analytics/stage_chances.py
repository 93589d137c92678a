"""Each stage of a cycle with its configured chance beside what came of it (product.md, U4)."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from analytics.adopting import chances_for
from analytics.chance_figures import readings_of
from analytics.chances import Observed
from analytics.checking import observed_of
from analytics.figures import Reading
from opportunities import populations
from opportunities.models import Opportunity, Status
from opportunities.populations import Narrowed
from salescycles.models import SalesCycle, SalesCycleStage
from salescycles.probability import probability
from salespeople.visibility import Person

# A learned chance that differs by less is not worth a change.
LEAST_STEP = Decimal(1)


@dataclass(frozen=True)
class StageLine:
    """A stage, the probability that it gives, what was observed, and the chances to offer.

    `offered` is None where nothing is to be offered: too few, no difference,
    or no chances that would give what was learned.
    """

    stage: SalesCycleStage
    configured: Decimal
    observed: Observed
    learned: float
    offered: Decimal | None
    url: str
    won_url: str

    @cached_property
    def readings(self) -> dict[str, Reading]:
        """Its figures with their rows, by name; shares only of enough."""
        return readings_of(self)

    @property
    def verdict(self) -> str:
        """Say "few", "fits", "high" (more was promised than won) or "low"."""
        if self.observed.is_too_few:
            return "few"
        low, high = self.observed.interval
        chance = float(self.configured) / 100
        if chance > high:
            return "high"
        return "low" if chance < low else "fits"

    @property
    def percents(self) -> dict[str, float]:
        """The shares as they are drawn, 0–100: low, high, share, configured."""
        low, high = self.observed.interval
        share = self.observed.share or 0.0
        return {
            "low": round(low * 100, 2),
            "width": round((high - low) * 100, 2),
            "share": round(share * 100, 2),
            "configured": float(self.configured),
        }


def lines_of(cycle: SalesCycle, user: Person, first: date, last: date) -> list[StageLine]:
    """Return the stages of a cycle over what closed in a period, as `user` sees it: two queries."""
    closed = populations.in_cycle(cycle) & populations.closed_between(first, last)
    won = populations.in_cycle(cycle) & populations.closed_in(Status.WON, first, last)
    narrowed = Narrowed(Opportunity.objects.visible_to(user).kept())
    observed = observed_of(narrowed.rows_of(closed))  # type: ignore[arg-type]
    stages = cycle.stages.select_related("sales_cycle").order_by("position")
    return [
        _line(
            stage,
            observed.get(stage.pk, Observed(0, 0)),
            narrowed.url_of(closed & populations.visited(stage)),
            narrowed.url_of(won & populations.visited(stage)),
        )
        for stage in stages
        if not stage.is_blocked or stage.pk in observed
    ]


def line_of(stage: SalesCycleStage, user: Person, first: date, last: date) -> StageLine:
    """Return the line of one stage."""
    found = lines_of(stage.sales_cycle, user, first, last)
    return next(line for line in found if line.stage.pk == stage.pk)


def closed_url(cycle: SalesCycle, first: date, last: date) -> str:
    """Return the address of what closed of a cycle in a period."""
    return (populations.in_cycle(cycle) & populations.closed_between(first, last)).url


def _line(stage: SalesCycleStage, observed: Observed, url: str, won_url: str) -> StageLine:
    configured = probability(
        stage.sales_cycle.probability_calculation, stage.chances_of_success, stage.completed
    )
    learned = observed.learned(float(configured) / 100)
    offer = _offer(stage, observed, learned)
    return StageLine(stage, configured, observed, learned, offer, url, won_url)


def _offer(stage: SalesCycleStage, observed: Observed, learned: float) -> Decimal | None:
    if observed.is_too_few:
        return None
    chances = chances_for(stage, learned)
    if chances is None or abs(chances - stage.chances_of_success) < LEAST_STEP:
        return None
    return chances
