"""What the tests of quotes share: what a form sends, and what a document says."""

import io
import re
from typing import Any

from pypdf import PdfReader

from opportunities.models import Opportunity
from quotes.models import Quote

VALID = "2999-12-31"


def create_address(opportunity: Opportunity, **query: str) -> str:
    """Return the address of the form for a new quote."""
    more = "".join(f"&{name}={value}" for name, value in query.items())
    return f"/quotes/create/?opportunity={opportunity.pk}{more}"


def address(quote: Quote, verb: str = "") -> str:
    """Return the address of its page, or of a verb below it."""
    return f"/quotes/{quote.pk}/{f'{verb}/' if verb else ''}"


def typed(*rows: dict[str, Any], quote: Quote | None = None, **more: Any) -> dict[str, Any]:
    """Return what the form sends for these rows, with what was seen of the quote."""
    data = {"valid_until": VALID, "terms": "", "language": "", "seen": ""}
    if quote is not None:
        data["seen"] = quote.version
    for n, row in enumerate(rows):
        names = ("product", "text", "description", "quantity", "unit", "price",
                 "discount_percent", "vat_percent")  # fmt: skip
        data |= {f"lines-{n}-{name}": row.get(name, "") for name in names}
    return data | more


def line(text: str = "Work", price: str = "100", **more: str) -> dict[str, str]:
    """Return a row of the form."""
    return {"text": text, "price": price, **more}


def lines_of(quote: Quote) -> list[tuple[Any, ...]]:
    """Return text, quantity, price, discount, VAT and amount of each line."""
    names = ("text", "quantity", "price", "discount_percent", "vat_percent", "amount")
    return list(quote.lines.values_list(*names))


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page, with single plain blanks."""
    reader = PdfReader(io.BytesIO(pdf))
    return [blanked(page.extract_text()) for page in reader.pages]


def text_of(pdf: bytes) -> str:
    """Return the text of the whole document."""
    return " ".join(pages_of(pdf))


def blanked(text: str) -> str:
    """Return the text with single plain blanks."""
    return re.sub(r"\s+", " ", text)
