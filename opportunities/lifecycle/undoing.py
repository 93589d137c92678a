"""Undo: restore the whole state before the newest standing entry (house.md 4, U7)."""

from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import prefetch_related_objects
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
from opportunities.lifecycle.parts import Part, current_part, once, together_with
from opportunities.models import (
    STATE_FIELDS,
    Action,
    Opportunity,
    OpportunityEntry,
)
from salespeople.models import User

KEPT = ("sequence", "effective_on")
NAMED = (
    "sales_cycle", "stage", "salesperson", "contact", "company", "campaign", "close_reason",
)  # fmt: skip


def newest_standing(opportunity: Opportunity) -> OpportunityEntry:
    """Return the newest entry that is neither undone nor an undo."""
    part = current_part(opportunity.pk)
    if part is None:
        return opportunity.entries.standing().order_by("-sequence")[0]
    return newest_of_part(part)[opportunity.pk]


def newest_of_act(opportunity: Opportunity, act: UUID) -> OpportunityEntry:
    """Return the newest entry that an act wrote of it; `OpportunityEntry.DoesNotExist` for none."""

    def read() -> dict[int, OpportunityEntry]:
        theirs = together_with(opportunity.pk)
        rows = OpportunityEntry.objects.filter(act=act, opportunity__in=theirs, undoes=None)
        newest = rows.order_by("opportunity", "-sequence").distinct("opportunity")
        return {entry.opportunity_id: entry for entry in newest}

    entry = once(("act", act), read).get(opportunity.pk)
    if entry is None:
        raise OpportunityEntry.DoesNotExist
    entry.opportunity = opportunity
    return entry


def newest_of_part(part: Part) -> dict[int, OpportunityEntry]:
    """Return the newest standing entry of each row of a part: one query for all."""
    rows = OpportunityEntry.objects.standing().filter(opportunity__in=part.rows)
    newest = rows.order_by("opportunity", "-sequence").distinct("opportunity")
    return once("newest", lambda: {e.opportunity_id: _of(part, e) for e in newest})


def before_of_part(part: Part) -> dict[int, OpportunityEntry]:
    """Return the entry before the newest standing one of each row of a part, with all it names."""

    def read() -> dict[int, OpportunityEntry]:
        wanted = {pk: entry.sequence - 1 for pk, entry in newest_of_part(part).items()}
        rows = OpportunityEntry.objects.filter(
            opportunity__in=wanted, sequence__in=set(wanted.values())
        )
        found = [entry for entry in rows if wanted[entry.opportunity_id] == entry.sequence]
        prefetch_related_objects(found, *NAMED)
        return {entry.opportunity_id: _of(part, entry) for entry in found}

    return once("before", read)


def _of(part: Part, entry: OpportunityEntry) -> OpportunityEntry:
    entry.opportunity = part.rows[entry.opportunity_id]
    return entry


def _before(opportunity: Opportunity, newest: OpportunityEntry) -> OpportunityEntry:
    part = current_part(opportunity.pk)
    if part is None:
        entries = opportunity.entries.select_related(*NAMED)
        return entries.get(sequence=newest.sequence - 1)
    return before_of_part(part)[opportunity.pk]


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
        before = _before(fresh, newest)
        clear_customer(newest)
        beside: dict[str, Any] = {}
        if before.campaign_id != fresh.campaign_id:  # the segment is not in the ledger (R142)
            beside["segment"] = Campaigns.of([before.campaign]).only_segment(before.campaign)
        state: dict[str, Any] = {n: getattr(before, n) for n in STATE_FIELDS if n not in KEPT}
        return write(
            fresh,
            by=by,
            action=Action.UNDONE,
            on=newest.effective_on,
            note=check_note(note),
            undoes=newest,
            holds_again=before,
            **state,
            **beside,
        )


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
