"""What happens to each opportunity of the demo data, planned before it is written."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from random import Random

from contacts.models import Campaign, Contact
from demo import phrases
from demo.cycles import Cycle
from demo.dice import days_between, moment_on, one_in, rounded
from demo.fates import Times
from demo.people import Seller, Staff, left_on
from opportunities.models import Opportunity


class Verb(StrEnum):
    """What a step does; MISTAKE is an update that is undone at once."""

    CREATE = "create"
    MOVE = "move"
    UPDATE = "update"
    MISTAKE = "mistake"
    REASSIGN = "reassign"
    CONTACT = "contact"
    WIN = "win"
    LOSE = "lose"
    REOPEN = "reopen"
    DELETE = "delete"


CLOSING = (Verb.WIN, Verb.LOSE, Verb.REOPEN, Verb.DELETE)


@dataclass(frozen=True, kw_only=True)
class Step:
    """One change: what None is, is not typed. `stage` is counted from 0."""

    verb: Verb
    on: date
    stage: int = 0
    value: Decimal | None = None
    chances: Decimal | None = None
    close_on: date | None = None
    note: str = ""
    seller: Seller | None = None
    contact: Contact | None = None


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An opportunity and its steps, the creation first, each with its moment of recording."""

    description: str
    priority: int
    seller: Seller
    contact: Contact
    cycle: Cycle
    campaign: Campaign | None
    activate: bool
    steps: list[Step]
    moments: list[datetime]


@dataclass
class Course:
    """The course of an opportunity while its steps are being planned."""

    random: Random
    cycle: Cycle
    value: Decimal
    close_on: date
    stage: int = 0
    is_quoted: bool = False
    steps: list[Step] = field(default_factory=list)

    def advance(self, stage: int, on: date, aim: date | None = None) -> None:
        """Move to `stage`; the first that needs a quote sets the value by it."""
        value = None
        if "Q" in self.cycle.stages[stage].flags and stage > self.stage and not self.is_quoted:
            self.is_quoted = True
            value = self.value = rounded(float(self.value) * self.random.uniform(0.85, 1.15))
        self.stage = stage
        text = phrases.note(self.random, phrases.MOVE_NOTES)
        self._add(Verb.MOVE, on, aim, note=text, stage=stage, value=value)

    def touch(self, on: date, aim: date | None = None) -> None:
        """Change the estimates a little, or note something."""
        if one_in(self.random, 12) and self.close_on >= on and aim is None:
            slip = Step(verb=Verb.MISTAKE, on=on, value=self.value * 10, note=phrases.MISTAKE_NOTE)
            self.steps.append(slip)
            return
        value = chances = None
        if not self.is_quoted and one_in(self.random, 2):
            value = self.value = rounded(float(self.value) * self.random.uniform(0.75, 1.35))
        if one_in(self.random, 3):
            usual = self.cycle.stages[self.stage].chances
            chances = Decimal(min(95, max(5, usual + self.random.choice((-10, -5, 5, 10)))))
        text = self.random.choice(phrases.UPDATE_NOTES)
        self._add(Verb.UPDATE, on, aim, note=text, value=value, chances=chances)

    def _add(
        self,
        verb: Verb,
        on: date,
        aim: date | None,
        *,
        note: str,
        stage: int = 0,
        value: Decimal | None = None,
        chances: Decimal | None = None,
    ) -> None:
        """Append a step; the close date is put off when it has passed, or set to `aim`."""
        close_on = None
        if aim is not None and aim != self.close_on:
            close_on = aim
        elif self.close_on < on:
            close_on = on + timedelta(days=self.random.randint(10, 50))
        if close_on is not None:
            note = self.random.choice(phrases.PUSH_NOTES)
            self.close_on = close_on
        self.steps.append(
            Step(verb=verb, on=on, stage=stage, value=value, chances=chances,
                 close_on=close_on, note=note)
        )  # fmt: skip


def path_of(random: Random, cycle: Cycle, reach: int) -> list[int]:
    """Return the stages entered after the first up to `reach`, with skips and steps back."""
    path, here = [], 0
    while here < reach:
        there = here + 1
        while there < reach and "S" in cycle.stages[there].flags and one_in(random, 4):
            there += 1
        path.append(there)
        if one_in(random, 25):
            path += [there - 1, there]
        here = there
    return path


def middle(course: Course, times: Times, reach: int, *, is_open: bool) -> None:
    """Plan the moves up to `reach` and the updates between; an open one ends on time."""
    random = course.random
    path = path_of(random, course.cycle, reach)
    acts = [*path, *[-1] * random.choice((0, 0, 1, 1, 2))]
    if is_open and not acts and times.created_on < times.ended_on:
        acts = [-1]
    updates = [place for place, stage in enumerate(acts) if stage < 0]
    for place in updates:
        acts.insert(random.randint(0, place), acts.pop(place))
    days = days_between(random, times.created_on, times.middle_until, len(acts))
    if is_open and days:
        days[-1] = times.ended_on
    for place, (stage, day) in enumerate(zip(acts, days, strict=True)):
        aim = times.aim if is_open and place == len(acts) - 1 else None
        if stage < 0:
            course.touch(day, aim)
        else:
            course.advance(stage, day, aim)


def handing_over(random: Random, seller: Seller, staff: Staff, times: Times) -> Step | None:
    """Return the step that gives it to a colleague, at times, and when the seller leaves."""
    mates = staff.mates_of(seller)
    if seller.profile.has_left:
        day = left_on(times.today)
        if times.ended_on <= day:
            return None
        to, text = random.choice(mates), phrases.LEAVING_NOTE
    elif one_in(random, 14):
        others = mates if mates and not one_in(random, 4) else staff.present
        to, text = random.choice(others), random.choice(phrases.REASSIGN_NOTES)
        day = days_between(random, times.created_on, times.ended_on, 1)[0]
    else:
        return None
    return None if to == seller else Step(verb=Verb.REASSIGN, on=day, seller=to, note=text)


def in_order(steps: list[Step]) -> list[Step]:
    """Return the steps by day; on one day as they are, the creation first, closing last."""
    return sorted(steps, key=lambda s: (s.on, s.verb != Verb.CREATE, s.verb in CLOSING))


def moments_of(random: Random, steps: list[Step], now: datetime) -> list[datetime]:
    """Return when each step is recorded: on its day, and now and then some days later."""
    moments: list[datetime] = []
    for step in steps:
        late = random.randint(1, 4) if step.verb != Verb.CREATE and one_in(random, 16) else 0
        moment = moment_on(random, step.on + timedelta(days=late))
        earliest = moments[-1] + timedelta(minutes=3) if moments else moment
        moments.append(min(now, max(earliest, moment)))
    return moments


def priority_of(random: Random) -> int:
    """Return normal most often."""
    choices = (Opportunity.Priority.LOW, Opportunity.Priority.HIGH)
    return int(random.choice(choices)) if one_in(random, 4) else int(Opportunity.Priority.NORMAL)
