"""The pages of the bridge: the waterfall with its table, and the rows of one bar."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import BadRequest
from django.http import HttpRequest, QueryDict
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.bridge import BARS, MEASURES, Bridge, Row, Span, Sums
from analytics.bridge_figures import AMOUNTS, CHANGES, COUNTS, ENDS
from analytics.bridge_filters import BridgeFilter
from analytics.exporting import Table
from analytics.figures import Figure, Reading, in_words
from analytics.waterfall import Axis, Box, axis_of, box_between
from crm.dates import month_of, quarter_of, today
from crm.money import format_money_compact
from opportunities.days import Day
from opportunities.models import Opportunity, OpportunityEntry
from salespeople.visibility import visible_ids

DAYS = ("from", "until", "known")
ONE_DAY = timedelta(days=1)
SAME = "same"
PAGE_SIZE = 50
MOST_DIGITS = 40
ZERO = Decimal(0)


@dataclass(frozen=True)
class Line:
    """A row of the waterfall: its figures, and where its bar lies."""

    name: str
    label: Any
    count: Reading
    amount: Reading
    box: Box
    title: str


@dataclass(frozen=True)
class Waterfall:
    """Opening, bars and closing, and apart from them what has not changed."""

    lines: list[Line]
    same: Line
    axis: Axis
    ticks: list[tuple[int, str]]


@dataclass(frozen=True)
class Pair:
    """An opportunity of a bar with its states on both days, as far as they may be seen."""

    row: Row
    opportunity: Opportunity
    may_open: bool
    opening: OpportunityEntry | None
    closing: OpportunityEntry | None


def span_of(query: QueryDict) -> Span:
    """Return the two days of the address; without them, this month until today.

    BadRequest where the first is not before the last.
    """
    closing = Day.of(query, "until")
    if query.get("from"):
        opening = Day.of(query, "from")
    else:
        on = month_of(closing.on)[0] - ONE_DAY
        opening = Day.of(
            QueryDict(urlencode({"on": on.isoformat(), "known": str(query.get("known", ""))}))
        )
    if opening.on >= closing.on:
        raise BadRequest(_("The first day must lie before the last one."))
    return Span(opening, closing)


def bridge_of(request: HttpRequest) -> Bridge:
    """Return the bridge that the address asks for; BadRequest for what it cannot say."""
    measure = request.GET.get("measure", "value")
    if measure not in MEASURES:
        raise BadRequest(_("There is no such measure: “%(name)s”.") % {"name": measure[:40]})
    span = span_of(request.GET)
    asked = BridgeFilter(request.GET, OpportunityEntry.objects.none(), request=request)
    asked.days = (span.opening.on, span.closing.on)
    return Bridge(span, asked, request.user, measure)


def waterfall_of(bridge: Bridge) -> Waterfall:
    """Return the waterfall of a bridge: one query."""
    sums = bridge.sums()
    opening = sum((each.opening for each in sums.values()), ZERO)
    levels = [opening]
    for name in BARS:
        levels.append(levels[-1] + _amount(sums, name))
    axis = axis_of(levels)
    lines = [_end(bridge, sums, "opening", axis)]
    for name, before, after in zip(BARS, levels, levels[1:], strict=False):
        if name != SAME:
            lines.append(_line(bridge, sums.get(name), name, box_between(axis, before, after)))
    lines.append(_end(bridge, sums, "closing", axis))
    middle = (axis.begin + axis.end) / 2
    ticks = [(axis.at(a), format_money_compact(a)) for a in (axis.begin, middle, axis.end)]
    return Waterfall(lines, _line(bridge, sums.get(SAME), SAME, lines[-1].box), axis, ticks)


def tables_of(waterfall: Waterfall | None) -> list[Table]:
    """Return opening, bars and closing, and below them what has not changed, for a file."""
    if waterfall is None:
        return []
    columns = [_("What changed"), _("Opportunities"), _("Amount")]
    lines = [*waterfall.lines, waterfall.same]
    rows = [[line.label, line.count, line.amount] for line in lines]
    return [Table(_("From opening to closing"), columns, rows)]


def _amount(sums: dict[str, Sums], name: str) -> Decimal:
    return sums[name].amount if name in sums else ZERO


def _line(bridge: Bridge, sums: Sums | None, name: str, box: Box) -> Line:
    url = rows_url(bridge, name)
    count = COUNTS[name].reading(sums.number if sums else 0, url)
    amount = AMOUNTS[name].reading(sums.amount if sums else ZERO, url)
    return Line(name, AMOUNTS[name].label, count, amount, box, _title(amount, count))


def _end(bridge: Bridge, sums: dict[str, Sums], name: str, axis: Axis) -> Line:
    is_opening = name == "opening"
    day = bridge.span.opening if is_opening else bridge.span.closing
    total = sum((s.opening if is_opening else s.closing for s in sums.values()), ZERO)
    number = sum(s.opening_count if is_opening else s.closing_count for s in sums.values())
    url = state_url(bridge, day)
    count = COUNTS[name].reading(number, url)
    amount = ENDS[name, bridge.measure].reading(total, url)
    box = Box(0, axis.at(total), axis.at(total), axis.at(total))
    return Line(name, amount.figure.label, count, amount, box, _title(amount, count))


def _title(amount: Reading, count: Reading) -> str:
    words = {
        "label": amount.figure.label,
        "amount": in_words(amount),
        "count": in_words(count),
    }
    return _("%(label)s: %(amount)s, opportunities: %(count)s") % words


def _filters(bridge: Bridge) -> list[tuple[str, str]]:
    return list(bridge.asked.narrowed().parameters)


def state_url(bridge: Bridge, day: Day) -> str:
    """Return the address of what was open on a day and met the filter."""
    parameters = [*day.named, ("status", "open"), *_filters(bridge)]
    return f"{reverse('opportunities:list')}?{urlencode(parameters)}"


def parameters_of(bridge: Bridge) -> list[tuple[str, str]]:
    """Return the bridge as parameters of an address."""
    span = bridge.span
    known = [("known", span.closing.known)] if span.closing.known else []
    return [
        ("from", span.opening.on.isoformat()),
        ("until", span.closing.on.isoformat()),
        *known,
        ("measure", bridge.measure),
        *_filters(bridge),
    ]


def rows_url(bridge: Bridge, bar: str) -> str:
    """Return the address of the rows of a bar."""
    return f"{reverse('analytics:bridge_rows')}?{urlencode([('bar', bar), *parameters_of(bridge)])}"


def figures_of(bridge: Bridge) -> list[Figure]:
    """Return the figures that the page shows, in their order."""
    opening, closing = (ENDS[name, bridge.measure] for name in ("opening", "closing"))
    return [opening, *AMOUNTS.values(), closing]


def pairs_of(bridge: Bridge, rows: list[Row]) -> list[Pair]:
    """Return the rows with what they are called, and their states on both days: 3 queries."""
    ids = [row.pk for row in rows]
    found = Opportunity.objects.in_bulk(ids)
    may_see = visible_ids(bridge.user)
    opening = _states(bridge, bridge.span.opening, ids)
    closing = _states(bridge, bridge.span.closing, ids)
    return [
        Pair(
            row,
            found[row.pk],
            may_see is None or found[row.pk].salesperson_id in may_see,
            opening.get(row.pk),
            closing.get(row.pk),
        )
        for row in rows
    ]


def _states(bridge: Bridge, day: Day, ids: list[int]) -> dict[int, OpportunityEntry]:
    rows = day.states().seen_by(bridge.user, day.on).filter(opportunity__in=ids)
    return {row.opportunity_id: row for row in rows.select_related("salesperson")}


def bar_of(query: QueryDict) -> str:
    """Return the bar whose rows are asked for; BadRequest for one that there is not."""
    name = str(query.get("bar", ""))
    if name not in CHANGES:
        raise BadRequest(_("There is no such bar: “%(name)s”.") % {"name": name[:40]})
    return name


def behind_of(text: str) -> tuple[Decimal, int] | None:
    """Return the amount and the id behind which the page begins; BadRequest for nonsense."""
    if not text:
        return None
    amount, _colon, pk = text.partition(":")
    if not (pk.isascii() and pk.isdigit() and len(pk) < 19) or len(amount) > MOST_DIGITS:  # noqa: PLR2004
        raise BadRequest(_("This page of the list does not exist. Begin at the first."))
    try:
        number = Decimal(amount)
    except ArithmeticError:
        number = Decimal("NaN")
    if not number.is_finite() or not -MOST_DIGITS < number.adjusted() < MOST_DIGITS:
        raise BadRequest(_("This page of the list does not exist. Begin at the first."))
    return number, int(pk)


@dataclass(frozen=True)
class Choice:
    """A link to the same bridge over other days, or of another measure."""

    label: Any
    url: str
    is_active: bool


def periods(request: HttpRequest, span: Span) -> list[Choice]:
    """Return the usual spans: the first day is the evening before the period."""
    day = today()
    month, quarter = month_of(day)[0], quarter_of(day)[0]
    last_month = month_of(month - ONE_DAY)[0]
    last_quarter = quarter_of(quarter - ONE_DAY)[0]
    spans: list[tuple[Any, date, date]] = [
        (gettext_lazy("7 days"), day - 7 * ONE_DAY, day),
        (gettext_lazy("This month"), month - ONE_DAY, day),
        (gettext_lazy("Last month"), last_month - ONE_DAY, month - ONE_DAY),
        (gettext_lazy("This quarter"), quarter - ONE_DAY, day),
        (gettext_lazy("Last quarter"), last_quarter - ONE_DAY, quarter - ONE_DAY),
        (gettext_lazy("12 months"), day - 365 * ONE_DAY, day),
    ]
    shown = (span.opening.on, span.closing.on)
    return [
        Choice(label, _with(request, {"from": first, "until": last}), (first, last) == shown)
        for label, first, last in spans
    ]


def measures(request: HttpRequest, bridge: Bridge) -> list[Choice]:
    """Return what can be added up."""
    labels = {
        "value": gettext_lazy("Estimated value"),
        "calculated": gettext_lazy("Calculated value"),
    }
    return [
        Choice(label, _with(request, {"measure": name}), name == bridge.measure)
        for name, label in labels.items()
    ]


def knowledge(request: HttpRequest, bridge: Bridge) -> list[Choice]:
    """Return the two ways to know a day."""
    day = bridge.span.closing
    now = Choice(gettext_lazy("as we know it now"), _with(request, {"known": None}), day.at is None)
    then = Choice(
        gettext_lazy("as we knew it then"),
        _with(request, {"known": "then"}),
        day.is_as_known_then,
    )
    return [now, then]


def _with(request: HttpRequest, changes: dict[str, Any]) -> str:
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = value.isoformat() if isinstance(value, date) else value
    return f"?{query.urlencode()}"


def bridge_url(bridge: Bridge) -> str:
    """Return the address of the waterfall."""
    return f"{reverse('analytics:bridge')}?{urlencode(parameters_of(bridge))}"


def clear_url(bridge: Bridge) -> str:
    """Return the same days without a filter."""
    kept = [(n, v) for n, v in parameters_of(bridge) if n in (*DAYS, "measure")]
    return f"?{urlencode(kept)}"
