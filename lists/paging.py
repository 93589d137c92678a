"""Pages by key: (column, id), at any depth for the same cost; empty values come last."""

import base64
import json
from collections.abc import Mapping, Sequence
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
    """The place of a row in the order: a value for each column, and the id."""

    values: tuple[Any, ...]
    pk: int


@dataclass(frozen=True)
class _Order:
    """The columns by which rows are ordered, each with its direction; the id comes last."""

    columns: tuple[tuple[Sort, bool], ...]

    @property
    def is_descending(self) -> bool:
        """Say whether ids descend, as the last column does."""
        return self.columns[-1][1]


def page_of[M: Model](
    queryset: QuerySet[M],
    *,
    sorts: Mapping[str, Sort],
    sort: str,
    cursor: str = "",
    group: Sequence[Sort] = (),
    size: int = PAGE_SIZE,
) -> Page[M]:
    """Return the page of `queryset` that begins behind `cursor` (or ends before it).

    `group` names columns that come first, ascending, so that groups of rows
    stay together. Raises BadRequest for a sort that is not in `sorts`, and for
    a cursor that does not belong to this order.
    """
    order = _order(sorts, sort, group)
    if not cursor:
        rows = list(_ordered(queryset, order)[: size + 1])
        return _page(rows[:size], order, sort, has_next=len(rows) > size, has_previous=False)
    is_back, key = _read(queryset, order, cursor)
    behind = queryset.filter(_behind(order.columns, key.values, key.pk, is_back=is_back))
    rows = list(_ordered(behind, order, is_back=is_back)[: size + 1])
    has_more = len(rows) > size
    rows = rows[:size]
    if is_back:
        rows.reverse()
    return _page(
        rows,
        order,
        sort,
        has_next=has_more or is_back,
        has_previous=has_more or not is_back,
    )


def in_order[M: Model](
    queryset: QuerySet[M],
    *,
    sorts: Mapping[str, Sort],
    sort: str,
    group: Sequence[Sort] = (),
) -> QuerySet[M]:
    """Return all rows in the order of the list's pages; BadRequest as there."""
    return _ordered(queryset, _order(sorts, sort, group))


def rows_behind[M: Model](
    queryset: QuerySet[M],
    *,
    sorts: Mapping[str, Sort],
    sort: str,
    cursor: str,
    group: Sequence[Sort] = (),
) -> QuerySet[M]:
    """Return all rows behind a cursor that leads forwards; BadRequest as there."""
    order = _order(sorts, sort, group)
    is_back, key = _read(queryset, order, cursor)
    return queryset.filter(_behind(order.columns, key.values, key.pk, is_back=is_back))


def cursor_behind(
    row: Model, *, sorts: Mapping[str, Sort], sort: str, group: Sequence[Sort] = ()
) -> str:
    """Return the cursor of the page that begins behind a row of this order."""
    return _write(row, _order(sorts, sort, group), "n")


def _order(sorts: Mapping[str, Sort], sort: str, group: Sequence[Sort]) -> _Order:
    column = sorts.get(sort.removeprefix("-"))
    if column is None:
        raise BadRequest(_("The list cannot be sorted by “%(name)s”.") % {"name": sort[:40]})
    return _Order((*((each, False) for each in group), (column, sort.startswith("-"))))


def _page[M: Model](
    rows: list[M], order: _Order, sort: str, *, has_next: bool, has_previous: bool
) -> Page[M]:
    return Page(
        rows=rows,
        sort=sort,
        next_cursor=_write(rows[-1], order, "n") if rows and has_next else None,
        previous_cursor=_write(rows[0], order, "p") if rows and has_previous else None,
    )


def _ordered[M: Model](
    queryset: QuerySet[M], order: _Order, *, is_back: bool = False
) -> QuerySet[M]:
    """Order by the columns and the id; backwards, everything is turned round."""
    terms: list[Any] = []
    for column, is_descending in order.columns:
        down = is_descending != is_back
        path = F(column.path)
        nulls: dict[str, bool] = {}
        if column.is_nullable:
            nulls = {"nulls_first": True} if is_back else {"nulls_last": True}
        terms.append(path.desc(**nulls) if down else path.asc(**nulls))
    down = order.is_descending != is_back
    return queryset.order_by(*terms, "-pk" if down else "pk")


def _behind(
    columns: Sequence[tuple[Sort, bool]], values: Sequence[Any], pk: int, *, is_back: bool
) -> Q:
    """Return the condition of the rows behind a place in the direction of reading."""
    (column, is_descending), *rest = columns
    value = values[0]
    down = is_descending != is_back
    if rest:
        here = _behind(rest, values[1:], pk, is_back=is_back)
    else:
        here = Q(pk__lt=pk) if down else Q(pk__gt=pk)
    empty = Q((f"{column.path}__isnull", True))
    if value is None:
        return (~empty | (empty & here)) if is_back else (empty & here)
    beyond = Q((f"{column.path}__{'lt' if down else 'gt'}", value))
    within = Q((f"{column.path}__{'lte' if down else 'gte'}", value))
    found = within & (beyond | here)
    return found | empty if column.is_nullable and not is_back else found


def _write(row: Model, order: _Order, direction: str) -> str:
    values = [value_of(row, column.path) for column, _is_descending in order.columns]
    text = json.dumps([direction, *map(_plain, values), row.pk], cls=DjangoJSONEncoder)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def value_of(row: Any, path: str) -> Any:
    """Return what stands at the path of a column; None behind a relation that is not there."""
    value = row
    for name in path.split("__"):
        value = getattr(value, name) if value is not None else None
    return value


def _plain(value: Any) -> Any:
    """Write a moment in full: the encoder would cut it to milliseconds."""
    return value.isoformat() if isinstance(value, datetime) else value


def _read(queryset: QuerySet[Any], order: _Order, cursor: str) -> tuple[bool, _Key]:
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        text = base64.urlsafe_b64decode(padded)
        direction, *values, pk = json.loads(text, parse_constant=_no_number)
        if direction not in ("n", "p") or type(pk) is not int or abs(pk) >= 2**63:
            raise ValueError(direction)
        if len(values) != len(order.columns):
            raise ValueError(values)
        paths = [column.path for column, _is_descending in order.columns]
        read = [_value(queryset, path, value) for path, value in zip(paths, values, strict=True)]
        return direction == "p", _Key(tuple(read), pk)
    except (ValueError, TypeError, OverflowError, ValidationError, RecursionError) as error:
        raise BadRequest(_("This page of the list does not exist. Begin at the first.")) from error


def _value(queryset: QuerySet[Any], path: str, value: Any) -> Any:
    if value is None:
        return None
    read = _field(queryset, path).to_python(value)
    _check(read)
    return read


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
