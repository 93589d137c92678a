"""What the pages of quotes share: finding one, showing one, going on."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from crm.dates import today
from lists.parameters import is_ours
from opportunities.models import Opportunity
from quotes import lifecycle
from quotes.document import address_of_ours, recipient
from quotes.forms import QuoteForm
from quotes.line_forms import LineTable, Row, rows_of_lines
from quotes.merging import shown_of
from quotes.models import Product, Quote, QuoteLine

CONFLICT = 409
RELATED = (
    "opportunity__salesperson",
    "contact__company",
    "created_by",
    "changed_by",
    "sent_by",
    "decided_by",
)
MOST_PRODUCTS = 1000  # that are offered while one types; more are found by their number


def gone_is_404(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 404 for what was given to another team since it was found."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Opportunity.DoesNotExist as error:
            raise Http404 from error

    return wrapped


def found(request: HttpRequest, pk: int) -> Quote:
    """Return the quote that the person may see; 404 otherwise."""
    rows = Quote.objects.visible_to(request.user).select_related(*RELATED)
    quote: Quote = get_object_or_404(rows, pk=pk)
    return quote


def letterhead() -> dict[str, Any]:
    """Return who offers, for the head of the page."""
    return {"name": settings.COMPANY_NAME, "address": address_of_ours()}


def way_back(request: HttpRequest) -> str:
    """Return the address of ours to which the work leads back; "" where there is none."""
    target = request.POST.get("next") or request.GET.get("next", "")
    return target if is_ours(request, target) else ""


def with_next(address: str, target: str) -> str:
    """Return the address with the way back."""
    return f"{address}?{urlencode({'next': target})}" if target else address


def table_of(rows: list[Row], quote: Quote | None = None) -> LineTable:
    """Return the rows with the products that they may name: usable ones, and those in use."""
    wanted = Q(is_blocked=False)
    if quote is not None:
        wanted |= Q(lines__quote=quote)
    products = Product.objects.filter(wanted).distinct()
    return LineTable(rows, products[:MOST_PRODUCTS])


def quote_page(
    request: HttpRequest,
    quote: Quote,
    *,
    form: QuoteForm | None = None,
    table: LineTable | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show the quote: as a form while it is a draft, else as it was handed out."""
    target = way_back(request)
    lines = list(quote.lines.select_related("product"))
    is_open = quote.is_draft and not quote.opportunity.is_closed
    if is_open and form is None:
        form = form_of(quote, target, lines)
    if is_open and table is None:
        table = table_of(rows_of_lines(lines), quote).show()
    context = {
        "quote": quote,
        "opportunity": quote.opportunity,
        "lines": lines,
        "has_discount": any(line.discount_percent for line in lines),
        "letterhead": letterhead(),
        "recipient": recipient(quote.contact),
        "documents": list(quote.documents.defer("pdf").select_related("created_by")),
        "form": form if is_open else None,
        "table": table,
        "steps": _steps(quote),
        "is_frozen": quote.opportunity.is_closed,
        "is_changed": status == CONFLICT,
        "is_past": quote.is_past(today()),
        "refusals": [] if is_open or form is None else form.non_field_errors(),
        "next": target,
        "title": _("Quote %(number)s") % {"number": quote.full_number},
    }
    return render(request, "quotes/detail.html", context, status=status)


def form_of(quote: Quote, target: str, lines: list[QuoteLine]) -> QuoteForm:
    """Return the form as the quote stands."""
    names = ("valid_until", "language", "terms")
    initial = {name: getattr(quote, name) for name in names}
    shown = shown_of(quote, lines)
    return QuoteForm(initial={**initial, "seen": quote.version, "next": target, "shown": shown})


def _steps(quote: Quote) -> list[tuple[str, str]]:
    """Return what may become of it by a button, with the words on it; sending has its own page."""
    words = {
        "accepted": _("Accepted"),
        "declined": _("Declined"),
        "expired": _("Expired"),
        "draft": _("Revise"),
    }
    if quote.opportunity.is_closed:
        return []
    return [(step, words[step]) for step in lifecycle.STEPS[quote.status] if step in words]
