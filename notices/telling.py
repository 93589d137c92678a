"""The door of notices: tell, and withdraw what nobody has read; in the caller's transaction.

The rooms above call it inside the transaction of what they tell, so that a
notice is there exactly if the thing has happened. Nobody is told of his or her
own act, and of one act everybody is told once, however many rows it changed.
"""

import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import Model
from django.utils import timezone

from notices.kinds import USUAL, Kind, Mail
from notices.models import RECORDS, Notice, NoticeChoice, NoticeRecord

GATHERED = timedelta(minutes=1)  # a mail waits so long, and takes along what comes meanwhile
BATCH = 1000

_act: ContextVar[uuid.UUID | None] = ContextVar("act", default=None)
_is_silent: ContextVar[bool] = ContextVar("is_silent", default=False)


@dataclass(frozen=True)
class Told:
    """Who is told of which row; of an opportunity, by which entry."""

    user: int | None
    row: Model
    entry: Any = None


@contextmanager
def together(act: uuid.UUID | None = None) -> Iterator[None]:
    """Tell everybody once of all that is done inside, as one act."""
    token = _act.set(act or _act.get() or uuid.uuid4())
    try:
        yield
    finally:
        _act.reset(token)


@contextmanager
def silence() -> Iterator[None]:
    """Tell nobody of what is done inside: for a past that is being made up (demo data)."""
    token = _is_silent.set(True)
    try:
        yield
    finally:
        _is_silent.reset(token)


def is_silent() -> bool:
    """Say whether nobody is told anything now."""
    return _is_silent.get()


def tell(kind: Kind, whom: Iterable[Told], *, by: Any, act: uuid.UUID | None = None) -> None:
    """Write the notices of one act, by everybody's choice of channels: in four statements.

    A later part of the same act adds its rows to the notice that is there: it
    is unread again, and its mail waits for the end of the act.
    """
    told = [one for one in whom if one.user is not None and one.user != by.pk]
    if is_silent() or not told:
        return
    with transaction.atomic():
        key = f"{kind}:{act or _act.get() or uuid.uuid4()}"
        users = {one.user for one in told if one.user is not None}
        notices: dict[int | None, Notice] = {n.user_id: n for n in _notices(kind, users, key, by)}
        Notice.objects.bulk_create(
            notices.values(),
            update_conflicts=True,
            unique_fields=["user", "key"],
            update_fields=["written_at", "read_at", "next_try_at"],
            batch_size=BATCH,
        )
        NoticeRecord.objects.bulk_create(
            [_record(notices[one.user], one) for one in told if one.user in notices],
            ignore_conflicts=True,
            batch_size=BATCH,
        )


def withdraw(kind: Kind | None = None, **which: Any) -> None:
    """Take back what nobody has read of these rows (`task=`, `entry__in=`), and its mail with it.

    What was read stays: it has been known.
    """
    rows = NoticeRecord.objects.filter(notice__read_at__isnull=True, **which)
    rows = rows.filter(notice__kind=kind) if kind else rows
    found = list(rows.values_list("pk", "notice"))
    if not found:
        return
    NoticeRecord.objects.filter(pk__in=[pk for pk, _notice in found]).delete()
    emptied = Notice.objects.unread().filter(pk__in={notice for _pk, notice in found})
    emptied.filter(records__isnull=True).delete()


def _notices(kind: Kind, users: set[int], key: str, by: Any) -> list[Notice]:
    """Return the unsaved notices of those who are there and want to be told."""
    active = get_user_model()._default_manager.filter(pk__in=users, is_active=True)
    chosen = NoticeChoice.objects.filter(user__in=users, kind=kind)
    choices = {choice.user_id: (choice.is_shown, choice.mail) for choice in chosen}
    now = timezone.now()
    found = []
    for pk in sorted(active.values_list("pk", flat=True)):
        is_shown, mail = choices.get(pk, (True, USUAL[kind].mail))
        if is_shown or mail != Mail.NEVER:
            found.append(
                Notice(
                    user_id=pk,
                    kind=kind,
                    key=key,
                    caused_by=by,
                    is_shown=is_shown,
                    mail=mail,
                    written_at=now,
                    next_try_at=now + GATHERED,
                )
            )
    return found


def _record(notice: Notice, told: Told) -> NoticeRecord:
    name = str(told.row._meta.model_name)
    if name not in RECORDS:
        raise TypeError(f"nobody is told of a {name}")
    return NoticeRecord(notice=notice, entry=told.entry, **{name: told.row})
