"""`manage.py notices`: once for a timer, or for ever as a worker that ends cleanly."""

import os
import signal
import subprocess
import sys
import time
from io import StringIO

import pytest
from django.conf import settings
from django.core import mail
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from notices.models import Notice
from salespeople.models import User
from tests.factories import make_task


def run() -> str:
    """Run it once; return what it says."""
    out = StringIO()
    call_command("notices", stdout=out)
    return out.getvalue().strip()


def test_one_run_writes_and_sends_and_the_next_does_nothing(bob: User, settings: Settings) -> None:
    settings.DIGEST_HOUR = 0
    make_task(bob)

    first, second = run(), run()

    assert (first, second) == ("written 1, sent 1, failed 0", "")
    assert [message.to for message in mail.outbox] == [[bob.email]]
    assert Notice.objects.get().sent_at is not None


@pytest.mark.django_db(transaction=True)
def test_the_worker_ends_cleanly_when_it_is_told_to() -> None:
    name = connection.settings_dict["NAME"]
    url = os.environ["DATABASE_URL"].rpartition("/")[0] + f"/{name}"
    command = [sys.executable, "manage.py", "notices", "--forever", "--interval", "1"]
    worker = subprocess.Popen(
        command,
        cwd=settings.BASE_DIR,
        env=os.environ | {"DATABASE_URL": url, "MAIL_HOST": "", "CRM_LOCAL": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert worker.stdout is not None
    assert worker.stdout.readline() == b"looking every 1 s\n"
    time.sleep(1.5)  # it looks, and looks again
    assert worker.poll() is None

    worker.send_signal(signal.SIGTERM)

    _out, errors = worker.communicate(timeout=20)
    assert (worker.returncode, errors.decode()) == (0, "")
