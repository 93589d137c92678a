"""How the doors of all rooms note what they change, and read it again."""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from changes.models import Change
from salespeople.models import User

_act: ContextVar[uuid.UUID | None] = ContextVar("act_of_changes", default=None)
_undoing: ContextVar[Change | None] = ContextVar("undoing", default=None)


@contextmanager
def one_act() -> Iterator[uuid.UUID]:
    """Let all changes noted inside be one act, which one Undo takes back."""
    act = _act.get() or uuid.uuid4()
    token = _act.set(act)
    try:
        yield act
    finally:
        _act.reset(token)


def receipt_of(act: uuid.UUID) -> str:
    """Return the tag of a receipt whose Undo takes back an act; "" where nothing was noted."""
    first = Change.objects.filter(act=act).order_by("pk").first()
    return f"undo:changes:undo:{first.pk}" if first is not None else ""


@contextmanager
def undoing(change: Change) -> Iterator[None]:
    """Let what is noted inside of the same row be the undo of `change`."""
    token = _undoing.set(change)
    try:
        yield
    finally:
        _undoing.reset(token)


def note(
    verb: str,
    row: Any,
    *,
    by: User,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    version: int | None = None,
) -> Change:
    """Note what a door has changed of a row, in the transaction in which it is written."""
    change = Change(
        **{row._meta.model_name: row},
        verb=verb,
        before=dict(before),
        after=dict(after),
        act=_act.get() or uuid.uuid4(),
        changed_by=by,
        undoes=_undone(row),
        version=version,
    )
    change.save(force_insert=True)
    return change


def note_many(verb: str, rows: Iterable[Any], *, by: User) -> None:
    """Note that these rows have been made, in one statement."""
    act = _act.get()
    Change.objects.bulk_create(
        Change(**{row._meta.model_name: row}, verb=verb, act=act or uuid.uuid4(), changed_by=by)
        for row in rows
    )


def values_of(row: models.Model, names: Iterable[str]) -> dict[str, Any]:
    """Return the values of these fields as they are noted; of a row that is named its id."""
    return {name: _noted(row, name) for name in names}


def value_in(row: models.Model, name: str, noted: Any) -> Any:
    """Return a noted value as the field holds it: a row that is named by its id, None if gone."""
    field: Any = row._meta.get_field(name)
    if noted is not None and field.is_relation:
        return field.related_model._base_manager.filter(pk=noted).first()
    return field.to_python(noted)


def is_field(row: models.Model, name: str) -> bool:
    """Say whether a noted name is a field of the row."""
    try:
        return bool(row._meta.get_field(name).concrete)
    except FieldDoesNotExist:
        return False


def newest_of(row: models.Model, name: str) -> Change | None:
    """Return the newest change of a field of a row; None if nobody has noted one."""
    rows = Change.objects.filter(**{str(row._meta.model_name): row}, after__has_key=name)
    return rows.select_related("changed_by").first()


def since(row: Any, seen: int) -> list[Change] | None:
    """Return what was done to a row that counts its edits since that many, the newest first.

    None where not all of it was noted: an entry of the opportunity did the rest.
    """
    rows = Change.objects.filter(**{row._meta.model_name: row}, version__gt=seen)
    found = list(rows.select_related("changed_by"))
    return found if len(found) == row.edits - seen else None


def _noted(row: models.Model, name: str) -> Any:
    """Return the value as JSON gives it back."""
    field: Any = row._meta.get_field(name)
    value = getattr(row, field.attname)
    plain = value.isoformat() if isinstance(value, datetime) else value  # to the microsecond
    return json.loads(json.dumps(plain, cls=DjangoJSONEncoder))


def _undone(row: Any) -> Change | None:
    change = _undoing.get()
    if change is None or getattr(change, f"{row._meta.model_name}_id") != row.pk:
        return None
    return change
