"""Won and lost: what closed in a period, cut by reason, salesperson, campaign or size."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import (
    Avg,
    Case,
    Count,
    DurationField,
    ExpressionWrapper,
    F,
    Q,
    Sum,
    Value,
    When,
)
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.exporting import Table
from analytics.figures import Reading, define
from analytics.flow import Share, WinLossFilter, share_of, url_of
from contacts.models import Campaign
from crm.money import format_money
from opportunities.models import Status
from salescycles.models import CloseReason
from salespeople.models import Salesperson

WON = define(
    "closed_won", "count", gettext_lazy("Won"),
    gettext_lazy("Those whose day of closing lies in the period, and that were won."),
)  # fmt: skip
LOST = define(
    "closed_lost", "count", gettext_lazy("Lost"),
    gettext_lazy("Those whose day of closing lies in the period, and that were lost."),
)  # fmt: skip
WON_VALUE = define(
    "closed_won_value", "calculated", gettext_lazy("Value won"),
    gettext_lazy("The sales values of those that were won, added up."),
)  # fmt: skip
LOST_VALUE = define(
    "closed_lost_value", "value", gettext_lazy("Value lost"),
    gettext_lazy("The estimated values of those that were lost, added up."),
)  # fmt: skip
RATE = define(
    "closed_rate", "share", gettext_lazy("Win rate"),
    gettext_lazy("Of those that closed in the period, won or lost: the share that was won."),
)  # fmt: skip
DAYS = define(
    "closed_days", "days", gettext_lazy("Days to close"),
    gettext_lazy("From the day of creation to the day of closing, won or lost, on average."),
)  # fmt: skip
FIGURES = (WON, WON_VALUE, LOST, LOST_VALUE, RATE, DAYS)

# Where a band of estimated value begins; each ends a cent below the next.
EDGES = tuple(map(Decimal, (0, 10_000, 50_000, 100_000, 500_000, 1_000_000)))
CENT = Decimal("0.01")
ONE_DAY = timedelta(days=1)
type Row = dict[str, Any]


@dataclass(frozen=True)
class Part:
    """A part of what closed: its name, the parameters that leave it, and its numbers."""

    label: Any
    narrowed: dict[str, Any]
    row: Row


@dataclass(frozen=True)
class Line:
    """A part as the page shows it; a reason is one of winning or of losing, and has no rate."""

    label: Any
    readings: list[Reading]
    rate: Share
    days: Reading | None
    has_rate: bool = True

    @property
    def told_rate(self) -> list[Any]:
        """The rate and its interval as a file holds them; nothing where there is none."""
        return [self.rate.reading, self.rate.interval] if self.has_rate else [None, None]


@dataclass(frozen=True)
class WinLoss:
    """All that closed, and its parts."""

    lines: list[Line]
    total: Line


def page_of(filterset: WinLossFilter, cut: str) -> WinLoss:
    """Return what closed by the page's filters, cut into parts: three queries."""
    rows: Any = filterset.rows()
    rows = rows.closed().order_by()
    lines = [_line(part, filterset) for part in CUTS[cut].parts(rows, filterset)]
    return WinLoss(lines, _line(Part(_("All"), {}, rows.aggregate(**_numbers())), filterset))


def _numbers() -> dict[str, Any]:
    won, lost = Q(status=Status.WON), Q(status=Status.LOST)
    days = ExpressionWrapper(
        F("closed_on") - F("opportunity__created_on"), output_field=DurationField()
    )
    return {
        "won": Count("pk", filter=won),
        "won_value": Sum("calculated_value", filter=won),
        "lost": Count("pk", filter=lost),
        "lost_value": Sum("estimated_value", filter=lost),
        "days": Avg(days),
    }


def _line(part: Part, filterset: WinLossFilter) -> Line:
    row, closed = part.row, url_of(filterset, **{"status": "closed", **part.narrowed})
    won = url_of(filterset, **{"status": "won", **part.narrowed})
    lost = url_of(filterset, **{"status": "lost", **part.narrowed})
    days = None if row["days"] is None else Decimal(row["days"] / ONE_DAY)
    return Line(
        part.label,
        [
            WON.reading(row["won"], won),
            WON_VALUE.reading(row["won_value"], won),
            LOST.reading(row["lost"], lost),
            LOST_VALUE.reading(row["lost_value"], lost),
        ],
        share_of(RATE, row["won"], row["won"] + row["lost"], closed),
        None if days is None else DAYS.reading(days, closed),
        "reason" not in part.narrowed,
    )


def _grouped(rows: Any, by: str) -> dict[Any, Row]:
    return {row[by]: row for row in rows.values(by).annotate(**_numbers())}


def _by_reason(rows: Any, filterset: WinLossFilter) -> list[Part]:
    found = _grouped(rows, "close_reason")
    reasons = CloseReason.objects.filter(pk__in=found).order_by("-kind", "description", "pk")
    return [Part(each, {"reason": each.pk}, found[each.pk]) for each in reasons]


def _by_salesperson(rows: Any, filterset: WinLossFilter) -> list[Part]:
    found = _grouped(rows, "salesperson")
    people = Salesperson.objects.filter(pk__in=found).order_by("name_sort", "pk")
    return [Part(each.name, {"salesperson": each.pk}, found[each.pk]) for each in people]


def _by_campaign(rows: Any, filterset: WinLossFilter) -> list[Part]:
    found = _grouped(rows, "campaign")
    known = Campaign.objects.filter(pk__in=[pk for pk in found if pk]).order_by("description", "pk")
    parts = [Part(each.description, {"campaign": each.pk}, found[each.pk]) for each in known]
    if None in found:
        parts.append(Part(_("Without a campaign"), {"campaignless": 1}, found[None]))
    return parts


def _by_size(rows: Any, filterset: WinLossFilter) -> list[Part]:
    whens = [
        When(estimated_value__gte=edge, then=Value(at))
        for at, edge in reversed(list(enumerate(EDGES)))
    ]
    found = _grouped(rows.annotate(band=Case(*whens)), "band")
    return [_band(at, found[at], filterset) for at in sorted(found)]


def _band(at: int, row: Row, filterset: WinLossFilter) -> Part:
    first, last = EDGES[at], EDGES[at + 1] - CENT if at + 1 < len(EDGES) else None
    given_first, given_last = (filterset.used.get(f"value_{end}") for end in ("from", "to"))
    narrowed = {"value_from": max(first, given_first or first)}
    ends = [end for end in (last, given_last) if end is not None]
    if ends:
        narrowed["value_to"] = min(ends)
    if last is None:
        label = _("%(first)s and more") % {"first": format_money(first)}
    else:
        label = _("%(first)s to %(last)s") % {
            "first": format_money(first), "last": format_money(last),
        }  # fmt: skip
    return Part(label, narrowed, row)


@dataclass(frozen=True)
class Cut:
    """A way to cut what closed into parts."""

    label: Any
    parts: Callable[[Any, WinLossFilter], list[Part]]


CUTS = {
    "reason": Cut(gettext_lazy("Close reason"), _by_reason),
    "salesperson": Cut(gettext_lazy("Salesperson"), _by_salesperson),
    "size": Cut(gettext_lazy("Estimated value"), _by_size),
    "campaign": Cut(gettext_lazy("Campaign"), _by_campaign),
}


def tables_of(page: WinLoss | None, cut: str) -> list[Table]:
    """Return the parts, and the whole below them, for a file."""
    if page is None:
        return []
    columns = [CUTS[cut].label, *(f.label for f in FIGURES[:5]), _("Interval"), DAYS.label]
    rows = [
        [line.label, *line.readings, *line.told_rate, line.days]
        for line in (*page.lines, page.total)
    ]
    return [Table(_("Won and lost"), columns, rows)]
