"""Rows of the benchmark's daily work as lines for COPY: tasks and interactions."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from random import Random

from demo.benchmark_rows import NULL, History
from demo.dice import one_in
from demo.talk import LINES, NEXT_STEPS

TASK_COLUMNS = (
    "kind", "description", "note", "due_on", "duration", "status", "status_before", "priority",
    "salesperson_id", "contact_id", "company_id", "opportunity_id", "is_of_stage", "location",
    "is_recurring", "recurring_interval", "recurs_from", "completed_by_id", "closed_at",
    "closed_by_id", "created_at", "created_by_id", "edits", "is_touched",
)  # fmt: skip
INTERACTION_COLUMNS = (
    "kind", "direction", "contact_id", "company_id", "opportunity_id", "salesperson_id",
    "happened_at", "subject", "text", "evaluation", "is_failed", "cost", "duration", "message_id",
    "recorded_at", "recorded_by_id",
)  # fmt: skip
OPEN = ("in_progress", "not_started")


class DailyRows:
    """Draws two tasks of each open opportunity, and one interaction of every one.

    Of the two tasks one is done and one is open; of each fifth opportunity both are done.
    """

    def __init__(self, random: Random, today: date, user: int) -> None:
        self.random = random
        self.today = today
        self.user = str(user)

    def tasks(self, histories: Iterable[History]) -> Iterator[str]:
        """Yield the tasks of those that are open."""
        for history in histories:
            if history.status in OPEN:
                yield self._task(history, is_done=True)
                yield self._task(history, is_done=one_in(self.random, 5))

    def interactions(self, histories: Iterable[History]) -> Iterator[str]:
        """Yield one of each, on the day of its newest change."""
        for history in histories:
            said = self.random.choice(LINES)
            at = f"{history.last_on} 15:{history.minute}"
            yield "\t".join((
                said.kind, said.direction, history.contact, history.company, history.pk,
                history.salesperson, at, said.subject, said.text, said.evaluation, "f", "0",
                f"{said.minutes} minutes", "", at, self.user,
            ))  # fmt: skip

    def _task(self, history: History, *, is_done: bool) -> str:
        random = self.random
        kind, description = random.choice([step for step in NEXT_STEPS if step[0] != "meeting"])
        days = random.randint(-90, -1) if is_done else random.randint(-8, 50)
        due_on = (self.today + timedelta(days=days)).isoformat()
        at = f"{due_on} 12:{history.minute}"
        closing = (history.salesperson, at, self.user) if is_done else (NULL, NULL, NULL)
        return "\t".join((
            kind, description, "", due_on, "1 day", "completed" if is_done else "not_started",
            "not_started" if is_done else "", "2", history.salesperson, history.contact,
            history.company, history.pk, "f", "", "f", "", "", *closing,
            f"{self.today - timedelta(days=95)} 08:00+00", self.user, "1" if is_done else "0",
            "t" if is_done else "f",
        ))  # fmt: skip
