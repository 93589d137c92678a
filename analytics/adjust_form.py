"""How a manager types a figure of his or her own, with the reason."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analytics.models import Adjustment
from crm.fields import AmountField
from crm.forms import DoorForm
from crm.money import format_money
from opportunities.inputs import MONEY

LONGEST_REASON = 500


class AdjustForm(DoorForm):
    """The figure, empty to take it back; the reason; and what the person was looking at."""

    value = AmountField(
        label=gettext_lazy("What I expect"),
        required=False,
        help_text=gettext_lazy("Empty: the system's figure holds again."),
        **MONEY,
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    seen = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, current: Adjustment | None, **kwargs: Any) -> None:
        """Show what holds now; a reason is asked for anew."""
        initial = {
            "value": current.value if current else None,
            "seen": current.pk if current else 0,
        }
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)

    def dispute(self, current: Adjustment | None) -> None:
        """Say what somebody else has written meanwhile; saving once more keeps one's own."""
        if current is None:
            return
        figure = _("none") if current.value is None else format_money(current.value)
        self.add_error(
            None,
            _("%(name)s was faster: %(figure)s, because: %(reason)s Save once more to keep yours.")
            % {"name": current.adjusted_by, "figure": figure, "reason": current.reason},
        )
        self.data = dict(self.data.items()) | {"seen": str(current.pk)}
