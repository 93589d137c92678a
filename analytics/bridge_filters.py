"""The filters of a bridge: what can be asked of an opportunity on both of its days."""

from datetime import date
from typing import Any, ClassVar

from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from lists.several import OneOfRowsFilter
from opportunities.days import Day
from opportunities.past_filters import StateFilter
from salespeople.models import Salesperson
from salespeople.visibility import visible_salespeople

# Whose an opportunity is, and when it closes: two reasons of their own to come or go.
PERSON = ("salesperson", "team", "teamless")
PERIOD = ("close_from", "close_until", "undated")


def _salespeople(filterset: Any) -> Any:
    """Return whom the person may see on one of the two days."""
    user = filterset.request.user
    seen = [visible_salespeople(user, day).order_by().values("pk") for day in filterset.days]
    return Salesperson.objects.filter(Q(pk__in=seen[0]) | Q(pk__in=seen[-1]))


class BridgeFilter(StateFilter):
    """The filters of a past day, asked on two; the bars themselves say what became of a status."""

    days: tuple[date, ...] = ()
    status: Any = None
    overdue: Any = None
    visited: Any = None
    beyond: Any = None
    skipped: Any = None
    left: Any = None
    salesperson = OneOfRowsFilter(
        method="by_condition",
        label=_("Salesperson"),
        rows=_salespeople,
        lookups=("code", "name"),
        empty_label=_("Anybody"),
    )
    first: ClassVar[tuple[str, ...]] = ("salesperson", "team", "cycle", "stage")

    @cached_property
    def day(self) -> Day:
        """The later of the days."""
        return Day(self.days[-1])
