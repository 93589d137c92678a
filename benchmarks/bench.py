"""Measures the pages of benchmarks/README.md: `make bench`, or BENCH="--sizes 10000 1000000".

For each size: a database of its own, `load_benchmark`, the server as `make run`
starts it, one signed-in keep-alive client and then four. Prints a table and
keeps it in benchmarks/results/; `--compare` sets an earlier result beside it.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.addresses import pages  # noqa: E402 - the root is found first
from benchmarks.client import Client  # noqa: E402
from benchmarks.measuring import CLIENTS, Meter, page_cost  # noqa: E402
from benchmarks.reporting import keep, report_of, told  # noqa: E402
from benchmarks.serving import Database, database, server  # noqa: E402
from benchmarks.writing import export_cost, write_costs  # noqa: E402

REQUESTS = 50
QUERIES = ROOT / "benchmarks" / "query_counts.json"


def main() -> int:
    """Measure each size; print and keep the figures; return 1 for counts that differ."""
    options = parsed()
    earlier = json.loads(options.compare.read_text()) if options.compare else None
    sizes = {size: measured(size, options) for size in options.sizes}
    report = report_of(sizes)
    print(told(report | {"sizes": _without_plans(report["sizes"])}, earlier))
    if options.smoke:
        return check_queries(sizes)
    print(f"Kept in {keep(report, earlier).relative_to(ROOT)}")
    return 0


def parsed() -> argparse.Namespace:
    """Return what the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 100_000])
    parser.add_argument("--requests", type=int, default=REQUESTS, help="for each page")
    parser.add_argument("--keep", action="store_true", help="leave the databases")
    parser.add_argument("--compare", type=Path, metavar="FILE.json", help="an earlier result")
    parser.add_argument(
        "--smoke", action="store_true", help="keep nothing; check the numbers of queries"
    )
    return parser.parse_args()


def measured(size: int, options: argparse.Namespace) -> dict[str, Any]:
    """Return the figures of everything over `size` opportunities."""
    with database(size, keep=options.keep) as found:
        with server(found.environment) as (port, process):
            meter = Meter(found, process)
            clients = [Client(port) for _client in range(CLIENTS)]
            addresses = pages(clients[0], found)
            costs = {}
            for name, path in addresses.items():
                costs[name] = page_cost(clients, meter, path, options.requests)
                print(f"  {name}: {costs[name].ms:.1f} ms", flush=True)
            export = export_cost(clients[0], meter)
            costs |= write_costs(clients[0], found, options.requests)
            memory = meter.memory()
        return {
            "load_seconds": round(found.load_seconds, 1),
            "pages": {name: costs[name].kept() for name in sorted(costs)},
            "export": export,
            "worker_mib": memory,
            "plans": {} if options.smoke else plans(found, addresses),
        }


def plans(found: Database, addresses: dict[str, str]) -> dict[str, str]:
    """Return the plan of each page's slowest statement."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.explaining"],
        cwd=ROOT,
        env=found.environment | {"ALLOWED_HOSTS": "testserver"},
        input=json.dumps(addresses),
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    plans_by_page: dict[str, str] = json.loads(done.stdout)
    return plans_by_page


def check_queries(sizes: dict[int, dict[str, Any]]) -> int:
    """Say which pages run more statements than are written down; return 1 if any does."""
    known = json.loads(QUERIES.read_text())
    (found,) = sizes.values()
    counts = {name: row["queries"] for name, row in found["pages"].items() if "queries" in row}
    wrong = [name for name in sorted({*known, *counts})
             if counts.get(name, 0) > known.get(name, 0) or name not in counts]  # fmt: skip
    for name in wrong:
        print(f"{name}: {counts.get(name)} queries, at most {known.get(name)} by {QUERIES.name}")
    return int(bool(wrong))


def _without_plans(sizes: dict[str, Any]) -> dict[str, Any]:
    return {size: found | {"plans": {}} for size, found in sizes.items()}


if __name__ == "__main__":
    sys.exit(main())
