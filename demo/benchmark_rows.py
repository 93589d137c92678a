"""Rows of the benchmark data as lines for COPY: contacts, opportunities, entries, quotes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import log
from random import Random

from demo.company_names import INDUSTRIES, PATTERNS
from demo.dice import one_in
from demo.phrases import description_of
from demo.words import COUNTRYSIDE, MEN, SURNAMES, TOWNS, WOMEN
from opportunities.models import STATE_ATTRIBUTES
from salescycles.models import SalesCycleStage
from salescycles.probability import probability

NULL = r"\N"
DAYS = 1095  # of history, up to yesterday
MEDIAN_VALUE = 50_000
GROUP = 4  # a company and its three persons
CONTACT_COLUMNS = (
    "id", "kind", "company_id", "name", "first_name", "middle_name", "surname", "job_title",
    "address", "address_2", "post_code", "city", "country", "phone", "mobile_phone", "email",
    "website", "salutation", "language", "is_blocked", "created_at", "created_by_id",
    "salesperson_id",
)  # fmt: skip
OPPORTUNITY_COLUMNS = (
    *STATE_ATTRIBUTES, "id", "description", "priority", "edits", "created_on", "created_at",
    "created_by_id",
)  # fmt: skip
ENTRY_COLUMNS = (
    *STATE_ATTRIBUTES, "opportunity_id", "action", "stage_name", "previous_stage_id", "note",
    "superseded_on", "recorded_at", "superseded_at", "recorded_by_id", "act", "made_customer",
)  # fmt: skip
QUOTE_COLUMNS = (
    "id", "opportunity_id", "contact_id", "amount", "status", "created_at", "created_by_id",
    "revision", "edits", "terms", "language",
)  # fmt: skip
QUOTE_LINE_COLUMNS = (
    "quote_id", "position", "text", "description", "unit", "quantity", "price",
    "discount_percent", "vat_percent",
)  # fmt: skip
# How many moves and updates, so that with creation, activation and closing there are 5 entries
# on average: 18 % in progress, 2 % not started, 30 % won, 50 % lost.
STATUSES = ("in_progress", "not_started", "won", "lost")
SHARES = (18, 2, 30, 50)
MOVES = {"in_progress": (0, 1, 2, 2, 3), "won": (1, 2, 2, 3), "lost": (0, 1, 1, 2, 3)}
UPDATES = (0, 1, 1)
QUOTE_STATUS = {"in_progress": "sent", "won": "accepted", "lost": "declined"}


@dataclass(frozen=True)
class StageText:
    """A stage as its columns are written; `share` is the probability in hundredths of a %."""

    pk: str
    name: str
    chances: str
    completed: str
    probability: str
    share: int

    @classmethod
    def of(cls, stage: SalesCycleStage) -> "StageText":
        """Return the columns of a stage."""
        percent = probability(
            stage.sales_cycle.probability_calculation, stage.chances_of_success, stage.completed
        )
        return cls(
            str(stage.pk),
            stage.name,
            str(stage.chances_of_success),
            str(stage.completed),
            str(percent),
            int(percent * 100),
        )


@dataclass(frozen=True)
class Setting:
    """What the rows refer to, made before them; ids as they are written."""

    user: int
    salespeople: Sequence[int]
    cycles: Sequence[tuple[str, list[StageText]]]
    won: Sequence[int]
    lost: Sequence[int]
    first_contact: int
    contacts: int
    today: date


class Rows:
    """Draws rows; the same seed draws the same ones."""

    def __init__(self, random: Random, setting: Setting) -> None:
        self.random = random
        self.setting = setting
        self.user = str(setting.user)
        first = setting.today - timedelta(days=DAYS)
        self.days = [(first + timedelta(days=n)).isoformat() for n in range(DAYS + 400)]

    def contacts(self) -> Iterator[str]:
        """Yield one company and its three persons, again and again."""
        first = self.setting.first_contact
        company = first
        for pk in range(first, first + self.setting.contacts):
            if (pk - first) % GROUP == 0:
                company = pk
            yield self._contact(pk, None if pk == company else company)

    def _contact(self, pk: int, company: int | None) -> str:
        random = self.random
        post_code, city, prefix = random.choice(TOWNS)
        first_name = surname = ""
        if company is None:
            pattern, _ = random.choice(PATTERNS)
            place = f"{random.choice(SURNAMES)} {random.choice(COUNTRYSIDE)}"
            name = pattern.replace("%", place)
        else:
            first_name = random.choice(random.choice((WOMEN, MEN)))
            surname = random.choice(SURNAMES)
            name = f"{first_name} {surname}"
        phone = f"{prefix}{random.randrange(10**6):06}"
        return "\t".join((
            str(pk), "company" if company is None else "person",
            NULL if company is None else str(company), name, first_name, "", surname, "",
            "", "", post_code, city, "NO", phone, "", f"c{pk}@bench.example",
            "", "neutral", "nb", "f", f"{self.days[0]} 09:00+00", self.user,
            str(random.choice(self.setting.salespeople)),
        ))  # fmt: skip


class History:
    """One opportunity: its entries, one line each, its own line, and perhaps a quote's."""

    def __init__(self, rows: Rows, pk: int) -> None:
        random, setting = rows.random, rows.setting
        self.rows = rows
        self.pk = str(pk)
        self.status = random.choices(STATUSES, SHARES)[0]
        self.cycle, self.stages = random.choice(setting.cycles)
        place = random.randrange(setting.contacts)
        self.contact = str(setting.first_contact + place)
        self.company = str(setting.first_contact + place - place % GROUP)
        self.salesperson = str(random.choice(setting.salespeople))
        self.value = max(5, round(random.lognormvariate(log(MEDIAN_VALUE), 0.9) / 100)) * 100
        self.minute = f"{random.randrange(60):02}:{random.randrange(60):02}+00"
        self.entries: list[str] = []
        self._write()

    def _write(self) -> None:
        acts = self._acts()
        days = self._days(len(acts))
        moments = [self._moment(place, day) for place, day in enumerate(days)]
        close_on = self._close_on(days[-1])
        stage: StageText | None = None
        entered = previous = NULL
        here = 0
        state = ""
        for place, (action, day) in enumerate(zip(acts, days, strict=True)):
            on = self.rows.days[day]
            if action == "activated":
                stage, entered = self.stages[0], on
            elif action == "next":
                here += 1
                stage, entered = self.stages[here], on
            elif action == "updated":
                self.value = max(500, self.value + 100 * self.rows.random.randint(-40, 60))
            status = self._status_after(place, action)
            figures = self._figures(status, stage, on, close_on)
            state = "\t".join((
                str(place + 1), on, status, self.cycle, stage.pk if stage else NULL, entered,
                self.salesperson, self.contact, self.company, NULL, *figures, "f",
            ))  # fmt: skip
            is_last = place + 1 == len(acts)
            self.entries.append("\t".join((
                state, self.pk, action, stage.name if stage else "", previous, "",
                NULL if is_last else self.rows.days[days[place + 1]], moments[place],
                NULL if is_last else moments[place + 1], self.rows.user,
                f"{self.rows.random.getrandbits(128):032x}", "f",
            )))  # fmt: skip
            previous = stage.pk if stage else NULL
        self.last_on = self.rows.days[days[-1]]
        self._finish(state, self.rows.days[days[0]], moments[0])

    def _finish(self, state: str, created_on: str, created_at: str) -> None:
        random = self.rows.random
        text = description_of(random, random.choice(INDUSTRIES), int(created_on[:4]))
        priority = random.choice("12223")
        facts = (text, priority, "0", created_on, created_at, self.rows.user)
        self.opportunity = "\t".join((state, self.pk, *facts))
        self.quote: str | None = None
        self.quote_line = ""
        if self.status != "not_started" and one_in(random, 5):
            self.quote = "\t".join((
                self.pk, self.contact, str(self.value), QUOTE_STATUS[self.status], created_at,
                self.rows.user, "1", "0", "", "",
            ))  # fmt: skip
            self.quote_line = "\t".join(("1", text, "", "", "1", str(self.value), "0", "25"))

    def _acts(self) -> list[str]:
        """Return the actions of the entries in order."""
        if self.status == "not_started":
            return ["created"]
        random = self.rows.random
        acts = ["next"] * min(len(self.stages) - 1, random.choice(MOVES[self.status]))
        for _ in range(random.choice(UPDATES)):
            acts.insert(random.randint(0, len(acts)), "updated")
        closing = [] if self.status == "in_progress" else [self.status]
        return ["created", "activated", *acts, *closing]

    def _days(self, number: int) -> list[int]:
        """Return as many days in order, counted from the first of the history, up to yesterday."""
        random = self.rows.random
        length = random.randint(5, 200)
        is_closed = self.status in {"won", "lost"}
        ended = random.randrange(length, DAYS) if is_closed else DAYS - random.randint(1, 90)
        between = sorted(random.randint(ended - length, ended) for _ in range(number - 1))
        return [*between, ended]

    def _moment(self, place: int, day: int) -> str:
        """Return a moment of that day, later for a later entry of the same day."""
        return f"{self.rows.days[day]} {8 + place:02}:{self.minute}"

    def _close_on(self, ended: int) -> str:
        """Return the close date, never before the newest change."""
        random = self.rows.random
        if self.status in {"won", "lost"}:
            return self.rows.days[ended + random.randint(0, 60)]
        return self.rows.days[max(ended, DAYS + random.randint(-30, 180))]

    def _status_after(self, place: int, action: str) -> str:
        if place == 0:
            return "not_started"
        return action if action in {"won", "lost"} else "in_progress"

    def _figures(
        self, status: str, stage: StageText | None, on: str, close_on: str
    ) -> tuple[str, ...]:
        """Return value, chances, completed, probability, calculated value, dates and reason."""
        value = str(self.value)
        setting, random = self.rows.setting, self.rows.random
        match status:
            case "won":
                reason = str(random.choice(setting.won))
                return (value, "100", "100", "100", value, on, on, reason)
            case "lost":
                return (value, "0", "100", "0", "0", on, on, str(random.choice(setting.lost)))
        if stage is None:
            return (value, "0", "0", "0", "0", close_on, NULL, NULL)
        whole, rest = divmod(self.value * stage.share, 10_000)
        calculated = f"{whole}.{rest:04}"
        return (
            value, stage.chances, stage.completed, stage.probability, calculated,
            close_on, NULL, NULL,
        )  # fmt: skip
