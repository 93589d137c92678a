"""The filters of board and list (Business Central R167)."""

from collections.abc import Container
from typing import Any, ClassVar

import django_filters
from django import forms
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from contacts.models import Campaign, Contact, Segment, Tag
from crm.money import format_money, format_percent
from lists.alternatives import MORE, ListFilter
from lists.filtering import (
    FlagFilter,
    RangeForm,
    RowFilter,
    RowsFilter,
    RunFilter,
    date_filter,
    money_filter,
    percent_filter,
)
from lists.parameters import as_id
from lists.several import OneOfFilter, OneOfRowsFilter, any_of
from opportunities import populations
from opportunities.filter_words import CHOICE_PHRASES, PERIODS, SNOOZED, STATUSES
from opportunities.models import Opportunity
from opportunities.next_tasks import SIGNALS
from opportunities.populations import Narrowed
from opportunities.totals import GroupTotal, GroupTotalQuerySet
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.models import Salesperson, Team
from salespeople.visibility import salesperson_of, visible_salespeople, visible_teams

__all__ = ["MORE", "OpportunityFilter", "PipelineFilter", "cycle_stages", "stage_label"]
LONGEST_TEXT = 200


def cycle_stages(filterset: "OpportunityFilter") -> QuerySet[SalesCycleStage]:
    """Return the stages of the chosen cycle, or of all of them."""
    stages = SalesCycleStage.objects.select_related("sales_cycle")
    cycles = [as_id(text) for text in filterset.data.getlist("cycle")] if filterset.data else []
    if chosen := [pk for pk in cycles if pk is not None]:
        stages = stages.filter(sales_cycle__in=chosen)
    return stages.order_by("sales_cycle__name", "sales_cycle", "position")


def stage_label(stage: SalesCycleStage) -> str:
    """Return the stage's name behind that of its cycle."""
    return f"{stage.sales_cycle.name}: {stage.name}"


class PipelineFilter(ListFilter):
    """What board and list share; made with the rows that the person may see."""

    q = django_filters.CharFilter(
        method="by_text",
        label=_("Text"),
        max_length=LONGEST_TEXT,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search")}),
    )
    salesperson = OneOfRowsFilter(
        method="by_salesperson",
        label=_("Salesperson"),
        rows=lambda f: visible_salespeople(f.request.user),
        lookups=("code", "name"),
        empty_label=_("Anybody"),
    )
    team = OneOfRowsFilter(
        method="by_team",
        label=_("Team"),
        rows=lambda f: visible_teams(f.request.user),
        lookups=("code", "name"),
        empty_label=_("Any team"),
    )
    close_from = date_filter("estimated_close_on", "gte", _("Closes from"))
    close_until = date_filter("estimated_close_on", "lte", _("Closes until"))
    value_from = money_filter("estimated_value", "gte", _("Value from"))
    value_to = money_filter("estimated_value", "lte", _("Value to"))

    phrases: ClassVar[dict[str, Any]] = {
        "q": _("with “%(value)s” in the text"),
        "salesperson": _("of %(value)s"),
        "team": _("of the team %(value)s"),
        "cycle": _("in the cycle %(value)s"),
        "close_from": _("closing from %(value)s"),
        "close_until": _("closing until %(value)s"),
        "value_from": _("worth at least %(value)s"),
        "value_to": _("worth at most %(value)s"),
    }

    first: ClassVar[tuple[str, ...]] = ("q", "salesperson", "team")

    class Meta:
        model = Opportunity
        form = RangeForm
        fields: ClassVar[list[str]] = []

    # The filters by which totals are kept; the others narrow what only rows can tell.
    kept: ClassVar[frozenset[str]] = frozenset({
        "salesperson", "team", "mine", "status", "cycle", "stage", "unstaged", "close_from",
        "close_until", "closes", "undated", "overdue",
    })  # fmt: skip

    def totals(self, but: Container[str] = ()) -> GroupTotalQuerySet | None:
        """Return the kept totals of what matches, none of it deleted; None where none are kept.

        `but` names filters to leave out.
        """
        used = [name for name in self.used if name not in but]
        if not self.form.is_valid() or self.alternatives or not self.kept.issuperset(used):
            return None
        rows = GroupTotal.objects.visible_to(self.request.user)
        for name in used:
            rows = self.filters[name].filter(rows, self.used[name])
        return rows

    def narrowed(self, but: Container[str] = ()) -> Narrowed:
        """Return what matches, and the filters in use as they stand in the address.

        `but` names filters to leave out.
        """
        names = [name for name in self.used if name not in but]
        plain = [(name, value) for name in names for value in self.data.getlist(name) if value]
        parameters = (*plain, *self.asked_in_groups(but))
        return Narrowed(self.rows(but), parameters, self.totals(but))

    def by_text(self, rows: Any, name: str, value: str) -> Any:
        """Keep those whose description, number, contact or company matches."""
        return rows.search(value)

    def by_salesperson(self, rows: Any, name: str, value: list[Salesperson]) -> Any:
        """Keep those of the salespeople."""
        return rows.filter(any_of(populations.of_salesperson(one).condition for one in value))

    def by_team(self, rows: Any, name: str, value: list[Team]) -> Any:
        """Keep those of the teams and the teams below them."""
        return rows.filter(any_of(populations.of_team(one).condition for one in value))

    def _shown(self, name: str, value: Any) -> str:
        if name.startswith("value_"):
            return format_money(value)
        if name.startswith(("probability_", "completed_")):
            return format_percent(value)
        if name.startswith(("close_", "created_", "unclosed_")):
            return date_format(value, "SHORT_DATE_FORMAT")
        if name in CHOICE_PHRASES:
            return str(CHOICE_PHRASES[name][value])
        known: dict[str, Any] = {"status": STATUSES, "priority": Opportunity.Priority.choices}
        labels = known.get(name)
        if labels is not None:
            return str({str(key): label for key, label in labels}[value]).lower()
        return str(value)


class OpportunityFilter(PipelineFilter):
    """Every filter of the list."""

    in_tabs: ClassVar[tuple[str, ...]] = ("status",)
    first: ClassVar[tuple[str, ...]] = ("q", "salesperson", "cycle", "stage")

    number = django_filters.CharFilter(method="by_number", label=_("Number"), max_length=20)
    name = django_filters.CharFilter(
        method="by_name", label=_("Contact or company"), max_length=LONGEST_TEXT
    )
    contact = RowFilter(
        method="by_contact",
        label=_("Contact"),
        rows=lambda f: Contact.objects.visible_to(f.request.user),
        widget=forms.HiddenInput,
    )
    company = RowFilter(
        field_name="company",
        label=_("Company"),
        rows=lambda f: Contact.objects.visible_to(f.request.user).companies(),
        widget=forms.HiddenInput,
    )
    status = OneOfFilter(
        method="by_status", label=_("Status"), choices=STATUSES, empty_label=_("Any status")
    )
    cycle = OneOfRowsFilter(
        field_name="sales_cycle",
        label=_("Sales cycle"),
        rows=lambda _filterset: SalesCycle.objects.all(),
        lookups=("code", "name"),
        empty_label=_("Any cycle"),
    )
    stage = OneOfRowsFilter(
        field_name="stage",
        label=_("Stage"),
        rows=cycle_stages,
        label_of=stage_label,
        empty_label=_("Any stage"),
    )
    visited = RowFilter(
        method="by_visited",
        label=_("Was at the stage"),
        rows=cycle_stages,
        label_of=stage_label,
        widget=forms.HiddenInput,
    )
    campaign = OneOfRowsFilter(
        field_name="campaign",
        label=_("Campaign"),
        rows=lambda _filterset: Campaign.objects.all(),
        lookups=("description",),
        empty_label=_("Any campaign"),
    )
    segment = RowFilter(
        field_name="segment",
        label=_("Segment"),
        rows=lambda f: Segment.objects.visible_to(f.request.user),
        lookups=("description",),
        widget=forms.HiddenInput,
    )
    run = RunFilter("opportunities")
    tag = RowsFilter(
        field_name="tags",
        label=_("Tag"),
        rows=lambda _filterset: Tag.objects.all(),
        empty_label=_("Any tag"),
    )
    priority = OneOfFilter(
        label=_("Priority"),
        choices=Opportunity.Priority.choices,
        empty_label=_("Any priority"),
    )
    probability_from = percent_filter("probability", "gte", _("Probability from"))
    probability_to = percent_filter("probability", "lte", _("Probability to"))
    completed_from = percent_filter("completed", "gte", _("Completed from"))
    completed_to = percent_filter("completed", "lte", _("Completed to"))
    created_from = date_filter("created_on", "gte", _("Created from"))
    created_until = date_filter("created_on", "lte", _("Created until"))
    quiet = django_filters.NumberFilter(
        method="by_quiet",
        label=_("Quiet for days"),
        min_value=1,
        max_value=3650,
        decimal_places=0,
    )
    closes = OneOfFilter(
        method="by_closes", label=_("Closes"), choices=PERIODS, empty_label=_("Any time")
    )
    undated = FlagFilter(
        "estimated_close_on", "isnull", label=_("Without a close date"), required=False
    )
    unstaged = FlagFilter("stage", "isnull", label=_("Without a stage"), required=False)
    mine = FlagFilter(method="by_mine", label=_("Mine"), required=False)
    overdue = FlagFilter(method="by_overdue", label=_("Past its close date"), required=False)
    next_task = OneOfFilter(
        method="by_next_task",
        label=_("Next task"),
        choices=SIGNALS,
        empty_label=_("Any or none"),
    )
    new_to = RowFilter(
        method="by_new_to",
        label=_("New to"),
        rows=lambda f: visible_salespeople(f.request.user),
        widget=forms.HiddenInput,
    )
    changed_for = RowFilter(
        method="by_changed_for",
        label=_("Changed by others"),
        rows=lambda f: visible_salespeople(f.request.user),
        widget=forms.HiddenInput,
    )
    snoozed = django_filters.ChoiceFilter(
        method="by_snoozed",
        label=_("Snoozed by me"),
        choices=SNOOZED,
        empty_label=_("Snoozed or not"),
    )

    phrases: ClassVar[dict[str, Any]] = {
        **PipelineFilter.phrases,
        "number": _("with the number %(value)s"),
        "name": _("whose contact or company is called “%(value)s”"),
        "contact": _("of the contact %(value)s"),
        "company": _("of the company %(value)s"),
        "status": _("that are %(value)s"),
        "stage": _("at the stage %(value)s"),
        "visited": _("that were at the stage %(value)s"),
        "campaign": _("of the campaign %(value)s"),
        "segment": _("of the segment %(value)s"),
        "run": _("that were changed together"),
        "tag": _("tagged “%(value)s”"),
        "priority": _("of priority %(value)s"),
        "probability_from": _("with a probability of at least %(value)s"),
        "probability_to": _("with a probability of at most %(value)s"),
        "completed_from": _("completed by at least %(value)s"),
        "completed_to": _("completed by at most %(value)s"),
        "created_from": _("created from %(value)s"),
        "created_until": _("created until %(value)s"),
        "quiet": _("quiet for %(value)s days"),
        "overdue": _("past their close date"),
        "closes": "%(value)s",
        "undated": _("without a close date"),
        "unstaged": _("without a stage"),
        "mine": _("that are mine"),
        "next_task": "%(value)s",
        "new_to": _("new to %(value)s"),
        "changed_for": _("of %(value)s, changed by others since yesterday"),
        "snoozed": "%(value)s",
    }

    def by_number(self, rows: Any, name: str, value: str) -> Any:
        """Keep the one of that number, with or without its prefix."""
        pk = as_id(value.strip().upper().removeprefix(Opportunity.PREFIX))
        return rows.none() if pk is None else rows.filter(pk=pk)

    def by_name(self, rows: Any, name: str, value: str) -> Any:
        """Keep those whose contact or company is called so."""
        found = Contact.objects.order_by().search(value).values("pk")
        return rows.filter(Q(contact__in=found) | Q(company__in=found))

    def by_contact(self, rows: Any, name: str, value: Contact) -> Any:
        """Keep those of a person, or of a company and all its people (R149)."""
        return rows.of_company(value)

    def by_status(self, rows: Any, name: str, value: list[str]) -> Any:
        """Keep those of a status; open, closed and started are several."""
        return rows.filter(any_of(populations.in_status(one).condition for one in value))

    def by_visited(self, rows: Any, name: str, value: SalesCycleStage) -> Any:
        """Keep those that were in progress at a stage once."""
        return rows.filter(populations.visited(value).condition)

    def by_quiet(self, rows: Any, name: str, value: Any) -> Any:
        """Keep the open ones with which nothing has happened for so many days."""
        return rows.filter(populations.quiet(int(value)).condition)

    def by_next_task(self, rows: Any, name: str, value: list[str]) -> Any:
        """Keep the open ones whose next task is late, today, later, or missing."""
        return rows.filter(any_of(populations.next_task(one).condition for one in value))

    def by_new_to(self, rows: Any, name: str, value: Salesperson) -> Any:
        """Keep the open ones that somebody else gave to a salesperson in the last days."""
        return rows.filter(populations.new_to(value).condition)

    def by_changed_for(self, rows: Any, name: str, value: Salesperson) -> Any:
        """Keep those of a salesperson that others have changed since yesterday."""
        return rows.filter(populations.changed_for(value).condition)

    def by_snoozed(self, rows: Any, name: str, value: str) -> Any:
        """Keep those that the person has put off, or the others."""
        found = populations.snoozed(self.request.user, is_snoozed=value == "yes")
        return rows.filter(found.condition)

    def by_closes(self, rows: Any, name: str, value: list[str]) -> Any:
        """Keep those that close in a period counted from today."""
        periods = (populations.closing(*populations.period(one)) for one in value)
        return rows.filter(any_of(period.condition for period in periods))

    def by_mine(self, rows: Any, name: str, value: bool) -> Any:
        """Keep those of the salesperson who asks: a shared view shows each person his or hers."""
        salesperson = salesperson_of(self.request.user)
        return rows.filter(salesperson=salesperson.pk if salesperson else None)

    def by_overdue(self, rows: Any, name: str, value: bool) -> Any:
        """Keep the open ones that should have closed before today."""
        return rows.filter(populations.past_close_date().condition)


PipelineFilter.widest = OpportunityFilter  # the board understands all that the list does
