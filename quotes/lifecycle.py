"""The door of quotes: create one, change its amount, say what became of it (D18, D20)."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from opportunities.models import Opportunity, Status
from quotes.models import Quote
from salespeople.models import User

# What may become of a quote; a declined or expired one is taken up again as a draft.
STEPS: dict[str, tuple[str, ...]] = {
    "draft": ("sent", "accepted", "declined", "expired"),
    "sent": ("accepted", "declined", "expired", "draft"),
    "accepted": ("draft", "declined"),
    "declined": ("draft",),
    "expired": ("draft",),
}


class Conflict(Exception):
    """Somebody changed the quote since the person looked at it; `quote` is it as it is now."""

    def __init__(self, quote: Quote) -> None:
        """Carry the quote."""
        super().__init__(f"quote {quote.pk} has changed")
        self.quote = quote


def create(opportunity: Opportunity, *, by: User, amount: Decimal) -> Quote:
    """Create a draft for the contact of an opportunity in progress (R126)."""
    with _locked(opportunity, by=by) as fresh:
        if fresh.status != Status.IN_PROGRESS:
            raise ValidationError(
                _("The opportunity is %(status)s: quotes are made while it is in progress.")
                % {"status": fresh.get_status_display().lower()},
                code="status",
            )
        quote = Quote(
            opportunity=fresh, contact=fresh.contact, amount=_amount(amount), created_by=by
        )
        quote.save(force_insert=True)
        return quote


def edit(quote: Quote, *, by: User, amount: Decimal, seen: str | None = None) -> Quote:
    """Change the amount of a draft; `seen` is the version that the person looked at."""
    with _locked(quote.opportunity, by=by):
        fresh = _fresh(quote, seen)
        if fresh.status != Quote.Status.DRAFT:
            raise ValidationError(
                {"amount": _("Only a draft changes its amount. Make it a draft again first.")}
            )
        return _saved(fresh, by=by, amount=_amount(amount))


def change_status(quote: Quote, status: str, *, by: User, seen: str | None = None) -> Quote:
    """Say that it was sent, accepted or declined, has expired, or is a draft again."""
    with _locked(quote.opportunity, by=by):
        fresh = _fresh(quote, seen)
        if status == fresh.status:
            return fresh
        if status not in STEPS[fresh.status]:
            raise ValidationError(
                {"status": _("A quote that is %(status)s cannot become that.")
                 % {"status": fresh.get_status_display().lower()}}
            )  # fmt: skip
        return _saved(fresh, by=by, status=status)


def _fresh(quote: Quote, seen: str | None) -> Quote:
    """Return the quote as it is now; Conflict if it is not what was seen."""
    fresh = Quote.objects.select_related("changed_by", "contact", "opportunity").get(pk=quote.pk)
    if seen is not None and seen != fresh.version:
        raise Conflict(fresh)
    return fresh


@contextmanager
def _locked(opportunity: Opportunity, *, by: User) -> Iterator[Opportunity]:
    """Lock the open opportunity, so that no gate is passed while its quote changes."""
    with transaction.atomic():
        rows = Opportunity.objects.visible_to(by).kept()
        fresh = rows.select_for_update(of=("self",), no_key=True).get(pk=opportunity.pk)
        if fresh.is_closed:
            raise ValidationError(
                _("The opportunity is %(status)s: its quotes stay as they are.")
                % {"status": fresh.get_status_display().lower()},
                code="status",
            )
        yield fresh


def _amount(amount: Decimal) -> Decimal:
    field: Any = Quote._meta.get_field("amount")
    try:
        cleaned: Decimal = field.clean(amount, None)
    except ValidationError as error:
        raise ValidationError({"amount": error.messages}) from error
    return cleaned


def _saved(quote: Quote, *, by: User, **changes: Any) -> Quote:
    for name, value in changes.items():
        setattr(quote, name, value)
    quote.changed_at, quote.changed_by = timezone.now(), by
    quote.save(update_fields=[*changes, "changed_at", "changed_by"])
    return quote
