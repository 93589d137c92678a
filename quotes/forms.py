"""How people type a quote."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.fields import AmountField
from crm.forms import DoorForm


class QuoteForm(DoorForm):
    """Its amount."""

    amount = AmountField(
        label=_("Amount"), max_digits=18, decimal_places=2, min_value=Decimal("0.01")
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)
