"""Editing, reassigning, deleting and restoring (Business Central R120–R122, R139–R146)."""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from changes import log
from contacts.models import Campaign, Contact, Segment
from opportunities.lifecycle.campaigns import Campaigns, check_segment
from opportunities.lifecycle.checks import (
    check_delete,
    check_field,
    check_kept,
    check_note,
    check_on,
    check_open,
    check_restore,
    check_usable_contact,
    check_usable_salesperson,
)
from opportunities.lifecycle.ledger import Conflict, locked, write
from opportunities.models import Action, Opportunity, Status
from salespeople.models import Salesperson, User


def edit(
    opportunity: Opportunity,
    *,
    by: User,
    description: str | None = None,
    priority: int | None = None,
    segment: Segment | None = None,
    clears_segment: bool = False,
    seen: int | None = None,
    seen_edits: int | None = None,
) -> Opportunity:
    """Change what the ledger does not hold: description and segment always, priority while open.

    None keeps; `clears_segment` takes it out of its segment.
    `seen_edits` is the number of edits the person was looking at; an edit by
    somebody else since then is a `Conflict` (R28, R120).
    """
    with locked(opportunity, by=by, seen=seen) as fresh:
        check_kept(fresh)
        if seen_edits is not None and seen_edits != fresh.edits:
            raise Conflict(fresh, fresh.sequence)
        wishes: dict[str, Any] = {}
        if description is not None:
            wishes["description"] = check_field("description", " ".join(description.split()))
        if priority is not None:
            wishes["priority"] = check_field("priority", priority)
        if segment is not None or clears_segment:
            wishes["segment"] = check_segment(segment, fresh.campaign)
        changed = {n: v for n, v in wishes.items() if getattr(fresh, n) != v}
        if "priority" in changed:
            check_open(fresh)
        if changed:
            before = log.values_of(fresh, changed)
            for name, value in changed.items():
                setattr(fresh, name, value)
            fresh.edits = fresh.edits + 1
            fresh.save(update_fields=[*changed, "edits"])
            log.note("edit", fresh, by=by, before=before, after=log.values_of(fresh, changed))
        return fresh


def reassign(
    opportunity: Opportunity,
    *,
    by: User,
    salesperson: Salesperson | None = None,
    contact: Contact | None = None,
    campaign: Campaign | None = None,
    clears_campaign: bool = False,
    on: date | None = None,
    hand_over_open_tasks: bool = False,
    note: str = "",
    seen: int | None = None,
) -> Opportunity:
    """Give it to another salesperson, contact or campaign; None keeps (R139, R140, D3).

    Once started, the new contact belongs to the same company (R140).
    `clears_campaign` takes it out of its campaign. Another campaign, and none,
    clears the segment, and sets it to the campaign's only one (R142). Open
    tasks that had the old ones go along if asked (R139, R140, R142).
    """
    with locked(opportunity, by=by, seen=seen) as fresh:
        check_open(fresh)
        changes: dict[str, Any] = {}
        if salesperson is not None and salesperson.pk != fresh.salesperson_id:
            changes["salesperson"] = check_usable_salesperson(salesperson, by=by)
        if contact is not None and contact.pk != fresh.contact_id:
            changes["contact"] = contact = _check_contact(fresh, contact)
            changes["company"] = contact.company_or_self
        if campaign is not None or clears_campaign:
            changes |= _of_campaign(fresh, campaign)
        note = check_note(note)
        if not changes:
            return fresh
        day = check_on(fresh, on, turns=False)
        return write(
            fresh,
            by=by,
            action=Action.REASSIGNED,
            on=day,
            note=note,
            hand_over_open_tasks=hand_over_open_tasks,
            **changes,
        )


def delete(
    opportunity: Opportunity,
    *,
    by: User,
    on: date | None = None,
    note: str = "",
    seen: int | None = None,
) -> Opportunity:
    """Hide it with an entry; refused while in progress (R121, rules D11)."""
    with locked(opportunity, by=by, seen=seen) as fresh:
        if fresh.is_deleted:
            return fresh
        check_delete(fresh)
        day = check_on(fresh, on, turns=True)
        return write(
            fresh, by=by, action=Action.DELETED, on=day, note=check_note(note), is_deleted=True
        )


def restore(
    opportunity: Opportunity,
    *,
    by: User,
    on: date | None = None,
    note: str = "",
    seen: int | None = None,
) -> Opportunity:
    """Bring a deleted one back: a manager, or the person who deleted it."""
    with locked(opportunity, by=by, seen=seen) as fresh:
        if not fresh.is_deleted:
            return fresh
        check_restore(_deletion(fresh), by=by)
        day = check_on(fresh, on, turns=True)
        return write(
            fresh, by=by, action=Action.RESTORED, on=day, note=check_note(note), is_deleted=False
        )


def _deletion(opportunity: Opportunity) -> Any:
    return (
        opportunity.entries.standing().filter(action=Action.DELETED).order_by("-sequence").first()
    )


def _check_contact(opportunity: Opportunity, contact: Contact) -> Contact:
    contact = check_usable_contact(contact)
    company = contact.company_or_self
    same = company is not None and company.pk == opportunity.company_id
    if opportunity.status != Status.NOT_STARTED and not same:
        raise ValidationError(
            {"contact": _("“%(name)s” belongs to another company.") % {"name": contact.name}},
            code="other_company",
        )
    return contact


def _of_campaign(opportunity: Opportunity, campaign: Campaign | None) -> dict[str, Any]:
    """Return the campaign and the segment that comes with it; nothing when it has it (R142)."""
    if getattr(campaign, "pk", None) == opportunity.campaign_id:
        return {}
    known = Campaigns.of([campaign])
    checked = known.checked(campaign, created_on=opportunity.created_on)
    return {"campaign": checked, "segment": known.only_segment(checked)}
