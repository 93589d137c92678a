"""The funnel of a cycle, from the real history of stages (product.md 1).

Those created in a period; each counts once at every stage where it has been.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.exporting import Table
from analytics.figures import Reading, define
from analytics.flow import FunnelFilter, Share, fetched, share_of, url_of
from analytics.waterfall import LEAST, WIDTH
from opportunities.models import Status
from opportunities.paths import visits
from salescycles.models import SalesCycle, SalesCycleStage

CREATED = define(
    "funnel_created", "count", gettext_lazy("Created"),
    gettext_lazy("The opportunities of the cycle, created in the period and not deleted."),
)  # fmt: skip
ENTERED = define(
    "funnel_entered", "count", gettext_lazy("Entered"),
    gettext_lazy(
        "Those that have been in progress at the stage, once or several times; each counts once."
    ),
)  # fmt: skip
SKIPPED = define(
    "funnel_skipped", "count", gettext_lazy("Passed over"),
    gettext_lazy("Those that have been at a later stage, but never at this one."),
)  # fmt: skip
WENT_ON = define(
    "funnel_on", "count", gettext_lazy("Went on"),
    gettext_lazy(
        "Those that entered the stage and have been at a later one, also where they came back."
    ),
)  # fmt: skip
WON = define(
    "funnel_won", "count", gettext_lazy("Won here"),
    gettext_lazy("Those that entered the stage, and were at it when they were won."),
)  # fmt: skip
LOST = define(
    "funnel_lost", "count", gettext_lazy("Lost here"),
    gettext_lazy("Those that entered the stage, and were at it when they were lost."),
)  # fmt: skip
HERE = define(
    "funnel_here", "count", gettext_lazy("Still here"),
    gettext_lazy("Those that are in progress at the stage on the day."),
)  # fmt: skip
NEXT = define(
    "funnel_next", "share", gettext_lazy("To the next"),
    gettext_lazy("Of those that entered the stage: the share that went on, or was won from here."),
)  # fmt: skip
TO_WON = define(
    "funnel_to_won", "share", gettext_lazy("To won"),
    gettext_lazy("Of those that entered the stage: the share that is won, at whichever stage."),
)  # fmt: skip
COUNTS = (ENTERED, SKIPPED, WENT_ON, WON, LOST, HERE)
FIGURES = (CREATED, *COUNTS, NEXT, TO_WON)

SQL = """
WITH shown AS ({}), been AS ({}), seen AS (
    SELECT b.stage_id AS at, b.place, s.stage_id AS now, s.status,
        max(b.place) OVER (PARTITION BY b.opportunity_id) AS furthest
    FROM (SELECT DISTINCT opportunity_id, stage_id, place FROM been) b
    JOIN shown s ON s.opportunity_id = b.opportunity_id
)
SELECT at, place, furthest, now, status, count(*) FROM seen GROUP BY 1, 2, 3, 4, 5
"""


class Seen(NamedTuple):
    """So many that have been at a stage, with the furthest one, and where they are now."""

    at: int
    place: int
    furthest: int
    now: int | None
    status: str
    number: int


@dataclass(frozen=True)
class Line:
    """A stage: its counts and shares, and the width of its bar in thousandths."""

    label: str
    entered: Reading
    readings: list[Reading]
    to_next: Share
    to_won: Share
    width: int


@dataclass(frozen=True)
class Funnel:
    """All that were created, and the stages in their order."""

    created: Reading
    lines: list[Line]


def funnel_of(cycle: SalesCycle, filterset: FunnelFilter) -> Funnel:
    """Return the funnel of a cycle: three queries."""
    rows: Any = filterset.rows().filter(sales_cycle=cycle).order_by()
    been = visits(filterset.day).filter(sales_cycle=cycle).annotate(place=F("stage__position"))
    shown = rows.values("opportunity_id", "stage_id", "status")
    seen = [Seen(*row) for row in fetched(
        SQL, [shown, been.values("opportunity_id", "stage_id", "place")])]  # fmt: skip
    count = rows.count()
    most = max(count, 1)
    stages = SalesCycleStage.objects.filter(sales_cycle=cycle).order_by("position")
    lines = [_line(stage, seen, filterset, most) for stage in stages]
    return Funnel(CREATED.reading(count, url_of(filterset, cycle=cycle.pk)), lines)


def _sum(rows: Iterable[Seen]) -> int:
    return sum(row.number for row in rows)


def _line(stage: SalesCycleStage, seen: list[Seen], filterset: FunnelFilter, most: int) -> Line:
    place = stage.position
    at = [row for row in seen if row.place == place]
    # Each stands once at its furthest stage.
    later = _sum(row for row in seen if row.place == row.furthest > place)
    on = _sum(row for row in at if row.furthest > place)
    own = {
        status: _sum(row for row in at if (row.now, row.status) == (stage.pk, status))
        for status in Status.values
    }
    won_on = _sum(
        row for row in at
        if row.furthest > place or (row.now, row.status) == (stage.pk, Status.WON)
    )  # fmt: skip
    entered = _sum(at)
    numbers = [entered, later - on, on, own[Status.WON], own[Status.LOST], own[Status.IN_PROGRESS]]
    urls = _urls(stage, filterset)
    readings = [f.reading(n, u) for f, n, u in zip(COUNTS, numbers, urls, strict=True)]
    won = _sum(row for row in at if row.status == Status.WON)
    return Line(
        stage.name,
        readings[0],
        readings[1:],
        share_of(NEXT, won_on, entered, urls[0]),
        share_of(TO_WON, won, entered, urls[0]),
        max(entered * WIDTH // most, LEAST) if entered else 0,
    )


def _urls(stage: SalesCycleStage, filterset: FunnelFilter) -> list[str]:
    """Return the addresses of the rows of the counts, in their order."""
    of_cycle = {"cycle": stage.sales_cycle_id}
    ways: list[dict[str, Any]] = [
        {"visited": stage.pk}, {"skipped": stage.pk}, {"beyond": stage.pk},
        *({"visited": stage.pk, "stage": stage.pk, "status": status.value}
          for status in (Status.WON, Status.LOST, Status.IN_PROGRESS)),
    ]  # fmt: skip
    return [url_of(filterset, **of_cycle, **way) for way in ways]


def tables_of(page: Funnel | None) -> list[Table]:
    """Return the funnel for a file."""
    if page is None:
        return []
    columns = [_("Stage"), *(f.label for f in COUNTS), NEXT.label, _("Interval"), TO_WON.label,
               _("Interval")]  # fmt: skip
    rows = [
        [line.label, line.entered, *line.readings, line.to_next.reading, line.to_next.interval,
         line.to_won.reading, line.to_won.interval]
        for line in page.lines
    ]  # fmt: skip
    return [Table(_("Funnel"), columns, rows)]
