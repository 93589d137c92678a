"""What the settings promise, in production and for the run on one machine."""

import importlib.util
import os
import re
import subprocess
import sys
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client

ROOT = settings.BASE_DIR


def check_with(**environment: str) -> "subprocess.CompletedProcess[str]":
    """Run `check --deploy` in a process of its own."""
    plain = {k: v for k, v in os.environ.items() if k != "DJANGO_ALLOW_ASYNC_UNSAFE"}
    return subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=ROOT,
        env=plain | {"CRM_LOCAL": "0"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_check_deploy_is_clean_in_production_settings() -> None:
    done = check_with()

    assert (done.returncode, "no issues" in done.stdout + done.stderr) == (0, True)


def test_without_a_secret_key_nothing_starts() -> None:
    assert "Set SECRET_KEY" in check_with(SECRET_KEY="").stderr


def test_the_run_without_tls_serves_a_loopback_address_only() -> None:
    assert "loopback" in check_with(CRM_LOCAL="1", HOST="0.0.0.0").stderr  # noqa: S104


@pytest.mark.django_db
def test_the_driver_is_psycopg2() -> None:
    assert importlib.util.find_spec("psycopg") is None
    driver: Any = connection
    assert driver.Database.__name__ == "psycopg2"


def test_argon2_comes_first() -> None:
    text = (ROOT / "crm/settings.py").read_text()

    assert text.index("Argon2PasswordHasher") < text.index("PBKDF2PasswordHasher")


@pytest.mark.django_db
def test_the_content_security_policy_is_strict(client: Client) -> None:
    policy = client.get("/accounts/login/")["Content-Security-Policy"]

    assert "default-src 'self'" in policy
    assert re.findall("unsafe|http:|\\*", policy) == []


@pytest.mark.django_db
def test_who_is_not_signed_in_is_asked_to(client: Client) -> None:
    response = client.get("/pipeline/")

    assert (response.status_code, response["Location"]) == (
        302,
        "/accounts/login/?next=/pipeline/",
    )


@pytest.mark.parametrize(
    "name",
    ["requirements.txt", "requirements-dev.txt", "requirements-uv.txt", "requirements-node.txt",
     "package-lock.json"],
)  # fmt: skip
def test_the_locks_name_no_host(name: str) -> None:
    text = (ROOT / name).read_text()

    hosts = re.findall(
        r'"resolved"|--index-url|--extra-index-url|--find-links|^-i ', text, re.MULTILINE
    )

    assert hosts == []


def test_every_python_requirement_is_pinned_by_hash() -> None:
    lines = (ROOT / "requirements-dev.txt").read_text().splitlines()
    pinned = [number for number, line in enumerate(lines) if re.match(r"[a-z0-9]", line)]

    assert [lines[n] for n in pinned if "--hash" not in lines[n + 1]] == []
