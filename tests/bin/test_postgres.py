"""The embedded PostgreSQL: two starts at once, a kill, and what is there afterwards."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest
from django.conf import settings

LAUNCHER = settings.BASE_DIR / "bin/postgres.py"


@pytest.fixture
def local(tmp_path: Path) -> Iterator[Path]:
    """A folder of its own instead of .local/."""
    yield tmp_path
    launch(tmp_path, "stop")


def launch(local: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, str(LAUNCHER), "--cluster", "run", *words],
        env=os.environ | {"CRM_LOCAL_DIR": str(local)},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def query(url: str, statement: str) -> list[tuple[object, ...]]:
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []
    finally:
        connection.close()


def test_two_starts_at_once_are_one_server_and_a_kill_loses_nothing(local: Path) -> None:
    command = [sys.executable, str(LAUNCHER), "--cluster", "run", "url"]
    environment = os.environ | {"CRM_LOCAL_DIR": str(local)}
    starts = [
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    urls = {start.communicate(timeout=60)[0].strip() for start in starts}
    assert len(urls) == 1
    url = urls.pop()
    assert query(url, "SHOW fsync") == [("on",)]
    query(url, "CREATE TABLE kept AS SELECT 42 AS answer")

    postmaster = int((local / "postgres/data/postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)

    assert query(launch(local, "url"), "SELECT answer FROM kept") == [(42,)]


def test_the_extensions_are_there_for_every_new_database(local: Path) -> None:
    url = launch(local, "url")

    found = query(url, "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1")

    assert found == [("btree_gist",), ("pg_stat_statements",), ("pg_trgm",), ("unaccent",)]


def test_the_password_is_read_by_its_owner_only(local: Path) -> None:
    launch(local, "start")

    assert (local / "postgres/password").stat().st_mode & 0o777 == 0o600
