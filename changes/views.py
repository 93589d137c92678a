"""The page that takes a change back: asked from a receipt, or later from a timeline."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from changes import lifecycle
from changes.kinds import kind_of
from changes.models import RECORDS, Change
from changes.words import headline_of, told
from lists.parameters import check_parameters, own_address
from salespeople.models import User


@require_http_methods(["GET", "POST"])
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, or take it back; 422 with the reason when something newer rests on it."""
    check_parameters(request.GET, ["next"])
    change, by = _found(request, pk), request.user
    assert isinstance(by, User)  # noqa: S101
    way_on = own_address(request) or _page_of(change.record)
    reasons: list[str] = []
    if request.method == "POST":
        try:
            lifecycle.undo(change, by=by)
        except ValidationError as error:
            reasons = error.messages
        except PermissionDenied as error:
            reasons = [str(error)]
        except ObjectDoesNotExist as error:  # given away since, or another row of the act is hidden
            raise Http404 from error
        else:
            what = {"name": change.changed_by, "what": headline_of(change)}
            messages.success(request, _("Undone: %(name)s %(what)s.") % what)
            return redirect(_still(change, way_on))
    context = {"told": told([change], by)[0], "reasons": reasons, "way_on": way_on}
    return render(request, "changes/undo.html", context, status=422 if reasons else 200)


def _found(request: HttpRequest, pk: int) -> Change:
    """Return a change of a row that the person may see; 404 otherwise."""
    change = get_object_or_404(Change.objects.select_related("changed_by", *RECORDS), pk=pk)
    rows = kind_of(change).rows(request.user)
    if not rows.filter(pk=change.record.pk).exists():
        raise Http404
    return change


def _page_of(record: Any) -> str:
    return str(record.get_absolute_url())


def _still(change: Change, way_on: str) -> str:
    """Return where to go on: what was made by the change, and has gone, has no page."""
    record = change.record
    if record._meta.model._base_manager.filter(pk=record.pk).exists():
        return way_on
    is_its_page = way_on.startswith(_page_of(record))
    return reverse(f"{record._meta.app_label}:list") if is_its_page else way_on
