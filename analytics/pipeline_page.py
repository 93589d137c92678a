"""The pipeline on a day, cut by stage, salesperson, team or close month."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, ClassVar

from django.core.exceptions import BadRequest
from django.db.models import F, Sum
from django.db.models.functions import NullIf, TruncMonth
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.exporting import Table
from analytics.figures import OPEN, OPEN_SHARE, Reading, aggregates, numbers_of, readings
from analytics.waterfall import WIDTH
from crm.dates import month_of
from opportunities import populations
from opportunities.past_filters import StateFilter
from salescycles.models import SalesCycleStage
from salespeople.models import Salesperson, Team, TeamMembership
from salespeople.visibility import visible_team_ids

ZERO = Decimal(0)
type Parameters = list[tuple[str, str]]
# What totals are added up to, by the names of the figures.
KEPT: dict[str, Any] = {
    "open_count": Sum("opportunities"),
    "open_value": Sum("estimated_value"),
    "open_calculated": Sum("calculated_value"),
    "open_average": Sum("estimated_value") / NullIf(Sum("opportunities"), 0),
}
EMPTY = {"open_count": 0, "open_value": ZERO, "open_calculated": ZERO}


class PipelinePageFilter(StateFilter):
    """The filters of a past day; all that is shown is open."""

    status: Any = None
    first: ClassVar[tuple[str, ...]] = ("salesperson", "team", "cycle", "stage")


@dataclass
class Part:
    """A part of the pipeline: its name, the parameters that leave it, and its numbers."""

    label: Any
    narrowed: dict[str, str]
    numbers: dict[str, Any] = field(default_factory=lambda: dict(EMPTY))
    depth: int = 0
    note: Any = ""

    def add(self, numbers: dict[str, Any]) -> None:
        """Take further rows in; the average is made anew."""
        for name in EMPTY:
            self.numbers[name] += numbers[name] or 0
        count = self.numbers["open_count"]
        self.numbers["open_average"] = self.numbers["open_value"] / count if count else ZERO


@dataclass(frozen=True)
class Line:
    """A part as the page shows it; `width` is its share of the value, in thousandths."""

    label: Any
    note: Any
    depth: int
    readings: list[Reading]
    share: Reading
    width: int


@dataclass(frozen=True)
class PipelinePage:
    """The whole pipeline and its parts; where `overlaps`, a part holds those below it as well."""

    total: list[Reading]
    lines: list[Line]
    overlaps: bool


def page_of(filterset: StateFilter, cut: str) -> PipelinePage:
    """Read the open pipeline of the filter's day, cut into parts: a few queries."""
    rows = Source(filterset)
    found = CUTS[cut].parts(rows, filterset)
    total = rows.total()
    whole = total["open_value"] or ZERO
    base = parameters_of(filterset)
    lines = [_line(part, whole, base) for part in found]
    return PipelinePage(readings(OPEN, total, _url(base)), lines, cut == "team")


def tables_of(page: PipelinePage | None, cut: str) -> list[Table]:
    """Return the parts, and the whole below them, for a file."""
    if page is None:
        return []
    columns = [CUTS[cut].label, _("Note"), *(each.label for each in OPEN), OPEN_SHARE.label]
    rows: list[list[Any]] = [
        [line.label, line.note, *line.readings, line.share] for line in page.lines
    ]
    return [Table(_("Open pipeline"), columns, [*rows, [_("All"), "", *page.total, None]])]


class Source:
    """The open pipeline of the filter's day: from the kept totals where they are, else its states.

    Today's totals are kept for many filters (ADR 0032); those of a past day are counted.
    """

    def __init__(self, filterset: StateFilter) -> None:
        states: Any = filterset.rows()
        self.rows = states.open()
        found = filterset.totals()
        self.totals = (
            found.matching(populations.in_status("open").condition) if found is not None else None
        )

    def total(self) -> dict[str, Any]:
        """Return the numbers of all of it."""
        kept = self.totals.by() if self.totals is not None else None
        if kept is None:
            return numbers_of(OPEN, self.rows)
        return kept.aggregate(**KEPT)

    def by(self, part: Any, key: str) -> dict[Any, dict[str, Any]]:
        """Return the numbers by a column or an expression of a `key` of totals."""
        kept = self.totals.by(key) if self.totals is not None else None
        if kept is None:
            rows = self.rows.order_by().values(part=part).annotate(**aggregates(OPEN))
        else:
            rows = kept.order_by().values(part=part).annotate(**KEPT)
        return {row["part"]: row for row in rows if row["open_count"]}


def parameters_of(filterset: StateFilter) -> Parameters:
    """Return the address of the open ones of the day that match, as parameters of the list."""
    return [*filterset.day.named, ("status", "open"), *filterset.narrowed().parameters]


def _url(base: Parameters, narrowed: dict[str, str] | None = None) -> str:
    """Return the address of the list, narrowed further than the page itself."""
    narrowed = narrowed or {}
    kept = [(name, value) for name, value in base if name not in narrowed]
    return f"{reverse('opportunities:list')}?{urlencode([*kept, *narrowed.items()])}"


def _line(part: Part, whole: Decimal, base: Parameters) -> Line:
    value = part.numbers["open_value"] or ZERO
    share = value * 100 / whole if whole else ZERO
    return Line(
        part.label,
        part.note,
        part.depth,
        readings(OPEN, part.numbers, _url(base, part.narrowed)),
        OPEN_SHARE.reading(share, _url(base)),
        int(share * WIDTH / 100),
    )


def _by_stage(rows: Source, filterset: StateFilter) -> list[Part]:
    found = rows.by(F("stage"), "stage")
    stages = SalesCycleStage.objects.filter(pk__in=[pk for pk in found if pk])
    ordered = stages.select_related("sales_cycle").order_by(
        "sales_cycle__name", "sales_cycle", "position"
    )
    parts = [Part(s.name, {"stage": str(s.pk)}, found[s.pk], note=s.sales_cycle) for s in ordered]
    if None in found:
        parts.insert(0, Part(_("Not started"), {"unstaged": "1"}, found[None]))
    return parts


def _by_salesperson(rows: Source, filterset: StateFilter) -> list[Part]:
    return _of_people(rows.by(F("salesperson"), "salesperson"))


def _of_people(found: dict[int, Any]) -> list[Part]:
    """Return a part for each salesperson, by name."""
    people = Salesperson.objects.filter(pk__in=found).order_by("name_sort", "pk")
    return [Part(p.name, {"salesperson": str(p.pk)}, found[p.pk], note=p.code) for p in people]


def _by_team(rows: Source, filterset: StateFilter) -> list[Part]:
    """Return the teams as a tree, each with the rows of the teams below it, by the homes then.

    Who was in none that the person may look at has a part of his or her own.
    """
    homes = TeamMembership.objects.home().on(filterset.day.on)
    team_of = dict(homes.order_by().values_list("salesperson", "team"))
    teams = {team.pk: team for team in Team.objects.order_by("name", "pk")}
    visible = visible_team_ids(filterset.request.user)
    shown = {pk: team for pk, team in teams.items() if visible is None or pk in visible}
    parts = {pk: Part(team.name, {"team": str(pk)}, note=team.code) for pk, team in shown.items()}
    loose = Part(_("Without a team"), {"teamless": "1"})
    alone: dict[int, Any] = {}
    for who, row in rows.by(F("salesperson"), "salesperson").items():
        home = team_of.get(who)
        above = [pk for pk in _upwards(home, teams) if pk in parts]
        if home is not None and not above:
            alone[who] = row
            continue
        for part in [parts[pk] for pk in above] or [loose]:
            part.add(row)
    tree = _tree(shown, {team.pk for team in filterset.used.get("team", [])})
    for pk, depth in tree.items():
        parts[pk].depth = depth
    found = [*(parts[pk] for pk in tree), *_of_people(alone), loose]
    return [part for part in found if part.numbers["open_count"]]


def _upwards(team: int | None, teams: dict[int, Team]) -> Iterator[int]:
    """Yield a team and those above it."""
    while team is not None:
        yield team
        team = teams[team].parent_id


def _tree(teams: dict[int, Team], chosen: set[int]) -> dict[int, int]:
    """Return the depths of the teams, or of the chosen ones, each before those below it."""
    depths: dict[int, int] = {}

    def visit(pk: int, depth: int) -> None:
        if pk in depths:
            return
        depths[pk] = depth
        for team in teams.values():
            if team.parent_id == pk:
                visit(team.pk, depth + 1)

    for team in teams.values():
        if team.pk in chosen or (not chosen and team.parent_id not in teams):
            visit(team.pk, 0)
    return depths


def _by_month(rows: Source, filterset: StateFilter) -> list[Part]:
    found = rows.by(TruncMonth("estimated_close_on"), "close_month")
    parts = []
    for day in sorted(day for day in found if day):
        first, last = month_of(day)
        narrowed = {
            "close_from": max(first, filterset.used.get("close_from") or first).isoformat(),
            "close_until": min(last, filterset.used.get("close_until") or last).isoformat(),
        }
        note = _("past") if last < filterset.day.on else ""
        parts.append(Part(date_format(day, "YEAR_MONTH_FORMAT"), narrowed, found[day], note=note))
    if None in found:
        parts.append(Part(_("Without a close date"), {"undated": "1"}, found[None]))
    return parts


@dataclass(frozen=True)
class Cut:
    """A way to cut the pipeline into parts."""

    label: Any
    parts: Callable[[Source, StateFilter], list[Part]]


CUTS = {
    "stage": Cut(gettext_lazy("Stage"), _by_stage),
    "salesperson": Cut(gettext_lazy("Salesperson"), _by_salesperson),
    "team": Cut(gettext_lazy("Team"), _by_team),
    "month": Cut(gettext_lazy("Close month"), _by_month),
}


def cut_of(request: HttpRequest) -> str:
    """Return the way to cut that the address asks for; BadRequest for one that there is not."""
    name = request.GET.get("by", "stage")
    if name not in CUTS:
        raise BadRequest(_("The pipeline cannot be cut by “%(name)s”.") % {"name": name[:40]})
    return name
