"""Pages by key: (column, id), at any depth for the same cost; empty values come last."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import BadRequest, FieldDoesNotExist, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Field, Model, Q, QuerySet
from django.utils.translation import gettext as _

PAGE_SIZE = 50
MOST_DIGITS = 40


@dataclass(frozen=True)
class Sort:
    """A column that a list can be sorted by, and whether it can be empty.

    The path is that of a field, or the name of an annotation.
    """

    path: str
    is_nullable: bool = False


@dataclass(frozen=True)
class Page[M: Model]:
    """The rows of one page, and the cursors of its neighbours (None: there is none).

    `sort` is the name of the column, with a leading minus for descending.
    """

    rows: list[M]
    sort: str
    next_cursor: str | None
    previous_cursor: str | None

    @property
    def column(self) -> str:
        """The name of the column without the direction."""
        return self.sort.removeprefix("-")

    @property
    def is_descending(self) -> bool:
        """Say whether the greatest value comes first."""
        return self.sort.startswith("-")


@dataclass(frozen=True)
class _Key:
    """The place of a row in the order."""

    value: Any
    pk: int


def page_of[M: Model](
    queryset: QuerySet[M],
    *,
    sorts: Mapping[str, Sort],
    sort: str,
    cursor: str = "",
    size: int = PAGE_SIZE,
) -> Page[M]:
    """Return the page of `queryset` that begins behind `cursor` (or ends before it).

    Raises BadRequest for a sort that is not in `sorts`, and for a cursor that
    does not belong to this sort.
    """
    column = sorts.get(sort.removeprefix("-"))
    if column is None:
        raise BadRequest(_("The list cannot be sorted by “%(name)s”.") % {"name": sort[:40]})
    is_descending = sort.startswith("-")
    if not cursor:
        rows = list(_ordered(queryset, column, is_descending=is_descending)[: size + 1])
        return _page(rows[:size], column, sort, has_next=len(rows) > size, has_previous=False)
    is_back, key = _read(queryset, column, cursor)
    behind = queryset.filter(_behind(column, key, is_descending=is_descending, is_back=is_back))
    ordered = _ordered(behind, column, is_descending=is_descending, is_back=is_back)
    rows = list(ordered[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size]
    if is_back:
        rows.reverse()
    return _page(
        rows,
        column,
        sort,
        has_next=has_more or is_back,
        has_previous=has_more or not is_back,
    )


def _page[M: Model](
    rows: list[M], column: Sort, sort: str, *, has_next: bool, has_previous: bool
) -> Page[M]:
    return Page(
        rows=rows,
        sort=sort,
        next_cursor=_write(rows[-1], column, "n") if rows and has_next else None,
        previous_cursor=_write(rows[0], column, "p") if rows and has_previous else None,
    )


def _ordered[M: Model](
    queryset: QuerySet[M], column: Sort, *, is_descending: bool, is_back: bool = False
) -> QuerySet[M]:
    """Order by the column and the id; backwards, everything is turned round."""
    down = is_descending != is_back
    path = F(column.path)
    if not column.is_nullable:
        return queryset.order_by(path.desc() if down else path.asc(), "-pk" if down else "pk")
    nulls = {"nulls_first": True} if is_back else {"nulls_last": True}
    order = path.desc(**nulls) if down else path.asc(**nulls)
    return queryset.order_by(order, "-pk" if down else "pk")


def _behind(column: Sort, key: _Key, *, is_descending: bool, is_back: bool) -> Q:
    """Return the condition of the rows behind `key` in the direction of reading."""
    down = is_descending != is_back
    pk = Q(pk__lt=key.pk) if down else Q(pk__gt=key.pk)
    empty = Q((f"{column.path}__isnull", True))
    if key.value is None:
        return (~empty | (empty & pk)) if is_back else (empty & pk)
    beyond = Q((f"{column.path}__{'lt' if down else 'gt'}", key.value))
    within = Q((f"{column.path}__{'lte' if down else 'gte'}", key.value))
    found = within & (beyond | pk)
    return found | empty if column.is_nullable and not is_back else found


def _write(row: Model, column: Sort, direction: str) -> str:
    value: Any = row
    for name in column.path.split("__"):
        value = getattr(value, name) if value is not None else None
    if isinstance(value, datetime):
        value = value.isoformat()  # the encoder would cut it to milliseconds
    text = json.dumps([direction, value, row.pk], cls=DjangoJSONEncoder)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(queryset: QuerySet[Any], column: Sort, cursor: str) -> tuple[bool, _Key]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.urlsafe_b64decode(padded)
        direction, value, pk = json.loads(text, parse_constant=_no_number)
        if direction not in ("n", "p") or type(pk) is not int or abs(pk) >= 2**63:
            raise ValueError(direction)
        if value is not None:
            value = _field(queryset, column.path).to_python(value)
            _check(value)
        return direction == "p", _Key(value, pk)
    except (ValueError, TypeError, OverflowError, ValidationError, RecursionError) as error:
        raise BadRequest(_("This page of the list does not exist. Begin at the first.")) from error


def _no_number(word: str) -> None:
    """Refuse NaN and Infinity, which are no JSON."""
    raise ValueError(word)


def _check(value: Any) -> None:
    """Raise ValueError for what no column can hold."""
    if isinstance(value, str) and ("\x00" in value or not value.isprintable()):
        raise ValueError("text")
    if isinstance(value, Decimal) and not (value.is_finite() and value.adjusted() < MOST_DIGITS):
        raise ValueError("number")
    if isinstance(value, int) and abs(value) >= 2**63:
        raise ValueError("number")


def _field(queryset: QuerySet[Any], path: str) -> "Field[Any, Any]":
    """Return the field whose values are sorted by: an annotation's, or a model's."""
    annotation = queryset.query.annotations.get(path)
    if annotation is not None:
        return annotation.output_field
    *relations, last = path.split("__")
    model: type[Model] = queryset.model
    for name in relations:
        related = model._meta.get_field(name).related_model
        if not isinstance(related, type):
            raise FieldDoesNotExist(path)
        model = related
    field = model._meta.get_field(last)
    found = getattr(field, "output_field", field)
    if not isinstance(found, Field):
        raise FieldDoesNotExist(path)
    return found
