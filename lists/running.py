"""How a change of many rows is done: in parts, each row by itself, and each part once.

There is no worker: the page asks for the next part. A part is one
transaction, in which each row is judged by itself, and in which the run says
how far it has come; so a part that is asked for twice, or whose request dies,
is done once or not at all. A list may read and write the rows of a part
together; else each row has its savepoint.
"""

from collections.abc import Callable, Iterable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from lists.bulk import Skipped, Step
from lists.kinds import ListKind
from lists.models import MOST_PARAMETERS, BulkRun

MOST_ROWS = 10_000
KEPT_FOR = timedelta(days=30)
REFUSALS = (ValidationError, PermissionDenied, ObjectDoesNotExist)


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


def go_on(run: BulkRun, step: Step, *, position: int, size: int | None = None) -> BulkRun:
    """Do the next part, if the run still stands at `position`."""
    with transaction.atomic():
        fresh = BulkRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status != BulkRun.Status.RUNNING or fresh.position != position:
            return fresh
        part = slice(position, position + (size or step.size))
        rows = list(zip(fresh.ids[part], fresh.seen[part], strict=True))
        for found in _attempted(step, rows):
            _note(fresh, found)
        fresh.position = min(part.stop, len(fresh.ids))
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


def go_on_undoing(run: BulkRun, step: Step, *, position: int, size: int | None = None) -> BulkRun:
    """Take back the next part of what was done, the last row first."""
    with transaction.atomic():
        fresh = BulkRun.objects.select_for_update().get(pk=run.pk)
        if fresh.status != BulkRun.Status.UNDOING or fresh.undo_position != position:
            return fresh
        part = slice(position, position + (size or step.size))
        rows = [(pk, 0) for pk in fresh.done[::-1][part]]
        reasons = [[found.pk, found.refused] for found in _attempted(step, rows)]
        fresh.kept += [pair for pair in reasons if pair[1]]
        fresh.undo_position = min(part.stop, len(fresh.done))
        if fresh.undo_position == len(fresh.done):
            fresh.status = BulkRun.Status.UNDONE
        fresh.save()
        return fresh


type Row = tuple[int, int]  # its id, and what was seen of it


@dataclass(frozen=True)
class Outcome:
    """What came of a row: what was made, or why it was skipped or refused."""

    pk: int
    made: Any = None
    skipped: str = ""
    refused: str = ""


def _note(run: BulkRun, found: Outcome) -> None:
    if found.skipped:
        run.skipped.append([found.pk, found.skipped])
    elif found.refused:
        run.refused.append([found.pk, found.refused])
    else:
        run.done.append(found.pk)
        if found.made is not None:
            run.made[str(found.pk)] = found.made


def _attempted(step: Step, rows: list[Row]) -> list[Outcome]:
    """Do the rows together; where that is refused, halve them until the row is found."""
    try:
        with transaction.atomic(), step.together([pk for pk, _seen in rows]) as find:
            found = [_attempt(step, find, pk, seen) for pk, seen in rows]
    except REFUSALS as error:
        if len(rows) == 1:
            return [Outcome(rows[0][0], refused=_sentence(error))]
        half = len(rows) // 2
        return _attempted(step, rows[:half]) + _attempted(step, rows[half:])
    return [replace(one, made=one.made()) if callable(one.made) else one for one in found]


def _attempt(step: Step, find: Callable[[int], Any], pk: int, seen: int) -> Outcome:
    """Do one row, in a savepoint where it is written at once."""
    try:
        with nullcontext() if step.collects else transaction.atomic():
            return Outcome(pk, step.one(find(pk), seen))
    except Skipped as why:
        return Outcome(pk, skipped=str(why))
    except REFUSALS as error:
        return Outcome(pk, refused=_sentence(error))


def _sentence(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, ObjectDoesNotExist):
        return _("It is no longer there, or no longer yours to see.")
    return str(error)
