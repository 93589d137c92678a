"""The small forms of the board: a verb's form that asks only for what is missing."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from lists.parameters import own_address
from opportunities import lifecycle
from opportunities.forms import ActForm
from opportunities.models import Opportunity
from salescycles.models import SalesCycleStage

# What the small form of a verb always asks for; a verb that is not here is shown wholly.
ALWAYS: dict[str, tuple[str, ...]] = {
    "activate": (),
    "move": (),
    "update": ("estimated_value", "estimated_close_on"),
    "win": ("reason", "cancel_open_tasks"),
    "lose": ("reason", "cancel_open_tasks"),
}
CARRIED = "on"  # asked for by the closing form; the small one proposes today


def small_form(
    request: HttpRequest, opportunity: Opportunity, act: Any, status: int
) -> HttpResponse:
    """Show of a form what is missing, and name the gates that ask for it.

    What was sent without any of it (a drop sends a stage alone) is not marked
    as wrong: nobody has typed it yet.
    """
    form: ActForm = act.form
    fields = form.visible_fields()
    typed = {field.name for field in fields if field.name in form.data} - {CARRIED}
    stage = act.context.get("stage")
    gates = _gates(form) if form.is_bound else _gates_ahead(opportunity, stage)
    if not typed:
        form.errors.clear()
    names = {*ALWAYS[act.verb], *gates.error_dict, *typed, *_quoted(form, stage)}
    context = {
        **act.context,
        "opportunity": opportunity,
        "act": act,
        "form": form,
        "asked": [field for field in fields if field.name in names],
        "carries_day": act.verb in ("win", "lose") and CARRIED not in names,
        "gates": [] if typed else gates.messages,
        "is_shut": not gates.error_dict.keys().isdisjoint(("", "stage")),
        "needs_quote": _is_quote_missing(gates),
        "next": own_address(request),
    }
    return render(request, "opportunities/small_form.html", context, status=status)


def _gates(form: ActForm) -> ValidationError:
    """Return what a sent form was refused for."""
    return ValidationError({name or "": errors for name, errors in form.errors.as_data().items()})


def _gates_ahead(opportunity: Opportunity, stage: SalesCycleStage | None) -> ValidationError:
    """Return what entering the stage would be refused for."""
    if stage is not None:
        try:
            lifecycle.check_entering(opportunity, stage)
        except ValidationError as error:
            return error if hasattr(error, "error_dict") else ValidationError({"": error})
    return ValidationError({})


def _quoted(form: Any, stage: SalesCycleStage | None) -> set[str]:
    """Return the value where a quote says another one (R74)."""
    quote = getattr(form, "quote", None)
    is_other = stage and quote and quote.amount != form.opportunity.estimated_value
    return {"estimated_value"} if is_other else set()


def _is_quote_missing(gates: ValidationError) -> bool:
    return any(error.code == "quote" for error in gates.error_dict.get("stage", []))
