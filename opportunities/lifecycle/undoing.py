"""Undo: restore the whole state before the newest standing entry (house.md 4, U7)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from opportunities.lifecycle.campaigns import Campaigns
from opportunities.lifecycle.checks import (
    check_note,
    check_reopen,
    check_restore,
    check_usable_salesperson,
)
from opportunities.lifecycle.closing import clear_customer
from opportunities.lifecycle.ledger import locked, write
from opportunities.models import (
    STATE_FIELDS,
    Action,
    Opportunity,
    OpportunityEntry,
)
from salespeople.models import User
from tasks import stages

KEPT = ("sequence", "effective_on")


def newest_standing(opportunity: Opportunity) -> OpportunityEntry:
    """Return the newest entry that is neither undone nor an undo."""
    return opportunity.entries.standing().order_by("-sequence")[0]


def undo(
    entry: OpportunityEntry, *, by: User, note: str = "", seen: int | None = None
) -> Opportunity:
    """Write an UNDONE entry of the same effective date that takes `entry` back.

    Refused for anything but the newest standing entry (the sentence names the
    newer one), and for the creation. Undoing a close follows the rights of
    reopening, undoing a deletion those of restoring.
    """
    with locked(entry.opportunity, by=by, seen=seen) as fresh:
        newest = newest_standing(fresh)
        check_undo(fresh, entry, newest, by=by)
        before = fresh.entries.select_related(
            "sales_cycle", "stage", "salesperson", "contact", "company", "campaign", "close_reason"
        ).get(sequence=newest.sequence - 1)
        clear_customer(newest)
        beside: dict[str, Any] = {}
        if before.campaign_id != fresh.campaign_id:  # the segment is not in the ledger (R142)
            beside["segment"] = Campaigns.of([before.campaign]).only_segment(before.campaign)
        state: dict[str, Any] = {n: getattr(before, n) for n in STATE_FIELDS if n not in KEPT}
        undone = write(
            fresh,
            by=by,
            action=Action.UNDONE,
            on=newest.effective_on,
            note=check_note(note),
            undoes=newest,
            **state,
            **beside,
        )
        stages.undo(newest, before, by=by)
        return undone


def check_undo(
    opportunity: Opportunity, entry: OpportunityEntry, newest: OpportunityEntry, *, by: User
) -> None:
    """Refuse to undo what has been undone, what something newer rests on, and the creation."""
    if entry.pk != newest.pk:
        raise ValidationError(_refusal(entry, newest), code="newer")
    if newest.action == Action.CREATED:
        raise ValidationError(
            _("The creation is not undone; delete the opportunity instead."), code="created"
        )
    if newest.action in (Action.WON, Action.LOST):
        check_reopen(opportunity, newest, by=by)
    if newest.action == Action.DELETED:
        check_restore(newest, by=by)
    if newest.action == Action.REASSIGNED and newest.recorded_by_id != by.pk:
        before = opportunity.entries.get(sequence=newest.sequence - 1)
        if before.salesperson_id != opportunity.salesperson_id:
            check_usable_salesperson(before.salesperson, by=by)


def _refusal(entry: OpportunityEntry, newest: OpportunityEntry) -> str:
    if entry.action == Action.UNDONE or OpportunityEntry.objects.filter(undoes=entry).exists():
        return _("That has been undone already.")
    return _("Something newer rests on it: “%(action)s”. Undo that first.") % {
        "action": newest.get_action_display()
    }
