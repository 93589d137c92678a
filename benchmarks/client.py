"""A browser of the benchmark: signed in, with cookies, over one connection that it keeps."""

import http.client
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

USERNAME = "bench"
PASSWORD = "demo"  # noqa: S105 - for a database without secrets
TIMEOUT = 300  # seconds


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds it was there whole."""

    status: int
    body: bytes
    seconds: float
    location: str


class Client:
    """Asks one request after another."""

    def __init__(self, port: int) -> None:
        """Sign in as the benchmark's user."""
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        self.cookies: dict[str, str] = {}
        self.get("/accounts/login/")
        signed_in = self.post(
            "/accounts/login/", {"username": USERNAME, "password": PASSWORD}, expect=302
        )
        if signed_in.location != "/":
            raise SystemExit(f"signing in leads to {signed_in.location}")

    def get(self, path: str, *, expect: int = 200, **headers: str) -> Answer:
        """Ask for a page; SystemExit when it answers otherwise than expected."""
        return self._ask("GET", path, None, expect, headers)

    def post(self, path: str, data: dict[str, Any], *, expect: int, **headers: str) -> Answer:
        """Send a form; SystemExit when it answers otherwise than expected."""
        body = urlencode({**data, "csrfmiddlewaretoken": self.cookies.get("csrftoken", "")})
        return self._ask("POST", path, body, expect, headers)

    def _ask(
        self, method: str, path: str, body: str | None, expect: int, headers: dict[str, str]
    ) -> Answer:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        started = time.perf_counter()
        self.connection.request(method, path, body, sent)
        response = self.connection.getresponse()
        content = response.read()
        seconds = time.perf_counter() - started
        for line in response.headers.get_all("Set-Cookie", []):
            name, _, value = line.partition(";")[0].partition("=")
            self.cookies[name] = value
        if response.status != expect:
            raise SystemExit(f"{method} {path} answers {response.status}, not {expect}")
        return Answer(response.status, content, seconds, response.headers.get("Location", ""))
