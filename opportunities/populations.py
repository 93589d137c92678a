"""Which opportunities a figure counts: the condition, and the list's parameters that show them.

One function gives both, so that a number and the rows behind its link cannot
come apart (product.md, U9). The list's filter uses the same conditions.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.http import urlencode

from contacts.models import Segment
from crm.dates import month_of, quarter_of, start_of, today
from lists.kinds import ALL
from opportunities.models import (
    CLOSED,
    OPEN,
    STARTED,
    Opportunity,
    OpportunityEntry,
    OpportunityEntryQuerySet,
    Snooze,
    Status,
)
from opportunities.next_tasks import has_any, has_signal
from opportunities.totals import GroupTotal, GroupTotalQuerySet
from salescycles.models import SalesCycle, SalesCycleStage
from salespeople.models import Salesperson, Team, TeamMembership
from salespeople.visibility import Person, with_teams_below
from tasks.models import Interaction, Task

# Without a change for so many days, an opportunity is listed as quiet.
QUIET_DAYS = 14
# For so many days before today it is new to who was given it, and a change by others is news.
NEW_DAYS = 7
CHANGED_DAYS = 1
# Without a parameter, the list would open with the person's first view.
ALL_ROWS = (("view", ALL),)


@dataclass(frozen=True)
class Population:
    """A set of opportunities: its condition, and the parameters of the list that show it.

    Deleted opportunities are in none; what the person may not see is for
    `visible_to` to leave out.
    """

    condition: Q = field(default_factory=Q)
    parameters: tuple[tuple[str, str], ...] = ()

    def __and__(self, other: Self) -> "Population":
        twice = {name for name, _ in self.parameters} & {name for name, _ in other.parameters}
        if twice:
            raise ValueError(f"both populations say {sorted(twice)}")
        return Population(self.condition & other.condition, (*self.parameters, *other.parameters))

    @property
    def url(self) -> str:
        """The address of the list of exactly these rows."""
        address = reverse("opportunities:list")
        return f"{address}?{urlencode(self.parameters or ALL_ROWS)}"


@dataclass(frozen=True)
class Narrowed:
    """The rows that a page's filters leave, and the filters as parameters of the list.

    `totals` are those of the same rows, where the filters let them be kept.
    """

    rows: QuerySet[Opportunity]
    parameters: tuple[tuple[str, str], ...] = ()
    totals: GroupTotalQuerySet | None = None

    def rows_of(self, population: Population) -> QuerySet[Opportunity]:
        """Return the rows of a population that the filters leave."""
        return self.rows.filter(population.condition)

    def totals_of(self, population: Population, *keys: str) -> GroupTotalQuerySet | None:
        """Return their kept totals, to be grouped by `keys`; None where they are not kept."""
        found = self.totals.matching(population.condition) if self.totals is not None else None
        return found.by(*keys) if found is not None else None

    def url_of(self, population: Population) -> str:
        """Return the address of the list of these rows."""
        return (population & Population(parameters=self.parameters)).url


def seen_by(user: Person) -> Narrowed:
    """Return what `user` may see, without any filter."""
    return Narrowed(
        Opportunity.objects.visible_to(user).kept(),
        totals=GroupTotal.objects.visible_to(user),
    )


def _one(condition: Q, **parameters: object) -> Population:
    return Population(condition, tuple((name, str(value)) for name, value in parameters.items()))


def in_status(name: str) -> Population:
    """Return those of a status, or of several.

    `open` (R165: not closed), `closed`, `started` (R150), or `not_lost`, what
    a forecast expects.
    """
    not_lost = (*OPEN, Status.WON)
    wide = {"open": OPEN, "closed": CLOSED, "started": STARTED, "not_lost": not_lost}
    condition = Q(status__in=wide[name]) if name in wide else Q(status=name)
    return _one(condition, status=name)


def of_salesperson(salesperson: Salesperson) -> Population:
    """Return those of one salesperson."""
    return _one(Q(salesperson=salesperson), salesperson=salesperson.pk)


def of_team(team: Team, on: date | None = None) -> Population:
    """Return those whose salesperson's home today, or `on` a day, is `team` or one below it."""
    members = TeamMembership.objects.home().on(on or today())
    below = members.filter(team__in=with_teams_below([team.pk]))
    return _one(Q(salesperson__in=below.values("salesperson")), team=team.pk)


def of_segment(segment: Segment) -> Population:
    """Return those created for a segment, or put into it."""
    return _one(Q(segment=segment), segment=segment.pk)


def in_cycle(cycle: SalesCycle) -> Population:
    """Return those of one sales cycle."""
    return _one(Q(sales_cycle=cycle), cycle=cycle.pk)


def at_stage(stage: SalesCycleStage) -> Population:
    """Return those in progress at `stage`: closed ones keep theirs, and are not at it (D1)."""
    return _one(Q(stage=stage), stage=stage.pk) & in_status(Status.IN_PROGRESS)


def past_close_date(on: date | None = None) -> Population:
    """Return the open ones whose close date lies before today, or another day (R165, Overdue)."""
    return _one(Q(status__in=OPEN, estimated_close_on__lt=on or today()), overdue=1)


def quiet(days: int = QUIET_DAYS) -> Population:
    """Return the open ones with which nothing has happened for at least so many days.

    What counts is the newest of change, interaction and completed task (product.md, U11).
    """
    last = today() - timedelta(days=days)
    since = start_of(last + timedelta(days=1))
    spoken = Interaction.objects.counted().filter(
        opportunity=OuterRef("pk"), happened_at__gte=since
    )
    done = Task.objects.filter(
        opportunity=OuterRef("pk"), status=Task.Status.COMPLETED, closed_at__gte=since
    )
    condition = Q(status__in=OPEN, effective_on__lte=last) & ~has_any(spoken) & ~has_any(done)
    return _one(condition, quiet=days)


def new_to(salesperson: Salesperson) -> Population:
    """Return the open ones that somebody else gave to `salesperson` in the last 7 days."""
    entries = by_others(salesperson, NEW_DAYS)
    before = OpportunityEntry.objects.filter(
        opportunity=OuterRef("opportunity"), sequence=OuterRef("sequence") - 1
    )
    given = entries.filter(
        Q(sequence=1) | Q(Exists(before.exclude(salesperson=salesperson)))
    ).standing()
    mine = Q(salesperson=salesperson, status__in=OPEN)
    return _one(mine & Q(pk__in=given.values("opportunity")), new_to=salesperson.pk)


def changed_for(salesperson: Salesperson) -> Population:
    """Return those of `salesperson` that somebody else changed since yesterday began."""
    entries = by_others(salesperson, CHANGED_DAYS)
    mine = Q(salesperson=salesperson)
    return _one(mine & Q(pk__in=entries.values("opportunity")), changed_for=salesperson.pk)


def by_others(salesperson: Salesperson, days: int) -> OpportunityEntryQuerySet:
    """Return what others wrote down about opportunities of `salesperson` in so many days."""
    entries = OpportunityEntry.objects.filter(
        salesperson=salesperson, recorded_at__gte=start_of(today() - timedelta(days=days))
    )
    own = salesperson.user_id
    return entries.order_by() if own is None else entries.order_by().exclude(recorded_by=own)


def snoozed(user: Person, *, is_snoozed: bool) -> Population:
    """Return those that `user` has put off until another day, or the others."""
    rows = Snooze.objects.filter(user=user.pk, until_on__gt=today()).values("opportunity")
    condition = Q(pk__in=rows)
    return _one(condition if is_snoozed else ~condition, snoozed="yes" if is_snoozed else "no")


def next_task(signal: str) -> Population:
    """Return the open ones whose next task is `late`, due `today`, `later`, or `none`."""
    return _one(Q(status__in=OPEN) & has_signal(signal), next_task=signal)


def closing(first: date, last: date) -> Population:
    """Return those whose (estimated) close date lies within, both days included."""
    return _one(
        Q(estimated_close_on__range=(first, last)),
        close_from=first.isoformat(),
        close_until=last.isoformat(),
    )


def closed_in(status: Status, first: date, last: date) -> Population:
    """Return those won or lost on a day within; their close date is the day they closed."""
    return in_status(status) & closing(first, last)


def closed_between(first: date, last: date) -> Population:
    """Return those won and those lost on a day within."""
    return in_status("closed") & closing(first, last)


def visited(stage: SalesCycleStage) -> Population:
    """Return those that were in progress at `stage` once, by an entry that was not undone."""
    there = OpportunityEntry.objects.standing().filter(
        opportunity=OuterRef("pk"), stage=stage, status=Status.IN_PROGRESS, is_deleted=False
    )
    return _one(Q(Exists(there)), visited=stage.pk)


def period(name: str) -> tuple[date, date]:
    """Return the first and the last day of a month, quarter or year counted from today."""
    day = today()
    match name:
        case "this_month":
            return month_of(day)
        case "next_month":
            return month_of(month_of(day)[1] + timedelta(days=1))
        case "this_quarter":
            return quarter_of(day)
        case "next_quarter":
            return quarter_of(quarter_of(day)[1] + timedelta(days=1))
        case "this_year":
            return day.replace(month=1, day=1), day.replace(month=12, day=31)
    raise ValueError(f"there is no such period: {name}")
