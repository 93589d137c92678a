"""The door of held reviews: marked with the address that shows them again, and taken back."""

from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.models import ReviewMark
from analytics.review import Review
from salespeople.models import User
from salespeople.roles import is_manager
from salespeople.visibility import Person, sees_everything

MOST_NOTE = 500
MOST_SHOWN = 5


def check_may_mark(by: Person) -> None:
    """Refuse who does not manage."""
    if not is_manager(by):
        raise PermissionDenied(_("Reviews are held by managers."))


def mark(review: Review, *, by: User, note: str = "", known: datetime | None = None) -> ReviewMark:
    """Write that a review was held, as it was `known` (now, where the review names no moment).

    The same review is marked once. Raises ValidationError for a moment to come
    and a note that is too long.
    """
    check_may_mark(by)
    text = note.strip()
    if len(text) > MOST_NOTE or "\x00" in text:
        raise ValidationError({"note": _("At most %(most)d characters.") % {"most": MOST_NOTE}})
    now = timezone.now()
    at = review.day.at or known or now
    if at > now:
        raise ValidationError(_("A review of what will be known later cannot be held yet."))
    columns: dict[str, Any] = {
        "on": review.day.on,
        "since_on": review.opening.on,
        "period": review.period.kind,
        "team": review.scope.team,
        "salesperson": review.scope.salesperson,
        "known_at": at,
        "reviewed_by": by,
    }
    with transaction.atomic():
        User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
        there = ReviewMark.objects.filter(**columns, taken_back_at__isnull=True).first()
        return there or ReviewMark.objects.create(**columns, note=text, reviewed_at=now)


def take_back(marked: ReviewMark, *, by: User) -> ReviewMark:
    """Take back what oneself has marked; twice is once."""
    with transaction.atomic():
        rows = ReviewMark.objects.select_for_update(of=("self",), no_key=True)
        fresh = rows.get(pk=marked.pk)
        if fresh.reviewed_by_id != by.pk:
            raise PermissionDenied(_("Only who has held a review may take it back."))
        if fresh.taken_back_at is None:
            fresh.taken_back_at, fresh.taken_back_by = timezone.now(), by
            fresh.save(update_fields=["taken_back_at", "taken_back_by"])
    return fresh


def marks_of(review: Review) -> list[ReviewMark]:
    """Return the newest held reviews of the same team or salesperson that stand: one query.

    Of all that one sees, one's own: others see others.
    """
    scope = review.scope
    rows = ReviewMark.objects.filter(
        team=scope.team, salesperson=scope.salesperson, taken_back_at__isnull=True
    )
    if not (scope.team or scope.salesperson or sees_everything(scope.user)):
        rows = rows.filter(reviewed_by=scope.user.pk)
    return list(rows.select_related("reviewed_by")[:MOST_SHOWN])
