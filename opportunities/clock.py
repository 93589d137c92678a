"""The way through time: which day a page shows, those before and behind it, and today."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, QueryDict
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from crm.dates import month_of, today
from opportunities.days import NOW, THEN, Day
from opportunities.models import Opportunity

# What belongs to the day itself, and to a place on the page of another day.
OF_A_DAY = ("on", "known", "cursor", "view")
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Way:
    """A link to the same page on another day."""

    label: Any
    url: str


@dataclass(frozen=True)
class Clock:
    """The day, where it lies in the history, and the links that lead from it.

    `first` is the first day of the history, None while there is none; `kept`
    are the parameters that a form which chooses another day carries along.
    """

    day: Day
    first: date | None
    last: date
    earlier: list[Way]
    later: list[Way]
    now_url: str
    then_url: str
    today_url: str
    kept: list[tuple[str, str]]

    @property
    def carry(self) -> str:
        """The day as the query of another page that shows it."""
        return f"?{urlencode(self.day.named)}"

    @property
    def is_before_history(self) -> bool:
        """Say whether there was nothing yet."""
        return self.first is None or self.day.on < self.first


def clock_of(request: HttpRequest, day: Day, *, today_url: str = "") -> Clock:
    """Return the way through time of the page that is asked for; one query."""
    last, first = today(), first_day()
    back = [(_("Month before"), _same_day(day.on, -1)), (_("Week before"), day.on - WEEK)]
    on = [(_("Week after"), day.on + WEEK), (_("Month after"), _same_day(day.on, 1))]
    earliest = first or last
    return Clock(
        day=day,
        first=first,
        last=last,
        earlier=[Way(label, _url(request, to)) for label, to in back if to >= earliest],
        later=[Way(label, _url(request, min(to, last))) for label, to in on if day.on < last],
        now_url=_url(request, day.on, known=NOW),
        then_url=_url(request, day.on, known=THEN),
        today_url=today_url or _url(request, None),
        kept=[
            (name, str(value))
            for name, values in request.GET.lists()
            for value in values
            if name not in ("on", "cursor", "view")
        ],
    )


def past_url(request: HttpRequest, known: Container[str]) -> str:
    """Return the address of the same page a month ago, from where any other day is chosen.

    Of the parameters, those are kept that the page `known` in the past answers.
    """
    query = QueryDict(mutable=True)
    for name, values in request.GET.lists():
        if name in known:
            query.setlist(name, values)
    query["on"] = _same_day(today(), -1).isoformat()
    return f"?{query.urlencode()}"


def first_day() -> date | None:
    """Return the day on which the history begins."""
    created = Opportunity.objects.order_by("created_at").values_list("created_on", flat=True)
    return created.first()


def _same_day(day: date, months: int) -> date:
    """Return the same day of another month; the last day of a month stays one."""
    first, last = month_of(day)
    target = first - timedelta(days=1) if months < 0 else last + timedelta(days=1)
    begin, end = month_of(target)
    return end if day == last else min(end, begin.replace(day=min(day.day, end.day)))


def _url(request: HttpRequest, on: date | None, *, known: str = "") -> str:
    query = request.GET.copy()
    known = known or query.get("known", NOW)
    for name in OF_A_DAY:
        query.pop(name, None)
    if on is not None:
        query["on"] = on.isoformat()
        if known != NOW:
            query["known"] = known
    return f"?{query.urlencode()}" if query else request.path
