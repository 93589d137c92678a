"""The pages of files: attaching, downloading, removing."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import BadRequest, ValidationError
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from files import lifecycle
from files.forms import AttachForm
from files.models import RECORDS, Attachment
from lists.parameters import check_parameters, integer, own_address
from salespeople.models import User


@require_http_methods(["GET", "POST"])
def attach(request: HttpRequest) -> HttpResponse:
    """Attach files to the record that the address names."""
    check_parameters(request.GET, [*RECORDS, "next"])
    name, record = _record(request)
    initial = {"next": request.GET.get("next", "")}
    is_sent = request.method == "POST"
    form = AttachForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, initial=initial
    )
    if form.is_bound and form.is_valid():
        try:
            found = lifecycle.attach(
                form.cleaned_data["uploads"], by=_person(request), **{name: record}
            )
        except ValidationError as error:
            form.add_refusal(error)
        else:
            _tell(request, found)
            return redirect(own_address(request) or page_of(record))
    context = {
        "form": form,
        "record": record,
        "back": page_of(record),
        "most": settings.MOST_FILES,
        "most_bytes": settings.MOST_FILE_BYTES,
    }
    return render(request, "files/attach.html", context, status=422 if form.errors else 200)


@require_GET
def download(request: HttpRequest, pk: int) -> FileResponse:
    """Hand out a file to who may see its record: to be saved, never to be shown or run."""
    check_parameters(request.GET, [])
    attachment = _found(request, pk)
    try:
        content = attachment.file.open("rb")
    except FileNotFoundError as error:
        raise Http404 from error
    response = FileResponse(content, as_attachment=True, filename=attachment.name)
    response.headers["Content-Type"] = attachment.content_type
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a file from its record; the receipt offers to undo it."""
    attachment = lifecycle.remove(_found(request, pk), by=_person(request))
    text = _("“%(name)s” has been removed.") % {"name": attachment}
    messages.success(request, text, extra_tags=f"undo:files:restore:{attachment.pk}")
    return redirect(own_address(request) or page_of(attachment.record))


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a removed file back."""
    rows = Attachment.objects.visible_to(request.user).of_kept_records()
    attachment = get_object_or_404(rows, pk=pk)
    lifecycle.restore(attachment, by=_person(request))
    messages.success(request, _("“%(name)s” is back.") % {"name": attachment})
    return redirect(own_address(request) or page_of(attachment.record))


def page_of(record: Any) -> str:
    """Return the page of a record; a quote's files stand on its opportunity's too."""
    shown = record if hasattr(record, "get_absolute_url") else record.opportunity
    return str(shown.get_absolute_url())


def _record(request: HttpRequest) -> tuple[str, Any]:
    """Return the record that the address names; 404 for what the person may not see."""
    asked = {name: pk for name in RECORDS if (pk := integer(request.GET, name)) is not None}
    if len(asked) != 1:
        raise BadRequest(_("Say in the address to what the files belong."))
    name, pk = next(iter(asked.items()))
    return name, get_object_or_404(lifecycle.seen_record(name, by=request.user), pk=pk)


def _found(request: HttpRequest, pk: int) -> Attachment:
    rows = Attachment.objects.visible_to(request.user).kept().of_kept_records()
    return get_object_or_404(rows, pk=pk)


def _person(request: HttpRequest) -> User:
    """Return who is signed in; the middleware lets nobody else pass."""
    assert isinstance(request.user, User)  # noqa: S101
    return request.user


def _tell(request: HttpRequest, found: list[Attachment]) -> None:
    """Say what has been attached; a single file can be undone."""
    text = ngettext("“%(name)s” has been attached.", "%(number)d files have been attached.",
                    len(found))  # fmt: skip
    tags = f"undo:files:remove:{found[0].pk}" if len(found) == 1 else ""
    words = {"name": found[0], "number": len(found)}
    messages.success(request, text % words, extra_tags=tags)
