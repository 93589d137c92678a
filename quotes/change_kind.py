"""What the changes of quotes are called, and how one is taken back (ADR 0022)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes.kinds import ChangeKind
from changes.lifecycle import values_before
from changes.models import Change
from notices.kinds import Kind
from notices.telling import withdraw
from quotes.lifecycle.lines import lines_of_noted, noted_lines
from quotes.lifecycle.locking import locked_quote, saved
from quotes.lifecycle.writing import write_lines
from quotes.models import Quote
from salespeople.models import User


def undo(change: Change, *, by: User) -> None:
    """Take back an edit of a draft, or what was said of a quote.

    A mail is not taken back. A document that was kept stays, so that a quote
    which becomes a draft again is the next revision.
    """
    quote: Any = change.quote
    _check_opportunity(quote.opportunity)
    if change.verb == "mail":
        raise ValidationError(
            _("It has been mailed, and no mail comes back. Revise it instead."), code="mailed"
        )
    with locked_quote(quote, by=by, seen=None) as fresh:
        present = noted_lines(fresh)
        values = values_before(change, fresh, present={"lines": present})
        lines = None
        if change.verb.startswith("edit"):
            _check_draft(fresh)
        if "lines" in change.before:
            write_lines(fresh, lines_of_noted(change.before["lines"]))
            lines = (present, noted_lines(fresh))
        is_out = fresh.documents.filter(revision=values.get("revision", fresh.revision)).exists()
        if values.get("status") == Quote.Status.DRAFT and is_out:
            values["revision"] = fresh.revision + 1
        if change.verb == "accept":
            withdraw(Kind.QUOTE, quote=fresh)
        saved(fresh, by=by, verb=change.verb, lines=lines, **values)


def _check_opportunity(opportunity: Any) -> None:
    """Refuse what the closing of the opportunity rests on, and name that."""
    if opportunity.is_closed:
        text = _("Something newer rests on it: the opportunity is %(status)s. Undo that first.")
        status = opportunity.get_status_display().lower()
        raise ValidationError(text % {"status": status}, code="newer")


def _check_draft(quote: Quote) -> None:
    if not quote.is_draft:
        text = _("Something newer rests on it: the quote is %(status)s. Undo that first.")
        status = quote.get_status_display().lower()
        raise ValidationError(text % {"status": status}, code="newer")


QUOTES = ChangeKind(
    name="quote",
    rows=Quote.objects.visible_to,
    undo=undo,
    words={
        "edit": gettext_lazy("edited the quote"),
        "edit_lines": gettext_lazy("changed the lines of the quote"),
        "send": gettext_lazy("marked the quote as sent"),
        "mail": gettext_lazy("mailed the quote"),
        "accept": gettext_lazy("marked the quote as accepted"),
        "decline": gettext_lazy("marked the quote as declined"),
        "expire": gettext_lazy("marked the quote as expired"),
        "take_back": gettext_lazy("took back what was said of the quote"),
        "revise": gettext_lazy("took the quote up again"),
    },
    untold=frozenset({
        "lines", "sent_at", "sent_by", "decided_at", "decided_by", "expired_at",
    }),
)  # fmt: skip
