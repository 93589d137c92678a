"""How people type a quote."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm.fields import AmountField


class QuoteForm(forms.Form):
    """Its amount."""

    amount = AmountField(
        label=_("Amount"), max_digits=18, decimal_places=2, min_value=Decimal("0.01")
    )
    next = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2000)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=60)

    def add_refusal(self, error: Any) -> None:
        """Put the door's sentences beside the fields, the others on top."""
        if hasattr(error, "error_dict"):
            for name, errors in error.error_dict.items():
                self.add_error(name if name in self.fields else None, errors)
        else:
            self.add_error(None, error)
