"""The filters of the list of quotes."""

from datetime import date, timedelta
from typing import Any, ClassVar

import django_filters
from django.utils.translation import gettext_lazy as _

from crm.dates import start_of, today
from lists.filtering import RangeForm, RunFilter, date_filter, money_filter
from opportunities.filters import PipelineFilter
from opportunities.models import Opportunity
from quotes.models import Quote
from salespeople.models import Salesperson, Team

SOON_DAYS = 7
SOON, PAST = "soon", "past"


class QuoteFilter(PipelineFilter):
    """Every filter of the list: by opportunity and contact, salesperson, status, date, amount."""

    in_tabs: ClassVar[tuple[str, ...]] = ("status",)
    first: ClassVar[tuple[str, ...]] = ("q", "salesperson", "validity")

    close_from = close_until = None
    status = django_filters.ChoiceFilter(
        label=_("Status"), choices=Quote.Status.choices, empty_label=_("Any status")
    )
    validity = django_filters.ChoiceFilter(
        method="by_validity",
        label=_("Validity"),
        choices=[(SOON, _("Expire within a week")), (PAST, _("Past their date"))],
        empty_label=_("Any validity"),
    )
    created_from = date_filter("", "", _("Created from"), method="by_created_from")
    created_until = date_filter("", "", _("Created until"), method="by_created_until")
    run = RunFilter("quotes")
    value_from = money_filter("amount", "gte", _("Amount from"))
    value_to = money_filter("amount", "lte", _("Amount to"))

    phrases: ClassVar[dict[str, Any]] = {
        name: phrase
        for name, phrase in PipelineFilter.phrases.items()
        if name in ("q", "salesperson", "team", "value_from", "value_to")
    } | {
        "status": _("that are %(value)s"),
        "validity": "%(value)s",
        "created_from": _("created from %(value)s"),
        "created_until": _("created until %(value)s"),
        "run": _("that were changed together"),
    }
    shown_validity: ClassVar[dict[str, Any]] = {
        SOON: _("that expire within a week"),
        PAST: _("that wait past their date"),
    }

    class Meta:
        model = Quote
        form = RangeForm
        fields: ClassVar[list[str]] = []

    def by_salesperson(self, rows: Any, name: str, value: list[Salesperson]) -> Any:
        """Keep those of the salespeople's opportunities."""
        return rows.filter(opportunity__salesperson__in=value)

    def by_team(self, rows: Any, name: str, value: list[Team]) -> Any:
        """Keep those of the teams and the teams below them."""
        theirs = super().by_team(Opportunity.objects.order_by(), name, value)
        return rows.filter(opportunity__in=theirs.values("pk"))

    def by_validity(self, rows: Any, name: str, value: str) -> Any:
        """Keep those that wait for an answer: up to a week longer, or too long already."""
        day = today()
        if value == PAST:
            return rows.past(day)
        return rows.waiting().filter(valid_until__range=(day, day + timedelta(days=SOON_DAYS)))

    def by_created_from(self, rows: Any, name: str, value: date) -> Any:
        """Keep those made on that day or later."""
        return rows.filter(created_at__gte=start_of(value))

    def by_created_until(self, rows: Any, name: str, value: date) -> Any:
        """Keep those made on that day or before."""
        behind = min(value, date.max - timedelta(days=1)) + timedelta(days=1)
        return rows.filter(created_at__lt=start_of(behind))

    def _shown(self, name: str, value: Any) -> str:
        if name == "status":
            return str(dict(Quote.Status.choices)[value]).lower()
        if name == "validity":
            return str(self.shown_validity[value])
        return super()._shown(name, value)
