"""The daily work of the demo data: what was said with customers, what is done, what is due.

Everything goes through the doors of tasks and interactions; only the moments
at which it was written down are set back afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import cycle
from random import Random

from django.db.models import F

from demo import talk
from demo.activities import create_activities
from demo.dice import at_work, days_between, moment_on, one_in
from demo.people import Seller, Staff
from opportunities import lifecycle as opportunity_door
from opportunities.models import MOVES, Opportunity
from opportunities.next_tasks import LATER, has_signal
from salescycles.models import TaskKind
from salespeople.models import Team
from tasks import interactions
from tasks import lifecycle as task_door
from tasks.activities import wishes_of
from tasks.models import Interaction, Task
from tasks.wishes import NewTask

QUIET_FROM = 14
STAGE_IS_NEW = 24  # days, in which the tasks of the stage are the next ones
# When the next task is due, one opportunity after the other; None: there is none.
LIVELY = (4, 0, 9, None, 2, -2, 15, 6, 0, 21, None, 1, 3, -5, 8, 12)
QUIET = (None, 11, -9, 16)  # of those that are past their close date
PATIENT = (11, None, 16)


@dataclass(frozen=True)
class Done:
    """A task that was completed, and when."""

    task: Task
    at: datetime


class Daily:
    """Invents the daily work of everybody, from one seed always the same on the same day."""

    def __init__(self, random: Random, staff: Staff, *, today: date, now: datetime) -> None:
        self.random = random
        self.staff = staff
        self.today = today
        self.now = now
        self.done: list[Done] = []

    def live(self) -> None:
        """Write everything down."""
        create_activities()
        for seller in self.staff.sellers.values():
            rows = Opportunity.objects.kept().filter(
                salesperson=seller.salesperson, contact__is_blocked=False
            )
            found = rows.select_related("contact__company", "stage__activity", "campaign")
            lively, quiet, patient = cycle(LIVELY), cycle(QUIET), cycle(PATIENT)
            wishes: list[NewTask] = []
            for opportunity in found.order_by("pk"):
                if opportunity.is_closed:
                    self._remember(opportunity, seller, opportunity.closed_on or self.today)
                    continue
                is_quiet = (self.today - opportunity.effective_on).days >= QUIET_FROM
                self._remember(
                    opportunity, seller, opportunity.effective_on if is_quiet else self.today
                )
                days = next(lively)
                if is_quiet:
                    is_past = opportunity.is_past_close_date(self.today)
                    days = next(quiet) if is_past else next(patient)
                wishes += self._wishes(opportunity, days)
            self._plan(wishes, seller)
        self._team_tasks()
        self._set_moments()
        self._news()

    def _remember(self, opportunity: Opportunity, seller: Seller, last: date) -> None:
        """Write down what was said from the creation to `last`."""
        number = self.random.choice((0, 1, 1, 2, 3) if opportunity.is_closed else (1, 2, 2, 3))
        for day in days_between(self.random, opportunity.created_on, last, number):
            said = talk.line(self.random)
            interactions.log(
                by=seller.user,
                opportunity=opportunity,
                kind=said.kind,
                direction=said.direction,
                subject=said.subject,
                text=said.text,
                evaluation=said.evaluation,
                duration=timedelta(minutes=said.minutes),
                happened_at=min(self.now, moment_on(self.random, day)),
            )

    def _wishes(self, opportunity: Opportunity, days: int | None) -> Iterator[NewTask]:
        """Yield what was planned: the tasks of a new stage, or one that somebody thought of."""
        entered = opportunity.stage_entered_on
        stage = opportunity.stage
        is_new = entered is not None and (self.today - entered).days < STAGE_IS_NEW
        if is_new and entered is not None and stage is not None and stage.activity is not None:
            entry = opportunity.entries.filter(action__in=MOVES).order_by("-sequence").first()
            if entry is not None and entry.stage_id == opportunity.stage_id:
                yield from wishes_of(
                    stage.activity,
                    on=entry.effective_on,
                    opportunity=opportunity,
                    entry=entry,
                    is_of_stage=True,
                )
                return
        if days is None:
            return
        kind, description = self.random.choice(talk.NEXT_STEPS)
        entry = opportunity.entries.get(sequence=opportunity.sequence)
        due_on = self.today + timedelta(days=days)
        yield NewTask(
            kind=kind,
            description=description,
            due_on=due_on if days <= 0 else max(self.today + timedelta(days=1), at_work(due_on)),
            opportunity=opportunity,
            entry=entry,
        )

    def _plan(self, wishes: list[NewTask], seller: Seller) -> None:
        """Plan them, and complete most of what was due before today."""
        for task in task_door.plan_many(wishes, by=seller.user):
            is_past = task.due_on < self.today
            if is_past and task.is_of_stage and not one_in(self.random, 6):
                self._complete(task, seller)
        if seller.profile.username in ("rep", "manager"):
            task_door.plan(
                by=seller.user,
                description="Go through my pipeline",
                due_on=self.today,
                salesperson=seller.salesperson,
                is_recurring=True,
                recurring_interval="1W",
                recurs_from=Task.RecursFrom.DUE,
            )

    def _complete(self, task: Task, seller: Seller) -> None:
        at = min(self.now, moment_on(self.random, max(task.due_on, self._least(task))))
        fresh = task_door.complete(task, by=seller.user)
        self.done.append(Done(fresh, at))
        if task.kind != TaskKind.TO_DO:
            is_call = task.kind == TaskKind.PHONE_CALL
            interactions.log(
                by=seller.user,
                task=fresh,
                kind=Interaction.Kind.CALL if is_call else Interaction.Kind.MEETING,
                direction=Interaction.Direction.OUTBOUND,
                subject=task.description,
                text=self.random.choice(talk.OUTCOMES),
                happened_at=at,
            )

    def _least(self, task: Task) -> date:
        return task.opportunity.created_on if task.opportunity else task.due_on

    def _team_tasks(self) -> None:
        """Plan what a member of a team takes."""
        for code, description, days in talk.TEAM_TASKS:
            team = Team.objects.get(code=code)
            head = self.staff.head
            task_door.plan(
                by=head.user,
                description=description,
                team=team,
                due_on=self.today + timedelta(days=days),
            )

    def _set_moments(self) -> None:
        """Let everything have been written down when it happened, or some days before."""
        Interaction.objects.update(recorded_at=F("happened_at"))
        completed = {one.task.pk: one.at for one in self.done}
        tasks = list(Task.objects.order_by("pk").select_related("entry"))
        for task in tasks:
            planned = min(task.due_on - timedelta(days=7), self.today)
            first = task.entry.effective_on if task.entry else planned
            day = first if task.is_of_stage else max(first, planned)
            task.created_at = min(self.now, moment_on(self.random, day))
            if task.pk in completed:
                task.closed_at = task.changed_at = completed[task.pk]
        Task.objects.bulk_update(tasks, ["created_at", "closed_at", "changed_at"], batch_size=500)

    def _news(self) -> None:
        """Let the head of sales change something of those who sign in, yesterday and before."""
        head, rep = self.staff.head, self.staff.sellers[talk.REP]
        rows = Opportunity.objects.kept().open()
        rows = rows.filter(has_signal(LATER), estimated_close_on__gt=self.today)
        mine = rows.filter(salesperson=rep.salesperson)
        theirs = rows.filter(salesperson__in=[s.salesperson for s in self.staff.mates_of(rep)])
        yesterday = self.now - timedelta(days=1)
        for opportunity in mine.filter(effective_on__lt=yesterday.date()).order_by("pk")[:2]:
            with opportunity_door.recording_at(yesterday):
                opportunity_door.update(opportunity, by=head.user, note=talk.HEAD_NOTE)
        before = self.now - timedelta(days=3)
        for opportunity in theirs.filter(effective_on__lt=before.date()).order_by("pk")[:2]:
            with opportunity_door.recording_at(before):
                opportunity_door.reassign(
                    opportunity,
                    by=head.user,
                    salesperson=rep.salesperson,
                    on=before.date(),
                    note=talk.SHARED_NOTE,
                    hand_over_open_tasks=True,
                )
