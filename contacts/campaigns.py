"""The door of campaigns: create, edit, activate, deactivate, delete (R237–R240, ADR 0014).

Each function opens its own transaction and re-reads the row under a lock. They
raise `ValidationError` with sentences, `PermissionDenied` with who may do it,
and `Conflict` when somebody was faster: `seen` is the number of changes
(`edits`) that the person was looking at (None: whatever it is).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.checks import check_salesperson
from contacts.models import Campaign
from salespeople.administration import deletion_refusal
from salespeople.models import User
from salespeople.roles import is_manager
from salespeople.visibility import salesperson_of

WRITABLE = frozenset({"description", "starts_on", "ends_on", "salesperson", "cost", "target"})


class Conflict(Exception):
    """Somebody changed the campaign after the person had looked at it."""

    def __init__(self, campaign: Campaign) -> None:
        """Carry the campaign as it is now."""
        super().__init__(f"campaign {campaign.pk} has been changed since")
        self.campaign = campaign


def may_change(campaign: Campaign, *, by: User) -> bool:
    """Say whether `by` is a manager or the campaign's salesperson."""
    own = salesperson_of(by)
    return is_manager(by) or (own is not None and campaign.salesperson_id == own.pk)


def check_may_change(campaign: Campaign, *, by: User) -> None:
    """Raise PermissionDenied, with who may, for whoever may not."""
    if not may_change(campaign, by=by):
        raise PermissionDenied(_("A manager may do that, or the campaign's salesperson."))


def create(*, by: User, **values: Any) -> Campaign:
    """Create a campaign, not activated; its salesperson is one to whom `by` may give work."""
    campaign = Campaign()
    check_salesperson(values.get("salesperson"), by=by)
    _assign(campaign, values)
    campaign.save(force_insert=True)
    return campaign


def edit(campaign: Campaign, *, by: User, seen: int | None = None, **changes: Any) -> Campaign:
    """Change what is given; what was sold under it stays, whatever its dates become."""
    with _locked(campaign, by=by, seen=seen) as fresh:
        changed = {name: v for name, v in changes.items() if v != getattr(fresh, name)}
        if "salesperson" in changed:
            check_salesperson(changed["salesperson"], by=by)
        _assign(fresh, changed)
        return _saved(fresh, changed, by=by)


def activate(campaign: Campaign, *, by: User, seen: int | None = None) -> Campaign:
    """Let opportunities be sold under it (R238: here an act, with who and when)."""
    with _locked(campaign, by=by, seen=seen) as fresh:
        if fresh.is_activated:
            return fresh
        fresh.activated_at, fresh.activated_by = timezone.now(), by
        return _saved(fresh, ("activated_at", "activated_by"), by=by)


def deactivate(campaign: Campaign, *, by: User, seen: int | None = None) -> Campaign:
    """Let nothing new be sold under it; what names it carries on."""
    with _locked(campaign, by=by, seen=seen) as fresh:
        if not fresh.is_activated:
            return fresh
        fresh.activated_at = fresh.activated_by = None
        return _saved(fresh, ("activated_at", "activated_by"), by=by)


def delete(campaign: Campaign, *, by: User, seen: int | None = None) -> None:
    """Delete one that nothing names (R240 with rules D19, D24)."""
    with _locked(campaign, by=by, seen=seen) as fresh:
        if refusal := refusal_to_delete(fresh):
            raise ValidationError(refusal, code="in_use")
        fresh.delete()


def refusal_to_delete(campaign: Campaign) -> str | None:
    """Return why it is not deleted, by how many it is used; None if it may be."""
    refusal = deletion_refusal(campaign)
    return f"{refusal} {_('Deactivate it instead.')}" if refusal else None


def _assign(campaign: Campaign, values: dict[str, Any]) -> None:
    """Set the values as they are kept; refuse what fits no field, and an end before the start."""
    if unknown := sorted(values.keys() - WRITABLE):
        raise TypeError(f"a campaign takes no {', '.join(unknown)}")
    for name, value in values.items():
        setattr(campaign, name, " ".join(value.split()) if isinstance(value, str) else value)
    errors: dict[str, Any] = {}
    if "\x00" in campaign.description:
        errors["description"] = _("Null characters are not allowed.")
    try:
        campaign.clean_fields(exclude={"salesperson", *errors})
    except ValidationError as error:
        errors |= error.error_dict
    if campaign.starts_on and campaign.ends_on and campaign.ends_on < campaign.starts_on:  # R237
        field = "ends_on" if "ends_on" in values else "starts_on"
        errors.setdefault(field, _("The end lies before the start."))
    if errors:
        raise ValidationError(errors)


@contextmanager
def _locked(campaign: Campaign, *, by: User, seen: int | None) -> Iterator[Campaign]:
    with transaction.atomic():
        rows = Campaign.objects.visible_to(by).select_related("salesperson")
        fresh = rows.select_for_update(of=("self",)).get(pk=campaign.pk)
        check_may_change(fresh, by=by)
        if seen is not None and seen != fresh.edits:
            raise Conflict(fresh)
        yield fresh


def _saved(campaign: Campaign, changed: Any, *, by: User) -> Campaign:
    if changed:
        campaign.edits += 1
        campaign.changed_at, campaign.changed_by = timezone.now(), by
        campaign.save(update_fields=[*changed, "edits", "changed_at", "changed_by"])
    return campaign
