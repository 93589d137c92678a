"""Who is told of what the door does (issue 4, 3): the salesperson, the mentioned, all of a big win.

Inside the door's transaction, under its lock. What an undo takes back is
withdrawn from those who have not read it (ADR 0023).
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from notices.kinds import Kind
from notices.telling import Told, is_silent, tell, withdraw
from opportunities.models import Action, Opportunity, OpportunityEntry
from salespeople.mentions import tell_mentioned
from salespeople.models import SiteSettings, User
from salespeople.visibility import viewers_of

# What one may take back of another's change; the rest follows from it.
DISPUTED = (
    "status", "stage_id", "sales_cycle_id", "salesperson_id", "contact_id", "campaign_id",
    "estimated_value", "chances_of_success", "estimated_close_on", "close_reason_id",
)  # fmt: skip


def of_creation(entries: Iterable[OpportunityEntry], *, by: User) -> None:
    """Tell everybody for whom somebody else has created opportunities, once for all of them."""
    entries = list(entries)
    _assigned(entries, by=by)
    for entry in entries:
        _mentioned(entry, by=by)


def of_changes(changes: list[tuple[OpportunityEntry, Opportunity]], *, by: User) -> None:
    """Tell of other salespeople, big wins and notes; withdraw what is so no more.

    Each change is its entry, and the opportunity as it was before.
    """
    undone = [entry.undoes_id for entry, _before in changes if entry.undoes_id]
    handed = [entry for entry, b in changes if entry.salesperson_id != b.salesperson_id]
    reopened = [entry for entry, _before in changes if entry.action == Action.REOPENED]
    if undone:
        withdraw(entry__in=undone)
    if handed:
        withdraw(Kind.ASSIGNED, opportunity__in=[entry.opportunity_id for entry in handed])
    if reopened:
        withdraw(Kind.BIG_WIN, opportunity__in=[entry.opportunity_id for entry in reopened])
    _assigned([entry for entry in handed if entry.action != Action.UNDONE], by=by)
    for entry, _before in changes:
        if entry.action == Action.WON:
            _big_win(entry, by=by)
        _mentioned(entry, by=by)


def of_overwriting(opportunity: Opportunity, *, by: User, since: int) -> None:
    """Tell those whose changes after the entry `since` the newest entry, of `by`, has replaced.

    For whoever goes on with "mine" from the page of a conflict, in the
    transaction of the change (U8).
    """
    rows = opportunity.entries.filter(sequence__gte=since).select_related("opportunity")
    entries = list(rows.order_by("sequence"))
    *others, newest = entries
    if not others or newest.recorded_by_id != by.pk:
        return
    mine = _changed(others[-1], newest)
    authors = {e.recorded_by_id for before, e in pairwise(others) if mine & _changed(before, e)}
    told = [Told(author, newest.opportunity, newest) for author in sorted(authors)]
    tell(Kind.CONFLICT, told, by=by, act=newest.act)


def take_back(entries: Iterable[OpportunityEntry], opportunities: Iterable[int]) -> None:
    """Withdraw what was told of these entries, when many are taken back at once."""
    withdraw(entry__in=list(entries), opportunity__in=list(opportunities))


def _assigned(entries: list[OpportunityEntry], *, by: User) -> None:
    """Tell the salespeople of these entries, each once for every act."""
    acts: dict[Any, list[Told]] = {}
    for entry in entries:
        seller = entry.opportunity.salesperson.user_id
        acts.setdefault(entry.act, []).append(Told(seller, entry.opportunity, entry))
    for act, told in acts.items():
        tell(Kind.ASSIGNED, told, by=by, act=act)


def _changed(before: OpportunityEntry, entry: OpportunityEntry) -> set[str]:
    return {name for name in DISPUTED if getattr(before, name) != getattr(entry, name)}


def _big_win(entry: OpportunityEntry, *, by: User) -> None:
    """Tell everybody who may see it of a win from the site's threshold on."""
    if is_silent():
        return
    threshold = SiteSettings.current().big_win_value
    if threshold is None or entry.calculated_value < threshold:
        return
    viewers = viewers_of(entry.opportunity.salesperson).order_by("pk").values_list("pk", flat=True)
    told = [Told(viewer, entry.opportunity, entry) for viewer in viewers.distinct()]
    tell(Kind.BIG_WIN, told, by=by, act=entry.act)


def _mentioned(entry: OpportunityEntry, *, by: User) -> None:
    tell_mentioned(entry.note, entry.opportunity, by=by, field="note", entry=entry, act=entry.act)
