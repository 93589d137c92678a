"""The calendar of tasks."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from crm.dates import today
from lists.parameters import check_parameters, tidy
from salespeople.visibility import salesperson_of
from tasks.calendar import Calendar, calendar_of
from tasks.filters import ALL, ATTENDING, MINE, WHOSE, of_whose
from tasks.forms import check_day
from tasks.models import FIRST_DAY, LAST_DAY, Task, TaskQuerySet
from tasks.views.acting import person

YEAR = timedelta(days=365)
VIEWS = [
    ("day", gettext_lazy("Day")),
    ("week", gettext_lazy("Week")),
    ("month", gettext_lazy("Month")),
]


@dataclass(frozen=True)
class Tab:
    """Another way to look at the calendar."""

    label: Any
    url: str
    is_active: bool


@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """Show the tasks of a day, a week or a month."""
    check_parameters(request.GET, ["view", "on", "whose"])
    if clean := tidy(request):
        return clean
    view = _choice(request, "view", "week", [name for name, _label in VIEWS])
    sells = salesperson_of(request.user) is not None
    whose_choices = [pair for pair in WHOSE if sells or pair[0] == ALL]
    whose = _choice(request, "whose", MINE if sells else ALL, [name for name, _l in whose_choices])
    on = _day(request)
    shown = calendar_of(_tasks(request, whose), person(request), view=view, on=on)
    context = {
        "calendar": shown,
        "title": _title(shown),
        "today": today(),
        "whose": whose,
        "here": request.get_full_path(),
        "view_tabs": _tabs(request, "view", VIEWS, view),
        "whose_tabs": _tabs(request, "whose", whose_choices, whose),
    }
    return render(request, "tasks/calendar.html", context)


def _tasks(request: HttpRequest, whose: str) -> TaskQuerySet:
    """Return whose tasks are shown; one's own with the meetings that one attends."""
    visible = Task.objects.visible_to(request.user)
    if whose != MINE:
        return of_whose(visible, whose, request.user)
    own = of_whose(Task.objects.all(), MINE, request.user).values("pk")
    attended = of_whose(Task.objects.all(), ATTENDING, request.user).values("pk")
    return visible.filter(Q(pk__in=own) | Q(pk__in=attended))


def _title(shown: Calendar) -> str:
    if shown.view == "day":
        return _("%(weekday)s, %(day)s") % {
            "weekday": date_format(shown.on, "l"),
            "day": date_format(shown.on, "DATE_FORMAT"),
        }
    if shown.view == "month":
        return date_format(shown.on, "F Y")
    words = {
        "number": shown.first.isocalendar().week,
        "first": date_format(shown.first, "SHORT_DATE_FORMAT"),
        "last": date_format(shown.last, "SHORT_DATE_FORMAT"),
    }
    return _("Week %(number)d: %(first)s – %(last)s") % words


def _choice(request: HttpRequest, name: str, usual: str, choices: list[str]) -> str:
    value = request.GET.get(name, usual)
    if value not in choices:
        raise BadRequest(_("The calendar has no “%(value)s”.") % {"value": value[:40]})
    return value


def _day(request: HttpRequest) -> Any:
    text = request.GET.get("on", "")
    try:
        day = check_day(text) if text else today()
    except ValidationError as error:
        raise BadRequest(error.message) from error
    if not FIRST_DAY + YEAR <= day <= LAST_DAY - YEAR:
        raise BadRequest(_("The calendar begins in 1901 and ends in 2998."))
    return day


def _tabs(request: HttpRequest, name: str, pairs: Any, present: str) -> list[Tab]:
    tabs = []
    for value, label in pairs:
        query = request.GET.copy()
        query[name] = value
        tabs.append(Tab(label, f"?{query.urlencode()}", value == present))
    return tabs
