"""The plan of each page's slowest statement: asked in process, then explained as it was run.

Run by bench.py with the environment of a benchmark's database: pages as JSON
on standard input, `{page: "12.3 ms" and plan}` as JSON on standard output.
"""

import json
import re
import sys
import time
from collections.abc import Callable
from typing import Any

import django
from django.db import connection
from django.test import Client

LINES = 40  # of a plan
LONGEST = 160  # characters of a line


def main() -> None:
    """Explain every page that standard input names."""
    django.setup()
    from benchmarks.client import USERNAME  # noqa: PLC0415 - after the settings
    from salespeople.models import User  # noqa: PLC0415

    client = Client()
    client.force_login(User.objects.get(username=USERNAME))
    found = {name: slowest(client, path) for name, path in json.load(sys.stdin).items()}
    json.dump(found, sys.stdout)


def slowest(client: Client, path: str) -> str:
    """Return the milliseconds and the plan of the statement of a page that takes longest."""
    client.get(path)
    longest: tuple[float, str, Any] = (-1.0, "", None)

    def timed(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: Any) -> Any:
        nonlocal longest
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent = time.perf_counter() - started
            if sql.lstrip().upper().startswith(("SELECT", "WITH")) and spent > longest[0]:
                longest = (spent, sql, params)

    with connection.execute_wrapper(timed):
        client.get(path)
    spent, sql, params = longest
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, COSTS OFF, TIMING OFF) {sql}", params)
        lines = [short(line) for (line,) in cursor.fetchall()]
    left = [f"… {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    return "\n".join([f"{spent * 1000:.1f} ms with its rows", *lines[:LINES], *left])


def short(line: str) -> str:
    """Return a line of a plan without what only makes it long."""
    line = re.sub(r"\b(?:opportunities|salescycles|salespeople|contacts|tasks)_(?=\w)", "", line)
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


if __name__ == "__main__":
    main()
