"""The pages that are measured, at addresses that mean the same for every size."""

import re
from datetime import timedelta

from benchmarks.client import Client
from benchmarks.serving import Database

DEEP = 500  # pages
SAMPLE = 20_000
TWO_YEARS = timedelta(days=730)


def pages(client: Client, database: Database) -> dict[str, str]:
    """Return the address of each page by its name; the letters are those of README.md."""
    pk, stage, salesperson, cycle = database.row(
        "SELECT id, stage_id, salesperson_id, sales_cycle_id FROM opportunities_opportunity"
        " WHERE status = 'in_progress' ORDER BY id LIMIT 1 OFFSET 40"
    )
    company = database.row(
        "SELECT company_id FROM opportunities_opportunity WHERE company_id IS NOT NULL"
        " GROUP BY 1 ORDER BY abs(count(*) - 50), 1 LIMIT 1"
    )[0]
    common, rare = words(database)
    today = database.row("SELECT CURRENT_DATE")[0]
    then = today - TWO_YEARS
    quarter = f"from={then}&until={then + timedelta(days=91)}"
    return {
        "a list": "/opportunities/",
        "b list by value": f"/opportunities/?stage={stage}&salesperson={salesperson}&sort=-value",
        "c list, deep": f"/opportunities/?cursor={deep(client)}",
        "d search, common": f"/opportunities/?q={common}",
        "e search, rare": f"/opportunities/?q={rare}",
        "f board": f"/pipeline/?cycle={cycle}",
        "g board, one salesperson": f"/pipeline/?cycle={cycle}&salesperson={salesperson}",
        "h opportunity": f"/opportunities/{pk}/",
        "l stage by month": "/analytics/pipeline/?by=month",
        "m my day": "/",
        "n contact": f"/contacts/{company}/",
        "o search of all, common": f"/search/?q={common}",
        "p search of all, rare": f"/search/?q={rare}",
        "q search while typing": f"/search/suggest/?q={rare[:5]}",
        "r forecast": "/analytics/forecast/",
        "s board, two years ago": f"/pipeline/?cycle={cycle}&on={then}",
        "t list, two years ago": f"/opportunities/?on={then}",
        "u bridge over a quarter": f"/analytics/bridge/?{quarter}",
    }


def deep(client: Client) -> str:
    """Follow "next" until 500 pages in, or to the end; return the cursor."""
    cursor = ""
    for _page in range(DEEP):
        page = client.get(f"/opportunities/?cursor={cursor}" if cursor else "/opportunities/")
        found = re.search(rb'rel="next" href="\?cursor=([\w%-]+)"', page.body)
        if found is None:
            break
        cursor = found[1].decode()
    return cursor


def words(database: Database) -> tuple[str, str]:
    """Return a word that about 5 % of the descriptions hold, and one that few do."""
    rows: list[tuple[str, int]] = database.rows(
        "SELECT word, count(DISTINCT id) FROM (SELECT id, unnest(string_to_array(lower("
        f"description), ' ')) AS word FROM opportunities_opportunity ORDER BY id LIMIT {SAMPLE})"
        " AS words WHERE word ~ '^[a-zæøå]{4,}$' GROUP BY 1 ORDER BY 2 DESC, 1"
    )
    total = database.row(
        f"SELECT count(*) FROM (SELECT id FROM opportunities_opportunity LIMIT {SAMPLE}) AS first"
    )[0]
    share = min(total, SAMPLE / 4)  # a description has some four words
    common = min(rows, key=lambda row: (abs(row[1] / share - 0.05), row[0]))[0]
    return common[:-1], rows[-1][0]
