"""The history of one opportunity in words: who did what, what it changed, and when it was told."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm.dates import site_date, today
from crm.money import format_money, format_percent, half_up
from opportunities.models import Action, Opportunity, OpportunityEntry, Status
from salescycles.models import SalesCycleStage

RELATED = (
    "recorded_by",
    "stage",
    "previous_stage",
    "salesperson",
    "contact",
    "company",
    "campaign",
    "sales_cycle",
    "close_reason",
    "undoes",
)
ICONS = {
    Action.CREATED: "plus",
    Action.ACTIVATED: "player-play",
    Action.NEXT: "arrow-right",
    Action.PREVIOUS: "arrow-left",
    Action.SKIPPED: "arrow-narrow-right",
    Action.JUMPED: "arrow-back-up",
    Action.UPDATED: "edit",
    Action.REASSIGNED: "users",
    Action.WON: "trophy",
    Action.LOST: "circle-x",
    Action.REOPENED: "rotate",
    Action.UNDONE: "arrow-back-up",
    Action.DELETED: "trash",
    Action.RESTORED: "refresh",
    Action.MERGED: "link",
}


@dataclass(frozen=True)
class Change:
    """A fact before and after; `before` is None at the creation."""

    label: str
    before: str | None
    after: str


@dataclass(frozen=True)
class Event:
    """An entry in words; `is_late` says that it was written down after its day."""

    entry: OpportunityEntry
    icon: str
    headline: str
    changes: list[Change]
    is_late: bool
    is_undone: bool


@dataclass(frozen=True)
class StageTime:
    """A stage of the cycle, the days spent there, and where the opportunity stands to it."""

    stage: SalesCycleStage
    days: int
    was_here: bool
    is_here: bool
    is_behind: bool


def events_of(opportunity: Opportunity) -> list[Event]:
    """Return the history, the newest first, in one query."""
    entries = list(opportunity.entries.select_related(*RELATED).order_by("sequence"))
    undone = {entry.undoes_id for entry in entries if entry.undoes_id}
    found = [
        _event(entry, before, is_undone=entry.pk in undone)
        for before, entry in zip([None, *entries], entries, strict=False)
    ]
    return found[::-1]


def told(rows: QuerySet[OpportunityEntry]) -> list[Event]:
    """Return entries of many opportunities in words, in their order, in two queries.

    Which ones they are is asked first, and what they name then, by their ids: with a dozen
    tables joined, PostgreSQL would look for the newest entries in those of everybody.
    """
    before = OpportunityEntry.objects.filter(
        opportunity=OuterRef("opportunity"), sequence=OuterRef("sequence") - 1
    )
    undoing = OpportunityEntry.objects.filter(undoes=OuterRef("pk"))
    chosen = list(
        rows.annotate(before_id=Subquery(before.values("pk")[:1]), is_undone=Exists(undoing))
        .values_list("pk", "before_id", "is_undone")
    )  # fmt: skip
    wanted = {pk for entry, earlier, _is_undone in chosen for pk in (entry, earlier) if pk}
    found = OpportunityEntry.objects.select_related(*RELATED, "opportunity").in_bulk(wanted)
    return [
        _event(found[entry], found.get(earlier), is_undone=is_undone)
        for entry, earlier, is_undone in chosen
    ]


def changes_since(opportunity: Opportunity, sequence: int) -> list[Change]:
    """Return the facts that the newest entry changed, from how they stood at `sequence`."""
    rows = opportunity.entries.select_related(*RELATED)
    found = {
        row.sequence: row for row in rows.filter(sequence__in=(sequence, opportunity.sequence))
    }
    if len(found) < 2:  # noqa: PLR2004 - a before and an after
        return []
    return _changes(found[opportunity.sequence], found[sequence])


def stage_times(
    opportunity: Opportunity,
    entries: Iterable[OpportunityEntry],
    stages: Sequence[SalesCycleStage],
) -> list[StageTime]:
    """Return the stages with the days spent in each, as we know it now (house.md 4).

    Counted are the days on which the opportunity was in progress at the stage;
    the last day of a span belongs to what came after it.
    """
    spent: dict[int, int] = defaultdict(int)
    visited = set()
    for entry in entries:
        until = entry.superseded_on or today()
        if entry.stage_id and entry.status == Status.IN_PROGRESS and not entry.is_deleted:
            span = (until - entry.effective_on).days
            spent[entry.stage_id] += span
            if span > 0 or entry.superseded_on is None:
                visited.add(entry.stage_id)
    here = next((s.position for s in stages if s.pk == opportunity.stage_id), 0)
    return [
        StageTime(
            stage,
            spent[stage.pk],
            stage.pk in visited,
            stage.pk == opportunity.stage_id,
            stage.position < here,
        )
        for stage in stages
        if not stage.is_blocked or stage.pk in spent
    ]


def pushes(events: Iterable[Event]) -> int:
    """Count how often the close date of an open opportunity was moved later, and it stands."""
    standing = [
        event.entry
        for event in events
        if not event.is_undone and event.entry.action != Action.UNDONE and event.entry.is_open
    ]
    dates = [entry.estimated_close_on for entry in reversed(standing) if entry.estimated_close_on]
    return sum(later > earlier for earlier, later in pairwise(dates))


def _event(entry: OpportunityEntry, before: OpportunityEntry | None, *, is_undone: bool) -> Event:
    return Event(
        entry=entry,
        icon=ICONS[Action(entry.action)],
        headline=headline_of(entry, before),
        changes=_changes(entry, before),
        is_late=site_date(entry.recorded_at) > entry.effective_on,
        is_undone=is_undone,
    )


HEADLINES: dict[str, Any] = {
    Action.CREATED: gettext_lazy("created it in the cycle “%(cycle)s”"),
    Action.ACTIVATED: gettext_lazy("started it at “%(stage)s”"),
    Action.NEXT: gettext_lazy("moved it from “%(previous)s” to “%(stage)s”"),
    Action.PREVIOUS: gettext_lazy("moved it back from “%(previous)s” to “%(stage)s”"),
    Action.SKIPPED: gettext_lazy("skipped ahead from “%(previous)s” to “%(stage)s”"),
    Action.JUMPED: gettext_lazy("jumped back from “%(previous)s” to “%(stage)s”"),
    Action.REASSIGNED: gettext_lazy("reassigned it"),
    Action.WON: gettext_lazy("won it for %(value)s: %(reason)s"),
    Action.LOST: gettext_lazy("lost it: %(reason)s"),
    Action.DELETED: gettext_lazy("deleted it"),
    Action.RESTORED: gettext_lazy("restored it"),
    Action.MERGED: gettext_lazy("merged its contact into “%(contact)s”"),
}


def headline_of(entry: OpportunityEntry, before: OpportunityEntry | None) -> str:
    """Return what an entry did, in words that follow the name of who did it."""
    if entry.action == Action.UPDATED:
        return _("updated the estimates") if _changes(entry, before) else _("wrote a note")
    if entry.action == Action.REOPENED:
        template = _("reopened it at “%(stage)s”") if entry.stage else _("reopened it")
        return template % {"stage": entry.stage_name}
    if entry.action == Action.UNDONE:
        undone = entry.undoes.get_action_display().lower() if entry.undoes else ""
        return _("undid a change: %(action)s") % {"action": undone}
    return str(HEADLINES[entry.action]) % {
        "cycle": entry.sales_cycle,
        "stage": entry.stage_name,
        "previous": (before.stage_name if before else "") or entry.previous_stage or "–",
        "value": _money(entry.calculated_value),
        "reason": entry.close_reason,
        "contact": entry.contact,
    }


def _date(value: date | None) -> str:
    return date_format(value, "SHORT_DATE_FORMAT") if value else "–"


def _share(value: Decimal) -> str:
    rounded = half_up(value, 2).normalize()
    return format_percent(value, max(0, -int(rounded.as_tuple().exponent)))


def _money(value: Decimal) -> str:
    return format_money(value, is_brief=True)


def _name(value: Any) -> str:
    return str(value) if value is not None else "–"


FACTS: list[tuple[str, Any, Callable[[Any], str]]] = [
    ("estimated_value", gettext_lazy("Value"), _money),
    ("chances_of_success", gettext_lazy("Chances"), _share),
    ("estimated_close_on", gettext_lazy("Close date"), _date),
    ("salesperson", gettext_lazy("Salesperson"), _name),
    ("contact", gettext_lazy("Contact"), _name),
    ("company", gettext_lazy("Company"), _name),
    ("campaign", gettext_lazy("Campaign"), _name),
    ("sales_cycle", gettext_lazy("Sales cycle"), _name),
]
# What the headline of these actions says already, or what follows from it.
IMPLIED = {
    Action.WON: ("chances_of_success", "estimated_close_on"),
    Action.LOST: ("chances_of_success", "estimated_close_on"),
    Action.CREATED: ("company", "campaign", "sales_cycle"),
}


def _changes(entry: OpportunityEntry, before: OpportunityEntry | None) -> list[Change]:
    """Return the facts that differ; of a creation, those that were given."""
    implied = IMPLIED.get(Action(entry.action), ())
    found = []
    for name, label, shown in FACTS:
        after, was = getattr(entry, name), getattr(before, name) if before else None
        is_given = bool(after) if before is None else after != was
        if is_given and name not in implied:
            told = shown(was) if before is not None else None
            found.append(Change(str(label), told, shown(after)))
    return found
