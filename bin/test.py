"""Runs everything that must pass: checks first, then all tests, in the test cluster.

Called by `make test`; prints pytest's closing lines last.
"""

import argparse
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from postgres import LOCAL, ROOT, Cluster, Failure, last_line

BIN = Path(sys.executable).parent
CHECKS = {
    "style": [str(BIN / "ruff"), "check", "-q", "."],
    "format": [str(BIN / "ruff"), "format", "-q", "--check", "."],
    "types": [str(BIN / "mypy"), "--no-error-summary", "."],
    "directions": [str(BIN / "lint-imports")],
    "templates": [str(BIN / "djlint"), "--lint", "--quiet", "templates"],
    "migrations": [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
    "deployment": [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> int:
    """Run the checks, then the tests; return the first exit status that is not 0."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--checks-only", action="store_true")
    options, words = parser.parse_known_args()
    cluster = Cluster("test")
    cluster.start()
    (LOCAL / "static").mkdir(parents=True, exist_ok=True)
    environment = os.environ | {
        "DATABASE_URL": cluster.url,
        "SECRET_KEY": "only-for-tests-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "ALLOWED_HOSTS": "localhost,127.0.0.1,testserver",
        "CRM_LOCAL": "0",
    }
    try:
        status = checks(environment)
        if options.checks_only:
            return status
        find_browser(environment)
        tests = [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "loadscope", *words]
        # The browser asks without TLS, and its event loop runs beside the database calls.
        environment |= {"CRM_LOCAL": "1", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
        return subprocess.run(tests, cwd=ROOT, env=environment, check=False).returncode or status
    finally:
        cluster.stop()


def checks(environment: dict[str, str]) -> int:
    """Run every check, also after one that fails; return 1 if any did."""
    status = 0
    for name, command in CHECKS.items():
        started = time.monotonic()
        print(f"  {name} …", end=" ", flush=True)
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            status = 1
            print("refused", flush=True)
            print(done.stdout + done.stderr, flush=True)
        else:
            print(f"{time.monotonic() - started:.1f} s", flush=True)
    return status


def find_browser(environment: dict[str, str]) -> None:
    """See to it that a Chromium is there, and name it in BROWSER_PATH."""
    if environment.get("BROWSER_PATH"):
        return
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None and shutil.which("apt-get") and os.geteuid() == 0:
        print("  browser …", flush=True)
        install = (
            "apt-get update -q && apt-get install -qy --no-install-recommends chromium libatomic1"
        )
        done = subprocess.run(
            ["sh", "-c", install], capture_output=True, text=True, check=False,
            env=environment | {"DEBIAN_FRONTEND": "noninteractive"},
        )  # fmt: skip
        if done.returncode:
            raise Failure(f"Chromium could not be installed: {last_line(done.stderr)}")
        found = shutil.which("chromium")
    if found is None:
        command = [sys.executable, "-m", "playwright", "install", "chromium"]
        if subprocess.run(command, check=False).returncode:
            raise Failure("The browser tests need Chromium: install it and try again.")
    environment["BROWSER_PATH"] = found or ""


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(flush=True)
        sys.exit(str(failure))
