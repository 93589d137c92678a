"""Creating an opportunity for every contact of a segment, and undoing a whole act."""

from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from contacts.inputs import salesperson_field
from contacts.models import Segment
from crm.forms import DoorForm, day_input, note_input
from lists.parameters import check_parameters, integer, own_address
from opportunities import lifecycle, segments
from opportunities.forms import check_dated
from opportunities.inputs import chances_input, money_input
from opportunities.models import OpportunityEntry
from opportunities.populations import of_segment
from opportunities.views.acting import person
from salescycles.models import SalesCycle
from salespeople.models import User

both = require_http_methods(["GET", "POST"])
MOST_SHOWN = 100
BESIDE = ("act", "expected")


class ManyForm(DoorForm):
    """What all of them get; without a salesperson, each contact's own (R43, R46)."""

    description = forms.CharField(label=gettext_lazy("Description"), max_length=100)
    sales_cycle = forms.ModelChoiceField(
        label=gettext_lazy("Sales cycle"), queryset=SalesCycle.objects.usable()
    )
    estimated_value = money_input()
    chances_of_success = chances_input()
    estimated_close_on = day_input(gettext_lazy("Estimated close date"))
    activate = forms.BooleanField(
        label=gettext_lazy("Start them at the first stage now"), required=False
    )
    note = note_input()
    act = forms.UUIDField(widget=forms.HiddenInput)
    expected = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=0, max_value=10**9
    )
    field_order = ("description", "sales_cycle", "salesperson")

    def __init__(self, data: Any = None, *, by: User, segment: Segment) -> None:
        cycle = SalesCycle.objects.default()
        initial = {
            "description": segment.description,
            "sales_cycle": cycle.pk if cycle else None,
            "act": uuid4(),
        }
        super().__init__(data, initial=initial)
        field = salesperson_field(by)
        field.help_text = _("Choose nobody, and each goes to whoever looks after the contact.")
        self.fields["salesperson"] = field
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Ask for estimates when they are started (R39)."""
        cycle = self.cleaned_data.get("sales_cycle")
        if self.cleaned_data.get("activate") and cycle is not None:
            check_dated(self, cycle.stages.usable().first())
            if not self.cleaned_data.get("estimated_value") and not self.errors.get(
                "estimated_value"
            ):
                self.add_error("estimated_value", _("Give an estimated value above 0."))
        return self.cleaned_data

    def plan(self) -> segments.Plan:
        """Return what was typed."""
        return segments.Plan(**{n: v for n, v in self.cleaned_data.items() if n not in BESIDE})


@both
def create_many(request: HttpRequest) -> HttpResponse:
    """Ask what all of them get, show what it comes to, and create them when it is confirmed."""
    check_parameters(request.GET, ["segment"])
    by, segment = person(request), _segment(request)
    form = ManyForm(request.POST if request.method == "POST" else None, by=by, segment=segment)
    prepared, status = None, 422 if form.is_bound else 200
    if form.is_bound and form.is_valid():
        try:
            if "confirm" in request.POST:
                return _created(request, segment, form)
            prepared = segments.prepare(segment, form.plan(), by=by)
            segments.check(prepared, by=by)
            status = 200
        except ValidationError as error:
            form.add_refusal(error)
        except segments.Changed as changed:
            prepared, status = changed.prepared, 409
    number = segment.rows.count()
    context = {
        "form": form,
        "segment": segment,
        "number": number,
        "prepared": prepared if not form.errors else None,
        "refused": prepared.refused if prepared else [],
        "is_changed": status == 409,  # noqa: PLR2004 - Conflict
    }
    status = status if number else 422
    return render(request, "opportunities/create_many.html", context, status=status)


@both
def undo_act(request: HttpRequest, act: UUID) -> HttpResponse:
    """Show what undoing a whole act would take back and what stays, and do it when asked."""
    check_parameters(request.GET, [])
    by = person(request)
    if not OpportunityEntry.objects.visible_to(by).filter(act=act).exists():
        raise Http404
    if request.method == "POST":
        state = lifecycle.undo_act(act, by=by)
        _tell_undone(request, state)
        there = own_address(request)
        return redirect("opportunities:undo_act", act) if state.refused or not there else (
            redirect(there)
        )  # fmt: skip
    state = lifecycle.act_state(act, by=by)
    context = {"state": state, "act": act, "most": MOST_SHOWN}
    return render(request, "opportunities/undo_act.html", context)


def _segment(request: HttpRequest) -> Segment:
    pk = integer(request.GET, "segment")
    rows = Segment.objects.visible_to(request.user).select_related("campaign", "salesperson")
    return get_object_or_404(rows, pk=pk)


def _created(request: HttpRequest, segment: Segment, form: ManyForm) -> HttpResponse:
    """Create them, and lead to their list, with one Undo for all of them."""
    act = form.cleaned_data["act"]
    made, prepared = segments.create_for(
        segment, form.plan(), by=person(request), act=act, expected=form.cleaned_data["expected"]
    )
    count = len(made)
    text = ngettext(
        "%(count)d opportunity has been created.", "%(count)d opportunities have been created.",
        count,
    ) % {"count": count}  # fmt: skip
    if left_out := len(prepared.refused):
        more = ngettext(
            "%(count)d contact was left out.", "%(count)d contacts were left out.", left_out
        )
        text = f"{text} {more % {'count': left_out}}"
    messages.success(request, text, extra_tags=f"undo:opportunities:undo_act:{act}")
    return redirect(of_segment(segment).url)


def _tell_undone(request: HttpRequest, state: lifecycle.ActState) -> None:
    count = len(state.ready)
    text = ngettext(
        "%(count)d opportunity has been taken back.",
        "%(count)d opportunities have been taken back.",
        count,
    )
    messages.success(request, text % {"count": count})
    if left := len(state.refused):
        told = ngettext(
            "%(count)d stays, because something newer rests on it.",
            "%(count)d stay, because something newer rests on them.",
            left,
        )
        messages.warning(request, told % {"count": left})
