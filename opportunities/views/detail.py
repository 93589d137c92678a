"""The page of one opportunity, and the form that creates one."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from contacts.models import Contact
from lists.parameters import check_parameters, integer
from opportunities import lifecycle
from opportunities.detail import page_of_one
from opportunities.forms import CreateForm
from opportunities.views.acting import found, person, way_on
from salescycles.models import SalesCycle
from salespeople.models import Salesperson
from salespeople.visibility import assignable_salespeople, salesperson_of


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show an opportunity: figures, stages, what may be done, and its history."""
    check_parameters(request.GET, [])
    page = page_of_one(found(request, pk), by=person(request))
    return render(request, "opportunities/detail.html", {"page": page, **vars(page)})


@require_http_methods(["GET", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Create an opportunity, prefilled from a contact or a salesperson (R37)."""
    check_parameters(request.GET, ["contact", "salesperson"])
    form = CreateForm(request.POST or None, by=person(request), initial=_prefill(request))
    if form.is_bound and form.is_valid():
        try:
            opportunity = lifecycle.create(by=person(request), **form.cleaned_data)
        except ValidationError as error:
            form.add_refusal(error)
        else:
            messages.success(request, _("“%(name)s” has been created.") % {"name": opportunity})
            return redirect(way_on(request, opportunity))
    context = {
        "form": form,
        "has_cycles": SalesCycle.objects.usable().exists(),
        "back": _back(request),
    }
    return render(request, "opportunities/create.html", context, status=422 if form.errors else 200)


def _prefill(request: HttpRequest) -> dict[str, Any]:
    """Return the proposals, each step overwriting the earlier one (R22, R25, R37)."""
    cycle = SalesCycle.objects.default()
    salesperson = salesperson_of(request.user)
    contact = _asked(request, "contact", Contact.objects.visible_to(request.user))
    if contact is not None:
        theirs = contact.salesperson or (contact.company and contact.company.salesperson)
        salesperson = _usable(request, theirs) or salesperson
    people = assignable_salespeople(request.user)
    salesperson = _asked(request, "salesperson", people) or salesperson
    return {
        "sales_cycle": cycle.pk if cycle else None,
        "contact": contact.pk if contact else None,
        "salesperson": salesperson.pk if salesperson else None,
    }


def _back(request: HttpRequest) -> str:
    """Return where Cancel leads: to the contact or the salesperson, else to the list."""
    for name, page in (("contact", "contacts:detail"), ("salesperson", "salespeople:detail")):
        pk = integer(request.GET, name)
        if pk is not None:
            return reverse(page, args=[pk])
    return reverse("opportunities:list")


def _asked(request: HttpRequest, name: str, rows: Any) -> Any:
    """Return the row that the address names; 404 for what there is not, or is not for one."""
    pk = integer(request.GET, name)
    return None if pk is None else get_object_or_404(rows, pk=pk)


def _usable(request: HttpRequest, salesperson: Salesperson | None) -> Salesperson | None:
    if salesperson is None:
        return None
    return assignable_salespeople(request.user).filter(pk=salesperson.pk).first()
