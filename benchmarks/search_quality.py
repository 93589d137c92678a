"""Asks the texts of docs/search-quality.md of the demo data; fails below 38 of 40.

`python bin/postgres.py --cluster run exec -- .venv/bin/python benchmarks/search_quality.py`
(with the environment of manage.py).
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import django

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "search-quality.md"
ROW = re.compile(r"\| `(?P<typed>.+)` \| (?P<first>.+) \| (?P<shows>.+) \|")
NUMBER = re.compile(r"[A-Z][0-9]+")
ENOUGH = 38


def table() -> Iterator[tuple[str, str]]:
    """Yield what is typed and the first hit that is expected."""
    for line in TABLE.read_text().splitlines():
        if found := ROW.fullmatch(line):
            yield found["typed"], found["first"]


def is_first(expected: str, number: str, title: str) -> bool:
    """Say whether the hit is the expected one."""
    return expected == (number if NUMBER.fullmatch(expected) else title)


def main() -> int:
    """Ask each text; print what came otherwise, and how many were right."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings")
    sys.path.insert(0, str(ROOT))
    django.setup()
    from salespeople.models import User  # noqa: PLC0415 - after Django's set-up
    from search.finding import find  # noqa: PLC0415
    from search.typed import read  # noqa: PLC0415

    user = User.objects.get(username="manager")
    rows = list(table())
    right = 0
    for typed, expected in rows:
        groups = find(read(typed), user, each=1).groups
        hit = groups[0].hits[0] if groups else None
        if hit and is_first(expected, hit.number, hit.title):
            right += 1
        else:
            told = f"{hit.title} ({hit.number})" if hit else "nothing"
            print(f"{typed}: {told} instead of {expected}")
    print(f"{right} of {len(rows)} are right.")
    return 0 if right >= ENOUGH else 1


if __name__ == "__main__":
    sys.exit(main())
