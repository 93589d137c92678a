"""Runs the site on this machine: database, migrations, demo data, static files, server.

Called by `make run` with the environment's own Python. Ctrl-C stops the server
and the database. PORT=8010 serves elsewhere; DATABASE_URL names another
PostgreSQL, where demo data come only with DEMO=1.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from postgres import LOCAL, ROOT, Cluster, Failure, last_line

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SIGN_INS = "rep (a salesperson), manager, admin; the password is demo"
WORKERS = 2
THREADS = 4
SPACE_NEEDED = 200_000_000


def main() -> int:
    """Run until Ctrl-C."""
    host = os.environ.get("HOST", "127.0.0.1")
    port = port_number(os.environ.get("PORT", "8000"))
    if host not in LOOPBACK:
        raise Failure(
            f"HOST={host}: this run has no TLS and serves this machine only (127.0.0.1);"
            " docs/operations.md tells how to serve others."
        )
    check_port(host, port)
    if shutil.disk_usage(ROOT).free < SPACE_NEEDED:
        raise Failure("The disk is full: 200 MB must be free.")
    with database() as (url, is_embedded):
        environment = settings(url, host)
        prepare(environment, with_demo=is_embedded or os.environ.get("DEMO") == "1")
        return serve(environment, host, port)


def port_number(text: str) -> int:
    """Return the port that is asked for."""
    if not (text.isdigit() and 0 < int(text) < 2**16):
        raise Failure(f"PORT={text} is no port: give a number from 1 to 65535.")
    return int(text)


def check_port(host: str, port: int) -> None:
    """Refuse a port that somebody else has, before anything is started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            raise Failure(
                f"Port {port} is in use. Stop what uses it, or choose another: PORT=8010 make run"
            ) from None


@contextmanager
def database() -> Iterator[tuple[str, bool]]:
    """Yield the database's URL, and whether it is the embedded one, stopped afterwards."""
    url = os.environ.get("DATABASE_URL", "")
    if url:
        yield url, False
        return
    cluster = Cluster("run")
    told("database", cluster.start)
    try:
        yield cluster.url, True
    finally:
        cluster.stop()


def settings(url: str, host: str) -> dict[str, str]:
    """Return the environment of the server and of Django's commands."""
    secret = LOCAL / "secret-key"
    if not secret.exists():
        secret.touch(mode=0o600)
        secret.write_text(secrets.token_urlsafe(60))
    return os.environ | {
        "DATABASE_URL": url,
        "SECRET_KEY": os.environ.get("SECRET_KEY") or secret.read_text(),
        "CRM_LOCAL": "1",
        "HOST": host,
        "DJANGO_SETTINGS_MODULE": "crm.settings",
        "PYTHONUNBUFFERED": "1",
    }


def prepare(environment: dict[str, str], *, with_demo: bool) -> None:
    """Bring tables, demo data and static files up to date."""
    told("tables", lambda: manage(environment, "migrate", "--no-input"))
    if with_demo:
        told("demo data", lambda: manage(environment, "load_demo", "--if-empty"))
    told("static files", lambda: manage(environment, "collectstatic", "--no-input"))


def manage(environment: dict[str, str], *words: str) -> None:
    """Run one of Django's commands; tell its last words when it fails."""
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        log = LOCAL / "logs" / f"{words[0]}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(done.stdout + done.stderr)
        raise Failure(f"“{words[0]}” failed: {last_line(done.stderr)} (all of it: {log})")


def told(name: str, work: Callable[[], object]) -> None:
    """Do one step and say how long it took."""
    print(f"  {name} …", end=" ", flush=True)
    started = time.monotonic()
    work()
    print(f"{time.monotonic() - started:.1f} s", flush=True)


def serve(environment: dict[str, str], host: str, port: int) -> int:
    """Run the server until it is told to stop; return its exit status."""
    granian = Path(sys.executable).parent / "granian"
    command = [str(granian), "--interface", "wsgi", "--host", host, "--port", str(port),
               "--workers", str(WORKERS), "--blocking-threads", str(THREADS),
               "--log-level", "warning", "crm.wsgi:application"]  # fmt: skip
    (LOCAL / "server.pid").write_text(str(os.getpid()))
    server = subprocess.Popen(command, cwd=ROOT, env=environment, start_new_session=True)

    def stop(_number: int, _frame: FrameType | None) -> None:
        server.terminate()

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if wait_for(host, port, server):
        print(f"\nOpen http://{host}:{port}/\nSign in as {SIGN_INS}.\nCtrl-C stops it.", flush=True)
    status = server.wait()
    (LOCAL / "server.pid").unlink(missing_ok=True)
    return 0 if status in (0, -signal.SIGTERM) else status


def wait_for(host: str, port: int, server: "subprocess.Popen[bytes]") -> bool:
    """Wait until the server answers; say whether it does."""
    until = time.monotonic() + 30
    while time.monotonic() < until and server.poll() is None:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        print(flush=True)
        sys.exit(str(failure))
    except KeyboardInterrupt:
        sys.exit(130)
