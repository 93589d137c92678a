"""Admin pages of industries and tags; contacts are written on their own pages."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin import ActionLocation
from django.core.exceptions import ValidationError
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from contacts import tags
from contacts.models import Campaign, Contact, Industry, Tag
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


@admin.register(Tag)
class TagAdmin(ConfigurationAdmin):
    """Tags: rename, colour, merge, delete; people make them where they work."""

    list_display = ("name", "colour", "on_contacts", "on_opportunities")
    list_editable = ("colour",)
    search_fields = ("name",)
    actions: Any = ("merge",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Tag]:
        """Count on how many rows each tag is."""
        rows: QuerySet[Tag] = super().get_queryset(request)
        return rows.annotate(
            contacts_number=Count("contacts", distinct=True),
            opportunities_number=Count("opportunities", distinct=True),
        )

    def get_actions(
        self, request: HttpRequest, action_location: ActionLocation = ActionLocation.CHANGE_LIST
    ) -> dict[str, Any]:
        """Offer merging only: deleting says first on how many rows the tag is."""
        found = super().get_actions(request, action_location)
        return {name: action for name, action in found.items() if name == "merge"}

    @admin.action(description=_("Merge into the one that is used most"))
    def merge(self, request: HttpRequest, rows: QuerySet[Tag]) -> None:
        """Let the tag that is used most take over from the other chosen ones."""
        try:
            kept, gone = tags.merge(Tag.objects.filter(pk__in=rows.values("pk")))
        except ValidationError as error:
            self.message_user(request, " ".join(error.messages), messages.ERROR)
            return
        text = ngettext(
            "%(count)d tag was merged into “%(name)s”.",
            "%(count)d tags were merged into “%(name)s”.",
            gone,
        )
        self.message_user(request, text % {"count": gone, "name": kept}, messages.SUCCESS)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        """Say on how many rows it is: they lose it, and nothing else."""
        row = self.get_object(request, object_id)
        if row is not None:
            contacts, opportunities = tags.uses(row)
            words = {"contacts": contacts, "opportunities": opportunities}
            said = (
                gettext("On contacts: %(contacts)d. On opportunities: %(opportunities)d.") % words
            )
            extra_context = {**(extra_context or {}), "subtitle": said}
        return super().delete_view(request, object_id, extra_context)

    @admin.display(description=_("contacts"), ordering="contacts_number")
    def on_contacts(self, tag: Any) -> int:
        """Return on how many contacts it is."""
        number: int = tag.contacts_number
        return number

    @admin.display(description=_("opportunities"), ordering="opportunities_number")
    def on_opportunities(self, tag: Any) -> int:
        """Return on how many opportunities it is."""
        number: int = tag.opportunities_number
        return number


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    """Campaigns, to look at: they have pages of their own."""

    list_display = ("description", "starts_on", "ends_on", "salesperson", "activated_at")
    list_select_related = ("salesperson",)
    exclude = ("search_text", "description_sort")
    search_fields = ("description",)
    date_hierarchy = "starts_on"
