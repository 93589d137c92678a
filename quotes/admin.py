"""Admin page of quotes: to look at only, they are written on their opportunity's page."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from opportunities.models import Opportunity
from quotes.models import Quote
from salespeople.administration import ReadOnlyAdmin


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    """Quotes."""

    list_display = ("number", "opportunity", "contact", "amount", "status", "created_at")
    list_filter = ("status",)
    list_select_related = ("opportunity", "contact")
    search_fields = ("opportunity__description",)
    search_help_text = _("Description, number, contact or company of the opportunity")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Quote], bool]:
        """Search the opportunities as everywhere else."""
        if search_term:
            found = Opportunity.objects.search(search_term)
            queryset = queryset.filter(opportunity__in=found.values("pk"))
        return queryset, False

    @admin.display(description=_("number"), ordering="pk")
    def number(self, quote: Quote) -> str:
        """Return the number people quote."""
        return quote.number
