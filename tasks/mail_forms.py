"""How people write a mail, and hand over one that was saved."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact, ContactQuerySet
from crm.forms import DoorForm
from files.forms import FilesField
from lists.filtering import RowField
from tasks.mail_import import check_size
from tasks.mails import MOST_SUBJECT, MOST_TEXT


def address_of(contact: Contact) -> str:
    """Return a contact as one chooses to whom a mail goes."""
    return f"{contact.name} <{contact.email}>"


class MailForm(DoorForm):
    """To whom, about what, and the text."""

    subject = forms.CharField(label=gettext_lazy("Subject"), max_length=MOST_SUBJECT)
    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=MOST_TEXT,
        widget=forms.Textarea(attrs={"rows": 14}),
    )
    uploads = FilesField(label=gettext_lazy("Attachments"), required=False)
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    token = forms.UUIDField(widget=forms.HiddenInput, required=False)
    field_order = ("to", "subject", "text", "uploads")

    def __init__(self, *args: Any, people: ContactQuerySet, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["to"] = RowField(
            label=_("To"), queryset=people, label_of=address_of, lookups=("name", "email")
        )
        self.order_fields(self.field_order)


class SavedMailForm(DoorForm):
    """A saved mail."""

    mail = forms.FileField(
        label=gettext_lazy("Saved mail (.eml)"),
        error_messages={"empty": gettext_lazy("The file is empty.")},
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)

    def clean_mail(self) -> Any:
        """Refuse what is too big before any of it is read."""
        mail = self.cleaned_data["mail"]
        check_size(mail.size)
        return mail
