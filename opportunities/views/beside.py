"""What stands beside an opportunity and its ledger: tags, and people with their roles."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from changes.log import one_act, receipt_of
from contacts.models import Contact
from contacts.tag_views import put_on, take_off
from crm.forms import DoorForm
from lists.filtering import RowField
from lists.parameters import check_parameters
from opportunities import people, tagging
from opportunities.models import Opportunity, OpportunityContact
from opportunities.views.acting import found, person, refused

both = require_http_methods(["GET", "POST"])
ROLES = [("", gettext_lazy("Role")), *OpportunityContact.Role.choices]


class RoleForm(DoorForm):
    """In which role somebody has a say."""

    role = forms.ChoiceField(label=gettext_lazy("Role"), choices=ROLES)


class PersonForm(RoleForm):
    """Somebody, by name, and a role."""

    field_order = ("contact", "role")

    def __init__(self, *args: Any, rows: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        suggest = {"autocomplete": "off", "data-suggest": reverse_lazy("contacts:suggest")}
        self.fields["contact"] = RowField(
            label=_("Contact"),
            queryset=rows,
            widget=forms.TextInput(attrs=suggest),
            help_text=_("A part of the name; somebody of another company may have a say, too."),
        )
        self.order_fields(self.field_order)


@both
def tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a tag on an opportunity."""
    opportunity = found(request, pk)
    if page := _not_now(request, opportunity):
        return page
    return put_on(
        request, opportunity, lambda name: tagging.add(opportunity, name, by=person(request))
    )


@require_POST
def untag(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a tag off an opportunity."""
    opportunity = found(request, pk)
    if page := _not_now(request, opportunity):
        return page
    return take_off(
        request, opportunity, lambda tag: tagging.remove(opportunity, tag, by=person(request))
    )


@both
def add_person(request: HttpRequest, pk: int) -> HttpResponse:
    """Say who has a say in it, and in which role."""
    check_parameters(request.GET, [])
    opportunity = found(request, pk)
    if page := _not_now(request, opportunity):
        return page
    rows = Contact.objects.visible_to(request.user).usable()
    form = PersonForm(request.POST if request.method == "POST" else None, rows=rows)
    if form.is_bound and form.is_valid():
        try:
            with one_act() as act:
                added = people.add(opportunity, **form.cleaned_data, by=person(request))
        except ValidationError as error:
            form.add_refusal(error)
        else:
            text = _("%(name)s has a say as %(role)s.") % _words(added)
            messages.success(request, text, extra_tags=receipt_of(act))
            return redirect(opportunity)
    context = {"opportunity": opportunity, "form": form}
    status = 422 if form.is_bound else 200
    return render(request, "opportunities/add_person.html", context, status=status)


@both
def change_person(request: HttpRequest, pk: int, contact: int) -> HttpResponse:
    """Give somebody another role."""
    check_parameters(request.GET, [])
    opportunity = found(request, pk)
    if page := _not_now(request, opportunity):
        return page
    row = _row(opportunity, contact)
    bound = request.POST if request.method == "POST" else None
    form = RoleForm(bound, initial={"role": row.role})
    if form.is_bound and form.is_valid():
        try:
            with one_act() as act:
                changed = people.change(row, form.cleaned_data["role"], by=person(request))
        except OpportunityContact.DoesNotExist as error:  # taken out meanwhile
            raise Http404 from error
        text = _("%(name)s has a say as %(role)s.") % _words(changed)
        messages.success(request, text, extra_tags=receipt_of(act))
        return redirect(opportunity)
    context = {"opportunity": opportunity, "form": form, "row": row}
    status = 422 if form.is_bound else 200
    return render(request, "opportunities/change_person.html", context, status=status)


@require_POST
def remove_person(request: HttpRequest, pk: int, contact: int) -> HttpResponse:
    """Say that somebody has no say in it any more."""
    check_parameters(request.GET, [])
    opportunity = found(request, pk)
    if page := _not_now(request, opportunity):
        return page
    row = _row(opportunity, contact)
    with one_act() as act:
        people.remove(row, by=person(request))
    text = _("%(name)s has no role here any more.") % {"name": row.contact}
    messages.success(request, text, extra_tags=receipt_of(act))
    return redirect(opportunity)


def _not_now(request: HttpRequest, opportunity: Opportunity) -> HttpResponse | None:
    """Say why nothing can be changed beside a deleted one: what holds for its description."""
    return refused(request, opportunity, "edit")


def _row(opportunity: Opportunity, contact: int) -> OpportunityContact:
    rows = opportunity.people.select_related("contact", "opportunity")
    row: OpportunityContact = get_object_or_404(rows, contact=contact)
    return row


def _words(row: OpportunityContact) -> dict[str, Any]:
    return {"name": row.contact, "role": row.get_role_display().lower()}
