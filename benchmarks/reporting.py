"""The table on screen, and the result that is kept: Markdown for people, JSON for comparing."""

import json
import os
import platform
import re
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.serving import ROOT, THREADS, WORKERS

RESULTS = ROOT / "benchmarks" / "results"
COLUMNS = {
    "ms": "ms", "p95": "p95", "floor": "÷ floor", "server_cpu": "server CPU",
    "database_cpu": "database CPU", "database_ms": "in statements", "queries": "queries",
    "bytes": "kB", "rate": "per s",
}  # fmt: skip
# Targets at 100,000, in ms (a, f, h, d, e, l, m; i and j durable): what a page is held against.
TARGETS = {
    "a list": 8, "b list by value": 8, "c list, deep": 8, "d search, common": 35,
    "e search, rare": 35, "f board": 29, "g board, one salesperson": 29, "h opportunity": 11,
    "l stage by month": 15, "m my day": 15, "i create": 20, "j move": 9,
}  # fmt: skip
GROWTH = 1.25
FLOORS = {"l": 5, "r": 5, "s": 5, "t": 5, "u": 5}  # of analytics; 3 for the others

type Figures = dict[str, dict[str, Any]]


def report_of(sizes: dict[int, dict[str, Any]]) -> dict[str, Any]:
    """Return everything that is kept of a run; `sizes` by number of opportunities."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="minutes"),
        "commit": _commit(),
        "machine": _machine(),
        "versions": {
            "python": platform.python_version(),
            "django": version("django"),
            "granian": version("granian"),
            "psycopg2": version("psycopg2-binary"),
            "server": f"{WORKERS} workers × {THREADS} threads",
        },
        "sizes": {str(size): found for size, found in sizes.items()},
    }


def keep(report: dict[str, Any], earlier: dict[str, Any] | None) -> Path:
    """Write a report beside those of the day; return where the one for people is."""
    RESULTS.mkdir(exist_ok=True)
    day = report["when"][:10]
    taken = [int(found[1]) for path in RESULTS.glob(f"{day}-*.json")
             if (found := re.fullmatch(rf"{day}-(\d+)", path.stem))]  # fmt: skip
    base = RESULTS / f"{day}-{max(taken, default=0) + 1}"
    base.with_suffix(".json").write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n")
    base.with_suffix(".md").write_text(told(report, earlier))
    return base.with_suffix(".md")


def told(report: dict[str, Any], earlier: dict[str, Any] | None = None) -> str:
    """Return a report as Markdown."""
    versions = ", ".join(f"{name} {number}" for name, number in report["versions"].items())
    parts = [
        f"# Benchmark of {report['when']}",
        f"Commit {report['commit']}; {report['machine']}; {versions}.",
        "Milliseconds are for orientation, CPU too; the honest figures are ÷ floor and growth.",
    ]
    for size, found in report["sizes"].items():
        before = (earlier or {}).get("sizes", {}).get(size, {}).get("pages", {})
        parts += [f"## {int(size):,} opportunities", _table(found["pages"], before)]
        parts.append("\n".join(f"- {line}" for line in _further(found)))
    parts += _growth(report["sizes"])
    for size, found in report["sizes"].items():
        for name, plan in found.get("plans", {}).items():
            title = f"<details><summary>Slowest statement of {name}, {int(size):,}</summary>"
            parts.append(f"{title}\n\n```\n{plan}\n```\n</details>")
    return "\n\n".join(parts) + "\n"


def _table(pages: Figures, before: Figures) -> str:
    heads = ["page", *COLUMNS.values(), "target", *(["before"] if before else [])]
    lines = [heads, ["---"] * len(heads)]
    for name, row in pages.items():
        cells = [name, *(_cell(key, row.get(key)) for key in COLUMNS), judged(name, row)]
        if before:
            cells.append(_cell("ms", before.get(name, {}).get("ms")))
        lines.append(cells)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(key: str, value: Any) -> str:
    if value is None:
        return ""
    return f"{value / 1000:.0f}" if key == "bytes" else f"{value:g}"


def judged(name: str, row: dict[str, Any]) -> str:
    """Say whether a page meets its targets: milliseconds where there are some, and the floor."""
    told = []
    if name in TARGETS:
        told.append(_verdict(row["ms"], TARGETS[name], " ms"))
    if row.get("floor") is not None:
        told.append(_verdict(row["floor"], FLOORS.get(name[0], 3), " × floor"))
    return "; ".join(told)


def _verdict(value: float, most: float, unit: str) -> str:
    return f"≤ {most}{unit}: {'met' if value <= most else f'{value / most:.1f} times that'}"


def _further(found: dict[str, Any]) -> list[str]:
    lines = []
    if seconds := found.get("load_seconds"):
        lines.append(f"loaded in {seconds:.0f} s")
    if export := found.get("export"):
        lines.append(
            f"export: {export['rows']:,} rows in {export['seconds']} s,"
            f" {export['rows_per_second']:,} rows/s ("
            + _verdict_up(export["rows_per_second"], 20_000)
            + ")"
        )
    if memory := found.get("worker_mib"):
        lines.append(f"the largest worker after the run: {memory} MiB (target 150)")
    return lines


def _verdict_up(value: float, least: float) -> str:
    return f"≥ {least:,}: {'met' if value >= least else f'{value / least:.2f} of that'}"


def _growth(sizes: dict[str, dict[str, Any]]) -> list[str]:
    """Return how much slower each page is over the most rows than over the fewest."""
    numbers = sorted(map(int, sizes))
    if len(numbers) < 2:  # noqa: PLR2004 - growth is between two
        return []
    few, many = (sizes[str(number)]["pages"] for number in (numbers[0], numbers[-1]))
    lines = ["| page | growth | target |", "| --- | --- | --- |"]
    for name, row in many.items():
        grown = row["ms"] / few[name]["ms"]
        lines.append(f"| {name} | {grown:.2f} | {_verdict(grown, GROWTH, '')} |")
    return [f"## Growth from {numbers[0]:,} to {numbers[-1]:,}", "\n".join(lines)]


def _machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {platform.machine()}, {memory:.0f} GiB"


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    return done.stdout.strip() or "unknown"
