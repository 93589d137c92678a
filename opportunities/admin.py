"""Admin pages of opportunities and their ledger: to look at only, the door writes them."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from opportunities.models import Opportunity, OpportunityEntry, Purge
from salespeople.administration import ReadOnlyAdmin

RELATED = ("salesperson", "contact", "company", "sales_cycle", "stage")


@admin.register(Opportunity)
class OpportunityAdmin(ReadOnlyAdmin):
    """Opportunities, the deleted ones too."""

    list_display = (
        "number",
        "description",
        "status",
        "salesperson",
        "contact",
        "sales_cycle",
        "stage",
        "estimated_value",
        "estimated_close_on",
        "is_deleted",
    )
    list_display_links = ("number", "description")
    list_filter = ("status", "is_deleted", "sales_cycle", "priority")
    list_select_related = RELATED
    search_fields = ("description",)
    search_help_text = _("Description, number, contact or company")
    ordering = ("-pk",)
    exclude = ("search_text", "description_sort")

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[Opportunity], bool]:
        """Search as everywhere else."""
        return queryset.search(search_term), False

    @admin.display(description=_("number"), ordering="pk")
    def number(self, opportunity: Opportunity) -> str:
        """Return the number people quote."""
        return opportunity.number


@admin.register(OpportunityEntry)
class OpportunityEntryAdmin(ReadOnlyAdmin):
    """The ledger."""

    list_display = (
        "opportunity",
        "sequence",
        "action",
        "status",
        "stage_name",
        "salesperson",
        "estimated_value",
        "calculated_value",
        "effective_on",
        "recorded_at",
        "recorded_by",
    )
    list_display_links = ("opportunity", "sequence")
    list_filter = ("action", "status", "is_deleted", "effective_on")
    list_select_related = ("opportunity", "salesperson", "recorded_by")
    search_fields = ("opportunity__description",)
    search_help_text = _("Description, number, contact or company of the opportunity")
    ordering = ("-pk",)

    def get_search_results(
        self, request: HttpRequest, queryset: Any, search_term: str
    ) -> tuple[QuerySet[OpportunityEntry], bool]:
        """Search the opportunities as everywhere else."""
        if search_term:
            found = Opportunity.objects.search(search_term)
            queryset = queryset.filter(opportunity__in=found.values("pk"))
        return queryset, False


@admin.register(Purge)
class PurgeAdmin(ReadOnlyAdmin):
    """What was deleted for good."""

    list_display = ("opportunity_number", "entries", "purged_at", "purged_by")
    list_select_related = ("purged_by",)
    search_fields = ("opportunity_number",)
    ordering = ("-pk",)
