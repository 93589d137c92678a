"""How many rows several lists hold, up to a cap, in one query."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet


def capped_counts(querysets: Iterable[QuerySet[Any]], most: int) -> list[int]:
    """Return the number of rows of each, `most` + 1 for more than `most`: one query."""
    parts: list[str] = []
    values: list[Any] = []
    for rows in querysets:
        try:
            few = rows.order_by().values("pk")[: most + 1].query
            sql, params = few.sql_with_params()
        except EmptyResultSet:
            parts.append("0")
            continue
        parts.append(f"(SELECT count(*) FROM ({sql}) AS rows)")  # noqa: S608 - Django's own
        values += params
    if not parts:
        return []
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", values)
        return list(cursor.fetchone())
