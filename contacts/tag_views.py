"""The forms by which tags are put on a row and taken off it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from changes.log import one_act, receipt_of
from contacts import tags
from contacts.models import Tag
from contacts.requests import person, posted, seen_contact
from contacts.views import gone_is_404
from crm.forms import DoorForm
from lists.parameters import as_id, check_parameters


class TagForm(DoorForm):
    """A tag, by its name; one that there is not is made."""

    name = forms.CharField(
        label=gettext_lazy("Tag"),
        max_length=tags.LONGEST,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "data-suggest": reverse_lazy("contacts:suggest_tags")}
        ),
    )


@require_http_methods(["GET", "POST"])
@gone_is_404
def tag(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a tag on a contact."""
    contact = seen_contact(request, pk)
    return put_on(request, contact, lambda name: tags.add(contact, name, by=person(request)))


@require_POST
@gone_is_404
def untag(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a tag off a contact."""
    contact = seen_contact(request, pk)
    return take_off(request, contact, lambda t: tags.remove(contact, t, by=person(request)))


def put_on(request: HttpRequest, row: Any, add: Callable[[str], Tag]) -> HttpResponse:
    """Ask for a tag, or put it on the row as `add` does: 422 when it is refused."""
    check_parameters(request.GET, [])
    form = TagForm(posted(request))
    if form.is_bound and form.is_valid():
        try:
            with one_act() as act:
                added = add(form.cleaned_data["name"])
        except ValidationError as error:
            form.add_refusal(error)
        else:
            text = _("Tagged “%(tag)s”.") % {"tag": added}
            messages.success(request, text, extra_tags=receipt_of(act))
            return redirect(row)
    status = 422 if form.is_bound else 200
    return render(request, "tags/tag.html", {"form": form, "row": row}, status=status)


def take_off(request: HttpRequest, row: Any, remove: Callable[[Tag], None]) -> HttpResponse:
    """Take the tag that is sent off the row as `remove` does; 404 for what is none."""
    check_parameters(request.GET, [])
    found = get_object_or_404(Tag, pk=as_id(request.POST.get("tag", "")) or 0)
    with one_act() as act:
        remove(found)
    text = _("The tag “%(tag)s” was taken off.") % {"tag": found}
    messages.success(request, text, extra_tags=receipt_of(act))
    return redirect(row)
