"""Scores the daily pages with Lighthouse, on a phone and on a desktop: `make lighthouse`.

Serves the demo data as `make run` does, signs in as `rep`, and writes the table
of benchmarks/page-scores.md. `--base http://127.0.0.1:8000` takes a server that
runs already; `--runs 5` takes the median of more. Node is needed, and Chromium
(BROWSER_PATH names one).
"""

import argparse
import gzip
import http.client
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "benchmarks/lighthouse"
REPORT = ROOT / "benchmarks/page-scores.md"
PORT = 8397
CATEGORIES = {"performance": "perf.", "accessibility": "acc.", "best-practices": "best pr."}
SCREENS = {"phone": [], "desktop": ["--preset=desktop"]}
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-quic --disable-dev-shm-usage"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WANTED = 95
TRIES = 4
FIRST_KB, NEXT_KB = 300, 40


class Person:
    """Somebody who is signed in."""

    def __init__(self, base: str, username: str) -> None:
        """Sign in with the password of the demo data."""
        self.base = base
        self.cookies = CookieJar()
        jar = urllib.request.HTTPCookieProcessor(self.cookies)
        self.opener = urllib.request.build_opener(jar)
        page = self.get("/accounts/login/").decode()
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)"', page)
        data = {"username": username, "password": "demo", "csrfmiddlewaretoken": token and token[1]}
        self.opener.open(f"{base}/accounts/login/", urlencode(data).encode()).read()

    def get(self, path: str) -> bytes:
        """Return a page, decompressed."""
        content = self.packed(path)
        return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content

    def packed(self, path: str) -> bytes:
        """Return a page as it comes over the wire."""
        headers = {"Accept-Encoding": "gzip"}
        request = urllib.request.Request(self.base + path, headers=headers)  # noqa: S310 - our own
        with self.opener.open(request) as answer:
            content: bytes = answer.read()
        return content

    def header(self) -> dict[str, str]:
        """Return the header by which the server knows them."""
        pairs = (f"{cookie.name}={cookie.value}" for cookie in self.cookies)
        return {"Cookie": "; ".join(pairs)}


def main() -> int:
    """Score every page on every screen; return 1 if one is below what is wanted."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--base", help="a server that runs already")
    parser.add_argument("--runs", type=int, default=3, help="of each page, the median counts")
    options = parser.parse_args()
    if not (TOOL / "node_modules").exists():
        subprocess.run(["npm", "ci", "--no-progress"], cwd=TOOL, check=True)
    with server(options.base) as base:
        person = Person(base, "rep")
        rows = [
            scored(person, name, path, screen, options.runs)
            for name, path in pages(person).items()
            for screen in SCREENS
        ]
    REPORT.write_text(report(rows, options.runs))
    sys.stdout.write(REPORT.read_text())
    return 0 if all(is_good(row) for row in rows) else 1


@contextmanager
def server(base: str | None) -> Iterator[str]:
    """Yield the address of a server with demo data; one of our own is stopped afterwards."""
    if base:
        yield base
        return
    environment = os.environ | {"PORT": str(PORT)}
    run = subprocess.Popen([sys.executable, "bin/run.py"], cwd=ROOT, env=environment)
    try:
        while not is_up(PORT) and run.poll() is None:
            time.sleep(0.5)
        yield f"http://127.0.0.1:{PORT}"
    finally:
        run.terminate()
        run.wait()


def is_up(port: int) -> bool:
    """Say whether the server answers."""
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        connection.request("GET", "/accounts/login/")
        return connection.getresponse().status == http.HTTPStatus.OK
    except OSError:
        return False


def pages(person: Person) -> dict[str, str]:
    """Return the pages to score: one opportunity and one contact, those on top of their lists."""

    def first(path: str) -> str:
        found = re.search(rf'href="({path}\d+/)"', person.get(path).decode())
        return found[1] if found else path

    return {
        "my day": "/",
        "board": "/pipeline/",
        "list": "/opportunities/",
        "opportunity": first("/opportunities/"),
        "contact": first("/contacts/"),
    }


def scored(person: Person, name: str, path: str, screen: str, runs: int) -> dict[str, Any]:
    """Return the medians of one page on one screen."""
    found = [whole(person, path, SCREENS[screen]) for _ in range(runs)]
    row: dict[str, Any] = {"page": name, "screen": screen}
    for category in CATEGORIES:
        scores = [one["categories"][category]["score"] for one in found]
        row[category] = round(statistics.median(scores) * 100)
    for short, audit in (
        ("lcp", "largest-contentful-paint"),
        ("cls", "cumulative-layout-shift"),
        ("tbt", "total-blocking-time"),
        ("first", "total-byte-weight"),
    ):
        row[short] = statistics.median(one["audits"][audit]["numericValue"] for one in found)
    row["next"] = len(person.packed(path))
    row["failed"] = sorted({words for one in found for words in failures(one)})
    return row


def failures(found: dict[str, Any]) -> Iterator[str]:
    """Yield what costs points in accessibility and best practices."""
    for category in ("accessibility", "best-practices"):
        for part in found["categories"][category]["auditRefs"]:
            audit = found["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                yield f"{part['id']}: {audit['title']}"


def whole(person: Person, path: str, options: list[str]) -> dict[str, Any]:
    """Run Lighthouse until it has scored everything: it gives up on a machine that is busy."""
    for _ in range(TRIES):
        found = lighthouse(person, path, options)
        if found and all(found["categories"][name]["score"] is not None for name in CATEGORIES):
            return found
    sys.exit(f"Lighthouse could not score {path} {TRIES} times: is the machine too busy?")


def lighthouse(person: Person, path: str, options: list[str]) -> dict[str, Any]:
    """Run Lighthouse once; return nothing if it failed."""
    with tempfile.TemporaryDirectory() as folder:
        headers, output = Path(folder, "headers.json"), Path(folder, "found.json")
        headers.write_text(json.dumps(person.header()))
        subprocess.run(
            [str(TOOL / "node_modules/.bin/lighthouse"), person.base + path, "--quiet",
             "--output=json", f"--output-path={output}", f"--extra-headers={headers}",
             f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={FLAGS}",
             *options],
            env=os.environ | {"CHROME_PATH": browser()}, check=False,
        )  # fmt: skip
        found: dict[str, Any] = json.loads(output.read_text()) if output.exists() else {}
    return found


def browser() -> str:
    """Return the path of a Chromium."""
    named = os.environ.get("BROWSER_PATH")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        sys.exit("No Chromium is there: BROWSER_PATH names one.")
    return found


def is_good(row: dict[str, Any]) -> bool:
    """Say whether a page on a screen is as wanted."""
    light = row["first"] <= FIRST_KB * 1000 and row["next"] <= NEXT_KB * 1000
    return light and all(row[category] >= WANTED for category in CATEGORIES)


def report(rows: list[dict[str, Any]], runs: int) -> str:
    """Return the table, in Markdown."""
    when = datetime.now(UTC).date().isoformat()
    load = os.getloadavg()[0]
    head = ["page", "screen", *CATEGORIES.values(), "LCP s", "CLS", "TBT ms", "first kB", "next kB"]
    wanted = (
        f"`make lighthouse`, {when}, {os.cpu_count()} cores, load {load:.1f}, median of {runs}:"
        " Lighthouse's own throttling (phone: slow 4G, a processor four times slower), the"
        f" server as `make run` starts it, demo data. Wanted: {WANTED} everywhere, at most"
        f" {FIRST_KB} kB over the wire at the first visit and {NEXT_KB} kB at the next"
        " (style, scripts, icons and font are kept for good under names that tell their content)."
    )
    rule = " | ".join("---" for _ in head)
    lines = [
        "# Scores of the daily pages",
        "",
        wanted,
        "",
        f"| {' | '.join(head)} |",
        f"| {rule} |",
    ]
    for row in rows:
        cells = [row["page"], row["screen"], *(str(row[category]) for category in CATEGORIES)]
        cells += [f"{row['lcp'] / 1000:.1f}", f"{row['cls']:.3f}", f"{row['tbt']:.0f}"]
        cells += [f"{row['first'] / 1000:.0f}", f"{row['next'] / 1000:.1f}"]
        lines.append(f"| {' | '.join(cells)} |")
    failed = [f"- {row['page']}, {row['screen']}: {word}" for row in rows for word in row["failed"]]
    return "\n".join([*lines, *(["", "What costs points:", "", *failed] if failed else [])]) + "\n"


if __name__ == "__main__":
    sys.exit(main())
