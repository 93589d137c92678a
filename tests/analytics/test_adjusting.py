"""The door of adjusted forecasts: reasons, rights, superseding, and what the database refuses."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from analytics.adjusting import Conflict, adjust
from analytics.models import Adjustment
from salespeople.models import Salesperson, User
from tests.factories import SalespersonFactory

MAY = date(2026, 5, 1)


def put(
    by: User,
    person: Salesperson,
    value: int | None,
    *,
    month: date = MAY,
    reason: str = "They told me",
    seen: int | None = None,
) -> Adjustment | None:
    amount = None if value is None else Decimal(value)
    return adjust(
        person, month, by=by, value=amount, system_value=Decimal("120.5"), reason=reason, seen=seen
    )


def test_a_later_figure_supersedes_and_all_of_them_stay(alice: User, bob: User) -> None:
    person = bob.salesperson
    first = put(alice, person, 100)
    second = put(alice, person, 90, reason="Not in May")
    taken_back = put(alice, person, None, reason="The system is right")

    found = list(Adjustment.objects.order_by("pk"))
    assert found == [first, second, taken_back]
    assert [row.value for row in found] == [100, 90, None]
    assert [row.superseded_at is None for row in found] == [False, False, True]
    assert found[0].superseded_at == found[1].adjusted_at


def test_what_is_already_so_is_not_written(alice: User, bob: User) -> None:
    first = put(alice, bob.salesperson, 100)

    assert put(alice, bob.salesperson, 100, reason="Again") == first
    assert Adjustment.objects.count() == 1


@pytest.mark.parametrize(
    ("value", "options"),
    [
        (100, {"reason": "  "}),
        (-1, {}),
        (10**16, {}),
        (1, {"reason": "x" * 501}),
        (1, {"month": date(2026, 5, 2)}),
    ],
)
def test_what_is_refused_writes_nothing(
    alice: User, bob: User, value: int, options: dict[str, Any]
) -> None:
    with pytest.raises(ValidationError):
        put(alice, bob.salesperson, value, **options)

    assert Adjustment.objects.count() == 0


def test_only_managers_adjust_and_only_whom_they_see(alice: User, bob: User) -> None:
    with pytest.raises(PermissionDenied, match="adjusted by managers"):
        put(bob, bob.salesperson, 100)
    Salesperson.objects.filter(user=alice).update(sees="own")
    with pytest.raises(Salesperson.DoesNotExist):
        put(User.objects.get(pk=alice.pk), SalespersonFactory(), 100)


def test_who_was_slower_is_told(alice: User, bob: User) -> None:
    first = put(alice, bob.salesperson, 100, seen=0)
    with pytest.raises(Conflict) as conflict:
        put(alice, bob.salesperson, 80, seen=0)

    assert conflict.value.current == first


def test_the_database_refuses_to_change_or_delete(alice: User, bob: User) -> None:
    first = put(alice, bob.salesperson, 100)
    assert first is not None
    for change in (
        lambda: Adjustment.objects.update(value=5),
        lambda: Adjustment.objects.update(reason="Other"),
        lambda: Adjustment.objects.all()._raw_delete("default"),
    ):
        with pytest.raises(IntegrityError, match="superseded, never changed"), transaction.atomic():
            change()
