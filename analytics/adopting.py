"""The door of learned chances: an administrator makes one the stage's own, and takes it back."""

from decimal import ROUND_HALF_UP, Decimal

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from analytics.chances import Observed
from analytics.models import AdoptedChance
from salescycles.models import SalesCycleStage
from salescycles.probability import HUNDRED, PERCENT_STEP, ProbabilityCalculation
from salespeople.models import User
from salespeople.roles import is_administrator
from salespeople.visibility import Person


def check_may_adopt(by: Person) -> None:
    """Refuse who does not administer."""
    if not is_administrator(by):
        raise PermissionDenied(_("Chances of a stage are set by administrators."))


def chances_for(stage: SalesCycleStage, probability: float) -> Decimal | None:
    """Return the chances that give the probability (0–1) at a stage; None when none do (R86–R89).

    Rounded to 2 decimals, half up. `stage` comes with its cycle.
    """
    percent = Decimal(repr(probability)) * HUNDRED
    match ProbabilityCalculation(stage.sales_cycle.probability_calculation):
        case ProbabilityCalculation.MULTIPLY:
            if not stage.completed:
                return None
            chances = percent * HUNDRED / stage.completed
        case ProbabilityCalculation.ADD:
            chances = 2 * percent - stage.completed
        case ProbabilityCalculation.CHANCES:
            chances = percent
        case ProbabilityCalculation.COMPLETED:
            return None
    rounded = chances.quantize(PERCENT_STEP, ROUND_HALF_UP)
    return rounded if 0 <= rounded <= HUNDRED else None


def adopt(
    stage: SalesCycleStage, *, by: User, chances: Decimal, observed: Observed, seen: Decimal
) -> AdoptedChance:
    """Give the stage the chances that were learned; opportunities keep theirs until they move.

    `seen` are the chances that the person was looking at: ValidationError when
    they are others by now, PermissionDenied for who does not administer.
    """
    check_may_adopt(by)
    with transaction.atomic():
        fresh = SalesCycleStage.objects.select_for_update(of=("self",), no_key=True).get(
            pk=stage.pk
        )
        if fresh.chances_of_success != seen:
            raise ValidationError(_("Somebody has changed the chances of this stage meanwhile."))
        if fresh.chances_of_success == chances:
            raise ValidationError(_("The stage has these chances already."))
        adopted = AdoptedChance(
            stage=fresh,
            before=fresh.chances_of_success,
            after=chances,
            won=observed.won,
            count=observed.count,
            adopted_at=timezone.now(),
            adopted_by=by,
        )
        adopted.full_clean(validate_constraints=False)
        adopted.save()
        fresh.chances_of_success = chances
        fresh.save(update_fields=["chances_of_success"])
    return adopted


def revert(adopted: AdoptedChance, *, by: User) -> AdoptedChance:
    """Give the stage back the chances it had; refused when it has others by now."""
    check_may_adopt(by)
    with transaction.atomic():
        fresh = AdoptedChance.objects.select_for_update(of=("self",)).get(pk=adopted.pk)
        stage = SalesCycleStage.objects.select_for_update(of=("self",), no_key=True).get(
            pk=fresh.stage_id
        )
        if fresh.reverted_at is not None:
            raise ValidationError(_("That has been taken back already."))
        if stage.chances_of_success != fresh.after:
            raise ValidationError(_("The chances of this stage were changed since."))
        stage.chances_of_success = fresh.before
        stage.save(update_fields=["chances_of_success"])
        fresh.reverted_at, fresh.reverted_by = timezone.now(), by
        fresh.save(update_fields=["reverted_at", "reverted_by"])
    return fresh
