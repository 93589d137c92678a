"""The pages of the door's verbs: one function each, named like the verb."""

from datetime import date
from typing import Any

from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crm.dates import today
from crm.money import format_money
from lists.parameters import check_parameters, integer
from opportunities import forms, lifecycle
from opportunities.lifecycle.closing import newest_closing
from opportunities.lifecycle.moving import first_stage, proposed_date
from opportunities.models import Action, Opportunity, OpportunityEntry, Status
from opportunities.views.acting import Act, answer, found, person, refused
from salescycles.models import SalesCycleStage

both = require_http_methods(["GET", "POST"])


@both
def activate(request: HttpRequest, pk: int) -> HttpResponse:
    """Put it into the first stage."""
    opportunity = _begin(request, pk)
    if page := _not_now(request, opportunity, "activate"):
        return page
    try:
        stage = first_stage(opportunity.sales_cycle)
    except ValidationError:
        stage = SalesCycleStage(name="–")
    form = forms.ActivateForm(
        request.POST or None,
        stage=stage,
        proposed_on=_formula_date(stage),
        **_who(request, opportunity),
    )
    return answer(
        request,
        opportunity,
        Act(
            "activate",
            _("Start"),
            _("Start"),
            form,
            lambda wishes: lifecycle.activate(opportunity, by=person(request), **wishes),
            lambda row: _("Started at “%(stage)s”.") % {"stage": row.stage},
            context={"stage": stage},
        ),
    )


@both
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter another stage: the next, the previous, or by skipping or jumping."""
    opportunity = _begin(request, pk, "stage")
    if request.method == "GET" and opportunity.status == Status.NOT_STARTED:
        return redirect("opportunities:activate", opportunity.pk)
    if page := _not_now(request, opportunity, "move"):
        return page
    moves = lifecycle.possible_moves(opportunity)
    stage = _wanted_stage(request, moves)
    if stage is None and request.method == "GET" and not any(m.refusal for m in moves):
        return redirect("opportunities:update", opportunity.pk)
    dated = _formula_date(stage)
    is_taken = "take" in request.POST and dated is not None
    form = forms.MoveForm(
        None if is_taken else request.POST or None,
        stage=stage,
        proposed_on=dated,
        **_who(request, opportunity, estimated_close_on=dated if is_taken else None),
    )
    act = Act(
        "move",
        _("Move to another stage"),
        _("Move"),
        form,
        lambda wishes: lifecycle.move(opportunity, _stage(form), by=person(request), **wishes),
        lambda row: _("Moved to “%(stage)s”.") % {"stage": row.stage},
        context={
            "moves": moves,
            "stage": stage,
            "formula_date": dated,
            "gate": next((m for m in moves if m.stage == stage and m.refusal), None),
        },
    )
    return answer(request, opportunity, act)


@both
def update(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the estimates."""
    opportunity = _begin(request, pk)
    if page := _not_now(request, opportunity, "update"):
        return page
    form = forms.UpdateForm(request.POST or None, **_who(request, opportunity))
    return answer(
        request,
        opportunity,
        Act(
            "update",
            _("Update the estimates"),
            _("Save"),
            form,
            lambda wishes: lifecycle.update(opportunity, by=person(request), **wishes),
            lambda row: _("Saved: %(value)s.") % {"value": format_money(row.estimated_value)},
        ),
    )


@both
def win(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it as won; after accepting a quote the reason must be chosen (R118)."""
    opportunity = _begin(request, pk, "accepted")
    if page := _not_now(request, opportunity, "win"):
        return page
    who = _who(request, opportunity)
    if "accepted" in request.GET:
        who["initial"]["reason"] = None
    form = forms.WinForm(request.POST or None, **who)
    return answer(
        request,
        opportunity,
        Act(
            "win",
            _("Won!"),
            _("Close as won"),
            form,
            lambda wishes: lifecycle.win(opportunity, by=person(request), **wishes),
            lambda row: (
                _("Won for %(value)s. Congratulations!")
                % {"value": format_money(row.calculated_value)}
            ),
            tone="success",
            context={"quote": opportunity.quotes.deciding().first()},
        ),
    )


@both
def lose(request: HttpRequest, pk: int) -> HttpResponse:
    """Close it as lost."""
    opportunity = _begin(request, pk)
    if page := _not_now(request, opportunity, "lose"):
        return page
    form = forms.LoseForm(request.POST or None, **_who(request, opportunity))
    return answer(
        request,
        opportunity,
        Act(
            "lose",
            _("Lost"),
            _("Close as lost"),
            form,
            lambda wishes: lifecycle.lose(opportunity, by=person(request), **wishes),
            lambda row: _("Closed as lost: %(reason)s.") % {"reason": row.close_reason},
            tone="danger",
        ),
    )


@both
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it back to where it was before it was closed."""
    opportunity = _begin(request, pk)
    if page := _not_now(request, opportunity, "reopen"):
        return page
    before = _last_open(opportunity)
    form = forms.ReopenForm(request.POST or None, before=before, **_who(request, opportunity))
    return answer(
        request,
        opportunity,
        Act(
            "reopen",
            _("Reopen"),
            _("Reopen"),
            form,
            lambda wishes: lifecycle.reopen(opportunity, by=person(request), **wishes),
            lambda row: _("Open again at “%(stage)s”.") % {"stage": row.stage or _("Not started")},
            context={"before": before},
        ),
    )


@both
def reassign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it to another salesperson, contact or campaign."""
    opportunity = _begin(request, pk)
    if page := _not_now(request, opportunity, "reassign"):
        return page
    form = forms.ReassignForm(request.POST or None, **_who(request, opportunity))
    return answer(
        request,
        opportunity,
        Act(
            "reassign",
            _("Reassign"),
            _("Reassign"),
            form,
            lambda wishes: lifecycle.reassign(opportunity, by=person(request), **wishes),
            lambda row: (
                _("It belongs to %(salesperson)s, for %(contact)s.")
                % {"salesperson": row.salesperson, "contact": row.contact}
            ),
        ),
    )


@both
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change description and priority."""
    opportunity = _begin(request, pk)
    if page := _not_now(request, opportunity, "edit"):
        return page
    form = forms.EditForm(request.POST or None, **_who(request, opportunity))
    return answer(
        request,
        opportunity,
        Act(
            "edit",
            _("Edit description and priority"),
            _("Save"),
            form,
            lambda wishes: lifecycle.edit(opportunity, by=person(request), **wishes),
            lambda row: _("“%(description)s” has been saved.") % {"description": row.description},
        ),
    )


@both
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Hide it; it can be restored."""
    opportunity = _begin(request, pk)
    if page := _not_now(request, opportunity, "delete"):
        return page
    form = forms.NoteForm(request.POST or None, **_who(request, opportunity))
    return answer(
        request,
        opportunity,
        Act(
            "delete",
            _("Delete this opportunity?"),
            _("Delete"),
            form,
            lambda wishes: lifecycle.delete(opportunity, by=person(request), **wishes),
            lambda row: _("Deleted. It can be restored."),
            tone="danger",
        ),
    )


@both
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring a deleted one back."""
    opportunity = _begin(request, pk)
    if page := _not_now(request, opportunity, "restore"):
        return page
    form = forms.NoteForm(request.POST or None, **_who(request, opportunity))
    return answer(
        request,
        opportunity,
        Act(
            "restore",
            _("Restore"),
            _("Restore"),
            form,
            lambda wishes: lifecycle.restore(opportunity, by=person(request), **wishes),
            lambda row: _("It is back."),
        ),
    )


@both
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back the newest change that stands, or the one that `entry` names."""
    opportunity = _begin(request, pk, "entry")
    if page := _not_now(request, opportunity, "undo"):
        return page
    entry = _wanted_entry(request, opportunity)
    form = forms.NoteForm(request.POST or None, **_who(request, opportunity))
    return answer(
        request,
        opportunity,
        Act(
            "undo",
            _("Undo: %(action)s") % {"action": entry.get_action_display()},
            _("Undo"),
            form,
            lambda wishes: lifecycle.undo(entry, by=person(request), **wishes),
            lambda row: (
                _("Undone. It is as it was before: %(action)s.")
                % {"action": entry.get_action_display().lower()}
            ),
            context={"entry": entry},
        ),
    )


def _begin(request: HttpRequest, pk: int, *allowed: str) -> Opportunity:
    """Return what the page is about; refuse unknown parameters."""
    check_parameters(request.GET, ["next", *allowed])
    return found(request, pk)


def _not_now(request: HttpRequest, opportunity: Opportunity, verb: str) -> HttpResponse | None:
    """Refuse to show a form in vain; what is posted is judged by the door, conflicts first."""
    return refused(request, opportunity, verb) if request.method == "GET" else None


def _who(
    request: HttpRequest, opportunity: Opportunity, *, estimated_close_on: date | None = None
) -> dict[str, Any]:
    """Return what every form is made with; a taken date keeps what else was typed."""
    typed: dict[str, Any] = {"next": request.GET.get("next", "")}
    if estimated_close_on is not None:
        typed = {name: value for name, value in request.POST.items() if name != "take"}
        typed["estimated_close_on"] = estimated_close_on
    return {"opportunity": opportunity, "by": person(request), "initial": typed}


def _last_open(opportunity: Opportunity) -> OpportunityEntry:
    """Return the entry to which reopening goes back; the newest where nothing is closed."""
    sequence = opportunity.sequence
    if opportunity.is_closed:
        sequence = newest_closing(opportunity).sequence - 1
    entry: OpportunityEntry = opportunity.entries.select_related("stage").get(sequence=sequence)
    return entry


def _formula_date(stage: SalesCycleStage | None) -> date | None:
    """Return the date that the stage's formula gives today; None without a formula (D23)."""
    if stage is None or not stage.date_formula:
        return None
    try:
        return proposed_date(stage, today())
    except ValidationError:
        return None


def _wanted_stage(
    request: HttpRequest, moves: list[lifecycle.PossibleMove]
) -> SalesCycleStage | None:
    """Return the stage that is asked for, else the one to propose: Next before the others (R66)."""
    query = request.POST if request.method == "POST" else request.GET
    if query.get("stage"):
        wanted = integer(query, "stage")
        stage = next((m.stage for m in moves if m.stage.pk == wanted), None)
        if stage is None and request.method == "GET":
            raise BadRequest(_("Its sales cycle has no such other stage."))
        return stage
    order = (Action.ACTIVATED, Action.NEXT, Action.SKIPPED)
    ranked = {m.action: m.stage for m in reversed(moves) if m.action}
    return next((ranked[action] for action in order if action in ranked), None)


def _stage(form: forms.MoveForm) -> SalesCycleStage:
    """Return the posted stage; the door refuses one of another cycle."""
    stage = SalesCycleStage.objects.filter(pk=form.cleaned_data["stage"]).first()
    if stage is None:
        raise ValidationError({"stage": _("There is no such stage.")})
    return stage


def _wanted_entry(request: HttpRequest, opportunity: Opportunity) -> OpportunityEntry:
    query = request.POST if request.method == "POST" else request.GET
    wanted = integer(query, "entry")
    if wanted is None:
        return lifecycle.newest_standing(opportunity)
    entry: OpportunityEntry = get_object_or_404(opportunity.entries, pk=wanted)
    return entry
