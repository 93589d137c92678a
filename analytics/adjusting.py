"""The door of adjusted forecasts: a manager's figure with its reason, superseded, never changed."""

from datetime import date
from decimal import Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.models import Adjustment
from salespeople.models import Salesperson, User
from salespeople.roles import is_manager
from salespeople.targets import check_month
from salespeople.visibility import Person, visible_salespeople


class Conflict(Exception):
    """Somebody adjusted the month after the person had looked at it; `current` is theirs."""

    def __init__(self, current: Adjustment | None) -> None:
        """Carry what holds now."""
        super().__init__("the forecast was adjusted since")
        self.current = current


def check_may_adjust(by: Person) -> None:
    """Refuse who does not manage."""
    if not is_manager(by):
        raise PermissionDenied(_("Forecasts are adjusted by managers."))


def adjust(
    salesperson: Salesperson,
    month: date,
    *,
    by: User,
    value: Decimal | None,
    system_value: Decimal,
    reason: str,
    seen: int | None = None,
) -> Adjustment | None:
    """Write what the manager expects instead of the system's figure; None takes it back.

    `seen` is the id of the adjustment that the person was looking at, 0 for
    none. Raises PermissionDenied, Salesperson.DoesNotExist for whom `by` does
    not see, ValidationError, and Conflict. What is already so is not written.
    """
    check_may_adjust(by)
    check_month(month)
    with transaction.atomic():
        rows = visible_salespeople(by)
        person = rows.select_for_update(of=("self",), no_key=True).get(pk=salesperson.pk)
        current = person.adjustments.filter(month=month, superseded_at__isnull=True).first()
        if seen is not None and seen != (current.pk if current else 0):
            raise Conflict(current)
        if value == (current.value if current else None):
            return current
        wish = Adjustment(
            salesperson=person,
            month=month,
            value=value,
            system_value=system_value,
            reason=_checked(reason),
            adjusted_at=timezone.now(),
            adjusted_by=by,
        )
        wish.clean_fields(exclude=["system_value"])
        if current is not None:
            current.superseded_at = wish.adjusted_at
            current.save(update_fields=["superseded_at"])
        wish.save()
    return wish


def _checked(reason: str) -> str:
    if not reason.strip():
        raise ValidationError({"reason": _("Say why: others will read the figure.")})
    return reason.strip()
