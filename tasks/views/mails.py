"""The pages of mails: writing one, and keeping one that was saved."""

from typing import Any
from uuid import uuid4

from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.models import Contact, ContactQuerySet
from lists.parameters import check_parameters, integer, own_address
from tasks import mails
from tasks.interactions import AlreadyKept
from tasks.mail_forms import MailForm, SavedMailForm
from tasks.mail_import import Kept, receive
from tasks.models import Interaction, MailTemplate
from tasks.origin import Origin, origin_of, person

UNAVAILABLE = 503
both = require_http_methods(["GET", "POST"])


@both
def write(request: HttpRequest) -> HttpResponse:
    """Write a mail to a contact, from a template if one likes, and send it."""
    check_parameters(request.GET, ["opportunity", "contact", "task", "template", "to", "next"])
    origin = origin_of(request)
    people = _people(request, origin)
    to = _addressee(request, origin, people)
    template = _template(request)
    form = _mail_form(request, origin, people, to, template)
    status = 422 if form.errors else 200
    if form.is_bound and form.is_valid():
        try:
            return _sent(request, origin, form)
        except ValidationError as error:
            form.add_refusal(error)
            status = 422
        except mails.NotSent:
            text = _("The mail server did not take the mail. Nothing has been sent or kept.")
            form.add_error(None, text)
            status = UNAVAILABLE
    context = {
        "form": form,
        "origin": origin,
        "to": to,
        "template": template,
        "templates": _templates(to),
        "has_address": people.exists(),
    }
    return render(request, "interactions/write.html", context, status=status)


@both
def keep(request: HttpRequest) -> HttpResponse:
    """Keep a saved mail as an interaction, with its files."""
    check_parameters(request.GET, ["opportunity", "contact", "task", "next"])
    origin = origin_of(request)
    contact = _required(origin)
    sent = request.method == "POST"
    form = SavedMailForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        initial={"next": request.GET.get("next", "")},
    )
    kept = None
    if form.is_bound and form.is_valid():
        try:
            found = receive(
                form.cleaned_data["mail"].read(),
                by=person(request),
                contact=contact,
                people=_all_people(request, origin),
                opportunity=origin.opportunity,
            )
        except ValidationError as error:
            kept = _seen(request, error)
            form.add_error("mail", error.messages)
        else:
            _tell_kept(request, found)
            return redirect(own_address(request) or origin.url)
    context = {"form": form, "origin": origin, "kept": kept}
    return render(request, "interactions/keep.html", context, status=422 if form.errors else 200)


def _mail_form(
    request: HttpRequest,
    origin: Origin,
    people: ContactQuerySet,
    to: Contact | None,
    template: MailTemplate | None,
) -> MailForm:
    """Return the form: as it was sent, or with the template filled in for the addressee."""
    initial: dict[str, Any] = {"to": to.pk if to else None, "next": request.GET.get("next", "")}
    initial["token"] = uuid4()
    if template is not None and to is not None:
        values = mails.values_for(
            to, language=template.language, by=person(request), opportunity=origin.opportunity
        )
        initial["subject"], initial["text"] = template.filled_in(values)
    elif origin.opportunity is not None:
        initial["subject"] = origin.opportunity.description
    sent = request.method == "POST"
    return MailForm(
        request.POST if sent else None,
        request.FILES if sent else None,
        people=people,
        initial=initial,
    )


def _sent(request: HttpRequest, origin: Origin, form: MailForm) -> HttpResponse:
    """Send it, and say so."""
    data = form.cleaned_data
    text = _("The mail to %(name)s has been sent.")
    try:
        mails.send(
            by=person(request),
            contact=data["to"],
            subject=data["subject"],
            text=data["text"],
            opportunity=origin.opportunity,
            attachments=data["uploads"],
            token=data["token"],
        )
    except AlreadyKept:  # the same form, sent twice: one mail has left
        text = _("The mail to %(name)s has been sent already; it was sent once.")
    messages.success(request, text % {"name": data["to"]})
    return redirect(own_address(request) or origin.url)


def _tell_kept(request: HttpRequest, found: Kept) -> None:
    """Say what has been kept, and what of it has not."""
    text = _("The mail “%(subject)s” has been kept.") % {"subject": found.interaction}
    tags = f"undo:interactions:cancel:{found.interaction.pk}"
    messages.success(request, " ".join([text, *found.left_out]), extra_tags=tags)


def _seen(request: HttpRequest, error: ValidationError) -> Interaction | None:
    """Return the interaction that holds the mail already, if the person may see it."""
    if not isinstance(error, AlreadyKept):
        return None
    rows = Interaction.objects.visible_to(request.user)
    return rows.filter(pk=error.interaction.pk).first()


def _required(origin: Origin) -> Contact:
    """Return with whom a mail was, unless it says so itself; the address names something."""
    if origin.contact is None:
        raise BadRequest(_("Say in the address to what the mail belongs."))
    return origin.contact


def _all_people(request: HttpRequest, origin: Origin) -> ContactQuerySet:
    """Return who may be in a mail: of the opportunity, or the contact and its people."""
    people = origin.people(person(request))
    if people is not None:
        return people
    contact = _required(origin)
    rows = Contact.objects.visible_to(person(request))
    return rows.filter(Q(pk=contact.pk) | Q(company=contact))


def _people(request: HttpRequest, origin: Origin) -> ContactQuerySet:
    """Return to whom a mail may go: who has an address and is not blocked."""
    usable = _all_people(request, origin).usable().exclude(company__is_blocked=True)
    return usable.exclude(email="").select_related("company")


def _addressee(request: HttpRequest, origin: Origin, people: ContactQuerySet) -> Contact | None:
    """Return whom the address names, else the contact, else its first person with an address."""
    pk = integer(request.GET, "to")
    if pk is not None:
        return get_object_or_404(people, pk=pk)
    return people.filter(pk=_required(origin).pk).first() or people.first()


def _template(request: HttpRequest) -> MailTemplate | None:
    """Return the template that the address names; 404 for what there is not."""
    pk = integer(request.GET, "template")
    return None if pk is None else get_object_or_404(MailTemplate.objects.usable(), pk=pk)


def _templates(to: Contact | None) -> list[MailTemplate]:
    """Return what may be chosen, those in the addressee's language first."""
    language = (to.language if to else "") or get_language()
    return sorted(MailTemplate.objects.usable(), key=lambda row: row.language != language)
