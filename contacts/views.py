"""The pages of contacts."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from changes import merging
from changes.log import one_act, receipt_of
from contacts import lifecycle
from contacts.checks import deletion_refusals, kind_refusals
from contacts.forms import ContactForm, SeenForm, seen_of
from contacts.models import Contact
from contacts.reading import contact_page
from lists.parameters import check_parameters, integer
from salespeople.models import User

both = require_http_methods(["GET", "POST"])


def gone_is_404(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Answer 404 when the contact was deleted between being found and being locked."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Contact.DoesNotExist as error:
            raise Http404 from error

    return wrapped


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a contact, its people, what is and was sold to it, and what happened with it."""
    check_parameters(request.GET, ["show", "older"])  # of the timeline
    page = contact_page(_found(request, pk), _person(request))
    return render(request, "contacts/detail.html", {"page": page, "contact": page.contact})


@both
def create(request: HttpRequest) -> HttpResponse:
    """Create a company or a person; of a company, a person (R205, R208)."""
    check_parameters(request.GET, ["kind", "company"])
    company = _company(request)
    kind = _kind(request, company)
    by = _person(request)
    form = ContactForm(_posted(request), by=by, kind=kind, company=company)
    if form.is_bound and form.is_valid():
        try:
            with one_act() as act:
                contact = lifecycle.create(by=by, kind=kind, **form.wishes())
        except ValidationError as error:
            form.add_refusal(error)
        else:
            text = _("“%(name)s” was created.") % {"name": contact}
            messages.success(request, text, extra_tags=receipt_of(act))
            return redirect(contact)
    context = {"form": form, "kind": kind, "company": company}
    return render(request, "contacts/create.html", context, status=422 if form.is_bound else 200)


@both
@gone_is_404
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a contact; 409 with both sides when somebody was faster with the same field."""
    check_parameters(request.GET, [])
    contact, by = _found(request, pk), _person(request)
    form = ContactForm(_posted(request), by=by, contact=contact)
    if form.is_bound and form.is_valid():
        try:
            with one_act() as act:
                done = merging.done(
                    form,
                    _room(by),
                    lambda seen: lifecycle.edit(contact, by=by, seen=seen, **form.wishes()),
                )
        except ValidationError as error:
            form.add_refusal(error)
        except merging.Disputed as disputed:
            context = {"contact": disputed.dispute.row, "dispute": disputed.dispute}
            return render(request, "contacts/conflict.html", context, status=409)
        else:
            _tell_saved(request, done, contact, undo=receipt_of(act))
            return redirect(done.row)
    context = {
        "form": form,
        "contact": contact,
        "seen": seen_of(contact) if not form.is_bound else request.POST.get("seen", ""),
        "shown": form.as_shown() if not form.is_bound else request.POST.get("shown", ""),
    }
    return render(request, "contacts/edit.html", context, status=422 if form.is_bound else 200)


def _room(by: User) -> merging.Room:
    """Return how the form of a contact meets the door."""
    return merging.Room(
        conflict=lifecycle.Conflict,
        row_of=lambda conflict: conflict.contact,
        form_of=lambda contact: ContactForm(by=by, contact=contact),
        names=lambda form: form.compared(),  # type: ignore[attr-defined]
        seen=lifecycle.version_of,
    )


@both
@gone_is_404
def change_kind(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a company a person, or a person a company (R214)."""
    check_parameters(request.GET, [])
    contact = _found(request, pk)
    kind = Contact.Kind.PERSON if contact.is_company else Contact.Kind.COMPANY

    def do(seen: Any) -> HttpResponse:
        with one_act() as act:
            changed = lifecycle.change_kind(contact, kind, by=_person(request), seen=seen)
        words = {"name": changed, "kind": changed.get_kind_display().lower()}
        text = _("“%(name)s” is a %(kind)s now.") % words
        messages.success(request, text, extra_tags=receipt_of(act))
        return redirect(changed)

    refusals = kind_refusals(contact, by=_person(request))
    return _confirm(request, contact, "contacts/change_kind.html", do, refusals)


@both
@gone_is_404
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a contact that nothing names, a company with its people (R215, rules D24)."""
    check_parameters(request.GET, [])
    contact = _found(request, pk)

    def do(seen: Any) -> HttpResponse:
        people = lifecycle.delete(contact, by=_person(request), seen=seen)
        text = ngettext(
            "“%(name)s” and %(people)d person were deleted.",
            "“%(name)s” and %(people)d people were deleted.",
            people,
        )
        text = text if people else _("“%(name)s” was deleted.")
        messages.success(request, text % {"name": contact, "people": people})
        return redirect("contacts:list")

    refusals = deletion_refusals(contact, by=_person(request))
    return _confirm(request, contact, "contacts/delete.html", do, refusals)


@require_POST
@gone_is_404
def block(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a contact be chosen for nothing new."""
    with one_act() as act:
        contact = lifecycle.block(_found(request, pk), by=_person(request))
    text = _("“%(name)s” is blocked for anything new.") % {"name": contact}
    messages.success(request, text, extra_tags=receipt_of(act))
    return redirect(contact)


@require_POST
@gone_is_404
def unblock(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a contact be chosen again."""
    with one_act() as act:
        contact = lifecycle.unblock(_found(request, pk), by=_person(request))
    text = _("“%(name)s” may be chosen again.") % {"name": contact}
    messages.success(request, text, extra_tags=receipt_of(act))
    return redirect(contact)


def _confirm(
    request: HttpRequest, contact: Contact, template: str, do: Any, refusals: list[str]
) -> HttpResponse:
    """Ask, or do what was asked: 422 when it is refused, 409 when somebody was faster."""
    form = SeenForm(_posted(request))
    status = 422 if request.method == "POST" else 200
    changed = None
    if form.is_bound and form.is_valid() and not refusals:
        try:
            answer: HttpResponse = do(form.cleaned_data["seen"])
        except ValidationError as error:
            refusals = error.messages
        except lifecycle.Conflict as conflict:
            contact = changed = conflict.contact
            status = 409
        else:
            return answer
    context = {
        "form": form,
        "contact": contact,
        "changed": changed,
        "refusals": refusals,
        "people_number": contact.people.count(),
        "seen": seen_of(contact),
    }
    return render(request, template, context, status=status)


def _tell_saved(request: HttpRequest, done: merging.Done, was: Contact, *, undo: str) -> None:
    if done.row.changed_at == was.changed_at:
        messages.info(request, _("Nothing has changed."))
        return
    text = _("“%(name)s” was saved.") % {"name": done.row}
    messages.success(request, " ".join([text, *done.kept]), extra_tags=undo)


def _posted(request: HttpRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _person(request: HttpRequest) -> User:
    """Return who is signed in; the middleware lets nobody else pass."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def _found(request: HttpRequest, pk: int) -> Contact:
    """Return the contact that the person may see; 404 otherwise."""
    rows = Contact.objects.visible_to(_person(request))
    related = ("company", "salesperson", "industry", "created_by", "changed_by")
    return get_object_or_404(rows.select_related(*related), pk=pk)


def _company(request: HttpRequest) -> Contact | None:
    """Return the company in the address: a new person is one of its people (R208)."""
    pk = integer(request.GET, "company")
    if pk is None:
        return None
    rows = Contact.objects.visible_to(_person(request)).companies()
    company = get_object_or_404(rows.select_related("salesperson"), pk=pk)
    if company.is_blocked:
        raise BadRequest(_("“%(name)s” is blocked for anything new.") % {"name": company})
    return company


def _kind(request: HttpRequest, company: Contact | None) -> str:
    """Return the kind in the form or the address; of a company, a person (R208)."""
    usual = Contact.Kind.COMPANY if company is None else Contact.Kind.PERSON
    kind = request.POST.get("kind") or request.GET.get("kind") or usual.value
    if kind not in Contact.Kind.values:
        raise BadRequest(_("A contact is a company or a person."))
    if company is not None and kind == Contact.Kind.COMPANY:
        raise BadRequest(_("Only a person belongs to a company."))
    return kind
