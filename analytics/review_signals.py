"""What was planned and what had happened about opportunities at a moment: tasks and interactions.

No entry holds it, so it is told from the rows as they are, and from what their
doors noted of every later change (ADR 0022): whatever is recorded afterwards
does not move it.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, F, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce

from changes.models import Change
from crm.dates import start_of
from opportunities.populations import QUIET_DAYS
from tasks.models import Interaction, Task

ONE_DAY = timedelta(days=1)


def open_tasks(at: datetime | None) -> QuerySet[Task]:
    """Return the tasks that were open at a moment; None for now."""
    if at is None:
        return Task.objects.order_by().open()
    rows = Task.objects.order_by().filter(created_at__lte=at)
    return rows.annotate(then=_then("task", "status", at)).filter(then__in=Task.OPEN)


def done_tasks(since: datetime, at: datetime | None) -> QuerySet[Any]:
    """Return the tasks completed from a moment on, as it was known at another; None for now.

    `closed_then` is when each was.
    """
    rows: Any = Task.objects.order_by()
    if at is None:
        rows = rows.annotate(closed_then=F("closed_at"))
        found: QuerySet[Any] = rows.filter(status=Task.Status.COMPLETED, closed_at__gte=since)
        return found
    noted = Cast(_noted("task", "closed_at", at), DateTimeField())
    rows = rows.filter(created_at__lte=at).annotate(
        then=_then("task", "status", at), closed_then=Coalesce(noted, F("closed_at"))
    )
    known: QuerySet[Any] = rows.filter(
        then=Task.Status.COMPLETED, closed_then__gte=since, closed_then__lte=at
    )
    return known


def interactions(since: datetime, at: datetime | None) -> QuerySet[Interaction]:
    """Return what happened from a moment on and counted, as it was known at another."""
    rows = Interaction.objects.order_by().filter(happened_at__gte=since)
    if at is None:
        return rows.counted()
    later = Change.objects.filter(
        interaction=OuterRef("pk"), changed_at__gt=at, verb__in=("cancel", "restore")
    )
    rows = rows.filter(recorded_at__lte=at, happened_at__lte=at)
    rows = rows.annotate(next=Subquery(later.order_by("pk").values("verb")[:1]))
    return rows.filter(Q(next="cancel") | Q(next__isnull=True, cancelled_at__isnull=True))


def quiet_from(on: date) -> tuple[date, datetime]:
    """Return the last day of change, and the moment, before which it was quiet on a day."""
    last = on - QUIET_DAYS * ONE_DAY
    return last, start_of(last + ONE_DAY)


def _then(kind: str, name: str, at: datetime) -> Any:
    """Return a column as it was at a moment: what the first later change found, or what it is."""
    return Coalesce(_noted(kind, name, at), F(name), output_field=TextField())


def _noted(kind: str, name: str, at: datetime) -> Any:
    later = Change.objects.filter(
        **{kind: OuterRef("pk")}, changed_at__gt=at, before__has_key=name
    )  # fmt: skip
    return Subquery(later.order_by("pk").values(found=KeyTextTransform(name, "before"))[:1])
