"""The filters of a past day: those that a state can answer, each of them a condition."""

from collections.abc import Callable, Container
from datetime import date
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from contacts.models import Campaign, Contact
from lists.filtering import FlagFilter, RowFilter, date_filter, percent_filter
from lists.parameters import as_id
from lists.several import OneOfFilter, OneOfRowsFilter, any_of
from opportunities import populations
from opportunities.days import Day
from opportunities.filter_words import STATUSES
from opportunities.filters import OpportunityFilter, PipelineFilter, cycle_stages, stage_label
from opportunities.models import OPEN, Opportunity, OpportunityEntry
from opportunities.paths import PATHS
from opportunities.totals import GroupTotalQuerySet
from salescycles.models import CloseReason, SalesCycle
from salespeople.models import TeamMembership
from salespeople.visibility import visible_salespeople

CREATED = "opportunity__created_on"


def _path_filter(label: Any) -> RowFilter:
    """Return a filter by the way through the stages; figures lead to it, no form asks for it."""
    return RowFilter(
        method="by_condition",
        label=label,
        rows=cycle_stages,
        label_of=stage_label,
        widget=forms.HiddenInput,
    )


class StateFilter(PipelineFilter):
    """What can be asked of the states of a day.

    `condition` says of each filter what it asks; rows, sums, and where an
    opportunity stands in a bridge are all found by it.
    """

    salesperson = OneOfRowsFilter(
        method="by_condition",
        label=_("Salesperson"),
        rows=lambda f: visible_salespeople(f.request.user, f.day.on),
        lookups=("code", "name"),
        empty_label=_("Anybody"),
    )
    number = django_filters.CharFilter(method="by_condition", label=_("Number"), max_length=20)
    contact = RowFilter(
        method="by_condition",
        label=_("Contact"),
        rows=lambda f: Contact.objects.visible_to(f.request.user),
        widget=forms.HiddenInput,
    )
    company = RowFilter(
        method="by_condition",
        label=_("Company"),
        rows=lambda f: Contact.objects.visible_to(f.request.user).companies(),
        widget=forms.HiddenInput,
    )
    status = OneOfFilter(
        method="by_condition", label=_("Status"), choices=STATUSES, empty_label=_("Any status")
    )
    cycle = OneOfRowsFilter(
        method="by_condition",
        label=_("Sales cycle"),
        rows=lambda _filterset: SalesCycle.objects.all(),
        lookups=("code", "name"),
        empty_label=_("Any cycle"),
    )
    stage = OneOfRowsFilter(
        method="by_condition",
        label=_("Stage"),
        rows=cycle_stages,
        label_of=stage_label,
        empty_label=_("Any stage"),
    )
    campaign = OneOfRowsFilter(
        method="by_condition",
        label=_("Campaign"),
        rows=lambda _filterset: Campaign.objects.all(),
        lookups=("description",),
        empty_label=_("Any campaign"),
    )
    probability_from = percent_filter("probability", "gte", _("Probability from"))
    probability_to = percent_filter("probability", "lte", _("Probability to"))
    completed_from = percent_filter("completed", "gte", _("Completed from"))
    completed_to = percent_filter("completed", "lte", _("Completed to"))
    created_from = date_filter(CREATED, "gte", _("Created from"))
    created_until = date_filter(CREATED, "lte", _("Created until"))
    undated = FlagFilter(
        "estimated_close_on", "isnull", label=_("Without a close date"), required=False
    )
    unstaged = FlagFilter("stage", "isnull", label=_("Without a stage"), required=False)
    overdue = FlagFilter(method="by_condition", label=_("Past its close date"), required=False)

    teamless = FlagFilter(method="by_condition", label=_("Without a team"), required=False)
    visited = _path_filter(_("Was at the stage"))
    beyond = _path_filter(_("Went on from the stage"))
    skipped = _path_filter(_("Passed the stage over"))
    left = _path_filter(_("Left the stage"))
    reason = RowFilter(
        field_name="close_reason",
        label=_("Close reason"),
        rows=lambda _filterset: CloseReason.objects.all(),
        widget=forms.HiddenInput,
    )
    campaignless = FlagFilter(
        "campaign", "isnull", label=_("Without a campaign"), required=False,
        widget=forms.HiddenInput,
    )  # fmt: skip
    unclosed_on = django_filters.DateFilter(
        method="by_condition", label=_("Not closed by"), widget=forms.HiddenInput
    )

    phrases: ClassVar[dict[str, Any]] = {
        **OpportunityFilter.phrases,
        "teamless": _("of salespeople who were in no team"),
        "beyond": _("that went on from the stage %(value)s"),
        "skipped": _("that passed the stage %(value)s over"),
        "left": _("that left the stage %(value)s"),
        "reason": _("closed because of “%(value)s”"),
        "campaignless": _("without a campaign"),
        "unclosed_on": _("not closed by %(value)s"),
        "overdue": _("past their close date on that day"),
    }
    kept: ClassVar[frozenset[str]] = PipelineFilter.kept | {"teamless"}
    has_groups: ClassVar[bool] = False
    in_tabs: ClassVar[tuple[str, ...]] = ("status",)
    first: ClassVar[tuple[str, ...]] = ("q", "salesperson", "cycle", "stage")

    # What is more than a column and a comparison: (filter's value, day) → condition.
    conditions: ClassVar[dict[str, Callable[[Any, date], Q]]] = {
        "q": lambda text, _on: Q(opportunity__in=_found(text)),
        "number": lambda text, _on: Q(opportunity=_number(text)),
        "salesperson": lambda row, _on: populations.of_salesperson(row).condition,
        "team": lambda row, on: populations.of_team(row, on).condition,
        "teamless": lambda _flag, on: ~Q(salesperson__in=_at_home(on)),
        "contact": lambda row, _on: Q(company=row) if row.is_company else Q(contact=row),
        "company": lambda row, _on: Q(company=row),
        "status": lambda name, _on: populations.in_status(name).condition,
        "cycle": lambda row, _on: populations.in_cycle(row).condition,
        "stage": lambda row, _on: Q(stage=row),
        "campaign": lambda row, _on: Q(campaign=row),
        "unclosed_on": lambda day, _on: Q(closed_on__isnull=True) | Q(closed_on__gt=day),
        "overdue": lambda _flag, on: Q(status__in=OPEN, estimated_close_on__lt=on),
    }

    class Meta(PipelineFilter.Meta):
        model: Any = OpportunityEntry

    @cached_property
    def day(self) -> Day:
        """The day that the address asks for."""
        return Day.of(self.data)

    def totals(self, but: Container[str] = ()) -> GroupTotalQuerySet | None:
        """Return the kept totals of what matches: those of today, as we know it now."""
        return super().totals(but) if self.day.is_today else None

    def condition(self, name: str, value: Any, on: date) -> Q:
        """Return what a filter in use asks of the states of a day."""
        if isinstance(value, list):
            return any_of(self.condition(name, one, on) for one in value)
        if name in PATHS:
            return PATHS[name](value, self.day if self.day.on == on else Day(on))
        if name in self.conditions:
            return self.conditions[name](value, on)
        each = self.filters[name]
        return Q((f"{each.field_name}__{each.lookup_expr}", value))

    def asked(self, on: date, *, only: Container[str] | None = None, but: Container[str] = ()) -> Q:
        """Return what the filters in use ask of a state: `only` some of them, or all `but` some."""
        found = Q()
        for name, value in self.used.items():
            if name not in but and (only is None or name in only):
                found &= self.condition(name, value, on)
        return found

    def by_condition(self, rows: Any, name: str, value: Any) -> Any:
        """Keep those that meet the filter's condition on the day."""
        return rows.filter(self.condition(name, value, self.day.on))

    by_text = by_salesperson = by_team = by_condition


def _found(text: str) -> Any:
    return Opportunity.objects.order_by().search(text).values("pk")


def _at_home(on: date) -> Any:
    return TeamMembership.objects.home().on(on).order_by().values("salesperson")


def _number(text: str) -> int:
    """Return the id that a number spells, one that there is not for nonsense."""
    return as_id(text.strip().upper().removeprefix(Opportunity.PREFIX)) or 0
