"""The pages of notices: the list, one with all its records, reading, and the choices."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from lists.parameters import check_parameters, own_address
from notices.forms import ChoicesForm
from notices.kinds import USUAL, Kind
from notices.models import Notice
from notices.reading import notices_page, records_page, rows_of


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Show what one has been told, the unread first."""
    check_parameters(request.GET, ["kind", "cursor"])
    kind = _kind(request.GET.get("kind", ""))
    page, rows = notices_page(request.user, kind=kind, cursor=request.GET.get("cursor", ""))
    context = {
        "page": page,
        "rows": rows,
        "kind": kind,
        "kinds": [(each.value, each.label, USUAL[each].icon) for each in Kind if each in USUAL],
        "has_unread": any(row.notice.read_at is None for row in rows),
    }
    return render(request, "notices/list.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show all that one notice is about."""
    check_parameters(request.GET, ["cursor"])
    notice = get_object_or_404(_own(request), pk=pk)
    page, lines = records_page(notice, request.user, cursor=request.GET.get("cursor", ""))
    (row,) = rows_of([notice], request.user)
    return render(request, "notices/detail.html", {"row": row, "page": page, "lines": lines})


@require_POST
def read(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark one as read, or as unread again."""
    notice = get_object_or_404(_own(request), pk=pk)
    is_again = "unread" in request.POST
    rows = Notice.objects.filter(pk=notice.pk, read_at__isnull=not is_again)
    rows.update(read_at=None if is_again else timezone.now())
    return HttpResponseRedirect(own_address(request) or reverse("notices:list"))


@require_POST
def read_all(request: HttpRequest) -> HttpResponse:
    """Mark all as read, or all of one kind."""
    kind = _kind(request.POST.get("kind", ""))
    rows = Notice.objects.filter(user=_user(request), is_shown=True).unread()
    rows = rows.filter(kind=kind) if kind else rows
    rows.update(read_at=timezone.now())
    messages.success(request, _("All of them are marked as read."))
    return HttpResponseRedirect(own_address(request) or reverse("notices:list"))


@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """Choose how to be told of what."""
    check_parameters(request.GET, [])
    form = ChoicesForm(request.POST if request.method == "POST" else None, user=_user(request))
    if form.is_valid():
        form.save()
        messages.success(request, _("Your choice has been saved."))
        return redirect("notices:settings")
    status = 422 if form.errors else 200
    return render(request, "notices/settings.html", {"form": form}, status=status)


def _own(request: HttpRequest) -> Any:
    """Return those that may be opened: one's own, about something that one may see."""
    return Notice.objects.of(request.user).select_related("caused_by")


def _user(request: HttpRequest) -> Any:
    return get_user_model()._default_manager.get(username=request.user.get_username())


def _kind(name: str) -> str:
    if name and name not in USUAL:
        raise BadRequest(_("There is no kind of notices called “%(name)s”.") % {"name": name[:40]})
    return name
