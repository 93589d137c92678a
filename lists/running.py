"""How a change of many rows is done: in parts, each row by itself, and each part once.

There is no worker: the page asks for the next part. A part is one
transaction, in which each row has its own savepoint, and in which the run
says how far it has come; so a part that is asked for twice, or whose request
dies, is done once or not at all.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lists.bulk import Skipped, Step
from lists.kinds import ListKind
from lists.models import MOST_PARAMETERS, BulkRun

PART = 50
MOST_ROWS = 10_000
KEPT_FOR = timedelta(days=30)


def choose(
    kind: ListKind, action: str, rows: Iterable[tuple[int, int]], *, by: Any, parameters: str = ""
) -> BulkRun:
    """Note which rows are wanted (id, and what was seen of it), in ascending order.

    Runs that nobody needs any more are thrown away. Raises ValidationError
    for no row, and for too many.
    """
    chosen = sorted(rows)
    if not chosen:
        raise ValidationError(_("Tick the rows first."))
    if len(chosen) > MOST_ROWS:
        text = _("At most %(most)d rows at once: narrow the filter.")
        raise ValidationError(text % {"most": MOST_ROWS})
    if len(parameters) > MOST_PARAMETERS:
        raise ValidationError(_("The filter is too long to be kept."))
    BulkRun.objects.filter(owner=by, created_at__lt=timezone.now() - KEPT_FOR).delete()
    return BulkRun.objects.create(
        kind=kind.name,
        owner=by,
        action=action,
        parameters=parameters,
        ids=[pk for pk, _seen in chosen],
        seen=[seen for _pk, seen in chosen],
    )


def begin(run: BulkRun, wishes: dict[str, Any]) -> BulkRun:
    """Say what is wanted; nothing is done yet. A run that has begun is left as it is."""
    with transaction.atomic():
        fresh = BulkRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status == BulkRun.Status.CHOSEN:
            fresh.wishes, fresh.status = wishes, BulkRun.Status.RUNNING
            fresh.save(update_fields=["wishes", "status"])
        return fresh


def go_on(run: BulkRun, step: Step, *, position: int, size: int = PART) -> BulkRun:
    """Do the next part, if the run still stands at `position`."""
    with transaction.atomic():
        fresh = BulkRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status != BulkRun.Status.RUNNING or fresh.position != position:
            return fresh
        part = slice(position, position + size)
        for pk, seen in zip(fresh.ids[part], fresh.seen[part], strict=True):
            _attempt(fresh, step, pk, seen)
        fresh.position = min(position + size, len(fresh.ids))
        if fresh.position == len(fresh.ids):
            fresh.status = BulkRun.Status.FINISHED
        fresh.save()
        return fresh


def begin_undo(run: BulkRun) -> BulkRun:
    """Ask for all of it to be taken back; a run that is not finished is left as it is."""
    with transaction.atomic():
        fresh = BulkRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status == BulkRun.Status.FINISHED and fresh.done:
            fresh.status = BulkRun.Status.UNDOING
            fresh.save(update_fields=["status"])
        return fresh


def go_on_undoing(run: BulkRun, step: Step, *, position: int, size: int = PART) -> BulkRun:
    """Take back the next part of what was done, the last row first."""
    with transaction.atomic():
        fresh = BulkRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status != BulkRun.Status.UNDOING or fresh.undo_position != position:
            return fresh
        for pk in fresh.done[::-1][position : position + size]:
            reason = _refusal(step, pk, 0)[1]
            if reason:
                fresh.kept.append([pk, reason])
        fresh.undo_position = min(position + size, len(fresh.done))
        if fresh.undo_position == len(fresh.done):
            fresh.status = BulkRun.Status.UNDONE
        fresh.save()
        return fresh


def _attempt(run: BulkRun, step: Step, pk: int, seen: int) -> None:
    try:
        made, reason = _refusal(step, pk, seen)
    except Skipped as why:
        run.skipped.append([pk, str(why)])
        return
    if reason:
        run.refused.append([pk, reason])
        return
    run.done.append(pk)
    if made is not None:
        run.made[str(pk)] = made


def _refusal(step: Step, pk: int, seen: int) -> tuple[Any, str]:
    """Do one row in a savepoint; return what an undo must know, and why it was refused."""
    try:
        with transaction.atomic():
            return step(pk, seen), ""
    except ValidationError as error:
        return None, " ".join(error.messages)
    except PermissionDenied as error:
        return None, str(error)
    except ObjectDoesNotExist:
        return None, _("It is no longer there, or no longer yours to see.")
