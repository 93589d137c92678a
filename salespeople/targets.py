"""The door of targets: what salespeople are to win in a month, read by all, set by managers."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from salespeople.models import Salesperson, Target, User
from salespeople.roles import is_manager
from salespeople.visibility import Person, visible_salespeople

FIRST_YEAR, LAST_YEAR = 2000, 2100
MONTHS = range(1, 13)


@dataclass(frozen=True)
class Wish:
    """A target to set; None for the value takes it away.

    `seen` is what the person was looking at, asked for only where `is_seen`.
    """

    salesperson: int
    month: date
    value: Decimal | None
    seen: Decimal | None = None
    is_seen: bool = False


class Conflict(Exception):
    """Somebody changed a target after the person had looked at it; `targets` are those now.

    They are by salesperson and month; None for one that was taken away.
    """

    def __init__(self, targets: dict[tuple[int, date], Target | None]) -> None:
        """Carry what is there now."""
        super().__init__(f"{len(targets)} targets have been changed since")
        self.targets = targets


def check_may_set(by: Person) -> None:
    """Refuse who does not manage."""
    if not is_manager(by):
        raise PermissionDenied(_("Targets are set by managers."))


def set_targets(wishes: Iterable[Wish], *, by: User) -> int:
    """Set all of them or none; return how many were changed.

    Raises PermissionDenied for who does not manage, Salesperson.DoesNotExist
    for whom `by` does not see, ValidationError for a value that is none, and
    Conflict. What is already so is not written.
    """
    check_may_set(by)
    wanted = list(wishes)
    for wish in wanted:
        check_month(wish.month)
        check_value(wish.value)
    people = {wish.salesperson for wish in wanted}
    with transaction.atomic():
        rows = visible_salespeople(by).filter(pk__in=people).order_by("pk")
        seen = {row.pk for row in rows.select_for_update(of=("self",), no_key=True)}
        if seen != people:
            raise Salesperson.DoesNotExist
        found = Target.objects.filter(salesperson__in=people).select_related("changed_by")
        there = {(t.salesperson_id, t.month): t for t in found}
        _check_seen(wanted, there)
        return sum(_set(wish, there.get((wish.salesperson, wish.month)), by) for wish in wanted)


def check_month(month: date) -> None:
    """Refuse what is not the first day of a month that we plan for."""
    if month.day != 1 or not FIRST_YEAR <= month.year <= LAST_YEAR:
        raise ValidationError(_("Give a month between the years 2000 and 2100."))


def check_value(value: Decimal | None) -> None:
    """Refuse what the column does not hold: a negative amount, too many digits."""
    if value is not None:
        Target._meta.get_field("value").clean(value, None)


def _check_seen(wishes: list[Wish], there: dict[tuple[int, date], Target]) -> None:
    others = {}
    for wish in wishes:
        target = there.get((wish.salesperson, wish.month))
        now = target.value if target else None
        if wish.is_seen and now not in (wish.seen, wish.value):
            others[wish.salesperson, wish.month] = target
    if others:
        raise Conflict(others)


def _set(wish: Wish, target: Target | None, by: User) -> bool:
    """Write one wish; say whether that changed anything."""
    if (target.value if target else None) == wish.value:
        return False
    if wish.value is None:
        if target is not None:
            target.delete()
        return True
    if target is None:
        target = Target(salesperson_id=wish.salesperson, month=wish.month)
    target.value, target.changed_by = wish.value, by
    target.save()
    return True


def split_over_months(total: Decimal) -> list[Decimal]:
    """Return the parts of three months that add up to `total`, exact to the cent.

    What cannot be parted goes to the first months.
    """
    cents = int(total.scaleb(2))
    each, rest = divmod(cents, 3)
    return [Decimal(each + (n < rest)).scaleb(-2) for n in range(3)]


def target_of(people: Any, first: date, last: date) -> Decimal | None:
    """Return the sum of the targets of `people` in the months of a period; None for none.

    `people` are salespeople, as a QuerySet or a list; None means everybody.
    A target of 0 is none.
    """
    rows = Target.objects.filter(month__range=(first, last))
    if people is not None:
        rows = rows.filter(salesperson__in=people)
    found: Decimal | None = rows.aggregate(sum=Sum("value"))["sum"]
    return found or None


def targets_of_year(people: Iterable[int], year: int) -> dict[int, list[Decimal | None]]:
    """Return the twelve targets of each salesperson by id, None where there is none: one query."""
    found: dict[int, list[Decimal | None]] = {pk: [None] * 12 for pk in people}
    rows = Target.objects.filter(salesperson__in=list(found), month__year=year)
    for person, month, value in rows.values_list("salesperson", "month", "value"):
        found[person][month.month - 1] = value
    return found


def sums_of_year(people: Any, year: int) -> list[Decimal]:
    """Return what `people`, salespeople as a QuerySet, are to win in each month: one query."""
    rows = Target.objects.filter(salesperson__in=people, month__year=year).order_by()
    found = dict(rows.values_list("month__month").annotate(sum=Sum("value")))
    return [found.get(month, Decimal(0)) for month in MONTHS]
