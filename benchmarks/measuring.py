"""What one page costs: time, CPU of server and database, statements, bytes, and its floor."""

import os
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from benchmarks.client import Client
from benchmarks.serving import Database

TICKS = os.sysconf("SC_CLK_TCK")
CLIENTS = 4
OURS = "query !~ 'pg_stat_statements'"


@dataclass
class Cost:
    """The figures of one page; times in ms, `rate` in requests per second of four clients."""

    ms: float
    p95: float
    floor: float | None = None
    server_cpu: float | None = None
    database_cpu: float | None = None
    database_ms: float | None = None
    queries: int | None = None
    bytes: int | None = None
    rate: float | None = None
    slowest: str = field(default="", repr=False)

    def kept(self) -> dict[str, object]:
        """Return what is written down, rounded."""
        rounded = {
            name: round(value, 2) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }
        return {name: value for name, value in rounded.items() if value not in (None, "")}


@dataclass(frozen=True)
class Meter:
    """Reads what the server's processes, and those of its database sessions, have used."""

    database: Database
    server: int

    def cpu(self) -> tuple[float, float]:
        """Return the CPU seconds of both until now; sessions come and go, so ask often."""
        workers = {self.server, *children(self.server)}
        sessions = self.database.rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid()"
        )
        return _used(workers), _used({pid for (pid,) in sessions})

    def memory(self) -> int:
        """Return the resident MiB of the largest worker."""
        pages = max(int(_read(pid, "statm").split()[1]) for pid in children(self.server))
        return pages * os.sysconf("SC_PAGE_SIZE") // 2**20


def page_cost(clients: list[Client], meter: Meter, path: str, requests: int) -> Cost:
    """Measure a page beside its floor, alternating, so that both meet the same machine."""
    first = clients[0]
    size = len(first.get(path).body)
    bottom = f"/floor/{size}/"
    warm(first, [path, bottom], max(2, requests // 6))
    times: list[float] = []
    floors: list[float] = []
    for _round in range(5):
        floors += timed(lambda: first.get(bottom).seconds, requests // 5 or 1)
        times += timed(lambda: first.get(path).seconds, requests // 5 or 1)
    before = meter.cpu()
    timed(lambda: first.get(path).seconds, requests)
    server, base = (b - a for a, b in zip(before, meter.cpu(), strict=True))
    statements, database_ms = statements_of(first, meter.database, path)
    return Cost(
        ms=statistics.median(times),
        p95=p95(times),
        floor=statistics.median(times) / statistics.median(floors),
        server_cpu=server * 1000 / requests,
        database_cpu=base * 1000 / requests,
        database_ms=database_ms,
        queries=statements,
        bytes=size,
        rate=rate(clients, path, requests),
    )


def warm(client: Client, paths: list[str], times: int) -> None:
    """Ask so often that caches, plans and connections of all workers are warm."""
    for path in paths:
        for _time in range(times):
            client.get(path)


def timed(ask: Callable[[], float], times: int) -> list[float]:
    """Return the milliseconds of so many requests."""
    return [ask() * 1000 for _time in range(times)]


def p95(times: list[float]) -> float:
    """Return the value that 95 % do not pass."""
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.95))]


def children(parent: int) -> set[int]:
    """Return the processes that a process has started."""
    tasks = Path(f"/proc/{parent}/task").glob("*/children")
    return {int(pid) for task in tasks for pid in task.read_text().split()}


def _used(pids: set[int]) -> float:
    ticks = 0
    for pid in pids:
        ticks += sum(map(int, _read(pid, "stat").rpartition(") ")[2].split()[11:13]))
    return ticks / TICKS


def _read(pid: int, name: str) -> str:
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""


def statements_of(client: Client, database: Database, path: str) -> tuple[int, float]:
    """Return how many statements a page runs, and the milliseconds of planning and running them."""
    database.row("SELECT pg_stat_statements_reset() IS NOT NULL")
    client.get(path)
    calls, spent = database.row(
        "SELECT coalesce(sum(calls), 0), coalesce(sum(total_exec_time + total_plan_time), 0)"
        f" FROM pg_stat_statements WHERE {OURS}"
        " AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    return int(calls), float(spent)


def rate(clients: list[Client], path: str, requests: int) -> float:
    """Return the requests per second of all clients at once."""

    def ask(client: Client) -> None:
        for _time in range(max(1, requests // CLIENTS)):
            client.get(path)

    threads = [threading.Thread(target=ask, args=[client]) for client in clients]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    asked = max(1, requests // CLIENTS) * len(clients)
    return asked / (time.perf_counter() - started)
