"""Writes the daily and weekly mails, and sends what waits: once (a timer), or as a worker."""

import signal
from argparse import ArgumentParser
from threading import Event
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from analytics.review_mail import write_reviews
from notices.mailing import forget_old, send_waiting
from tasks.digest import write_digests

SECONDS = 60


class Command(BaseCommand):
    """Writes what is to be told and sends it; any number of runs at once send each notice once."""

    help = "Write the daily and weekly mails that are due, and send the notices that wait."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take whether to stay."""
        parser.add_argument("--forever", action="store_true", help="stay, and look again and again")
        parser.add_argument(
            "--interval",
            type=int,
            default=SECONDS,
            metavar="SECONDS",
            help="how often, by default 60",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run once, or until SIGTERM or Ctrl-C; what is being sent is sent to its end."""
        if not options["forever"]:
            self._run()
            return
        stopped = Event()

        def stop(_signal: int, _frame: FrameType | None) -> None:
            stopped.set()

        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, stop)
        self.stdout.write(f"looking every {max(1, options['interval'])} s")
        self.stdout.flush()
        while not stopped.is_set():
            close_old_connections()
            try:
                self._run()
            except (OperationalError, InterfaceError) as error:  # the database is away: it returns
                connection.close()
                self.stderr.write(f"database: {type(error).__name__}")
            stopped.wait(max(1, options["interval"]))

    def _run(self) -> None:
        written = write_digests() + write_reviews()
        sent, failed = send_waiting()
        forget_old()
        if written or sent or failed:
            self.stdout.write(f"written {written}, sent {sent}, failed {failed}")
