"""What a person may do with an opportunity now, asked by the pages to show or hide a button."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError

from opportunities.lifecycle.checks import (
    check_delete,
    check_kept,
    check_open,
    check_reopen,
    check_restore,
)
from opportunities.lifecycle.closing import newest_closing
from opportunities.lifecycle.undoing import check_undo, newest_standing
from opportunities.models import Opportunity, OpportunityEntry, Status
from salespeople.models import User


@dataclass(frozen=True)
class Allowed:
    """The verbs of the door: whether each may be used now, and which entry Undo would take."""

    activate: bool
    move: bool
    update: bool
    win: bool
    lose: bool
    reopen: bool
    reassign: bool
    edit: bool
    delete: bool
    restore: bool
    undo: bool
    newest: OpportunityEntry


def allowed_actions(opportunity: Opportunity, *, by: User) -> Allowed:
    """Ask the checks of the door, without writing, for a row that `by` may see."""
    is_open = _passes(check_open, opportunity)
    newest = newest_standing(opportunity)
    return Allowed(
        activate=is_open and opportunity.status == Status.NOT_STARTED,
        move=is_open and opportunity.status == Status.IN_PROGRESS,
        update=is_open,
        win=is_open,
        lose=is_open,
        reopen=_may_reopen(opportunity, by=by),
        reassign=is_open,
        edit=_passes(check_kept, opportunity),
        delete=_passes(check_delete, opportunity),
        restore=opportunity.is_deleted and _passes(check_restore, newest, by=by),
        undo=_passes(check_undo, opportunity, newest, newest, by=by),
        newest=newest,
    )


def _may_reopen(opportunity: Opportunity, *, by: User) -> bool:
    if opportunity.is_deleted or not opportunity.is_closed:
        return False
    return _passes(check_reopen, opportunity, newest_closing(opportunity), by=by)


def _passes(check: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
    try:
        check(*args, **kwargs)
    except (ValidationError, PermissionDenied):
        return False
    return True
