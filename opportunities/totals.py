"""Totals of the present day that are kept: written by triggers, exact at every commit (ADR 0032).

A trigger on the opportunities notes by how much each statement changes which
group; a reader adds the notes to what is kept already, in one query, and a
folding adds them for good. So nobody waits for a row that others change too.

`GroupTotal` is what is read. Its columns are called as those of an
opportunity, so that one condition finds the rows and their totals.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any, Self

from django.core.exceptions import FieldError
from django.db import models
from django.db.models import Q, Sum
from django.db.models.expressions import Col
from django.db.models.functions import TruncMonth
from django.db.models.lookups import Lookup
from django.db.models.sql.where import WhereNode
from django.utils.translation import gettext_lazy as _

from crm.dates import month_of
from opportunities.state import Status
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.models import Salesperson
from salespeople.visibility import Person, visible_ids

CYCLE, STAGE, STATUS = "sales_cycle", "stage", "status"
SALESPERSON, DAY, MONTH = "salesperson", "estimated_close_on", "close_month"
# What the groups of each grain have alike, those of the fewest groups first. A grain by month
# holds the first day of the month in the place of the day.
GRAINS: dict[str, frozenset[str]] = {
    "stage": frozenset({CYCLE, STAGE, STATUS}),
    "month": frozenset({CYCLE, STAGE, STATUS, MONTH}),
    "day": frozenset({CYCLE, STATUS, MONTH, DAY}),
    "person": frozenset({SALESPERSON, CYCLE, STAGE, STATUS}),
    "person_month": frozenset({SALESPERSON, STATUS, MONTH}),
}
# What the groups of a queryset are added up to.
SUMS: dict[str, Any] = {
    "count": Sum("opportunities"),
    "value": Sum("estimated_value"),
    "calculated": Sum("calculated_value"),
}


class Group(models.Model):
    """A group's keys, without foreign keys: writing waits for nobody; and its sums."""

    salesperson = models.BigIntegerField(_("salesperson"), null=True)
    sales_cycle = models.BigIntegerField(_("sales cycle"), null=True)
    stage = models.BigIntegerField(_("stage"), null=True)
    status = models.CharField(_("status"), max_length=11, choices=Status)
    estimated_close_on = models.DateField(_("estimated close date"), null=True)
    opportunities = models.BigIntegerField(_("number of opportunities"))
    estimated_value = models.DecimalField(_("estimated value"), max_digits=38, decimal_places=2)
    calculated_value = models.DecimalField(_("calculated value"), max_digits=38, decimal_places=10)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.status}: {self.opportunities}"


class TotalChange(Group):
    """By how much a statement changed a group of every key; only added, and folded later."""

    class Meta(Group.Meta):
        verbose_name = _("change of totals")
        verbose_name_plural = _("changes of totals")


class KeptTotal(Group):
    """What a group of a grain adds up to, without the changes that are not folded yet."""

    grain = models.CharField(_("grain"), max_length=12)

    class Meta(Group.Meta):
        verbose_name = _("kept total")
        verbose_name_plural = _("kept totals")
        constraints = [
            models.UniqueConstraint(
                fields=[
                    "grain", "salesperson", "sales_cycle", "status", "stage", "estimated_close_on",
                ],
                nulls_distinct=False,
                name="kept_total_of_group",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["id"], name="kept_total_empty", condition=Q(opportunities=0)),
        ]


class GroupTotalQuerySet(models.QuerySet["GroupTotal"]):
    """Totals, narrowed by the conditions that narrow opportunities."""

    def visible_to(self, user: Person) -> Self:
        """Return those of the salespeople whom `user` may see."""
        ids = visible_ids(user)
        return self.all() if ids is None else self.filter(salesperson__in=ids)

    def matching(self, condition: Q) -> Self | None:
        """Narrow them; None for a condition about something that totals do not know."""
        try:
            return self.filter(condition)
        except FieldError:
            return None

    def by(self, *keys: str) -> Self | None:
        """Return the groups of the coarsest grain that knows these keys and all conditions.

        With `close_month` among the keys it can be grouped by. None where no
        grain does: then the opportunities themselves have to be asked.
        """
        asked = [_key(child) for child in _leaves(self.query.where)]
        needed = {*asked, *keys}
        grain = next((name for name, known in GRAINS.items() if needed <= known), None)
        if grain is None:
            return None
        rows = self.filter(grain=grain)
        return rows.annotate(close_month=TruncMonth(DAY)) if MONTH in keys else rows

    def sums(self, *by: str | models.F, **parts: Any) -> Any:
        """Return a row with `SUMS` for each group by columns or expressions; no empty ones."""
        rows = self.order_by().values(*by, **parts).annotate(**SUMS)
        return rows.filter(count__gt=0)


class GroupTotal(models.Model):
    """A part of what a group adds up to: a row of a view over what is kept and what changed.

    The rows of one grain, added up, are the totals; of two grains, nonsense:
    `by` chooses one. There is no key; Django wants one named.
    """

    grain = models.CharField(_("grain"), max_length=12, primary_key=True)
    salesperson = models.ForeignKey(
        Salesperson,
        verbose_name=_("salesperson"),
        null=True,
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="totals",
    )
    sales_cycle = models.ForeignKey(
        SalesCycle,
        verbose_name=_("sales cycle"),
        null=True,
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="totals",
    )
    stage = models.ForeignKey(
        SalesCycleStage,
        verbose_name=_("stage"),
        null=True,
        db_constraint=False,
        on_delete=models.DO_NOTHING,
        related_name="totals",
    )
    status = models.CharField(_("status"), max_length=11, choices=Status)
    estimated_close_on = models.DateField(_("estimated close date"), null=True)
    opportunities = models.BigIntegerField(_("number of opportunities"))
    estimated_value = models.DecimalField(_("estimated value"), max_digits=38, decimal_places=2)
    calculated_value = models.DecimalField(_("calculated value"), max_digits=38, decimal_places=10)

    objects = GroupTotalQuerySet.as_manager()

    class Meta:
        managed = False
        verbose_name = _("total")
        verbose_name_plural = _("totals")

    def __str__(self) -> str:
        return f"{self.grain} {self.status}: {self.opportunities}"


def _leaves(node: WhereNode) -> Iterator[Any]:
    """Yield the comparisons of which a condition is made."""
    for child in node.children:
        if isinstance(child, WhereNode):
            yield from _leaves(child)
        else:
            yield child


def _key(comparison: Any) -> str:
    """Return the key that is compared; "" for what is no comparison of a key.

    Where a close date is compared so that each month is in or out as a whole,
    the month is enough.
    """
    column = getattr(comparison, "lhs", None)
    if not (isinstance(comparison, Lookup) and isinstance(column, Col)):
        return ""
    if column.target.model is not GroupTotal:
        return ""
    name: str = column.target.name
    if name == DAY and _cuts_no_month(comparison.lookup_name, comparison.rhs):
        return MONTH
    return name


def _cuts_no_month(lookup: str | None, value: Any) -> bool:
    match lookup, value:
        case "isnull", _:
            return True
        case "gte" | "lt", date():
            return _begins_month(value)
        case "lte" | "gt", date():
            return _ends_month(value)
        case "range", (date() as first, date() as last):
            return _begins_month(first) and _ends_month(last)
    return False


def _begins_month(day: date) -> bool:
    return day.day == 1


def _ends_month(day: date) -> bool:
    return day == month_of(day)[1]


__all__ = ["GRAINS", "SUMS", "GroupTotal", "GroupTotalQuerySet", "KeptTotal", "TotalChange"]
