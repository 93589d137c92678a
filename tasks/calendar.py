"""What the calendar shows: a day, a week with its hours, or a month, in one query."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, time, timedelta

from django.db.models import F, Q

from crm.dates import today
from salespeople.visibility import Person
from tasks.models import Task, TaskQuerySet
from tasks.reading import LISTED, Row, rows_of

DAY = timedelta(days=1)
WEEK = 7
MOST_READ = 1000
MOST_IN_MONTH = 4
MOST_IN_WEEK = 6
LONGEST_SPAN = timedelta(days=62)  # of a task that began before what is shown
FIRST_HOUR, LAST_HOUR = 8, 17
MOST_LANES = 4
MINUTE = timedelta(minutes=1)
QUARTER, HOUR, MIDNIGHT = 15, 60, 24 * 60  # minutes
TALLEST = 40  # quarters for which there is a style: ten hours


@dataclass(frozen=True)
class Block:
    """A task with a start, as it stands in a week.

    `into` (its hour) and `height` count quarters of an hour; `lane` counts from 0.
    """

    row: Row
    into: int
    height: int
    lane: int
    lanes: int


@dataclass
class Day:
    """A day and its tasks: all-day ones first, then by their start."""

    on: date
    is_today: bool
    is_outside: bool
    rows: list[Row] = field(default_factory=list)
    most: int = MOST_READ

    @property
    def shown(self) -> list[Row]:
        """The rows that fit."""
        return self.rows[: self.most]

    @property
    def more(self) -> int:
        """How many do not."""
        return max(0, len(self.rows) - self.most)

    @property
    def all_day(self) -> list[Row]:
        """Those without a start."""
        return [row for row in self.rows if row.task.start_time is None]

    @property
    def all_day_shown(self) -> list[Row]:
        """Those of them that fit."""
        return self.all_day[: self.most]

    @property
    def all_day_more(self) -> int:
        """How many of them do not."""
        return max(0, len(self.all_day) - self.most)


@dataclass(frozen=True)
class Hour:
    """An hour of a week: what begins in it, day by day."""

    at: time
    cells: list[tuple[Day, list[Block]]]


@dataclass(frozen=True)
class Calendar:
    """The page; `is_cut` says that not all tasks of the time were read."""

    view: str
    on: date
    first: date
    last: date
    days: list[Day]
    is_cut: bool

    @property
    def weeks(self) -> list[list[Day]]:
        """The days by week."""
        return [self.days[n : n + WEEK] for n in range(0, len(self.days), WEEK)]

    @property
    def agenda(self) -> list[Day]:
        """The days on which something is to be done, today, and of a day the day itself."""
        kept = [day for day in self.days if day.rows or day.is_today]
        return kept or (self.days if self.view == "day" else [])

    @property
    def hours(self) -> list[Hour]:
        """The hours of the week, at least the usual ones, with what begins in each."""
        blocks = {day.on: _blocks(day) for day in self.days}
        begun = [hour for found in blocks.values() for hour, _block in found]
        ended = [_last_hour(row) for day in self.days for row in day.rows if row.task.start_time]
        first, last = min([FIRST_HOUR, *begun]), max([LAST_HOUR, *ended])
        return [
            Hour(
                time(hour),
                [(day, [b for at, b in blocks[day.on] if at == hour]) for day in self.days],
            )
            for hour in range(first, last + 1)
        ]

    @property
    def previous(self) -> date:
        """A day of the time before."""
        return self.on - DAY if self.view == "day" else self._first_of_view - DAY

    @property
    def following(self) -> date:
        """A day of the time after."""
        return self._last_of_view + DAY

    @property
    def _first_of_view(self) -> date:
        return self.on.replace(day=1) if self.view == "month" else self.first

    @property
    def _last_of_view(self) -> date:
        if self.view != "month":
            return self.last
        return (self.on.replace(day=1) + timedelta(days=31)).replace(day=1) - DAY


def calendar_of(tasks: TaskQuerySet, user: Person, *, view: str, on: date) -> Calendar:
    """Read the day, week or month around `on`: one query, at most 1,000 tasks."""
    first, last = _span(view, on)
    rows = _read(tasks, first, last)
    most = {"day": MOST_READ, "week": MOST_IN_WEEK, "month": MOST_IN_MONTH}[view]
    days = [
        Day(
            on=first + n * DAY,
            is_today=first + n * DAY == today(),
            is_outside=view == "month" and (first + n * DAY).month != on.month,
            most=most,
        )
        for n in range((last - first).days + 1)
    ]
    for row in rows_of(rows[:MOST_READ], user):
        for day in _days_of(row.task, days):
            day.rows.append(row)
    return Calendar(view, on, first, last, days, is_cut=len(rows) > MOST_READ)


def _span(view: str, on: date) -> tuple[date, date]:
    """Return the first and the last day shown; a month is shown in whole weeks."""
    if view == "day":
        return on, on
    first = on.replace(day=1) if view == "month" else on
    last = (first + timedelta(days=31)).replace(day=1) - DAY if view == "month" else on
    return first - (first.isoweekday() - 1) * DAY, last + (WEEK - last.isoweekday()) * DAY


def _read(tasks: TaskQuerySet, first: date, last: date) -> list[Task]:
    """Return the tasks of the days, those that began before included, cancelled ones not."""
    begins = Q(due_on__range=(first, last))
    lasts = Q(due_on__range=(first - LONGEST_SPAN, first - DAY), duration__gt=DAY)
    rows = tasks.exclude(status=Task.Status.CANCELLED).filter(begins | lasts)
    ordered = rows.select_related(*LISTED).order_by(
        F("start_time").asc(nulls_first=True), "due_on", "pk"
    )
    return list(ordered[: MOST_READ + 1])


def _days_of(task: Task, days: list[Day]) -> Iterable[Day]:
    """Return the days on which a task stands: each of an all-day one, the first of another."""
    until = task.ends_on if task.start_time is None else task.due_on
    return [day for day in days if task.due_on <= day.on <= until]


def _blocks(day: Day) -> list[tuple[int, Block]]:
    """Return what has a start, with its hour; what overlaps stands side by side."""
    found: list[tuple[int, Block]] = []
    timed = [row for row in day.rows if row.task.start_time is not None]
    timed.sort(key=lambda row: (_start(row), row.task.pk))
    for group in _overlapping(timed):
        ends: list[int] = []  # of each lane
        placed: list[tuple[Row, int]] = []
        for row in group:
            lane = next((n for n, end in enumerate(ends) if end <= _start(row)), len(ends))
            ends[lane : lane + 1] = [_end(row)]
            placed.append((row, lane))
        found += [_block(row, lane, len(ends)) for row, lane in placed]
    return found


def _block(row: Row, lane: int, lanes: int) -> tuple[int, Block]:
    hour, minutes = divmod(_start(row), HOUR)
    end = min(_end(row), MIDNIGHT)
    height = max(2, -(-(end - _start(row)) // QUARTER))
    lane, lanes = min(lane, MOST_LANES - 1), min(lanes, MOST_LANES)
    return hour, Block(row, minutes // QUARTER, min(height, TALLEST), lane, lanes)


def _overlapping(rows: list[Row]) -> list[list[Row]]:
    """Return the rows, sorted by start, in groups that do not overlap each other."""
    groups: list[list[Row]] = []
    until = 0
    for row in rows:
        if not groups or _start(row) >= until:
            groups.append([])
        groups[-1].append(row)
        until = max(until, _end(row))
    return groups


def _start(row: Row) -> int:
    """Return the minute of the day at which it begins."""
    at = row.task.start_time or time(0)
    return at.hour * HOUR + at.minute


def _end(row: Row) -> int:
    """Return the minute at which it ends; a short one takes half an hour, for its words."""
    return _start(row) + max(int(row.task.duration / MINUTE), 2 * QUARTER)


def _last_hour(row: Row) -> int:
    """Return the last hour of its first day in which it still goes on."""
    return (min(_end(row), MIDNIGHT) - 1) // HOUR
