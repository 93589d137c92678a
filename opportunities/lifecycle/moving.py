"""Activating, moving between stages, updating (Business Central R48–R82, rules D4–D7, D23)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypedDict

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from opportunities.lifecycle.checks import (
    check_close_date,
    check_close_date_from,
    check_estimates,
    check_field,
    check_kept,
    check_note,
    check_on,
    check_open,
    check_usable_cycle,
)
from opportunities.lifecycle.ledger import locked, write
from opportunities.lifecycle.parts import current_part, once
from opportunities.models import Action, Opportunity, Status
from salescycles.date_formula import DateFormula, DateFormulaError
from salescycles.models import SalesCycle, SalesCycleStage
from salescycles.probability import calculated_value, probability
from salespeople.models import User
from tasks import stages


class Estimates(TypedDict):
    """What a person may type beside a move; None is read as in rule D23."""

    estimated_value: Decimal | None
    chances_of_success: Decimal | None
    estimated_close_on: date | None


@dataclass(frozen=True)
class PossibleMove:
    """A stage that may be entered now by `action`, or the reason why it may not.

    `code` is "skip", "quote", "closed" or "not_started" for a refusal, else "".
    """

    stage: SalesCycleStage
    action: Action | None
    refusal: str = ""
    code: str = ""

    @property
    def label(self) -> str:
        """What one would do, in words."""
        labels = {
            Action.NEXT: _("next"),
            Action.PREVIOUS: _("one back"),
            Action.SKIPPED: _("skip ahead"),
            Action.JUMPED: _("jump back"),
            Action.ACTIVATED: _("start"),
        }
        return labels[self.action] if self.action else ""

    @property
    def is_allowed(self) -> bool:
        """Say whether the stage may be entered."""
        return not self.refusal


def stages_of(sales_cycle: SalesCycle | int) -> list[SalesCycleStage]:
    """Return the stages of a cycle in order, blocked ones included."""
    return list(SalesCycleStage.objects.filter(sales_cycle=sales_cycle).order_by("position"))


def first_stage(sales_cycle: SalesCycle) -> SalesCycleStage:
    """Return the stage by which a cycle begins (R49); refuse a cycle without stages (D7)."""
    stage = SalesCycleStage.objects.usable().filter(sales_cycle=sales_cycle).first()
    if stage is None:
        raise ValidationError(
            {"sales_cycle": _("The sales cycle “%(name)s” has no stages.")
             % {"name": sales_cycle.name}}
        )  # fmt: skip
    return stage


def possible_moves(opportunity: Opportunity) -> list[PossibleMove]:
    """Return every stage but the present one, each with its action or its refusal."""
    cycle = opportunity.sales_cycle_id
    case = (opportunity.stage_id, Status(opportunity.status), _has_quote(opportunity))
    stages = once(("stages", cycle), lambda: stages_of(cycle))
    return once(
        ("moves", cycle, *case),
        lambda: moves_from(stages, case[0], status=case[1], has_quote=case[2]),
    )


def _has_quote(opportunity: Opportunity) -> bool:
    """Say whether a quote satisfies Quote Required (rules D20)."""
    part = current_part(opportunity.pk)
    if part is None:
        return opportunity.quotes.in_force().exists()
    rows = opportunity.quotes.model.objects.in_force().filter(opportunity__in=part.rows)
    found = once("quotes", lambda: set(rows.order_by().values_list("opportunity", flat=True)))
    return opportunity.pk in found


def moves_from(
    stages: Sequence[SalesCycleStage],
    current: int | None,
    *,
    status: Status = Status.IN_PROGRESS,
    has_quote: bool,
) -> list[PossibleMove]:
    """Judge the `stages` of a cycle, in order, for an opportunity at `current` (its id).

    The same for every path (Business Central R64, R73 with rules D5, D20).
    Blocked stages cannot be entered, are not listed, and may be passed over.
    """
    usable = [stage for stage in stages if not stage.is_blocked or stage.pk == current]
    if status in (Status.WON, Status.LOST):
        refusal = _("It is closed; reopen it first.")
        return [PossibleMove(s, None, refusal, "closed") for s in usable if s.pk != current]
    if current is None:
        return [_judge_start(stage, is_first=i == 0) for i, stage in enumerate(usable)]
    here = next(i for i, stage in enumerate(usable) if stage.pk == current)
    return [
        _judge(usable, here, there, has_quote=has_quote)
        for there in range(len(usable))
        if there != here
    ]


def _judge_start(stage: SalesCycleStage, *, is_first: bool) -> PossibleMove:
    if is_first:
        return PossibleMove(stage, Action.ACTIVATED)
    return PossibleMove(stage, None, _("It begins at the first stage."), "not_started")


def _judge(
    stages: Sequence[SalesCycleStage], here: int, there: int, *, has_quote: bool
) -> PossibleMove:
    stage = stages[there]
    if there < here:
        return PossibleMove(stage, Action.PREVIOUS if there == here - 1 else Action.JUMPED)
    fixed = next((s for s in stages[here + 1 : there] if not s.allow_skip), None)
    if fixed is not None:
        refusal = _("“%(stage)s” may not be skipped.") % {"stage": fixed.name}
        return PossibleMove(stage, None, refusal, "skip")
    if stage.quote_required and not has_quote:
        refusal = _("“%(stage)s” needs a quote that is neither declined nor expired.") % {
            "stage": stage.name
        }
        return PossibleMove(stage, None, refusal, "quote")
    return PossibleMove(stage, Action.NEXT if there == here + 1 else Action.SKIPPED)


def entering(
    stage: SalesCycleStage,
    opportunity: Opportunity,
    *,
    on: date,
    estimated_value: Decimal | None = None,
    chances_of_success: Decimal | None = None,
    estimated_close_on: date | None = None,
) -> dict[str, Any]:
    """Return the state that entering `stage` gives, with None as in rule D23.

    Chances: as given, else the stage's (where it has none, the present ones).
    Value: as given, else kept. Close date: as given, else kept, else by the
    stage's formula.
    """
    chances = chances_of_success
    if chances is None and opportunity.stage_id is None:
        chances = opportunity.chances_of_success or None
    if chances is None:
        chances = stage.chances_of_success or opportunity.chances_of_success
    close_on = estimated_close_on or opportunity.estimated_close_on or proposed_date(stage, on)
    return {
        "status": Status.IN_PROGRESS,
        "stage": stage,
        "stage_entered_on": on,
        "estimated_close_on": check_close_date(close_on),
        **estimates(
            stage,
            opportunity.sales_cycle,
            opportunity.estimated_value if estimated_value is None else estimated_value,
            chances,
        ),
    }


def proposed_date(stage: SalesCycleStage, on: date) -> date:
    """Return `on` plus the stage's date formula (R74); blank gives `on` itself."""
    try:
        return DateFormula.parse(stage.date_formula).apply(on)
    except DateFormulaError as error:
        raise ValidationError({"estimated_close_on": str(error)}) from error


def estimates(
    stage: SalesCycleStage | None, cycle: SalesCycle, value: Decimal, chances: Decimal
) -> dict[str, Decimal]:
    """Return value, chances, completed, probability and calculated value (R83–R90, D16)."""
    value = check_field("estimated_value", value)
    chances = check_field("chances_of_success", chances)
    completed = stage.completed if stage else Decimal(0)
    share = probability(cycle.probability_calculation, chances, completed) if stage else Decimal(0)
    return {
        "estimated_value": value,
        "chances_of_success": chances,
        "completed": completed,
        "probability": share,
        "calculated_value": calculated_value(value, share),
    }


def activate(
    opportunity: Opportunity,
    *,
    by: User,
    on: date | None = None,
    estimated_value: Decimal | None = None,
    chances_of_success: Decimal | None = None,
    estimated_close_on: date | None = None,
    cancel_open_tasks: bool = False,
    note: str = "",
    seen: int | None = None,
) -> Opportunity:
    """Put it into the first stage of its cycle (R48–R52, D7, D25: value 0 if none is known)."""
    with locked(opportunity, by=by, seen=seen) as fresh:
        check_kept(fresh)
        if fresh.status != Status.NOT_STARTED:
            raise ValidationError(_("It has been started already."), code="started")
        day = check_on(fresh, on, turns=True)
        changes = entering(
            first_stage(fresh.sales_cycle),
            fresh,
            on=day,
            estimated_value=estimated_value,
            chances_of_success=chances_of_success,
            estimated_close_on=estimated_close_on,
        )
        check_close_date_from(changes["estimated_close_on"], day)
        return write(
            fresh,
            by=by,
            action=Action.ACTIVATED,
            on=day,
            note=check_note(note),
            cancel_open_tasks=cancel_open_tasks,
            **changes,
        )


def move(
    opportunity: Opportunity,
    stage: SalesCycleStage,
    *,
    by: User,
    on: date | None = None,
    estimated_value: Decimal | None = None,
    chances_of_success: Decimal | None = None,
    estimated_close_on: date | None = None,
    cancel_open_tasks: bool = False,
    note: str = "",
    seen: int | None = None,
) -> Opportunity:
    """Move it to `stage`: next, previous, skip or jump, by the one check of `moves_from`.

    None means: chances the stage's, value kept, close date kept or, when
    blank, by the stage's formula (rules D23). To the stage where it is
    already: an update, which writes nothing when nothing changes. What is not
    started is activated by its first stage.
    """
    typed: Estimates = {
        "estimated_value": estimated_value,
        "chances_of_success": chances_of_success,
        "estimated_close_on": estimated_close_on,
    }
    with locked(opportunity, by=by, seen=seen) as fresh:
        check_open(fresh)
        if fresh.stage_id == stage.pk:
            return update(
                fresh, by=by, on=on, note=note, cancel_open_tasks=cancel_open_tasks, **typed
            )
        chosen = next((m for m in possible_moves(fresh) if m.stage.pk == stage.pk), None)
        if chosen is None:
            raise ValidationError(
                {"stage": _("“%(stage)s” is no stage of its sales cycle.") % {"stage": stage.name}},
                code="unknown",
            )
        if chosen.action is None:
            raise ValidationError({"stage": ValidationError(chosen.refusal, code=chosen.code)})
        if chosen.action == Action.ACTIVATED:
            return activate(
                fresh, by=by, on=on, note=note, cancel_open_tasks=cancel_open_tasks, **typed
            )
        day = check_on(fresh, on, turns=True)
        changes = entering(chosen.stage, fresh, on=day, **typed)
        check_estimates(
            estimated_value=changes["estimated_value"],
            chances_of_success=changes["chances_of_success"],
            close_on=changes["estimated_close_on"],
            on=day,
        )
        return write(
            fresh,
            by=by,
            action=chosen.action,
            on=day,
            note=check_note(note),
            cancel_open_tasks=cancel_open_tasks,
            **changes,
        )


def update(
    opportunity: Opportunity,
    *,
    by: User,
    on: date | None = None,
    estimated_value: Decimal | None = None,
    chances_of_success: Decimal | None = None,
    estimated_close_on: date | None = None,
    sales_cycle: SalesCycle | None = None,
    cancel_open_tasks: bool = False,
    note: str = "",
    seen: int | None = None,
) -> Opportunity:
    """Change the estimates; what is None is kept (R80, ADR 0003).

    Completed and probability are taken anew from stage and cycle (R5, R80).
    The cycle may change only while not started (R28, R145); until then the
    estimates may be 0. Without a change it writes only when there is a note.
    """
    with locked(opportunity, by=by, seen=seen) as fresh:
        check_open(fresh)
        day = check_on(fresh, on, turns=False)
        changes: dict[str, Any] = {
            "sales_cycle": _changed_cycle(fresh, sales_cycle),
            "estimated_close_on": check_close_date(estimated_close_on or fresh.estimated_close_on),
        }
        changes |= estimates(
            fresh.stage,
            changes["sales_cycle"],
            fresh.estimated_value if estimated_value is None else estimated_value,
            fresh.chances_of_success if chances_of_success is None else chances_of_success,
        )
        note = check_note(note)
        is_same = all(getattr(fresh, name) == value for name, value in changes.items())
        cancels = cancel_open_tasks and bool(stages.open_tasks(fresh))
        if is_same and not note and not cancels:
            return fresh
        if fresh.status == Status.IN_PROGRESS:
            check_estimates(
                estimated_value=changes["estimated_value"],
                chances_of_success=changes["chances_of_success"],
                close_on=changes["estimated_close_on"],
                on=day,
            )
        return write(
            fresh,
            by=by,
            action=Action.UPDATED,
            on=day,
            note=note,
            cancel_open_tasks=cancel_open_tasks,
            **changes,
        )


def _changed_cycle(opportunity: Opportunity, sales_cycle: SalesCycle | None) -> SalesCycle:
    if sales_cycle is None or sales_cycle.pk == opportunity.sales_cycle_id:
        return opportunity.sales_cycle
    if opportunity.status != Status.NOT_STARTED:
        raise ValidationError(
            {"sales_cycle": _("The sales cycle changes only before the first stage.")}
        )
    return check_usable_cycle(sales_cycle)
