"""The choices that the filters of the list offer, and the words in which they are told."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from opportunities.models import Status
from opportunities.next_tasks import LATE, LATER, NONE, TODAY

STATUSES = [
    ("open", _("Open")),
    ("closed", _("Closed")),
    ("started", _("Started")),
    ("not_lost", _("Open or won")),
    *Status.choices,
]
SNOOZED = [("no", _("Not snoozed")), ("yes", _("Snoozed"))]
CHOICE_PHRASES: dict[str, dict[str, Any]] = {
    "next_task": {
        LATE: _("whose next task is late"),
        TODAY: _("whose next task is due today"),
        LATER: _("whose next task comes later"),
        NONE: _("without a next task"),
    },
    "snoozed": {"no": _("not snoozed by me"), "yes": _("snoozed by me")},
    "closes": {
        "this_month": _("closing this month"),
        "next_month": _("closing next month"),
        "this_quarter": _("closing this quarter"),
        "next_quarter": _("closing next quarter"),
        "this_year": _("closing this year"),
    },
}
# Periods that move with the calendar, so that a saved view stays true.
PERIODS = [
    ("this_month", _("This month")),
    ("next_month", _("Next month")),
    ("this_quarter", _("This quarter")),
    ("next_quarter", _("Next quarter")),
    ("this_year", _("This year")),
]
