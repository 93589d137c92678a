"""The pages of quotes."""

from quotes.views.answering import change_status, send
from quotes.views.documents import pdf, revision
from quotes.views.listing import list_page
from quotes.views.pages import create, detail, edit

__all__ = ["change_status", "create", "detail", "edit", "list_page", "pdf", "revision", "send"]
