"""Cohorts: of those created in a month, how many were won, lost or open so many months later."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import TruncMonth
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.exporting import Table
from analytics.figures import Figure, Reading, define
from analytics.flow import CohortFilter, url_of
from analytics.periods import shifted
from crm.dates import month_of

MONTHS = 12
STEPS = 10  # of the heat of a cell
CREATED = {
    "count": define(
        "cohort_count", "count", gettext_lazy("Created"),
        gettext_lazy("The opportunities created in the month, and not deleted."),
    ),
    "value": define(
        "cohort_value", "value", gettext_lazy("Value created"),
        gettext_lazy("The estimated values of those created in the month, as they are on the day."),
    ),
}  # fmt: skip
SHOWN = {
    "won": gettext_lazy("Won"),
    "lost": gettext_lazy("Lost"),
    "open": gettext_lazy("Open"),
}
CELLS: dict[tuple[str, str], Figure] = {
    (show, measure): define(
        f"cohort_{show}_{measure}", measure, label,
        gettext_lazy("Those of the month that were so by the end of the month of the column."),
    )
    for show, label in SHOWN.items() for measure in CREATED
}  # fmt: skip
SHARE = define(
    "cohort_share", "share", gettext_lazy("Share"),
    gettext_lazy("Of all that were created in the month: the share that was so by then."),
)  # fmt: skip
ZERO = Decimal(0)


@dataclass(frozen=True)
class Cell:
    """A cohort so many months later: its share, its number, and how strong its colour is."""

    share: Reading
    number: Reading
    heat: int


@dataclass(frozen=True)
class Cohort:
    """A month of creation: all of it, and the months since; None where they lie ahead."""

    month: date
    created: Reading
    cells: list[Cell | None]


def cohorts_of(filterset: CohortFilter, show: str, measure: str) -> list[Cohort]:
    """Return the cohorts of the last 12 months: one query."""
    last = month_of(filterset.day.on)[0]
    months = [shifted(last, -back) for back in range(MONTHS)]
    number = Count("pk") if measure == "count" else Sum("estimated_value")
    rows: Any = filterset.rows().filter(opportunity__created_on__gte=months[-1]).order_by()
    rows = rows.annotate(
        month=TruncMonth("opportunity__created_on"), closed=TruncMonth("closed_on")
    )
    found: dict[date, list[Any]] = defaultdict(list)
    for row in rows.values("month", "closed", "status").annotate(number=number):
        found[row["month"]].append((row["closed"], row["status"], row["number"]))
    look = _Look(filterset, show, measure, last)
    return [look.cohort(month, found[month]) for month in months]


@dataclass(frozen=True)
class _Look:
    """What the page shows of each cohort, until which month."""

    filterset: CohortFilter
    show: str
    measure: str
    last: date

    def cohort(self, month: date, rows: Sequence[Any]) -> Cohort:
        """Return a cohort from its rows: month of closing, status, number."""
        total = sum((number for *_row, number in rows), ZERO)
        url = self._url(month)
        cells = [self._cell(month, shifted(month, n), rows, total) for n in range(MONTHS)]
        return Cohort(month, CREATED[self.measure].reading(total, url), cells)

    def _cell(self, month: date, until: date, rows: Sequence[Any], total: Decimal) -> Cell | None:
        if until > self.last:
            return None
        number = sum((n for closed, status, n in rows if self._is_in(closed, status, until)), ZERO)
        share = number * 100 / total if total else ZERO
        end = month_of(until)[1].isoformat()
        narrowed = (
            {"unclosed_on": end}
            if self.show == "open"
            else {"status": self.show, "close_until": end}
        )
        return Cell(
            SHARE.reading(share, self._url(month)),
            CELLS[self.show, self.measure].reading(number, self._url(month, **narrowed)),
            int(-(-share * STEPS // 100)),
        )

    def _is_in(self, closed: date | None, status: str, until: date) -> bool:
        if self.show == "open":
            return closed is None or closed > until
        return status == self.show and closed is not None and closed <= until

    def _url(self, month: date, **narrowed: str) -> str:
        first, last = month_of(month)
        period = {"created_from": first.isoformat(), "created_until": last.isoformat()}
        return url_of(self.filterset, **period, **narrowed)


def tables_of(cohorts: Sequence[Cohort], show: str, measure: str) -> list[Table]:
    """Return shares and numbers for a file, a table of each."""
    columns = [_("Month created"), CREATED[measure].label, *map(str, range(MONTHS))]
    tables = []
    for name, part in ((SHARE.label, "share"), (SHOWN[show], "number")):
        rows = [
            [date_format(each.month, "YEAR_MONTH_FORMAT"), each.created,
             *(getattr(cell, part) if cell else None for cell in each.cells)]
            for each in cohorts
        ]  # fmt: skip
        tables.append(Table(name, columns, rows))
    return tables
