"""Loads the benchmark data: as many opportunities as asked for, written by COPY."""

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import batched
from random import Random

from django.contrib.auth.models import Group
from django.db import connection, transaction
from django.db.models import Model

from contacts.models import Contact
from crm.dates import today
from demo.benchmark_daily import INTERACTION_COLUMNS, TASK_COLUMNS, DailyRows
from demo.benchmark_rows import (
    CONTACT_COLUMNS,
    DAYS,
    ENTRY_COLUMNS,
    GROUP,
    OPPORTUNITY_COLUMNS,
    QUOTE_COLUMNS,
    QUOTE_LINE_COLUMNS,
    History,
    Rows,
    Setting,
    StageText,
)
from demo.bulk import bare_tables, uncounted
from demo.words import MEN, SURNAMES, WOMEN
from opportunities.models import Opportunity, OpportunityEntry
from quotes.models import Quote, QuoteLine
from salescycles.models import CloseReason, SalesCycle, SalesCycleStage
from salescycles.probability import ProbabilityCalculation
from salespeople.models import Salesperson, Team, TeamMembership, User
from salespeople.roles import MANAGER
from tasks.models import Interaction, Task

TABLES = (Contact, Opportunity, OpportunityEntry, Quote, QuoteLine, Task, Interaction)
USERNAME = "bench"
PASSWORD = "demo"  # noqa: S105 - for a database without secrets
BATCH = 20_000
PER_SALESPERSON = 2_000
PER_TEAM = 8
PER_REGION = 6  # teams
STAGES = {
    4: ProbabilityCalculation.COMPLETED,
    5: ProbabilityCalculation.MULTIPLY,
    6: ProbabilityCalculation.ADD,
    7: ProbabilityCalculation.CHANCES,
}
STAGE_NAMES = (
    "First contact", "Qualified", "Needs analysed", "Workshop", "Offer", "Negotiation", "Contract",
)  # fmt: skip
REASONS = 4  # of each kind
CUSTOMERS = """
UPDATE contacts_contact SET customer_since = won.first
FROM (
    SELECT coalesce(company_id, contact_id) AS id, min(closed_on) AS first
    FROM opportunities_opportunity WHERE status = 'won' GROUP BY 1
) AS won
WHERE contacts_contact.id = won.id AND customer_since IS NULL
"""


@dataclass(frozen=True)
class Loaded:
    """How many rows were written."""

    opportunities: int
    entries: int
    contacts: int
    salespeople: int


def load(opportunities: int, seed: int) -> Loaded:
    """Load everything, or nothing; the ledger's triggers check every row."""
    random = Random(seed)
    with transaction.atomic():
        setting = _setting(random, opportunities)
        rows = Rows(random, setting)
        daily = DailyRows(Random(seed), setting.today, setting.user)
        with bare_tables(TABLES), uncounted():
            for lines in batched(rows.contacts(), BATCH):
                _copy(Contact, CONTACT_COLUMNS, lines)
            entries = _load_opportunities(rows, daily, opportunities)
        with connection.cursor() as cursor:
            cursor.execute(CUSTOMERS)
        _analyze()
        return Loaded(opportunities, entries, setting.contacts, len(setting.salespeople))


def _load_opportunities(rows: Rows, daily: DailyRows, number: int) -> int:
    """Write opportunities with all that hangs on them; return the number of entries."""
    first = _reserve(Opportunity, number)
    entries = 0
    for numbers in batched(range(first, first + number), BATCH):
        histories = [History(rows, pk) for pk in numbers]
        _copy(Opportunity, OPPORTUNITY_COLUMNS, (h.opportunity for h in histories))
        _copy(OpportunityEntry, ENTRY_COLUMNS, (e for h in histories for e in h.entries))
        _copy_quotes([h for h in histories if h.quote])
        _copy(Task, TASK_COLUMNS, daily.tasks(histories))
        _copy(Interaction, INTERACTION_COLUMNS, daily.interactions(histories))
        entries += sum(len(h.entries) for h in histories)
        _check(is_first=numbers[0] == first)
    return entries


def _copy_quotes(histories: list[History]) -> None:
    """Write the quotes, each with the one line that makes up its amount."""
    if not histories:
        return
    quoted = list(enumerate(histories, start=_reserve(Quote, len(histories))))
    _copy(Quote, QUOTE_COLUMNS, (f"{pk}\t{h.quote}" for pk, h in quoted))
    _copy(QuoteLine, QUOTE_LINE_COLUMNS, (f"{pk}\t{h.quote_line}" for pk, h in quoted))


def _check(*, is_first: bool) -> None:
    """Check now what waits for the commit, so that no more than a batch waits.

    Statistics of the first batch let the triggers find their rows by index.
    """
    if is_first:
        _analyze()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _analyze() -> None:
    """Refresh the statistics of our tables; those of the whole cluster would be locked so long."""
    tables = connection.introspection.django_table_names(only_existing=True)
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE {', '.join(tables)}")


def _copy(model: type[Model], columns: Iterable[str], lines: Iterable[str]) -> None:
    text = io.StringIO("".join(f"{line}\n" for line in lines))
    with connection.cursor() as cursor:
        cursor.copy_expert(f"COPY {model._meta.db_table} ({', '.join(columns)}) FROM STDIN", text)


def _reserve(model: type[Model], number: int) -> int:
    """Take that many ids of a table; return the first of them."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        (sequence,) = cursor.fetchone()
        cursor.execute("SELECT nextval(%s)", [sequence])
        first: int = cursor.fetchone()[0]
        cursor.execute("SELECT setval(%s, %s)", [sequence, first + number - 1])
    return first


def _setting(random: Random, opportunities: int) -> Setting:
    """Create users, salespeople, teams, cycles and reasons; reserve the contacts' ids."""
    day = today()
    user = User.objects.create_user(
        USERNAME, f"{USERNAME}@bench.example", PASSWORD, first_name="Bench", last_name="Manager"
    )
    user.groups.add(Group.objects.get(name=MANAGER))
    salespeople = _salespeople(random, user, max(1, opportunities // PER_SALESPERSON))
    _teams(salespeople, day)
    contacts = max(GROUP, opportunities // 2)
    return Setting(
        user=user.pk,
        salespeople=[salesperson.pk for salesperson in salespeople],
        cycles=list(_cycles()),
        won=_reasons(CloseReason.Kind.WON),
        lost=_reasons(CloseReason.Kind.LOST),
        first_contact=_reserve(Contact, contacts),
        contacts=contacts,
        today=day,
    )


def _salespeople(random: Random, user: User, number: int) -> list[Salesperson]:
    """Create the salespeople; the first is the user's own and sees everything."""
    people = [
        Salesperson(
            code=f"B{place:04}",
            email=f"b{place:04}@bench.example",
            name=f"{random.choice((*WOMEN, *MEN))} {random.choice(SURNAMES)}",
            sees=Salesperson.Sees.TEAM,
        )
        for place in range(number)
    ]
    people[0].name, people[0].user, people[0].sees = str(user), user, Salesperson.Sees.ALL
    return Salesperson.objects.bulk_create(people)


def _teams(salespeople: list[Salesperson], day: date) -> None:
    """Put the salespeople into teams, these into regions, and the regions into one company."""
    top = Team.objects.create(code="B", name="Bench", manager=salespeople[0])
    since = day - timedelta(days=DAYS)
    regions: list[Team] = []
    for place, members in enumerate(batched(salespeople, PER_TEAM)):
        if place % PER_REGION == 0:
            code = f"BR{len(regions) + 1}"
            regions.append(Team.objects.create(code=code, name=f"Region {code}", parent=top))
        team = Team.objects.create(
            code=f"BT{place + 1}", name=f"Team {place + 1}", parent=regions[-1], manager=members[0]
        )
        TeamMembership.objects.bulk_create(
            TeamMembership(team=team, salesperson=member, from_on=since) for member in members
        )


def _cycles() -> Iterator[tuple[str, list[StageText]]]:
    """Create four cycles of four to seven stages, one of each calculation."""
    for number, calculation in STAGES.items():
        cycle = SalesCycle.objects.create(
            code=f"BENCH{number}", name=f"{number} stages", probability_calculation=calculation
        )
        stages = SalesCycleStage.objects.bulk_create(
            SalesCycleStage(
                sales_cycle=cycle,
                position=position,
                name=STAGE_NAMES[position - 1],
                completed=100 * position // (number + 1),
                chances_of_success=min(95, 10 + 90 * (position - 1) // number),
                allow_skip=1 < position < number,
            )
            for position in range(1, number + 1)
        )
        yield str(cycle.pk), [StageText.of(stage) for stage in stages]


def _reasons(kind: CloseReason.Kind) -> list[int]:
    reasons = CloseReason.objects.bulk_create(
        CloseReason(
            code=f"BENCH-{kind[0].upper()}{n}", description=f"Reason {n} ({kind})", kind=kind
        )
        for n in range(1, REASONS + 1)
    )
    return [reason.pk for reason in reasons]
