"""Texts to begin a mail with, which administrators write."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from crm.fields import sort_key_field

# What may stand in braces, and what it becomes.
PLACEHOLDERS = {
    "salutation": _("Dear Ms Nordmann,"),
    "greeting": _("Hi Kari,"),
    "first_name": _("the contact's first name"),
    "surname": _("the contact's surname"),
    "name": _("the contact's name"),
    "job_title": _("the contact's job title"),
    "company": _("the company's name"),
    "opportunity": _("the opportunity's description"),
    "number": _("the opportunity's number"),
    "salesperson": _("the salesperson's name"),
    "salesperson_title": _("the salesperson's job title"),
    "salesperson_email": _("the salesperson's e-mail"),
    "salesperson_phone": _("the salesperson's phone"),
}
BRACED = re.compile(r"\{([^{}\n]*)\}")


def check_placeholders(text: str) -> None:
    """Raise ValidationError, with the known ones, for a word in braces that is none of them."""
    unknown = sorted({word for word in BRACED.findall(text) if word not in PLACEHOLDERS})
    if unknown:
        raise ValidationError(
            _t("Unknown: %(unknown)s. Known are %(known)s.")
            % {
                "unknown": ", ".join(f"{{{word}}}" for word in unknown),
                "known": ", ".join(f"{{{word}}}" for word in PLACEHOLDERS),
            },
            code="placeholder",
        )


def filled_in(text: str, values: dict[str, str]) -> str:
    """Return a text with its placeholders replaced, once: values are not looked at again."""
    return BRACED.sub(lambda found: values.get(found[1], found[0]), text)


class MailTemplateQuerySet(models.QuerySet["MailTemplate"]):
    """The vocabulary of questions about templates."""

    def usable(self) -> "MailTemplateQuerySet":
        """Return those that may be chosen."""
        return self.filter(is_blocked=False)


class MailTemplate(models.Model):
    """A mail to begin with, in one language; placeholders stand in braces."""

    name = models.CharField(_("name"), max_length=60)
    name_sort = sort_key_field("name")
    language = models.CharField(
        _("language"), max_length=10, choices=[("en", _("English")), ("nb", _("Norwegian"))]
    )
    subject = models.CharField(_("subject"), max_length=200, validators=[check_placeholders])
    body = models.TextField(
        _("text"),
        max_length=20_000,
        validators=[check_placeholders],
        help_text=_("Placeholders stand in braces: {salutation}, {opportunity} and others."),
    )
    is_blocked = models.BooleanField(
        _("blocked"), default=False, help_text=_("May not be chosen for anything new.")
    )

    objects = MailTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("mail template")
        verbose_name_plural = _("mail templates")
        ordering = ("name_sort", "pk")
        constraints = [
            models.CheckConstraint(
                condition=~Q(name="") & ~Q(subject="") & ~Q(body=""), name="mail_template_complete"
            ),
            models.UniqueConstraint(
                Lower("name"),
                "language",
                name="mail_template_name_unique",
                violation_error_message=_("There is a template of this name and language already."),
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def filled_in(self, values: Any) -> tuple[str, str]:
        """Return subject and text with the placeholders replaced."""
        return filled_in(self.subject, values), filled_in(self.body, values)
