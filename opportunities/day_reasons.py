"""Why an opportunity stands on "my day", in words: what was last heard of it, and from whom."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm.dates import relative, site_date, start_of, today
from opportunities.history import RELATED, headline_of
from opportunities.models import Action, Opportunity, OpportunityEntry
from opportunities.next_tasks import NO_TASK, NextTask, next_tasks_of
from opportunities.populations import CHANGED_DAYS, NEW_DAYS, QUIET_DAYS, by_others
from salespeople.models import Salesperson
from tasks.models import Interaction, Task

BARE, PAST, QUIET, NEW, CHANGED = "bare", "past", "quiet", "new", "changed"
INTERACTION_LAST = {
    Interaction.Kind.CALL: gettext_lazy("last: call by %(who)s on %(day)s"),
    Interaction.Kind.EMAIL: gettext_lazy("last: e-mail by %(who)s on %(day)s"),
    Interaction.Kind.MEETING: gettext_lazy("last: meeting held by %(who)s on %(day)s"),
    Interaction.Kind.NOTE: gettext_lazy("last: note by %(who)s on %(day)s"),
    Interaction.Kind.OTHER: gettext_lazy("last: contact by %(who)s on %(day)s"),
}
INTERACTION_SINCE = {
    Interaction.Kind.CALL: gettext_lazy("no next task since the call on %(day)s"),
    Interaction.Kind.EMAIL: gettext_lazy("no next task since the e-mail on %(day)s"),
    Interaction.Kind.MEETING: gettext_lazy("no next task since the meeting on %(day)s"),
    Interaction.Kind.NOTE: gettext_lazy("no next task since the note on %(day)s"),
    Interaction.Kind.OTHER: gettext_lazy("no next task since the contact on %(day)s"),
}
MOVED = gettext_lazy("last: moved by %(who)s on %(day)s")
ENTRY_LAST = {
    Action.CREATED: gettext_lazy("last: created by %(who)s on %(day)s"),
    Action.ACTIVATED: gettext_lazy("last: started by %(who)s on %(day)s"),
    Action.NEXT: MOVED,
    Action.PREVIOUS: MOVED,
    Action.SKIPPED: MOVED,
    Action.JUMPED: MOVED,
    Action.UPDATED: gettext_lazy("last: updated by %(who)s on %(day)s"),
    Action.REASSIGNED: gettext_lazy("last: reassigned by %(who)s on %(day)s"),
    Action.REOPENED: gettext_lazy("last: reopened by %(who)s on %(day)s"),
}
ENTRY_LAST_ELSE = gettext_lazy("last: changed by %(who)s on %(day)s")
TASK_LAST = gettext_lazy("last: “%(description)s” done by %(who)s on %(day)s")
TASK_SINCE = gettext_lazy("no next task since “%(description)s” was done on %(day)s")


@dataclass(frozen=True)
class Reason:
    """One reason; `is_alarm` says that it is overdue."""

    kind: str
    text: str
    is_alarm: bool = False


@dataclass
class Facts:
    """What is known of some opportunities, by their id, read in a fixed number of queries."""

    next_tasks: dict[int, NextTask] = field(default_factory=dict)
    entries: dict[int, OpportunityEntry] = field(default_factory=dict)
    interactions: dict[int, Interaction] = field(default_factory=dict)
    done: dict[int, Task] = field(default_factory=dict)
    news: dict[int, list[OpportunityEntry]] = field(default_factory=dict)
    before: dict[tuple[int, int], OpportunityEntry] = field(default_factory=dict)


def facts_of(opportunities: Iterable[int], salesperson: Salesperson) -> Facts:
    """Read the facts: 5 queries, 1 more where others have changed something."""
    ids = list(opportunities)
    current = OpportunityEntry.objects.current().filter(opportunity__in=ids)
    spoken = Interaction.objects.counted().filter(opportunity__in=ids)
    done = Task.objects.filter(opportunity__in=ids, status=Task.Status.COMPLETED)
    news = by_others(salesperson, NEW_DAYS).filter(opportunity__in=ids)
    found: dict[int, list[OpportunityEntry]] = {}
    for entry in news.select_related(*RELATED, "undone_by").order_by("opportunity", "-sequence"):
        found.setdefault(entry.opportunity_id, []).append(entry)
    return Facts(
        next_tasks=next_tasks_of(ids),
        entries=_by_opportunity(current.select_related("recorded_by")),
        interactions=_by_opportunity(
            spoken.select_related("salesperson")
            .order_by("opportunity", "-happened_at", "-pk")
            .distinct("opportunity")
        ),
        done=_by_opportunity(
            done.select_related("completed_by", "salesperson", "closed_by")
            .order_by("opportunity", "-closed_at", "-pk")
            .distinct("opportunity")
        ),
        news=found,
        before=_before(found),
    )


def _by_opportunity(rows: Iterable[Any]) -> dict[int, Any]:
    return {row.opportunity_id: row for row in rows}


def _before(news: dict[int, list[OpportunityEntry]]) -> dict[tuple[int, int], OpportunityEntry]:
    """Return the entries before those, by opportunity and sequence."""
    wanted = Q()
    for pk, entries in news.items():
        wanted |= Q(opportunity=pk, sequence__in=[entry.sequence - 1 for entry in entries])
    if not wanted:
        return {}
    rows = OpportunityEntry.objects.filter(wanted).select_related(*RELATED)
    return {(row.opportunity_id, row.sequence): row for row in rows}


def reasons_of(opportunity: Opportunity, facts: Facts) -> list[Reason]:
    """Return every reason to look at an opportunity today, the first one first."""
    found = [
        _bare(opportunity, facts),
        _past(opportunity),
        _quiet(opportunity, facts),
        _new(opportunity, facts),
        _changed(opportunity, facts),
    ]
    return [reason for reason in found if reason is not None]


def next_task(opportunity: Opportunity, facts: Facts) -> NextTask:
    """Return what is to be done next about it."""
    return facts.next_tasks.get(opportunity.pk, NO_TASK)


def _bare(opportunity: Opportunity, facts: Facts) -> Reason | None:
    if not opportunity.is_open or opportunity.pk in facts.next_tasks:
        return None
    spoken, done = facts.interactions.get(opportunity.pk), facts.done.get(opportunity.pk)
    if done is not None and done.closed_at and (
        spoken is None or done.closed_at > spoken.happened_at
    ):  # fmt: skip
        wish = {"description": done.description, "day": _day(site_date(done.closed_at))}
        return Reason(BARE, str(TASK_SINCE) % wish)
    if spoken is not None:
        day = _day(site_date(spoken.happened_at))
        return Reason(BARE, str(INTERACTION_SINCE[Interaction.Kind(spoken.kind)]) % {"day": day})
    return Reason(BARE, _("no next task is planned"))


def _past(opportunity: Opportunity) -> Reason | None:
    if not opportunity.is_past_close_date(today()) or opportunity.estimated_close_on is None:
        return None
    count = (today() - opportunity.estimated_close_on).days
    text = ngettext(
        "%(count)d day past its close date", "%(count)d days past its close date", count
    )
    return Reason(PAST, text % {"count": count}, is_alarm=True)


def _quiet(opportunity: Opportunity, facts: Facts) -> Reason | None:
    if not opportunity.is_open:
        return None
    day, last = _last_touch(opportunity, facts)
    count = (today() - day).days
    if count < QUIET_DAYS:
        return None
    text = ngettext("quiet for %(count)d day", "quiet for %(count)d days", count)
    return Reason(QUIET, f"{text % {'count': count}}; {last}")


def _last_touch(opportunity: Opportunity, facts: Facts) -> tuple[date, str]:
    """Return the day of the newest of change, interaction and completed task, and what it was."""
    entry = facts.entries[opportunity.pk]
    action = Action(entry.action)
    words: Any = ENTRY_LAST.get(action, ENTRY_LAST_ELSE)
    who: Any = entry.recorded_by
    found = [(entry.effective_on, words, who, "")]
    done = facts.done.get(opportunity.pk)
    if done is not None and done.closed_at is not None:
        who = done.completed_by or done.salesperson or done.closed_by
        found.append((site_date(done.closed_at), TASK_LAST, who, done.description))
    spoken = facts.interactions.get(opportunity.pk)
    if spoken is not None:
        words = INTERACTION_LAST[Interaction.Kind(spoken.kind)]
        found.append((site_date(spoken.happened_at), words, spoken.salesperson, ""))
    day, words, who, description = max(found, key=lambda one: one[0])
    return day, str(words) % {"who": who, "day": _day(day), "description": description}


def _new(opportunity: Opportunity, facts: Facts) -> Reason | None:
    if not opportunity.is_open:
        return None
    for entry in facts.news.get(opportunity.pk, []):
        if _gives_it(entry, facts):
            wish = {"who": entry.recorded_by, "when": relative(site_date(entry.recorded_at))}
            if entry.action == Action.CREATED:
                return Reason(NEW, _("created for you by %(who)s %(when)s") % wish)
            return Reason(NEW, _("assigned to you by %(who)s %(when)s") % wish)
    return None


def _gives_it(entry: OpportunityEntry, facts: Facts) -> bool:
    """Say whether the entry made it the salesperson's, and stands."""
    if entry.action == Action.UNDONE or hasattr(entry, "undone_by"):
        return False
    before = facts.before.get((entry.opportunity_id, entry.sequence - 1))
    return before is None or before.salesperson_id != entry.salesperson_id


def _changed(opportunity: Opportunity, facts: Facts) -> Reason | None:
    since = start_of(today() - timedelta(days=CHANGED_DAYS))
    entries = [e for e in facts.news.get(opportunity.pk, []) if e.recorded_at >= since]
    if not entries:
        return None
    entry = entries[0]
    wish = {
        "who": entry.recorded_by,
        "did": headline_of(entry, facts.before.get((entry.opportunity_id, entry.sequence - 1))),
        "when": relative(site_date(entry.recorded_at)),
    }
    text = _("%(who)s %(did)s, %(when)s") % wish
    more = len(entries) - 1
    if more:
        text += " " + ngettext("(and %(count)d more)", "(and %(count)d more)", more) % {
            "count": more
        }
    return Reason(CHANGED, text)


def _day(day: date) -> str:
    """Return the day as one says it: without the year while it is this one."""
    return date_format(day, "MONTH_DAY_FORMAT" if day.year == today().year else "DATE_FORMAT")
