"""Admin pages of products; quotes are looked at only, they are written on their own pages."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crm.money import format_money
from opportunities.models import Opportunity
from quotes.models import Product, Quote
from salespeople.admin_forms import ModelForm
from salespeople.administration import ConfigurationAdmin, ReadOnlyAdmin


class ProductForm(ModelForm):
    """A product whose number may be typed in small letters."""

    def clean_number(self) -> str:
        """Return the number in capital letters."""
        number: str = self.cleaned_data["number"]
        return number.strip().upper()


@admin.register(Product)
class ProductAdmin(ConfigurationAdmin):
    """What is sold; one that quotes name is blocked, not deleted (rules D19)."""

    form = ProductForm
    list_display = ("name", "number", "unit", "price_text", "vat_percent", "is_blocked", "used")
    list_display_links = ("name", "number")
    list_filter = ("is_blocked", "vat_percent")
    search_fields = ("number", "name")
    fields = (("number", "name"), "unit", ("price", "vat_percent"), "is_blocked")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """Return the products with the number of lines that name each."""
        found: QuerySet[Product] = super().get_queryset(request)
        return found.annotate(used=Count("lines"))

    @admin.display(description=_("unit price"), ordering="price")
    def price_text(self, product: Product) -> str:
        """Return the price with its currency."""
        return format_money(product.price)

    @admin.display(description=_("used by"), ordering="used")
    def used(self, product: Any) -> int:
        """Return how many lines of quotes name it."""
        return int(product.used)


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    """Quotes."""

    list_display = (
        "number",
        "opportunity",
        "contact",
        "amount",
        "status",
        "revision",
        "valid_until",
        "created_at",
    )
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
