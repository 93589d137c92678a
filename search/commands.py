"""What can be done from the search box: create something, or go somewhere.

A command is a plain link. It is offered when each word that was typed begins a
word of one of its phrases, in English or in Norwegian, whatever the person's
language: people type what they are used to.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.models import Contact
from salespeople.roles import is_administrator, is_manager
from salespeople.visibility import Person
from search.matching import matching
from search.sources import CONTACTS
from search.time_limit import Late, time_limit
from search.typed import Typed

MOST = 4
MOST_CONTACTS = 3
SHORT = 250  # milliseconds
# Phrases are written as text is searched: without accents (SQL function crm_fold).
DOING = {"new", "create", "add", "go", "open", "ny", "nytt", "opprett", "ga", "apne", "lag"}
FOR_SOMEBODY = re.compile(
    r"(?:new|create|add|ny|opprett|lag)"
    r" (opportunity|salgsmulighet|mulighet|task|oppgave|person)"
    r"(?: (?:for|with|at|til|hos|med|pa|i))? (.+)"
)


@dataclass(frozen=True)
class Command:
    """A link, as it is offered."""

    icon: str
    label: str
    url: str


@dataclass(frozen=True)
class _Offer:
    """A command as it is known: by its phrases, and for whom it is."""

    icon: str
    label: Promise
    address: str
    phrases: tuple[str, ...]
    query: str = ""
    role: str = ""

    def is_for(self, user: Person) -> bool:
        roles = {"": True, "manager": is_manager(user), "administrator": is_administrator(user)}
        return roles[self.role]

    def answers(self, words: tuple[str, ...]) -> bool:
        return any(_begin(words, phrase.split()) for phrase in self.phrases)

    def command(self) -> Command:
        return Command(self.icon, str(self.label), reverse(self.address) + self.query)


OFFERS = (
    _Offer("plus", gettext_lazy("New opportunity"), "opportunities:create",
           ("new opportunity", "create opportunity", "ny salgsmulighet", "opprett salgsmulighet",
            "lag salgsmulighet", "ny mulighet")),
    _Offer("plus", gettext_lazy("New company"), "contacts:create",
           ("new company contact", "create company contact", "nytt firma", "ny kontakt bedrift",
            "opprett firma kontakt bedrift"), "?kind=company"),
    _Offer("plus", gettext_lazy("New person"), "contacts:create",
           ("new person contact", "create person contact", "ny person", "ny kontakt person",
            "opprett person kontakt"), "?kind=person"),
    _Offer("plus", gettext_lazy("New task"), "tasks:create",
           ("new task", "create task", "ny oppgave", "opprett oppgave", "lag oppgave")),
    _Offer("sun", gettext_lazy("Go to my day"), "my_day",
           ("go to my day", "open my day", "home", "today", "ga til min dag", "apne min dag",
            "hjem", "i dag")),
    _Offer("layout-kanban", gettext_lazy("Go to the pipeline"), "pipeline",
           ("go to pipeline board", "open pipeline board", "ga til pipeline tavle",
            "apne pipeline tavle")),
    _Offer("briefcase", gettext_lazy("Go to opportunities"), "opportunities:list",
           ("go to opportunities", "open opportunities", "ga til salgsmuligheter",
            "apne salgsmuligheter muligheter")),
    _Offer("checkbox", gettext_lazy("Go to tasks"), "tasks:list",
           ("go to tasks", "open tasks", "ga til oppgaver", "apne oppgaver")),
    _Offer("file-dollar", gettext_lazy("Go to quotes"), "quotes:list",
           ("go to quotes", "open quotes", "ga til tilbud", "apne tilbud")),
    _Offer("address-book", gettext_lazy("Go to contacts"), "contacts:list",
           ("go to contacts companies people", "open contacts", "ga til kontakter firmaer personer",
            "apne kontakter")),
    _Offer("users-group", gettext_lazy("Go to salespeople"), "salespeople:list",
           ("go to salespeople", "open salespeople", "ga til selgere", "apne selgere")),
    _Offer("users", gettext_lazy("Go to teams"), "salespeople:teams",
           ("go to teams", "open teams", "ga til team", "apne team")),
    _Offer("user-circle", gettext_lazy("Go to my profile"), "accounts:profile",
           ("go to my profile language theme", "open profile", "ga til min profil sprak tema",
            "apne profil")),
    _Offer("keyboard", gettext_lazy("Keyboard shortcuts"), "keys",
           ("keyboard shortcuts help keys", "hurtigtaster tastatur hjelp")),
    _Offer("trash", gettext_lazy("Go to deleted opportunities"), "opportunities:list",
           ("go to deleted opportunities", "open deleted opportunities",
            "ga til slettede salgsmuligheter"), "?deleted=1", "manager"),
    _Offer("settings", gettext_lazy("Go to the administration"), "admin:index",
           ("go to administration settings admin", "open administration",
            "ga til administrasjon innstillinger", "apne administrasjon"), "", "administrator"),
)  # fmt: skip


def commands_for(typed: Typed, user: Person) -> list[Command]:
    """Return the commands that the words ask for; without words, the first of all."""
    found = [*_for_somebody(typed, user), *_offered(typed.words, user)]
    return found[:MOST] if typed.words else found


def names_somebody(typed: Typed) -> bool:
    """Say whether the words ask for something new for somebody whom they name."""
    return FOR_SOMEBODY.fullmatch(typed.phrase) is not None


def is_command(typed: Typed) -> bool:
    """Say whether the words begin as a command does, so that commands come first."""
    return bool(typed.words) and typed.words[0] in DOING


def _offered(words: tuple[str, ...], user: Person) -> Iterator[Command]:
    for offer in OFFERS:
        if offer.is_for(user) and (not words or offer.answers(words)):
            yield offer.command()


def _for_somebody(typed: Typed, user: Person) -> Iterator[Command]:
    """Yield "new opportunity for …" and its like for the contacts that are named."""
    asked = FOR_SOMEBODY.fullmatch(typed.phrase)
    if asked is None:
        return
    text, address = {
        "task": (_("New task for %(name)s"), "tasks:create"),
        "oppgave": (_("New task for %(name)s"), "tasks:create"),
        "person": (_("New person at %(name)s"), "contacts:create"),
    }.get(asked[1], (_("New opportunity for %(name)s"), "opportunities:create"))
    is_person = asked[1] == "person"
    name = "company" if is_person else "contact"
    for contact in _named(asked[2], user, companies=is_person):
        yield Command("plus", text % {"name": contact}, f"{reverse(address)}?{name}={contact.pk}")


def _named(text: str, user: Person, *, companies: bool) -> list[Contact]:
    """Return the contacts that best fit the folded text, and may be chosen for something new."""
    rows = matching(CONTACTS, Typed(text, text, tuple(text.split())), user).filter(is_blocked=False)
    rows = rows.exclude(company__is_blocked=True)
    if companies:
        rows = rows.filter(kind=Contact.Kind.COMPANY)
    try:
        with time_limit(SHORT):
            return list(rows[:MOST_CONTACTS])
    except Late:
        return []


def _begin(words: tuple[str, ...], phrase: list[str]) -> bool:
    """Say whether each of the words begins a word of the phrase, each another one."""
    left = list(phrase)
    for word in words:
        found = next((known for known in left if known.startswith(word)), None)
        if found is None:
            return False
        left.remove(found)
    return True
