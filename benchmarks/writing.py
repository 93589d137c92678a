"""What it costs to write: create and move, by the forms and on the board, and export."""

import html
import re
import statistics
import time
from typing import Any

from benchmarks.client import Client
from benchmarks.measuring import Cost, Meter, p95
from benchmarks.serving import Database

FAR = "2999-12-31"
ON_BOARD = {"HX_Request": "true", "HX_Target": "card-dialog"}


def write_costs(client: Client, database: Database, requests: int) -> dict[str, Cost]:
    """Create opportunities and move them on, each beside a durable row by the same middleware."""
    contact, salesperson, cycle = database.row(
        "SELECT contact_id, salesperson_id, sales_cycle_id FROM opportunities_opportunity"
        " WHERE status = 'in_progress' ORDER BY id LIMIT 1"
    )
    stages = [row[0] for row in database.rows(
        f"SELECT id FROM salescycles_salescyclestage WHERE sales_cycle_id = {cycle}"
        " ORDER BY position LIMIT 3")]  # fmt: skip
    board = f"?cycle={cycle}"
    found = client.get(f"/pipeline/{board}").body.decode()
    changes = _changes(found)
    spent: dict[str, list[float]] = {"floor": [], "create": [], "move": [], "board": []}
    for number in range(requests):
        spent["floor"].append(client.post("/floor/write/", {}, expect=302).seconds)
        created = client.post(
            "/opportunities/create/",
            {"description": f"Measured {number}", "contact": contact, "salesperson": salesperson,
             "sales_cycle": cycle, "priority": 2, "estimated_value": "1000", "activate": "on",
             "estimated_close_on": FAR},
            expect=302,
        )  # fmt: skip
        spent["create"].append(created.seconds)
        pk = database.row("SELECT max(id) FROM opportunities_opportunity")[0]
        path = f"/opportunities/{pk}/move/"
        moved = client.post(path, {"seen": 2, "stage": stages[1]}, expect=302)
        spent["move"].append(moved.seconds)
        started = time.perf_counter()
        client.post(path, {"seen": 3, "stage": stages[2], "back": f"/pipeline/{board}"},
                    expect=302, **ON_BOARD)  # fmt: skip
        answer = client.get(changes, HX_Request="true").body.decode()
        spent["board"].append(time.perf_counter() - started)
        changes = _changes(answer) or changes
    floor = statistics.median(spent["floor"])
    names = {"i create": "create", "j move": "move", "k move on the board": "board"}
    return {
        name: Cost(
            ms=statistics.median(spent[key]) * 1000,
            p95=p95(spent[key]) * 1000,
            floor=statistics.median(spent[key]) / floor,
        )
        for name, key in names.items()
    }


def _changes(page: str) -> str:
    """Return the address at which an open board asks what has changed."""
    found = re.search(r'hx-get="(/pipeline/changes/[^"]*)"', page)
    return html.unescape(found[1]) if found else ""


def export_cost(client: Client, meter: Meter) -> dict[str, Any]:
    """Return rows per second, and bytes, of the export of every opportunity as CSV."""
    before = meter.cpu()[0]
    answer = client.get("/export/opportunities/?format=csv")
    rows = answer.body.count(b"\n") - 1
    return {
        "rows": rows,
        "bytes": len(answer.body),
        "seconds": round(answer.seconds, 2),
        "rows_per_second": round(rows / answer.seconds),
        "server_cpu_seconds": round(meter.cpu()[0] - before, 2),
    }
