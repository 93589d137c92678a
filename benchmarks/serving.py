"""Databases of the benchmark, and the server over them, started as `make run` starts it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
WORKERS = 2
THREADS = 4
FLOOR = "CREATE TABLE IF NOT EXISTS benchmark_floor (id bigserial PRIMARY KEY, word text)"


@dataclass
class Database:
    """One database of a size, and what it took to load it."""

    url: str
    size: int
    load_seconds: float = 0.0

    def rows(self, statement: str) -> list[Any]:
        """Return all rows of a statement."""
        return _rows(self.url, statement)

    def row(self, statement: str) -> Any:
        """Return the first row."""
        return self.rows(statement)[0]

    @property
    def environment(self) -> dict[str, str]:
        """Return the environment of the server and of Django's commands."""
        return os.environ | {
            "DATABASE_URL": self.url,
            "CRM_LOCAL": "1",
            "SECRET_KEY": "only-for-the-benchmark-" * 4,
            "DJANGO_SETTINGS_MODULE": "benchmarks.site",
            "LOG_LEVEL": "ERROR",
        }

    def manage(self, *words: str) -> float:
        """Run one of Django's commands; return the seconds it took."""
        print(f"  {' '.join(words)} …", end=" ", flush=True)
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=ROOT,
            env=self.environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds = time.monotonic() - started
        print(f"{seconds:.1f} s", flush=True)
        return seconds


@contextmanager
def database(size: int, *, keep: bool) -> Iterator[Database]:
    """Yield the database of a size, loaded; drop it afterwards unless it is to be kept."""
    url = os.environ["DATABASE_URL"]
    name = f"bench_{size}"
    if not _rows(url, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"):
        _rows(url, f'CREATE DATABASE "{name}"')
    found = Database(url.rpartition("/")[0] + f"/{name}", size)
    try:
        found.manage("migrate", "--no-input")
        if not found.row("SELECT EXISTS (SELECT FROM opportunities_opportunity)")[0]:
            found.load_seconds = found.manage("load_benchmark", "--opportunities", str(size))
            found.rows("VACUUM (ANALYZE)")
        found.rows(FLOOR)
        found.rows(f'ALTER DATABASE "{name}" SET pg_stat_statements.track_planning = on')
        found.manage("collectstatic", "--no-input")
        yield found
    finally:
        if not keep:
            _rows(url, f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def server(environment: dict[str, str]) -> Iterator[tuple[int, int]]:
    """Start the server on a free port; yield port and process; stop the server."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [str(BIN / "granian"), "--interface", "wsgi", "--host", "127.0.0.1",
               "--port", str(port), "--workers", str(WORKERS), "--blocking-threads", str(THREADS),
               "--log-level", "warning", "crm.wsgi:application"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        for _try in range(300):
            time.sleep(0.1)
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
        time.sleep(1)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait()


def _rows(url: str, statement: str) -> list[Any]:
    """Run one statement by itself; return its rows, if it has any."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()
