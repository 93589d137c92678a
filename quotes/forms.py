"""How people type a quote: its terms; how they send it. Its lines stand in `line_forms`."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.forms import DoorForm, day_input, shown_input
from quotes.models import MOST_TERMS, Quote

MOST_SUBJECT = 200
MOST_TEXT = 10_000


def hidden(most: int) -> forms.CharField:
    """Return a field that goes along unseen."""
    return forms.CharField(widget=forms.HiddenInput, required=False, max_length=most)


class QuoteForm(DoorForm):
    """Until when it is valid, on which terms, in which language."""

    valid_until = day_input(_("Valid until"), required=True)
    language = forms.ChoiceField(
        label=_("Language of the document"),
        choices=[("", _("As the contact")), *Quote._meta.get_field("language").choices],  # type: ignore[misc]
        required=False,
    )
    terms = forms.CharField(
        label=_("Terms"),
        required=False,
        max_length=MOST_TERMS,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    next = hidden(2000)
    seen = hidden(60)
    shown = shown_input()

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door, without the lines."""
        names = ("valid_until", "language", "terms")
        return {name: self.cleaned_data[name] for name in names}


class SendForm(DoorForm):
    """The mail that takes the document to the customer."""

    to = forms.EmailField(label=_("To"), max_length=254)
    subject = forms.CharField(label=_("Subject"), max_length=MOST_SUBJECT)
    text = forms.CharField(
        label=_("Text"), max_length=MOST_TEXT, widget=forms.Textarea(attrs={"rows": 12})
    )
    next = hidden(2000)
    seen = hidden(60)

    def wishes(self) -> dict[str, Any]:
        """Return the arguments of the door."""
        return {name: value for name, value in self.cleaned_data.items() if name != "next"}
