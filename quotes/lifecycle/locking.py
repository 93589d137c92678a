"""What every change of a quote begins and ends with: the lock, the conflict, the stamp."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from changes import log
from opportunities.lifecycle.ledger import moment_now
from opportunities.models import Opportunity
from quotes.models import Quote
from salespeople.models import User


class Conflict(Exception):
    """Somebody changed the quote since the person looked at it; `quote` is it as it is now."""

    def __init__(self, quote: Quote) -> None:
        """Carry the quote."""
        super().__init__(f"quote {quote.pk} has changed")
        self.quote = quote


@contextmanager
def locked(opportunity: Opportunity, *, by: User) -> Iterator[Opportunity]:
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


@contextmanager
def locked_quote(quote: Quote, *, by: User, seen: str | None) -> Iterator[Quote]:
    """Lock the opportunity and yield the quote as it is now; Conflict if it is not what was seen.

    Asking for what is closed is refused before anything else.
    """
    with locked(quote.opportunity, by=by):
        fresh = Quote.objects.select_related(
            "changed_by", "contact__company", "opportunity__salesperson"
        ).get(pk=quote.pk)
        if seen is not None and seen != fresh.version:
            raise Conflict(fresh)
        yield fresh


def saved(
    quote: Quote, *, by: User, verb: str, lines: tuple[Any, Any] | None = None, **changes: Any
) -> Quote:  # fmt: skip
    """Save the changes with who made them and when, count the edit, and note it.

    `lines` are those before and after, as they are noted, where they have changed.
    """
    before = log.values_of(Quote.objects.get(pk=quote.pk), changes)
    names = tuple(changes)
    changes |= {"changed_at": moment_now(), "changed_by": by, "edits": quote.edits + 1}
    for name, value in changes.items():
        setattr(quote, name, value)
    quote.save(update_fields=list(changes))
    after = log.values_of(quote, names)
    if lines is not None:
        before["lines"], after["lines"] = lines
    log.note(verb, quote, by=by, before=before, after=after)
    return quote
