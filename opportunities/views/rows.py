"""A row that is changed in the list itself: errors and conflicts are told in its place."""

from collections.abc import Callable

from django.contrib import messages
from django.core.exceptions import (
    BadRequest,
    ObjectDoesNotExist,
    PermissionDenied,
    ValidationError,
)
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from lists.filtering import without
from lists.parameters import integer
from opportunities import conflicts
from opportunities.models import Opportunity
from opportunities.row_form import RowForm, save
from opportunities.views.acting import found, is_seen, person
from tasks import lifecycle as task_door

type Show = Callable[..., HttpResponse]


def save_row(request: HttpRequest, show: Show) -> HttpResponse:
    """Save the row that the address names; refused, `show` answers with the list and why."""
    pk = integer(request.GET, "edit")
    if pk is None:
        raise BadRequest(_("Say which row is to be saved."))
    opportunity = found(request, pk)
    form = RowForm(request.POST, opportunity=opportunity, by=person(request))
    if not form.is_valid():
        return show(request, row_form=form, status=422)
    try:
        done = conflicts.done("row", form, lambda wishes: save(form, wishes), by=person(request))
    except ValidationError as error:
        form.add_refusal(error)
    except PermissionDenied as error:
        form.add_error("salesperson", str(error))
    except conflicts.Disputed as disputed:
        return show(request, row_form=form, status=409, dispute=disputed.dispute)
    except task_door.Conflict as conflict:
        form.renew_task(conflict.task)
        return show(request, row_form=form, status=409)
    except ObjectDoesNotExist as error:  # the row, or its task, is not theirs to see
        raise Http404 from error
    if form.errors:
        return show(request, row_form=form, status=422)
    _tell(request, form, done, was=opportunity)
    rest = without(request.GET, "edit", "focus")
    return HttpResponseRedirect(f"{request.path}{rest if rest != '?' else '?view=all'}")


def _tell(request: HttpRequest, form: RowForm, done: conflicts.Done, *, was: Opportunity) -> None:
    fresh = done.opportunity
    if fresh.sequence == was.sequence:
        if form.is_task_saved:
            messages.success(request, _("The next task has been saved."))
        else:
            messages.info(request, _("Nothing has changed."))
        return
    entry = fresh.entries.get(sequence=fresh.sequence)
    tags = f"undo:opportunities:undo_act:{entry.act}" if is_seen(request, fresh) else ""
    text = _("“%(description)s” has been saved.") % {"description": fresh.description}
    messages.success(request, " ".join([text, *done.kept]), extra_tags=tags)
