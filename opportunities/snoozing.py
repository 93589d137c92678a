"""Putting an opportunity off: hidden from a person's "my day" until a day."""

from datetime import date, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from crm.dates import today
from opportunities.models import Opportunity, Snooze
from salespeople.models import User

MOST_DAYS = 366


def snooze(opportunity: Opportunity, *, by: User, until_on: date) -> Snooze:
    """Hide it from the "my day" of `by` until a day; a second wish replaces the first.

    Raises ValidationError for a day that is not to come, or too far away, and
    Opportunity.DoesNotExist for what `by` may not see.
    """
    last = today() + timedelta(days=MOST_DAYS)
    if not today() < until_on <= last:
        raise ValidationError({"until_on": _("Choose a day within the next year.")})
    with transaction.atomic():
        rows = Opportunity.objects.visible_to(by).kept()
        fresh = rows.select_for_update(of=("self",), no_key=True).get(pk=opportunity.pk)
        found, _is_new = Snooze.objects.update_or_create(
            user=by, opportunity=fresh, defaults={"until_on": until_on}
        )
    return found


def wake(opportunity: Opportunity, *, by: User) -> bool:
    """Show it again on the "my day" of `by`; say whether it was put off."""
    with transaction.atomic():
        fresh = Opportunity.objects.visible_to(by).get(pk=opportunity.pk)
        number, _by_model = Snooze.objects.filter(user=by, opportunity=fresh).delete()
    return bool(number)
