"""Admin pages of mail templates; tasks and interactions have pages of their own."""

from typing import Any

from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from salespeople.administration import ConfigurationAdmin
from tasks.mail_template import PLACEHOLDERS
from tasks.models import MailTemplate


@admin.register(MailTemplate)
class MailTemplateAdmin(ConfigurationAdmin):
    """Mail templates, with the list of what may stand in braces."""

    list_display = ("name", "language", "subject", "is_blocked")
    list_filter = ("language", "is_blocked")
    search_fields = ("name", "subject")
    fields = ("name", "language", "subject", "body", "placeholders", "is_blocked")
    readonly_fields = ("placeholders",)

    @admin.display(description=_("Placeholders"))
    def placeholders(self, template: Any) -> SafeString:
        """Return what may stand in braces, and what it becomes."""
        rows = (("{" + name + "}", becomes) for name, becomes in PLACEHOLDERS.items())
        return format_html_join("", "<div><code>{}</code> {}</div>", rows)
