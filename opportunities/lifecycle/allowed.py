"""What a person may do with an opportunity now, asked by the pages to show or hide a button."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.translation import gettext as _

from crm.dates import today
from opportunities.lifecycle.checks import (
    check_close_date_from,
    check_delete,
    check_estimates,
    check_kept,
    check_open,
    check_reopen,
    check_restore,
)
from opportunities.lifecycle.closing import newest_closing
from opportunities.lifecycle.moving import entering, possible_moves
from opportunities.lifecycle.undoing import check_undo, newest_standing
from opportunities.models import Opportunity, OpportunityEntry, Status
from salescycles.models import SalesCycleStage
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
    newest = newest_standing(opportunity)
    verbs = {verb: _passes(check, opportunity, newest, by) for verb, check in CHECKS.items()}
    return Allowed(**verbs, newest=newest)


def check_may(verb: str, opportunity: Opportunity, *, by: User) -> None:
    """Raise what the door would raise for this verb, whatever else is asked for."""
    CHECKS[verb](opportunity, newest_standing(opportunity), by)


def check_entering(opportunity: Opportunity, stage: SalesCycleStage) -> None:
    """Raise what the door would raise if it entered `stage` today as it stands."""
    move = next((m for m in possible_moves(opportunity) if m.stage.pk == stage.pk), None)
    if move is not None and move.refusal:
        raise ValidationError({"stage": ValidationError(move.refusal, code=move.code)})
    changes = entering(stage, opportunity, on=today())
    if opportunity.status == Status.NOT_STARTED:
        check_close_date_from(changes["estimated_close_on"], today())
    else:
        check_estimates(
            estimated_value=changes["estimated_value"],
            chances_of_success=changes["chances_of_success"],
            close_on=changes["estimated_close_on"],
            on=today(),
        )


def _check_activate(opportunity: Opportunity, newest: OpportunityEntry, by: User) -> None:
    check_open(opportunity)
    if opportunity.status != Status.NOT_STARTED:
        raise ValidationError(_("It has been started already."), code="started")


def _check_reopen(opportunity: Opportunity, newest: OpportunityEntry, by: User) -> None:
    check_kept(opportunity)
    if not opportunity.is_closed:
        raise ValidationError(_("It is not closed."), code="open")
    check_reopen(opportunity, newest_closing(opportunity), by=by)


def _check_restore(opportunity: Opportunity, newest: OpportunityEntry, by: User) -> None:
    if not opportunity.is_deleted:
        raise ValidationError(_("It is not deleted."), code="kept")
    check_restore(newest, by=by)


def _open(opportunity: Opportunity, newest: OpportunityEntry, by: User) -> None:
    check_open(opportunity)


def _move(opportunity: Opportunity, newest: OpportunityEntry, by: User) -> None:
    check_open(opportunity)
    if opportunity.status == Status.NOT_STARTED:
        raise ValidationError(_("It begins at the first stage."), code="not_started")


def _kept(opportunity: Opportunity, newest: OpportunityEntry, by: User) -> None:
    check_kept(opportunity)


def _delete(opportunity: Opportunity, newest: OpportunityEntry, by: User) -> None:
    check_delete(opportunity)


def _undo(opportunity: Opportunity, newest: OpportunityEntry, by: User) -> None:
    check_undo(opportunity, newest, newest, by=by)


CHECKS: dict[str, Callable[[Opportunity, OpportunityEntry, User], None]] = {
    "activate": _check_activate,
    "move": _move,
    "update": _open,
    "win": _open,
    "lose": _open,
    "reopen": _check_reopen,
    "reassign": _open,
    "edit": _kept,
    "delete": _delete,
    "restore": _check_restore,
    "undo": _undo,
}


def _passes(check: Callable[..., Any], *args: Any) -> bool:
    try:
        check(*args)
    except (ValidationError, PermissionDenied):
        return False
    return True
