"""A quote as PDF, set by typst: facts go in as data, so no text of anybody is markup.

The font is Inter, as on the pages; what it has no letters for comes from the fonts that
typst brings along, or that the machine has.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import typst
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from contacts.countries import country_name
from contacts.models import Contact
from crm.dates import site_date
from crm.money import format_amount, format_money, format_quantity
from crm.templatetags.crm import share
from quotes.models import Quote, QuoteLine
from quotes.totals import totals_of

SOURCE = Path(__file__).with_name("quote.typ")
FONTS = settings.LOCAL_DIR / "assets" / "fonts"


def file_name(quote: Quote) -> str:
    """Return what the file is called, in the language of the document: "Quote Q12-2.pdf"."""
    with translation.override(quote.written_in):
        return _("Quote %(number)s") % {"number": quote.full_number} + ".pdf"


def pdf_of(quote: Quote) -> bytes:
    """Return the document as it is now; a draft says so on every page."""
    with translation.override(quote.written_in):
        data = json.dumps({**_letterhead(), **_content(quote)})
    moment = int((quote.changed_at or quote.created_at).timestamp())
    source: Any = SOURCE.read_bytes()
    return bytes(
        typst.compile(source, font_paths=[str(FONTS)], sys_inputs={"data": data}, timestamp=moment)
    )


def _logo() -> list[int]:
    """Return the bytes of the picture that the settings name, as numbers: data is text."""
    return list(Path(settings.COMPANY_LOGO).read_bytes()) if settings.COMPANY_LOGO else []


def address_of_ours() -> list[str]:
    """Return the parts of the company's address, by the settings."""
    return _filled([part.strip() for part in settings.COMPANY_ADDRESS.split(",")])


def _letterhead() -> dict[str, Any]:
    """Return who offers, by the settings, and the words that are always there."""
    contact = [settings.COMPANY_EMAIL, settings.COMPANY_PHONE]
    number = settings.COMPANY_ORG_NUMBER
    registered = _("Org. no. %(number)s") % {"number": number} if number else ""
    footer = [settings.COMPANY_NAME, registered, *contact]
    return {
        "company": {
            "name": settings.COMPANY_NAME,
            "logo": _logo(),
            "address": _filled([*address_of_ours(), *contact]),
            "footer": _filled(footer),
        },
        "labels": {
            "draft": _("DRAFT"),
            "page": _("Page %(page)s of %(pages)s"),
            "recipient": _("To"),
            "terms": _("Terms"),
            "acceptance": _("Acceptance"),
            "accepts": _("We accept this quote and its terms."),
        },
        "signature": [_("Place"), _("Date"), _("Signature and name")],
    }


def _content(quote: Quote) -> dict[str, Any]:
    """Return what this quote says."""
    lines = list(quote.lines.all())
    has_discount = any(line.discount_percent for line in lines)
    heading = _("Quote %(number)s") % {"number": quote.full_number}
    totals = totals_of(lines)
    rates = [
        (
            _("VAT %(percent)s of %(base)s")
            % {"percent": share(rate.percent), "base": format_money(rate.base)},
            format_money(rate.vat),
        )
        for rate in totals.rates
    ]
    return {
        "lang": quote.written_in,
        "title": heading,
        "heading": heading,
        "subject": quote.opportunity.description,
        "is_draft": quote.is_draft,
        "recipient": recipient(quote.contact),
        "facts": _facts(quote),
        "columns": _columns(has_discount=has_discount),
        "lines": [_row(line, has_discount=has_discount) for line in lines],
        "totals": [(_("Sum without VAT"), format_money(totals.amount)), *rates],
        "grand": {"label": _("To pay, with VAT"), "value": format_money(totals.total)},
        "terms": _filled(quote.terms.splitlines()),
    }


def _facts(quote: Quote) -> list[tuple[str, str]]:
    """Return the dates and people beside the address."""
    salesperson = quote.opportunity.salesperson
    written_on = site_date(quote.sent_at or quote.changed_at or quote.created_at)
    facts = [
        (_("Quote number"), quote.full_number),
        (_("Date"), date_format(written_on)),
        (_("Valid until"), date_format(quote.valid_until) if quote.valid_until else ""),
        (_("Our reference"), salesperson.name),
        ("", salesperson.email),
        ("", salesperson.phone),
    ]
    return [(label, value) for label, value in facts if value]


def recipient(contact: Contact) -> list[str]:
    """Return name and address: a person's company between; what is blank there, the company's."""
    company = contact.company
    names = [contact.name, company.name if company else ""]
    has_own = contact.address or contact.city or company is None
    lives: Contact = contact if has_own else company  # type: ignore[assignment]
    town = f"{lives.post_code} {lives.city}".strip()
    country = country_name(lives.country) if lives.country else ""
    return _filled([*names, lives.address, lives.address_2, town, country])


def _columns(*, has_discount: bool) -> list[str]:
    """Return the heads of the table; the discount only where there is one."""
    discount = [_("Discount")] if has_discount else []
    prices = [_("Unit price"), *discount, _("VAT"), _("Amount")]
    return ["", _("Description"), _("Quantity"), _("Unit"), *prices]


def _row(line: QuoteLine, *, has_discount: bool) -> dict[str, Any]:
    """Return a line as the table shows it; the currency stands with the totals."""
    discount = [share(line.discount_percent) if line.discount_percent else ""]
    return {
        "position": str(line.position),
        "text": line.text,
        "description": line.description,
        "cells": [
            format_quantity(line.quantity),
            line.unit,
            format_amount(line.price),
            *(discount if has_discount else []),
            share(line.vat_percent),
            format_amount(line.amount),
        ],
    }


def _filled(parts: Iterable[str]) -> list[str]:
    return [part for part in parts if part.strip()]
