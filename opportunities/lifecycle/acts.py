"""Undo of a whole act: all that one confirmation wrote, in a fixed number of statements.

What the act created and nobody touched is deleted with entries: the start is
undone, then the creation, so that it was never there "as we know it now" and
can be restored. What the act changed is undone as one by one. What something
newer rests on stays, and is named (rules D22, house.md 4, ADR 0014).
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from opportunities.lifecycle import told
from opportunities.lifecycle.ledger import COPY, entry_of, moment_now, one_act
from opportunities.lifecycle.undoing import undo
from opportunities.models import STATE_ATTRIBUTES, Action, Opportunity, OpportunityEntry
from salespeople.models import User
from salespeople.roles import is_manager
from tasks import stages

MADE = ([Action.CREATED], [Action.CREATED, Action.ACTIVATED])


@dataclass(frozen=True)
class ActState:
    """What an act wrote, as it stands: what can be taken back, what not and why, what is gone.

    `hidden` is the number of those that the person may not see; they stay.
    """

    created: list[Opportunity] = field(default_factory=list)
    changed: list[Opportunity] = field(default_factory=list)
    refused: list[tuple[Opportunity, str]] = field(default_factory=list)
    gone: list[Opportunity] = field(default_factory=list)
    hidden: int = 0

    @property
    def ready(self) -> list[Opportunity]:
        """Those that can be taken back."""
        return [*self.created, *self.changed]


def act_state(act: UUID, *, by: User) -> ActState:
    """Say what undoing the act would do now; raise PermissionDenied for whoever may not."""
    return _judged(act, by=by)[0]


def undo_act(act: UUID, *, by: User) -> ActState:
    """Take back all of an act that nothing newer rests on, as one act; return what came of it.

    `created` and `changed` of the answer have been taken back. For the person
    who did it, and for managers. Twice is once: what is gone stays gone.
    """
    with transaction.atomic(), one_act():
        state, standing = _judged(act, by=by, lock=True)
        _take_back(state.created, standing, by=by)
        changed = []
        for opportunity in state.changed:
            try:
                with transaction.atomic():
                    for entry in reversed(standing[opportunity.pk]):
                        if entry.act != act:
                            break
                        undo(entry, by=by)
            except (ValidationError, PermissionDenied) as error:
                state.refused.append((opportunity, _sentence(error)))
            else:
                changed.append(opportunity)
        state.changed[:] = changed
        return state


def _judged(
    act: UUID, *, by: User, lock: bool = False
) -> tuple[ActState, dict[int, list[OpportunityEntry]]]:
    """Sort the opportunities of an act; also return the standing entries of each, in order."""
    of_act = OpportunityEntry.objects.filter(act=act)
    author = of_act.order_by("pk").values_list("recorded_by", flat=True).first()
    if author is not None and author != by.pk and not is_manager(by):
        raise PermissionDenied(_("A manager may undo it, or the person who did it."))
    ids = set(of_act.values_list("opportunity", flat=True))
    rows = Opportunity.objects.visible_to(by).filter(pk__in=ids).order_by("pk")
    rows = rows.select_related("contact")
    rows = rows.select_for_update(of=("self",), no_key=True) if lock else rows
    opportunities = list(rows)
    seen = [opportunity.pk for opportunity in opportunities]
    standing = _standing(seen)
    used = _used(seen)
    state = ActState(hidden=len(ids) - len(seen))
    for opportunity in opportunities:
        entries = standing[opportunity.pk]
        is_made = entries[0].act == act
        mine = [entry for entry in entries if entry.act == act]
        if not mine or (is_made and opportunity.is_deleted):
            state.gone.append(opportunity)
        elif reason := _reason(opportunity, entries, act, used, is_made=is_made):
            state.refused.append((opportunity, reason))
        else:
            (state.created if is_made else state.changed).append(opportunity)
    return state, standing


def _standing(ids: list[int]) -> dict[int, list[OpportunityEntry]]:
    found: dict[int, list[OpportunityEntry]] = defaultdict(list)
    rows = OpportunityEntry.objects.standing().filter(opportunity__in=ids)
    for entry in rows.select_related("recorded_by", "opportunity", "stage").order_by("sequence"):
        found[entry.opportunity_id].append(entry)
    return found


def _used(ids: list[int]) -> dict[int, str]:
    """Return for each that somebody has worked on, what rests on it; a query per kind."""
    touched = Q(tasks__is_of_stage=False) | Q(tasks__changed_at__isnull=False)
    kinds = (
        (Q(edits__gt=0), _("It has been edited since.")),
        (Q(people__isnull=False), _("People have been added to it since.")),
        (Q(tasks__isnull=False) & touched, _("Its tasks have been worked on since.")),
        (Q(interactions__isnull=False), _("Interactions have been logged since.")),
        (Q(quotes__isnull=False), _("It has got a quote since.")),
    )
    found: dict[int, str] = {}
    rows = Opportunity.objects.filter(pk__in=ids).order_by()
    for condition, sentence in kinds:
        named = rows.filter(condition).values_list("pk", flat=True)
        found |= dict.fromkeys(named, sentence)
    return found


def _reason(
    opportunity: Opportunity,
    entries: list[OpportunityEntry],
    act: UUID,
    used: dict[int, str],
    *,
    is_made: bool,
) -> str:
    """Return why it stays; "" when it can be taken back."""
    newest = entries[-1]
    if newest.act != act:
        return _("Something newer rests on it: “%(action)s” by %(who)s.") % {
            "action": newest.get_action_display(),
            "who": newest.recorded_by,
        }
    if not is_made:
        return ""
    if [entry.action for entry in entries] not in MADE:
        return _("Something newer rests on it: “%(action)s” by %(who)s.") % {
            "action": newest.get_action_display(),
            "who": newest.recorded_by,
        }
    return used.get(opportunity.pk, "")


def _take_back(
    opportunities: list[Opportunity], standing: dict[int, list[OpportunityEntry]], *, by: User
) -> None:
    """Write for each that was created: the start undone, then deleted, from its first day on."""
    if not opportunities:
        return
    ids = [opportunity.pk for opportunity in opportunities]
    current = OpportunityEntry.objects.current().filter(opportunity__in=ids)
    latest = max(current.values_list("recorded_at", flat=True))
    moment = max(moment_now(), latest)
    written: list[OpportunityEntry] = []
    started: list[OpportunityEntry] = []
    for opportunity in opportunities:
        first, *rest = standing[opportunity.pk]
        for entry in rest:
            started.append(entry)
            undone = _next(opportunity, first, Action.UNDONE, by=by, at=moment)
            undone.previous_stage, undone.undoes = entry.stage, entry
            undone.superseded_at, undone.superseded_on = moment, first.effective_on
            written.append(undone)
        written.append(_next(opportunity, first, Action.DELETED, by=by, at=moment))
    current.update(superseded_at=moment, superseded_on=F("effective_on"))
    OpportunityEntry.objects.bulk_create(written, batch_size=500)
    with connection.cursor() as cursor:
        cursor.execute(COPY, [ids])
    stages.undo_untouched(started, by=by)
    told.take_back([entry for entries in standing.values() for entry in entries], ids)


def _next(
    opportunity: Opportunity, first: OpportunityEntry, action: Action, *, by: User, at: Any
) -> OpportunityEntry:
    """Return the next entry, with the state of the creation, hidden when it deletes."""
    sequence = opportunity.sequence + 1
    for name in STATE_ATTRIBUTES:
        setattr(opportunity, name, getattr(first, name))
    opportunity.sequence = sequence
    opportunity.is_deleted = action == Action.DELETED
    return entry_of(opportunity, by=by, action=action, note="", at=at)


def _sentence(error: ValidationError | PermissionDenied) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
