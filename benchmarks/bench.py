"""Measures the pages of benchmarks/README.md: `make bench`, or BENCH="--sizes 10000 100000".

For each size: a database of its own, `load_benchmark`, the server as `make run`
starts it, one signed-in keep-alive client. Prints a table of medians, p95,
ratios to the floor, bytes, queries, and CPU, and writes it as JSON.
"""

import argparse
import http.client
import json
import os
import platform
import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
REQUESTS = 50
WARM = 8
DEEP = 500
TICKS = os.sysconf("SC_CLK_TCK")


class Client:
    """A browser that is signed in and keeps its connection."""

    def __init__(self, port: int) -> None:
        """Sign in as the benchmark's user."""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.cookies: dict[str, str] = {}
        self.get("/accounts/login/")
        self.post("/accounts/login/", {"username": "bench", "password": "demo"})

    def get(self, path: str) -> tuple[int, bytes, float]:
        """Return status, body and seconds."""
        return self._ask("GET", path, None)

    def post(self, path: str, data: dict[str, Any]) -> tuple[int, bytes, float]:
        """Send a form."""
        body = urlencode({**data, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")})
        return self._ask("POST", path, body)

    def _ask(self, method: str, path: str, body: str | None) -> tuple[int, bytes, float]:
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        self.connection.request(method, path, body, headers)
        response = self.connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - started
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        return response.status, content, seconds


def main() -> int:
    """Measure each size; print and keep the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--keep", action="store_true", help="leave the databases")
    options = parser.parse_args()
    found = {size: measured(size, keep=options.keep) for size in options.sizes}
    told(found)
    report = {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "machine": f"{os.cpu_count()} cores, {platform.machine()}",
        "python": platform.python_version(),
        "figures": found,
    }
    (ROOT / "benchmarks" / "figures.json").write_text(json.dumps(report, indent=1) + "\n")
    return 0


def measured(size: int, *, keep: bool) -> dict[str, dict[str, float]]:
    """Return the figures of every page over `size` opportunities."""
    url = database(size)
    environment = os.environ | {
        "DATABASE_URL": url,
        "CRM_LOCAL": "1",
        "SECRET_KEY": "only-for-the-benchmark-" * 4,
        "DJANGO_SETTINGS_MODULE": "benchmarks.site",
        "LOG_LEVEL": "ERROR",
    }
    manage(environment, "migrate", "--no-input")
    if not has_rows(url):
        manage(environment, "load_benchmark", "--opportunities", str(size))
    manage(environment, "collectstatic", "--no-input")
    try:
        with server(environment) as port:
            return figures(Client(port), url)
    finally:
        if not keep:
            drop(url)


def figures(client: Client, url: str) -> dict[str, dict[str, float]]:
    """Measure each page and its floor."""
    found = {}
    for name, path in pages(client, url).items():
        status, body, _seconds = client.get(path)
        if status != http.client.OK:
            raise SystemExit(f"{name}: {path} answers {status}")
        floor = timed(client, f"/floor/{len(body)}/")
        page = timed(client, path)
        found[name] = {
            "ms": round(page["median"], 2),
            "p95": round(page["p95"], 2),
            "floor": round(page["median"] / floor["median"], 2),
            "cpu_ms": round(page["cpu"], 2),
            "bytes": len(body),
            "queries": queries(client, url, path),
        }
    found |= writes(client, url)
    return found


def pages(client: Client, url: str) -> dict[str, str]:
    """Return the addresses of the pages of benchmarks/README.md."""
    row = one(
        url,
        "SELECT id, stage_id, salesperson_id, sales_cycle_id FROM opportunities_opportunity"
        " WHERE status = 'in_progress' ORDER BY id LIMIT 1 OFFSET 40",
    )
    company = one(
        url,
        "SELECT company_id FROM opportunities_opportunity WHERE company_id IS NOT NULL"
        " GROUP BY 1 ORDER BY abs(count(*) - 50), 1 LIMIT 1",
    )[0]
    common, rare = words(url)
    return {
        "a list": "/opportunities/",
        "b list by value": f"/opportunities/?stage={row[1]}&salesperson={row[2]}&sort=-value",
        "c list, deep": f"/opportunities/?cursor={deep(client)}",
        "d search, common": f"/opportunities/?q={common}",
        "e search, rare": f"/opportunities/?q={rare}",
        "f board": f"/pipeline/?cycle={row[3]}",
        "g board, one salesperson": f"/pipeline/?cycle={row[3]}&salesperson={row[2]}",
        "h opportunity": f"/opportunities/{row[0]}/",
        "m my day": "/",
        "n contact": f"/contacts/{company}/",
        "o search of all, common": f"/search/?q={common}",
        "p search of all, rare": f"/search/?q={rare}",
        "q search while typing": f"/search/suggest/?q={rare[:5]}",
    }


def deep(client: Client) -> str:
    """Follow "next" until 500 pages in, or to the end."""
    cursor = ""
    for _page in range(DEEP):
        body = client.get(f"/opportunities/?cursor={cursor}" if cursor else "/opportunities/")[1]
        found = re.search(rb'rel="next" href="\?cursor=([\w%-]+)"', body)
        if found is None:
            break
        cursor = found[1].decode()
    return cursor


def words(url: str) -> tuple[str, str]:
    """Return a word that about 5 % of the descriptions hold, and one that few do."""
    rows = rows_of(
        url,
        "SELECT word, count(*) FROM (SELECT unnest(string_to_array(lower(description), ' '))"
        " AS word FROM opportunities_opportunity TABLESAMPLE SYSTEM (20)) AS words"
        " WHERE word ~ '^[a-zæøå]{4,}$' GROUP BY 1 ORDER BY 2 DESC",
    )
    total = max(count for _word, count in rows) * 4
    common = min(rows, key=lambda row: abs(row[1] / total - 0.05))[0]
    return common[:-1], rows[-1][0]


def writes(client: Client, url: str) -> dict[str, dict[str, float]]:
    """Create opportunities and move them on, one after another."""
    contact, salesperson, cycle = one(
        url,
        "SELECT contact_id, salesperson_id, sales_cycle_id FROM opportunities_opportunity"
        " WHERE status = 'in_progress' LIMIT 1",
    )
    stages = [row[0] for row in rows_of(
        url, f"SELECT id FROM salescycles_salescyclestage WHERE sales_cycle_id = {cycle}"
        " ORDER BY position LIMIT 2")]  # fmt: skip
    created, moved = [], []
    for n in range(REQUESTS):
        status, _body, seconds = client.post(
            "/opportunities/create/",
            {"description": f"Measured {n}", "contact": contact, "salesperson": salesperson,
             "sales_cycle": cycle, "priority": 2, "estimated_value": "1000", "activate": "on",
             "estimated_close_on": "2999-12-31"},
        )  # fmt: skip
        expect(status, "create")
        created.append(seconds * 1000)
        pk = one(url, "SELECT max(id) FROM opportunities_opportunity")[0]
        status, _body, seconds = client.post(
            f"/opportunities/{pk}/move/", {"seen": 2, "stage": stages[1]}
        )
        expect(status, "move")
        moved.append(seconds * 1000)
    return {
        name: {"ms": round(statistics.median(times), 2), "p95": round(p95(times), 2)}
        for name, times in (("i create", created), ("j move", moved))
    }


def expect(status: int, name: str) -> None:
    """Stop when a write was refused."""
    if status != http.client.FOUND:
        raise SystemExit(f"{name} answers {status}")


def timed(client: Client, path: str) -> dict[str, float]:
    """Return median and p95 in ms, and CPU of server and database in ms per request."""
    for _n in range(WARM):
        client.get(path)
    before = cpu()
    times = [client.get(path)[2] * 1000 for _n in range(REQUESTS)]
    return {
        "median": statistics.median(times),
        "p95": p95(times),
        "cpu": (cpu() - before) * 1000 / REQUESTS,
    }


def p95(times: list[float]) -> float:
    """Return the value that 95 % do not pass."""
    return sorted(times)[int(len(times) * 0.95)]


def cpu() -> float:
    """Return the CPU seconds of all granian and postgres processes together."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = stat.read_text().partition("(")[2].rpartition(") ")
        except OSError:
            continue
        if name.startswith(("granian", "postgres")):
            fields = rest.split()
            total += int(fields[11]) + int(fields[12])
    return total / TICKS


def queries(client: Client, url: str, path: str) -> int:
    """Return how many statements a page runs, by pg_stat_statements."""
    one(url, "SELECT pg_stat_statements_reset() IS NOT NULL")
    client.get(path)
    ours = "query !~ 'pg_stat_statements'"
    return int(one(url, f"SELECT coalesce(sum(calls), 0) FROM pg_stat_statements WHERE {ours}")[0])


def database(size: int) -> str:
    """Return the URL of the database for a size, created if need be."""
    url = os.environ["DATABASE_URL"]
    name = f"bench_{size}"
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE DATABASE "{name}"')
    connection.close()
    return url.rpartition("/")[0] + f"/{name}"


def drop(url: str) -> None:
    """Remove a benchmark's database."""
    connection = psycopg2.connect(os.environ["DATABASE_URL"])
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{url.rpartition("/")[2]}" WITH (FORCE)')
    connection.close()


def has_rows(url: str) -> bool:
    """Say whether the data have been loaded already."""
    return bool(one(url, "SELECT EXISTS (SELECT FROM opportunities_opportunity)")[0])


def one(url: str, statement: str) -> Any:
    """Return the first row."""
    return rows_of(url, statement)[0]


def rows_of(url: str, statement: str) -> list[Any]:
    """Return all rows."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        found = list(cursor.fetchall())
    connection.close()
    return found


def manage(environment: dict[str, str], *words: str) -> None:
    """Run one of Django's commands."""
    print(f"  {' '.join(words)}", flush=True)
    subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment,
        check=True,
        stdout=subprocess.DEVNULL,
    )


@contextmanager
def server(environment: dict[str, str]) -> Iterator[int]:
    """Start the server as `make run` does, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(BIN / "granian"), "--interface", "wsgi", "--host", "127.0.0.1",
               "--port", str(port), "--workers", "2", "--blocking-threads", "4",
               "--log-level", "warning", "crm.wsgi:application"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        for _try in range(100):
            time.sleep(0.1)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        time.sleep(1)
        yield port
    finally:
        process.terminate()
        process.wait()


def told(found: dict[int, dict[str, dict[str, float]]]) -> None:
    """Print a table for each size."""
    for size, table in found.items():
        print(f"\n{size:,} opportunities")
        print(f"{'page':<26}{'ms':>8}{'p95':>8}{'÷ floor':>9}{'cpu ms':>8}{'kB':>7}{'queries':>9}")
        for name, row in table.items():
            print(
                f"{name:<26}{row['ms']:>8}{row['p95']:>8}{row.get('floor', ''):>9}"
                f"{row.get('cpu_ms', ''):>8}{int(row.get('bytes', 0) / 1000) or '':>7}"
                f"{row.get('queries', ''):>9}"
            )


if __name__ == "__main__":
    sys.exit(main())
