"""What a person's day begins with: what is due, what asks for attention, and the figures."""

from dataclasses import dataclass, field, replace
from datetime import date

from crm.dates import start_of, today
from opportunities import populations
from opportunities.day_figures import MONTH, Figures, Month, figures_of, months_of, period_of
from opportunities.day_sections import Section, Tasks, sections_of
from opportunities.models import Question
from opportunities.populations import Population
from opportunities.sums import Sums, sums_of
from salespeople.models import Salesperson
from salespeople.roles import is_manager
from salespeople.visibility import Person, salesperson_of, visible_ids
from tasks.models import Interaction, Task

MOST_DONE = 10


@dataclass(frozen=True)
class Done:
    """What the person has done today: told when the day is empty."""

    tasks: list[Task] = field(default_factory=list)
    interactions: int = 0


@dataclass(frozen=True)
class MyDay:
    """The page; `salesperson` is None for who does not sell: then there are figures only."""

    salesperson: Salesperson | None
    day: date
    period: str
    tasks: Tasks
    sections: list[Section]
    questions: list[Question]
    snoozed: Sums
    mine: Figures | None
    team: Figures | None
    months: list[Month]
    done: Done | None

    @property
    def is_clear(self) -> bool:
        """Say whether nothing asks for attention."""
        has_rows = any(section.sums.count for section in self.sections)
        return not (self.tasks.count or self.questions or has_rows)


def my_day_of(user: Person, period: str = MONTH) -> MyDay:
    """Read the page of `user`, in a number of queries that does not grow with the rows."""
    seen = populations.seen_by(user)
    salesperson = salesperson_of(user)
    days = period_of(period, today())
    tasks, sections = Tasks(), list[Section]()
    whose, mine, team = Population(), None, None
    if salesperson is not None:
        tasks, sections = sections_of(seen, user, salesperson)
        mine = figures_of(seen, populations.of_salesperson(salesperson), days, [salesperson.pk])
    if salesperson is None or is_manager(user):
        team = figures_of(seen, whose, days, visible_ids(user))
    else:
        whose = populations.of_salesperson(salesperson)
    put_off = populations.snoozed(user, is_snoozed=True)
    day = MyDay(
        salesperson=salesperson,
        day=today(),
        period=period,
        tasks=tasks,
        sections=sections,
        questions=_questions(user, salesperson) if salesperson else [],
        snoozed=sums_of(seen.rows_of(put_off), seen.url_of(put_off)),
        mine=mine,
        team=team,
        months=months_of(seen, whose),
        done=None,
    )
    return replace(day, done=_done(user)) if day.is_clear and salesperson else day


def _questions(user: Person, salesperson: Salesperson) -> list[Question]:
    """Return what is asked about the salesperson's own opportunities, the oldest first."""
    rows = Question.objects.visible_to(user).open().filter(opportunity__salesperson=salesperson)
    return list(
        rows.select_related("opportunity", "asked_by").order_by("asked_at", "pk")[:MOST_DONE]
    )


def _done(user: Person) -> Done:
    """Return what the person has completed and logged today."""
    since = start_of(today())
    tasks = Task.objects.filter(
        closed_by=user.pk, status=Task.Status.COMPLETED, closed_at__gte=since
    )
    logged = Interaction.objects.counted().filter(recorded_by=user.pk, recorded_at__gte=since)
    return Done(list(tasks.order_by("-closed_at", "-pk")[:MOST_DONE]), logged.count())
