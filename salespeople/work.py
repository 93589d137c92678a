"""What a salesperson has to do and has reached: tasks, target and pace.

Tasks and opportunities are reached by their names only: this room stands below theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, Sum

from crm.dates import month_of, quarter_of, today
from salespeople.figures import WON, Span, query_of
from salespeople.models import Salesperson, Team
from salespeople.pace import Pace, pace_of
from salespeople.visibility import Person

MOST_TASKS = 6
MOST_COUNTED = 1_000


@dataclass(frozen=True)
class Period:
    """A month or a quarter: what was won, with the address of its rows, and the pace if any."""

    is_quarter: bool
    won: Decimal
    query: str
    pace: Pace | None


@dataclass(frozen=True)
class Tasks:
    """The open tasks: the first of them, and how many there are."""

    rows: Sequence[Any]
    count: int
    is_capped: bool
    day: date

    @property
    def next_on(self) -> date | None:
        """When the next one is due (Business Central R172)."""
        return self.rows[0].due_on if self.rows else None


def tasks_of(whose: Salesperson | Team, user: Person) -> Tasks:
    """Return the open tasks of a salesperson or a team that `user` sees: 2 queries."""
    tasks: Any = whose.tasks
    visible = tasks.open().visible_to(user)
    first = visible.select_related("salesperson", "contact").order_by("due_on", "start_time", "pk")
    count = visible.order_by()[: MOST_COUNTED + 1].count()
    rows = list(first[:MOST_TASKS])
    return Tasks(rows, min(count, MOST_COUNTED), count > MOST_COUNTED, today())


def periods_of(salesperson: Salesperson) -> list[Period]:
    """Return this month and this quarter: 2 queries."""
    day = today()
    spans = {"in_month": month_of(day), "in_quarter": quarter_of(day)}
    opportunities: Any = salesperson.opportunities
    won = (
        opportunities.kept()
        .won()
        .aggregate(
            **{
                name: Sum("calculated_value", filter=Span(*span).condition())
                for name, span in spans.items()
            }
        )
    )
    targets = salesperson.targets.aggregate(
        **{name: Sum("value", filter=Q(month__range=span)) for name, span in spans.items()}
    )
    return [_period(name, span, won[name], targets[name], salesperson) for name, span in
            spans.items()]  # fmt: skip


def _period(
    name: str,
    span: tuple[date, date],
    won: Decimal | None,
    target: Decimal | None,
    salesperson: Salesperson,
) -> Period:
    first, last = span
    value = won or Decimal(0)
    query = query_of(WON, Span(first, last), salesperson=salesperson.pk)
    pace = pace_of(target, value, first=first, last=last, day=today()) if target else None
    return Period(name == "in_quarter", value, query, pace)
