"""Time in stage, and the velocity of the pipeline of a cycle (product.md 1)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Avg, BooleanField, Count, DurationField, ExpressionWrapper, F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.exporting import Table
from analytics.figures import OPEN_AVERAGE, OPEN_COUNT, Figure, Reading, define
from analytics.flow import FunnelFilter, Share, fetched, share_of, url_of
from analytics.win_loss import RATE
from opportunities.models import Action, OpportunityEntry, Status
from salescycles.models import SalesCycle, SalesCycleStage

LEFT = define(
    "stay_left", "count", gettext_lazy("Left the stage"),
    gettext_lazy("Those that have been at the stage and are not there any more on the day."),
)  # fmt: skip
RUNNING = define(
    "stay_running", "count", gettext_lazy("At the stage"),
    gettext_lazy("Those that are in progress at the stage on the day."),
)  # fmt: skip


def _days(name: str, label: Any) -> Figure:
    return define(
        f"stay_{name}", "days", label,
        gettext_lazy("Of the days that each spent at the stage, all its stays there added up."),
    )  # fmt: skip


MEDIAN = _days("median", gettext_lazy("Median"))
QUARTILE_1 = _days("quartile_1", gettext_lazy("Lower quartile"))
QUARTILE_3 = _days("quartile_3", gettext_lazy("Upper quartile"))
SPREAD = (QUARTILE_1, MEDIAN, QUARTILE_3)
LENGTH = define(
    "velocity_length", "days", gettext_lazy("Length of the cycle"),
    gettext_lazy("From creation to closing, on average of those won in the 12 months before."),
)  # fmt: skip
PACE = define(
    "velocity", "average", gettext_lazy("Velocity per day"),
    gettext_lazy("Open opportunities × average value × win rate ÷ length of the cycle in days."),
)  # fmt: skip
FIGURES = (LEFT, RUNNING, *SPREAD, OPEN_COUNT, OPEN_AVERAGE, RATE, LENGTH)
ONE_DAY = timedelta(days=1)
YEAR = timedelta(days=365)

# An entry holds until a later one claims the day; a stay that runs, until the day itself.
SQL = """
WITH shown AS ({}), entry AS ({}), spans AS (
    SELECT e.opportunity_id, e.stage_id, e.status, e.is_deleted, e.stands,
        greatest(0, coalesce(min(e.effective_on) OVER (
            PARTITION BY e.opportunity_id ORDER BY e.sequence
            ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING
        ), %s) - e.effective_on) AS days
    FROM entry e
), stays AS (
    SELECT p.opportunity_id, p.stage_id, sum(p.days) AS days,
        bool_or(s.stage_id = p.stage_id AND s.status = 'in_progress') AS runs
    FROM spans p JOIN shown s ON s.opportunity_id = p.opportunity_id
    WHERE p.status = 'in_progress' AND NOT p.is_deleted
    GROUP BY 1, 2 HAVING bool_or(p.stands)
)
SELECT stage_id, runs, count(*),
    percentile_cont(ARRAY[0.25, 0.5, 0.75]) WITHIN GROUP (ORDER BY days)
FROM stays GROUP BY 1, 2
"""


@dataclass(frozen=True)
class Line:
    """A stage: the stays that ended and those that run, each with median and quartiles."""

    label: str
    left: Reading
    of_left: list[Reading]
    running: Reading
    of_running: list[Reading]


@dataclass(frozen=True)
class Velocity:
    """The components of the velocity, and its amount per day; None where one is missing."""

    count: Reading
    average: Reading
    rate: Share
    length: Reading | None
    pace: Decimal | None


@dataclass(frozen=True)
class StageTimes:
    """The stages in their order, and the velocity."""

    lines: list[Line]
    velocity: Velocity


def times_of(cycle: SalesCycle, filterset: FunnelFilter) -> StageTimes:
    """Return the times and the velocity of a cycle: four queries."""
    rows: Any = filterset.rows().filter(sales_cycle=cycle).order_by()
    shown = rows.values("opportunity_id", "stage_id", "status")
    found = {
        (stage, runs): (count, spread)
        for stage, runs, count, spread in fetched(
            SQL, [shown, _entries(cycle, filterset)], filterset.day.on
        )
    }
    stages = SalesCycleStage.objects.filter(sales_cycle=cycle).order_by("position")
    lines = [_line(stage, found, filterset) for stage in stages]
    return StageTimes(lines, velocity_of(cycle, filterset, rows))


def _entries(cycle: SalesCycle, filterset: FunnelFilter) -> Any:
    """Return the entries until the day, as they were known, and whether each stands."""
    day = filterset.day
    entries: Any = OpportunityEntry.objects.order_by().filter(
        sales_cycle=cycle, effective_on__lte=day.on
    )
    stands = Q(undone_by__isnull=True)
    if day.at is not None:
        entries = entries.filter(recorded_at__lte=day.at)
        stands |= Q(undone_by__recorded_at__gt=day.at)
    entries = entries.annotate(
        stands=ExpressionWrapper(stands & ~Q(action=Action.UNDONE), output_field=BooleanField())
    )
    return entries.values(
        "opportunity_id", "stage_id", "status", "is_deleted", "sequence", "effective_on", "stands"
    )


def _line(stage: SalesCycleStage, found: dict[Any, Any], filterset: FunnelFilter) -> Line:
    of_cycle = {"cycle": stage.sales_cycle_id}
    left = url_of(filterset, **of_cycle, left=stage.pk)
    here = url_of(filterset, **of_cycle, stage=stage.pk, status=Status.IN_PROGRESS.value)
    count, spread = found.get((stage.pk, False), (0, ()))
    running, of_running = found.get((stage.pk, True), (0, ()))
    return Line(
        stage.name,
        LEFT.reading(count, left),
        [f.reading(Decimal(n), left) for f, n in zip(SPREAD, spread, strict=False)],
        RUNNING.reading(running, here),
        [f.reading(Decimal(n), here) for f, n in zip(SPREAD, of_running, strict=False)],
    )


def velocity_of(cycle: SalesCycle, filterset: FunnelFilter, rows: Any) -> Velocity:
    """Return the velocity: of the open ones, and of what closed in the 12 months before."""
    on = filterset.day.on
    closed = Q(closed_on__gt=on - YEAR, closed_on__lte=on)
    won = closed & Q(status=Status.WON)
    days = ExpressionWrapper(
        F("closed_on") - F("opportunity__created_on"), output_field=DurationField()
    )
    numbers = rows.aggregate(
        open=Count("pk", filter=Q(closed_on__isnull=True)),
        average=Avg("estimated_value", filter=Q(closed_on__isnull=True)),
        closed=Count("pk", filter=closed),
        won=Count("pk", filter=won),
        days=Avg(days, filter=won),
    )
    period = {"close_from": (on - YEAR + ONE_DAY).isoformat(), "close_until": on.isoformat()}
    at = {"cycle": cycle.pk}
    is_open = url_of(filterset, **at, status="open")
    of_closed = url_of(filterset, **at, status="closed", **period)
    of_won = url_of(filterset, **at, status="won", **period)
    length = None if numbers["days"] is None else Decimal(numbers["days"] / ONE_DAY)
    pace = None
    if length and numbers["average"] is not None:
        rate = Decimal(numbers["won"]) / numbers["closed"]
        pace = numbers["open"] * numbers["average"] * rate / length
    return Velocity(
        OPEN_COUNT.reading(numbers["open"], is_open),
        OPEN_AVERAGE.reading(numbers["average"], is_open),
        share_of(RATE, numbers["won"], numbers["closed"], of_closed),
        None if length is None else LENGTH.reading(length, of_won),
        pace,
    )


def tables_of(page: StageTimes | None) -> list[Table]:
    """Return the times and the velocity for a file."""
    if page is None:
        return []
    spread = [figure.label for figure in SPREAD]
    none = [None, None, None]
    rows = [
        [line.label, line.left, *(line.of_left or none), line.running, *(line.of_running or none)]
        for line in page.lines
    ]
    columns = [_("Stage"), LEFT.label, *spread, RUNNING.label, *spread]
    speed = page.velocity
    of_speed: list[list[Any]] = [
        [each.figure.label, each]
        for each in (speed.count, speed.average, speed.rate.reading, speed.length) if each
    ]  # fmt: skip
    of_speed.append([PACE.label, speed.pace])
    return [
        Table(_("Time in stage"), columns, rows),
        Table(_("Velocity"), [_("Figure"), _("Value")], of_speed),
    ]
