"""Where the time of a page goes: CPU, statements, and the functions that cost, by kind.

Asks for pages in this process, warm, on a database that `load_benchmark` has
filled, signed in as its user:

    DATABASE_URL=… python benchmarks/profile_page.py            the daily pages
    DATABASE_URL=… python benchmarks/profile_page.py --functions 30 /opportunities/
"""

import argparse
import cProfile
import os
import pstats
import re
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import django
from django.test import Client

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.site"
REQUESTS = 30
WARM = 5
GROUPS = (
    ("templates", r"django/template/"),
    ("translation", r"utils/translation|gettext\.py"),
    ("addresses", r"django/urls|urllib"),
    ("escaping, numbers, dates", r"utils/(html|safestring|formats|numberformat|dateformat|text)"),
    ("forms", r"django/forms|crispy|django_filters"),
    ("database", r"django/db|psycopg2"),
    ("middleware, session, user", r"middleware|sessions|contrib/(auth|messages)|whitenoise|axes"),
    ("ours", rf"{ROOT}/(?!\.venv)"),
)


def main() -> int:
    """Measure each page that is asked for; tell what costs if functions are wanted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("paths", nargs="*", help="addresses; the daily pages if none is given")
    parser.add_argument("--functions", type=int, default=0, help="so many that cost most")
    parser.add_argument("--by", default="tottime", choices=["tottime", "cumtime"])
    options = parser.parse_args()
    django.setup()
    client = signed_in()
    pages = {path: path for path in options.paths} or daily()
    print(f"{'page':<26}{'cpu ms':>8}{'÷ floor':>9}{'database ms':>13}{'queries':>9}{'kB':>6}")
    for name, path in pages.items():
        told(client, name, path)
        if options.functions:
            profiled(client, path, options.functions, options.by)
    return 0


def signed_in() -> Client:
    """Return a client of the benchmark's user."""
    from salespeople.models import User  # noqa: PLC0415 - after django.setup()

    client = Client(SERVER_NAME="localhost")
    client.force_login(
        User.objects.get(username="bench"),
        backend="django.contrib.auth.backends.ModelBackend",
    )
    return client


def daily() -> dict[str, str]:
    """Return the pages that a salesperson opens all day, as benchmarks/bench.py does."""
    from opportunities.models import Opportunity  # noqa: PLC0415 - after django.setup()

    row = Opportunity.objects.filter(status="in_progress").order_by("pk")[40]
    company = (
        Opportunity.objects.filter(company__isnull=False).order_by("pk").values("company_id")[40]
    )
    return {
        "a list": "/opportunities/",
        "f board": f"/pipeline/?cycle={row.sales_cycle_id}",
        "g board, one salesperson": f"/pipeline/?cycle={row.sales_cycle_id}"
        f"&salesperson={row.salesperson_id}",
        "h opportunity": f"/opportunities/{row.pk}/",
        "m my day": "/",
        "n contact": f"/contacts/{company['company_id']}/",
    }


def told(client: Client, name: str, path: str) -> None:
    """Print the figures of a page, and its ratio to a constant page of its size."""
    answer = client.get(path)
    if answer.status_code != 200:  # noqa: PLR2004 - OK
        raise SystemExit(f"{path} answers {answer.status_code}")
    spent, statements, database = measured(client, path)
    floor, _statements, _database = measured(client, f"/floor/{len(answer.content)}/")
    print(
        f"{name:<26}{spent:>8.1f}{spent / floor:>9.1f}{database:>13.1f}{statements:>9}"
        f"{len(answer.content) // 1000:>6}",
        flush=True,
    )


def measured(client: Client, path: str) -> tuple[float, int, float]:
    """Return the median CPU of a request in ms, its statements, and how long they ran in ms."""
    from django.db import connection  # noqa: PLC0415 - after django.setup()

    for _n in range(WARM):
        client.get(path)
    times = []
    for _n in range(REQUESTS):
        started = time.process_time()
        client.get(path)
        times.append((time.process_time() - started) * 1000)
    kept: list[float] = []

    def timing(execute: Any, *statement: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*statement)
        finally:
            kept.append((time.perf_counter() - started) * 1000)

    with connection.execute_wrapper(timing):
        client.get(path)
    return statistics.median(times), len(kept), sum(kept)


def profiled(client: Client, path: str, most: int, by: str) -> None:
    """Print how the time is shared among kinds of code, and the functions that cost most."""
    profile = cProfile.Profile()
    profile.enable()
    for _n in range(REQUESTS):
        client.get(path)
    profile.disable()
    stats = pstats.Stats(profile)
    kinds: Counter[str] = Counter()
    for (file, _line, _name), (_calls, _all, own, _total, _callers) in stats.stats.items():  # type: ignore[attr-defined]
        kinds[next((n for n, p in GROUPS if re.search(p, file)), "Python and the rest")] += own
    whole = sum(kinds.values())
    for name, own in kinds.most_common():
        print(f"  {name:<30}{own / whole:>6.0%}")
    stats.sort_stats(by).print_stats(most)


if __name__ == "__main__":
    sys.exit(main())
