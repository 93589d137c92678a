"""Admin pages of industries and campaigns; contacts are written on their own pages."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from contacts.models import Campaign, Contact, Industry
from salespeople.administration import ConfigurationAdmin, ReadOnlyAdmin


@admin.register(Contact)
class ContactAdmin(ReadOnlyAdmin):
    """Contacts, to look at."""

    list_display = ("name", "number", "kind", "company", "salesperson", "is_blocked")
    list_filter = ("kind", "is_blocked", "customer_since")
    list_select_related = ("company", "salesperson")
    search_fields = ("name",)
    search_help_text = _("Name, number, e-mail or phone")
    exclude = ("search_text", "name_sort")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Contact], bool]:
        """Search as everywhere else."""
        return queryset.search(search_term), False


@admin.register(Industry)
class IndustryAdmin(ConfigurationAdmin):
    """Lines of business."""

    list_display = ("name",)
    search_fields = ("name",)


@admin.register(Campaign)
class CampaignAdmin(ConfigurationAdmin):
    """Campaigns."""

    list_display = ("description", "starts_on", "ends_on")
    search_fields = ("description",)
    date_hierarchy = "starts_on"
