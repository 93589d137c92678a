"""The PDF of a quote: as it is now, and as each revision was handed out."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_GET

from lists.parameters import check_parameters
from quotes.document import file_name, pdf_of
from quotes.views.common import found

# A document shows nothing but itself: no scripts, no forms, nothing from elsewhere.
POLICY: Any = {"default-src": ["'none'"], "sandbox": True}


@require_GET
@csp_override(POLICY)
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the document: the one that was handed out, or a draft of what would be."""
    check_parameters(request.GET, [])
    quote = found(request, pk)
    kept = None if quote.is_draft else quote.documents.filter(revision=quote.revision).first()
    return _answer(bytes(kept.pdf) if kept else pdf_of(quote), file_name(quote))


@require_GET
@csp_override(POLICY)
def revision(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Return the document of a revision, as it was handed out."""
    check_parameters(request.GET, [])
    quote = found(request, pk)
    document = get_object_or_404(quote.documents.all(), revision=number)
    name = _("Quote %(number)s") % {"number": document.full_number}
    return _answer(bytes(document.pdf), f"{name}.pdf")


def _answer(content: bytes, name: str) -> HttpResponse:
    """Return the file to be saved or opened outside the page, never sniffed."""
    response = HttpResponse(content, content_type="application/pdf")
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response["Content-Disposition"] = disposition or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    return response
