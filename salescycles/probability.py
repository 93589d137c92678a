"""The four probability formulas of a sales cycle (Business Central R86–R90), exact (D16)."""

from decimal import Context, Decimal, Inexact, InvalidOperation

from django.db import models
from django.utils.translation import gettext_lazy as _

HUNDRED = Decimal(100)
PERCENT_STEP = Decimal("0.01")
AMOUNT_STEP = Decimal("0.01")
PROBABILITY_STEP = Decimal("0.000001")
CALCULATED_STEP = Decimal("0.0000000001")
AMOUNT_LIMIT = Decimal(10) ** 16

# Anything that would round raises instead: percentages of 2 decimals give a product of
# 4, divided by 100 gives 6; an amount of 2 times a probability of 6, by 100, gives 10.
EXACT = Context(prec=60, traps=[Inexact, InvalidOperation])


class ProbabilityCalculation(models.TextChoices):
    """How the probability comes from chances and completed (Business Central R2)."""

    MULTIPLY = "multiply", _("Multiply")
    ADD = "add", _("Add")
    CHANCES = "chances", _("Chances of Success %")
    COMPLETED = "completed", _("Completed %")


def probability(calculation: str, chances: Decimal, completed: Decimal) -> Decimal:
    """Return the probability in per cent, 6 decimals, never rounded (R86–R89).

    `chances` and `completed` are per cent, 0–100, with up to 2 decimals. Raises
    ValueError for anything else, and for an unknown calculation.
    """
    chances = _checked(chances, HUNDRED, PERCENT_STEP)
    completed = _checked(completed, HUNDRED, PERCENT_STEP)
    match ProbabilityCalculation(calculation):
        case ProbabilityCalculation.MULTIPLY:
            percent = EXACT.divide(EXACT.multiply(chances, completed), HUNDRED)
        case ProbabilityCalculation.ADD:
            percent = EXACT.divide(EXACT.add(chances, completed), Decimal(2))
        case ProbabilityCalculation.CHANCES:
            percent = chances
        case ProbabilityCalculation.COMPLETED:
            percent = completed
    return EXACT.quantize(percent, PROBABILITY_STEP)


def calculated_value(estimated_value: Decimal, probability: Decimal) -> Decimal:
    """Return value × probability ÷ 100, 10 decimals, never rounded (R90, D16).

    `estimated_value` fits numeric(18,2) and is not negative; `probability` is per cent,
    0–100, with up to 6 decimals. Raises ValueError for anything else.
    """
    value = _checked(estimated_value, AMOUNT_LIMIT - AMOUNT_STEP, AMOUNT_STEP)
    percent = _checked(probability, HUNDRED, PROBABILITY_STEP)
    return EXACT.quantize(EXACT.divide(EXACT.multiply(value, percent), HUNDRED), CALCULATED_STEP)


def _checked(number: Decimal, highest: Decimal, step: Decimal) -> Decimal:
    """Return `number` as a Decimal of 0 to `highest` whose decimals fit `step`."""
    if isinstance(number, float):
        raise TypeError("A float is not exact: give a Decimal.")
    exact = Decimal(number)
    if not exact.is_finite() or not 0 <= exact <= highest:
        raise ValueError(f"{number} is not a number from 0 to {highest}.")
    try:
        return EXACT.quantize(exact, step)
    except Inexact as error:
        raise ValueError(f"{number} has more decimals than {step}.") from error
