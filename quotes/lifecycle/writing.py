"""Creating a quote, and changing what a draft offers (Business Central R126, R131)."""

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.models import Contact
from crm.dates import site_date
from opportunities.lifecycle.checks import FIRST_DAY, LAST_DAY
from opportunities.lifecycle.ledger import moment_now
from opportunities.models import Opportunity, Status
from quotes.lifecycle.lines import NewLine, checked_lines, is_same, noted_lines
from quotes.lifecycle.locking import locked, locked_quote, saved
from quotes.models import MOST_TERMS, Quote, QuoteLine
from salespeople.models import User


def create(
    opportunity: Opportunity,
    *,
    by: User,
    lines: Iterable[NewLine] = (),
    valid_until: date | None = None,
    terms: str | None = None,
    language: str = "",
) -> Quote:
    """Create a draft for the contact of an opportunity in progress (R126).

    Valid, where nothing is given, for the site's usual number of days, on its
    usual terms. Without lines it is empty, and opens no gate yet.
    """
    with locked(opportunity, by=by) as fresh:
        check_in_progress(fresh)
        moment = moment_now()
        quote = Quote(
            opportunity=fresh,
            contact=fresh.contact,
            valid_until=valid_until or usual_validity(site_date(moment)),
            language=language,
            created_at=moment,
            created_by=by,
        )
        quote.terms = usual_terms(quote.written_in) if terms is None else terms
        _check_facts(quote)
        rows, quote.amount = checked_lines(quote, lines)
        quote.save(force_insert=True)
        QuoteLine.objects.bulk_create(rows)
        return quote


def edit(
    quote: Quote,
    *,
    by: User,
    lines: Iterable[NewLine] | None = None,
    valid_until: date | None = None,
    terms: str | None = None,
    language: str | None = None,
    seen: str | None = None,
) -> Quote:
    """Change a draft; None keeps what is there. `lines` are all of them, in order."""
    with locked_quote(quote, by=by, seen=seen) as fresh:
        if not fresh.is_draft:
            raise ValidationError(
                _("Only a draft is changed. Make it a draft again first."), code="status"
            )
        wishes = {"valid_until": valid_until, "terms": terms, "language": language}
        changes: dict[str, Any] = {}
        for name, value in wishes.items():
            cleaned = value.strip() if isinstance(value, str) else value
            if cleaned is not None and cleaned != getattr(fresh, name):
                setattr(fresh, name, cleaned)
                changes[name] = cleaned
        _check_facts(fresh)
        present = noted_lines(fresh) if lines is not None else []
        if lines is None or not write_lines(fresh, lines):
            return saved(fresh, by=by, verb="edit", **changes) if changes else fresh
        changes["amount"] = fresh.amount
        noted = (present, noted_lines(fresh))
        return saved(fresh, by=by, verb="edit_lines", lines=noted, **changes)


def write_lines(quote: Quote, lines: Iterable[NewLine]) -> bool:
    """Put these lines in the place of the present ones, and set the amount; say if they differ."""
    present = list(quote.lines.all())
    rows, amount = checked_lines(quote, lines, present=present)
    if is_same(rows, present):
        return False
    quote.lines.all().delete()
    QuoteLine.objects.bulk_create(rows)
    quote.amount = amount
    return True


def proposed_lines(opportunity: Opportunity) -> list[NewLine]:
    """Return the line that a new quote begins with: what the opportunity is about, and worth."""
    price = opportunity.estimated_value or None
    return [NewLine(text=opportunity.description, quantity=Decimal(1), price=price)]


def usual_validity(day: date) -> date:
    """Return until when a quote of that day is valid, if nothing else is said."""
    return day + timedelta(days=settings.QUOTE_VALID_DAYS)


def usual_terms(language: str) -> str:
    """Return the site's terms, or the ordinary ones in the language of the document."""
    if settings.QUOTE_TERMS:
        return str(settings.QUOTE_TERMS)
    with translation.override(language):
        return _("Payment within 30 days of the invoice date.")


def check_in_progress(opportunity: Opportunity) -> None:
    """Refuse a new quote unless the opportunity is in progress (R126)."""
    if opportunity.status != Status.IN_PROGRESS:
        raise ValidationError(
            _("The opportunity is %(status)s: quotes are made while it is in progress.")
            % {"status": opportunity.get_status_display().lower()},
            code="status",
        )


def _check_facts(quote: Quote) -> None:
    """Refuse terms, dates and languages that no document can hold."""
    errors: dict[str, Any] = {}
    if len(quote.terms) > MOST_TERMS or "\x00" in quote.terms:
        errors["terms"] = _("Terms have at most %(most)d characters.") % {"most": MOST_TERMS}
    if quote.valid_until is not None and not FIRST_DAY <= quote.valid_until <= LAST_DAY:
        errors["valid_until"] = _("Give a date between the years 1900 and 2999.")
    languages = [code for code, _label in Contact._meta.get_field("language").choices or ()]
    if quote.language and quote.language not in languages:
        errors["language"] = _("There is no such language.")
    if errors:
        raise ValidationError(errors)
