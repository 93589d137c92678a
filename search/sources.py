"""What is searched: which rows, by which of their texts, and how a row is told.

A source names no view of its own: it reaches rows through their `visible_to`,
so that nothing is found, and nothing is counted, that the person may not see.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import Contact
from crm.dates import site_date
from opportunities.models import OPEN, Opportunity
from quotes.models import Quote
from salespeople.visibility import Person
from tasks.models import Interaction, Task


@dataclass(frozen=True)
class Hit:
    """A row that was found, as it is told: by name, number, and whom it is about.

    `state` is a row with a status to show as a badge. `rank` says how well it
    fits, the best first (`matching.Rank`), `nearness` how alike its words are to
    mistyped ones.
    """

    kind: str
    icon: str
    number: str
    title: str
    url: str
    about: tuple[str, ...]
    state: Any = None
    amount: Decimal | None = None
    day: date | None = None
    salesperson: Any = None
    rank: int = 0
    nearness: float = 0
    is_open: bool = True


@dataclass(frozen=True)
class Source:
    """One kind of rows.

    `own` is the path of the text that is the row's own (None: it has but a
    number), `name` the part of it by which people call it; `others` are the
    texts that lead to it, `alike` those in which typing errors are forgiven.
    `guarded` is the one of `others` that counts only where the row `tells` it.
    `open_rows` and `salesperson` say what comes first; where a person has few
    open ones (`has_mine`), they are found whatever there is besides.
    """

    kind: str
    label: str | Promise
    icon: str
    prefix: str
    rows: Callable[[Person], QuerySet[Any]]
    own: str | None
    name: str
    others: tuple[str, ...]
    alike: tuple[str, ...]
    open_rows: Q
    salesperson: str
    related: tuple[str, ...]
    hit: Callable[[Any], Hit]
    list_url: str = ""
    guarded: str = ""
    has_mine: bool = True

    @property
    def paths(self) -> tuple[str, ...]:
        """The texts in which words are looked for."""
        return (self.own, *self.others) if self.own else self.others


def _names(*rows: Any) -> tuple[str, ...]:
    """Return each name once, without what is missing."""
    return tuple(dict.fromkeys(str(row) for row in rows if row))


def _opportunity(row: Opportunity) -> Hit:
    return Hit(
        kind="opportunity",
        icon="briefcase",
        number=row.number,
        title=row.description,
        url=row.get_absolute_url(),
        about=_names(row.contact, row.company),
        state=row,
        amount=row.estimated_value,
        day=row.estimated_close_on,
        salesperson=row.salesperson,
        is_open=row.is_open,
    )


def _contact(row: Contact) -> Hit:
    phones = [phone for phone in (row.phone, row.mobile_phone) if phone]
    return Hit(
        kind="contact",
        icon="building" if row.is_company else "user",
        number=row.number,
        title=row.name,
        url=row.get_absolute_url(),
        about=_names(row.company, row.job_title, row.city, *phones, row.email),
        is_open=not row.is_blocked,
    )


def _quote(row: Quote) -> Hit:
    return Hit(
        kind="quote",
        icon="file-dollar",
        number=row.number,
        title=row.opportunity.description,
        url=row.get_absolute_url(),
        about=_names(row.contact),
        state=row,
        amount=row.amount,
        salesperson=row.opportunity.salesperson,
        is_open=row.is_in_force,
    )


def _task(row: Task) -> Hit:
    tells: bool = row.tells  # type: ignore[attr-defined]
    opportunity: Any = row.opportunity if tells else None
    return Hit(
        kind="task",
        icon="checkbox",
        number=row.number,
        title=row.description,
        url=row.get_absolute_url(),
        about=_names(row.contact, row.company, opportunity),
        state=row,
        day=row.due_on,
        salesperson=row.salesperson or row.team,
        is_open=row.is_open,
    )


def _interaction(row: Interaction) -> Hit:
    return Hit(
        kind="interaction",
        icon="message-circle",
        number=row.number,
        title=row.subject,
        url=row.get_absolute_url(),
        about=_names(row.get_kind_display(), row.contact, row.company, row.opportunity),
        day=site_date(row.happened_at),
        salesperson=row.salesperson,
        is_open=not row.is_cancelled,
    )


def _opportunities(user: Person) -> QuerySet[Any]:
    return Opportunity.objects.visible_to(user).kept()


def _contacts(user: Person) -> QuerySet[Any]:
    return Contact.objects.visible_to(user)


def _quotes(user: Person) -> QuerySet[Any]:
    return Quote.objects.visible_to(user)


def _tasks(user: Person) -> QuerySet[Any]:
    return Task.objects.visible_to(user).telling(user)


def _interactions(user: Person) -> QuerySet[Any]:
    return Interaction.objects.visible_to(user)


NAMES = ("contact__search_text", "company__search_text")
OPPORTUNITIES = Source(
    kind="opportunity",
    label=_("Opportunities"),
    icon="briefcase",
    prefix=Opportunity.PREFIX,
    rows=_opportunities,
    own="search_text",
    name="description",
    others=NAMES,
    alike=("search_text", *NAMES),
    open_rows=Q(status__in=OPEN),
    salesperson="salesperson",
    related=("contact", "company", "salesperson"),
    hit=_opportunity,
    list_url="opportunities:list",
)
CONTACTS = Source(
    kind="contact",
    label=_("Contacts"),
    icon="address-book",
    prefix=Contact.PREFIX,
    rows=_contacts,
    own="search_text",
    name="name",
    others=("company__search_text",),
    alike=("search_text",),
    open_rows=Q(is_blocked=False),
    salesperson="salesperson",
    related=("company",),
    hit=_contact,
    list_url="contacts:list",
)
QUOTES = Source(
    kind="quote",
    label=_("Quotes"),
    icon="file-dollar",
    prefix=Quote.PREFIX,
    rows=_quotes,
    own=None,
    name="",
    others=("opportunity__search_text", "contact__search_text"),
    alike=(),
    open_rows=Q(status__in=["draft", "sent", "accepted"]),
    salesperson="opportunity__salesperson",
    related=("opportunity__salesperson", "contact"),
    hit=_quote,
)
TASKS = Source(
    kind="task",
    label=_("Tasks"),
    icon="checkbox",
    prefix=Task.PREFIX,
    rows=_tasks,
    own="search_text",
    name="description",
    others=(*NAMES, "opportunity__search_text"),
    alike=("search_text",),
    open_rows=Q(status__in=Task.OPEN),
    salesperson="salesperson",
    related=("contact", "company", "opportunity", "salesperson", "team"),
    hit=_task,
    guarded="opportunity__search_text",
)
INTERACTIONS = Source(
    kind="interaction",
    label=_("Interactions"),
    icon="message-circle",
    prefix=Interaction.PREFIX,
    rows=_interactions,
    own="search_text",
    name="subject",
    others=(*NAMES, "opportunity__search_text"),
    alike=("search_text",),
    open_rows=Q(cancelled_at__isnull=True),
    salesperson="salesperson",
    related=("contact", "company", "opportunity", "salesperson"),
    hit=_interaction,
    has_mine=False,
)
SOURCES = (OPPORTUNITIES, CONTACTS, QUOTES, TASKS, INTERACTIONS)
