"""The mail that a quote goes out with, as it is proposed, in the customer's language."""

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.money import format_money
from quotes.models import Quote


def letter_of(quote: Quote) -> dict[str, str]:
    """Return address, subject and text."""
    contact = quote.contact
    company = contact.company
    with translation.override(quote.written_in):
        known = {
            "number": quote.full_number,
            "description": quote.opportunity.description,
            "total": format_money(quote.totals.total),
        }
        offer = _("Our quote %(number)s for “%(description)s” is attached: %(total)s with VAT.")
        paragraphs = [
            _("Hello %(name)s,") % {"name": contact.first_name or contact.name},
            offer % known,
            _validity(quote),
            _("You are welcome to call or write if you have any questions."),
            "\n".join(
                [
                    _("Kind regards"),
                    quote.opportunity.salesperson.name,
                    settings.COMPANY_NAME,
                ]
            ),
        ]
        return {
            "to": contact.email or (company.email if company else ""),
            "subject": _("Quote %(number)s: %(description)s") % known,
            "text": "\n\n".join(part for part in paragraphs if part),
        }


def _validity(quote: Quote) -> str:
    if quote.valid_until is None:
        return ""
    return _("It is valid until %(date)s.") % {"date": date_format(quote.valid_until)}
