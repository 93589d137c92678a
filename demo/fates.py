"""How opportunities of the demo data end, and when; how lively the open ones are."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import cycle, islice
from random import Random

from demo.cycles import Cycle
from demo.dice import at_work, month_end, one_in, span_of
from demo.people import Profile, left_on

DAYS = 730  # of history
QUIET_FROM = 17
OPEN_PERCENT = 45


class Fate(StrEnum):
    """How it stands today; the open ones by their close date and by how still they lie."""

    NOT_STARTED = "not started"
    OVERDUE = "overdue"
    THIS_MONTH = "this month"
    SOON = "soon"
    FAR = "far"
    QUIET = "quiet"
    WON = "won"
    REOPENED = "reopened"  # lost, reopened and won
    LOST = "lost"
    DROPPED = "dropped"  # lost before it was started

    @property
    def is_closed(self) -> bool:
        """Say whether it ends won or lost."""
        return self in {Fate.WON, Fate.REOPENED, Fate.LOST, Fate.DROPPED}


OPEN_FATES = (
    Fate.SOON, Fate.OVERDUE, Fate.THIS_MONTH, Fate.FAR, Fate.NOT_STARTED, Fate.QUIET, Fate.SOON,
    Fate.THIS_MONTH, Fate.OVERDUE, Fate.QUIET, Fate.FAR, Fate.SOON, Fate.SOON,
)  # fmt: skip
CLOSED_FATES = (
    Fate.LOST, Fate.WON, Fate.LOST, Fate.WON, Fate.LOST, Fate.WON, Fate.LOST, Fate.WON,
    Fate.LOST, Fate.DROPPED, Fate.WON, Fate.LOST, Fate.WON, Fate.LOST, Fate.WON, Fate.LOST,
    Fate.REOPENED, Fate.LOST, Fate.WON, Fate.LOST,
)  # fmt: skip


@dataclass(frozen=True)
class Times:
    """When it was created, when it last changed, and the close date aimed at."""

    today: date
    created_on: date
    middle_until: date  # moves and updates until here
    ended_on: date
    aim: date


def fates_of(profile: Profile) -> Iterator[Fate]:
    """Yield the fates of all opportunities of a salesperson, so that each has some of each."""
    number_open = round(profile.share * OPEN_PERCENT / 100)
    yield from islice(cycle(OPEN_FATES), number_open)
    yield from islice(cycle(CLOSED_FATES), profile.share - number_open)


def reach_of(random: Random, fate: Fate, sales_cycle: Cycle) -> int:
    """Return the last stage that is entered, counted from 0: early ones more often, won late."""
    last = len(sales_cycle.stages) - 1
    if fate in {Fate.WON, Fate.REOPENED}:
        return last - one_in(random, 4)
    return min(random.randint(0, last), random.randint(0, last))


def times_of(random: Random, fate: Fate, profile: Profile, *, today: date, steps: int) -> Times:
    """Return the days of an opportunity of so many `steps`."""
    ended_on = _ended_on(random, fate, today)
    if profile.has_left and fate.is_closed and one_in(random, 2):
        ended_on = min(ended_on, at_work(left_on(today) - timedelta(days=random.randint(1, 300))))
    length = span_of(random, 12 + 17 * steps, least=2, most=330)
    created_on = max(ended_on - length, today - timedelta(days=DAYS))
    if profile.has_left:
        before = left_on(today) - timedelta(days=random.randint(3, 120))
        created_on = min(created_on, before)
    created_on = at_work(created_on)
    middle_until = ended_on
    if fate == Fate.REOPENED:
        created_on = min(created_on, at_work(ended_on - timedelta(days=60)))
        middle_until = at_work(ended_on - timedelta(days=25))
    aim = max(ended_on, _aim(random, fate, today, ended_on))
    return Times(today, created_on, middle_until, ended_on, aim)


def _ended_on(random: Random, fate: Fate, today: date) -> date:
    """Return the day of the newest change."""
    if fate.is_closed:
        days = 1 + int((DAYS - 60) * random.random() ** 1.25)
    elif fate == Fate.OVERDUE:
        days = random.randint(2, 45)
    elif fate == Fate.QUIET:
        days = random.randint(QUIET_FROM, 95)
    else:
        days = random.randint(0, 13)
    return at_work(today - timedelta(days=days))


def _aim(random: Random, fate: Fate, today: date, ended_on: date) -> date:
    """Return the close date last aimed at."""
    if fate.is_closed:
        return at_work(ended_on + timedelta(days=random.randint(-15, 40)))
    if fate == Fate.OVERDUE:
        late = random.randint(1, max(1, min(40, (today - ended_on).days)))
        return min(today - timedelta(days=1), at_work(today - timedelta(days=late)))
    if fate == Fate.THIS_MONTH:
        left = (month_end(today) - today).days
        return max(today, at_work(today + timedelta(days=random.randint(0, left))))
    first, last = (76, 240) if fate == Fate.FAR else (3, 75)
    return max(today, at_work(today + timedelta(days=random.randint(first, last))))
