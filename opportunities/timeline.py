"""The one timeline: what was changed, planned, said and offered, the newest first.

Each source is asked for the rows behind the cursor, at most one page of them,
in one query or two; the pages of all sources are merged. So a timeline costs
the same whatever its length.
"""

import base64
import heapq
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.core.exceptions import BadRequest
from django.db.models import F, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce, Left
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from changes import words
from changes.models import Change
from files.models import Attachment
from opportunities.history import Event, told
from opportunities.models import Opportunity, OpportunityEntry

PAGE_SIZE = 100
SHOWN_LENGTH = 600  # of a text; the whole of it has a page of its own
MOST = 2**63  # of an id that fits the database
YEARS = range(1900, 3000)
# In the order in which they stand at the same moment, the newest first.
CHANGE, EDIT, TALK, TASK, QUOTE, FILE = "change", "edit", "talk", "task", "quote", "file"
SHOWN: dict[str, tuple[str, ...]] = {
    "all": (CHANGE, EDIT, TALK, TASK, QUOTE, FILE),
    "changes": (CHANGE, EDIT),
    "tasks": (TASK,),
    "talk": (TALK,),
    "quotes": (QUOTE,),
    "files": (FILE,),
}
# What a quote lived through; each has its own moment.
QUOTED = ("created", "sent", "decided", "expired")
# By which change what stands on a line is taken back; what else was changed has its own line.
UNDONE_BY: dict[str, tuple[str, ...]] = {
    "": (
        "plan", "edit", "start", "reschedule", "assign", "take", "complete", "cancel", "reopen",
        "log", "restore",
    ),
    "created": (),
    "sent": ("send",),
    "decided": ("accept", "decline"),
    "expired": ("expire",),
}  # fmt: skip
TOLD_OF = ("contact", "opportunity", "quote")
TOLD_VERBS = ("edit", "edit_lines", "revise")  # of a quote; the rest is told by its moments
# Each kind is read from one source or several, "kind" or "kind:what".
SOURCES = (CHANGE, EDIT, TALK, TASK, *(f"{QUOTE}:{what}" for what in QUOTED), FILE)
RANKS = {source: rank for rank, source in enumerate(SOURCES)}
LABELS = {
    "all": gettext_lazy("All"),
    "changes": gettext_lazy("Changes"),
    "tasks": gettext_lazy("Tasks"),
    "talk": gettext_lazy("Talk"),
    "quotes": gettext_lazy("Quotes"),
    "files": gettext_lazy("Files"),
}


class Key(NamedTuple):
    """The place of an item: later moments first, then the order of `RANKS`, then greater ids."""

    at: datetime
    rank: int
    pk: int

    def order(self) -> tuple[float, int, int]:
        """Return what sorts the newest first."""
        return -self.at.timestamp(), self.rank, -self.pk


@dataclass(frozen=True)
class Item:
    """One row: its kind, what of it, and the row of that kind (of a change, the `Event`).

    `undo` is the newest change of the row, by which it is taken back (ADR 0022).
    """

    kind: str
    what: str
    key: Key
    row: Any
    undo: Change | None = None


@dataclass(frozen=True)
class Choice:
    """A link of the type filter."""

    name: str
    label: str
    is_active: bool


@dataclass(frozen=True)
class Timeline:
    """A page of the timeline; `older` is the cursor behind its last row, "" at the end.

    `about` is the parameter by which something new is logged or filed here,
    "" where nothing new may be.
    """

    about: str
    items: list[Item]
    choices: list[Choice]
    show: str
    older: str
    is_first: bool


type Source = Callable[[Key | None], Iterable[Item]]


@dataclass(frozen=True)
class Asked:
    """What of a timeline is asked for, as it stands in the address."""

    show: str = "all"
    behind: Key | None = None

    @classmethod
    def of(cls, query: Any) -> "Asked":
        """Read the address; BadRequest for what it cannot say."""
        show = query.get("show", "all")
        if show not in SHOWN:
            raise BadRequest(_("The timeline cannot show “%(name)s”.") % {"name": show[:40]})
        text = query.get("older", "")
        return cls(show, _read(text) if text else None)


def timeline_of(opportunity: Opportunity, events: Iterable[Event], asked: Asked) -> Timeline:
    """Return a page of one opportunity's timeline; `events` are its history, the newest first."""
    sources = _sources(
        talk=opportunity.interactions.all(),
        tasks=opportunity.tasks.all(),
        quotes=opportunity.quotes.all(),
        files=Attachment.objects.filter(
            Q(opportunity=opportunity) | Q(quote__opportunity=opportunity)
        ),
        edits=Change.objects.filter(
            Q(opportunity=opportunity) | Q(quote__opportunity=opportunity, verb__in=TOLD_VERBS)
        ),
    )
    about = "" if opportunity.is_deleted else f"opportunity={opportunity.pk}"
    return _page({CHANGE: lambda behind: _events(events, behind), **sources}, asked, about)


def timeline_of_contact(contact: Any, user: Any, asked: Asked) -> Timeline:
    """Return a page of what happened with a contact, of a company with all its people.

    Only what `user` may see, and nothing of deleted opportunities.
    """
    prefix = "company_" if contact.is_company else ""
    opportunities = getattr(contact, f"{prefix}opportunities").visible_to(user).kept()
    among = opportunities.order_by().values("pk")
    entries = OpportunityEntry.objects.filter(opportunity__in=among)
    quotes: Any = Opportunity._meta.get_field("quotes").related_model
    hidden = Q(opportunity__is_deleted=True)
    sources = _sources(
        talk=getattr(contact, f"{prefix}interactions").visible_to(user).exclude(hidden),
        tasks=getattr(contact, f"{prefix}tasks").visible_to(user).exclude(hidden).telling(user),
        quotes=quotes.objects.filter(opportunity__in=among),
        files=Attachment.objects.filter(
            Q(contact=contact)
            | Q(contact__company=contact)
            | Q(opportunity__in=among)
            | Q(quote__opportunity__in=among)
        ),
        edits=Change.objects.filter(
            Q(contact=contact)
            | Q(opportunity__in=among)
            | Q(quote__opportunity__in=among, verb__in=TOLD_VERBS)
        ),
    )
    is_blocked = contact.is_blocked or (contact.company is not None and contact.company.is_blocked)
    about = "" if is_blocked else f"contact={contact.pk}"
    return _page({CHANGE: lambda behind: _changes(entries, behind), **sources}, asked, about)


def _sources(*, talk: Any, tasks: Any, quotes: Any, files: Any, edits: Any) -> dict[str, Source]:
    """Return what each kind is read from, with the moment at which it stands."""
    talk = talk.select_related(
        "contact", "salesperson", "recorded_by", "cancelled_by", "opportunity"
    )
    talk = talk.defer("text").annotate(beginning=Left("text", SHOWN_LENGTH + 1))
    talk = talk.prefetch_related(Prefetch("attachments", Attachment.objects.kept()))
    tasks = tasks.select_related(
        "salesperson", "team", "contact", "created_by", "closed_by", "completed_by", "opportunity"
    )
    quotes = quotes.select_related("created_by", "sent_by", "decided_by", "opportunity")
    files = files.kept().select_related("uploaded_by", "opportunity", "contact", "quote")
    edits = edits.select_related("changed_by", *TOLD_OF)
    return {
        EDIT: lambda behind: _edits(edits, behind),
        FILE: _reader(FILE, files, F("uploaded_at")),
        TALK: _reader(TALK, talk, F("happened_at")),
        TASK: _reader(TASK, tasks, Coalesce("closed_at", "created_at")),
    } | {
        f"{QUOTE}:{what}": _reader(
            f"{QUOTE}:{what}", quotes.filter(**{f"{what}_at__isnull": False}), F(f"{what}_at")
        )
        for what in QUOTED
    }


def _reader(source: str, rows: Any, moment: Any) -> Source:
    """Return what reads a page of rows that stand at `moment`."""
    rank = RANKS[source]
    kind, _separator, what = source.partition(":")

    def read(behind: Key | None) -> list[Item]:
        found = _behind(rows.annotate(at=moment), rank, behind)
        return [Item(kind, what, Key(row.at, rank, row.pk), row) for row in found]

    return read


def _changes(entries: Any, behind: Key | None) -> list[Item]:
    """Read a page of the entries of many opportunities."""
    rows = _behind(entries.annotate(at=F("recorded_at")), RANKS[CHANGE], behind)
    return [Item(CHANGE, "", _key_of(event), event) for event in told(rows)]


def _edits(changes: Any, behind: Key | None) -> list[Item]:
    """Read a page of what was changed beside the ledger, in words."""
    rows = _behind(changes.annotate(at=F("changed_at")), RANKS[EDIT], behind)
    return [
        Item(EDIT, "", Key(row.change.changed_at, RANKS[EDIT], row.change.pk), row)
        for row in words.told(rows, None)
    ]


def _undoable(items: list[Item]) -> list[Item]:
    """Add to what was said, planned and offered the change by which it is taken back."""
    kinds = {TALK: "interaction", TASK: "task", QUOTE: "quote"}
    ids: dict[str, list[int]] = {name: [] for name in kinds.values()}
    for item in items:
        if item.kind in kinds:
            ids[kinds[item.kind]].append(item.row.pk)
    named = Q(interaction__in=ids["interaction"]) | Q(task__in=ids["task"])
    newest: dict[tuple[str, int], Change] = {}
    for change in Change.objects.standing().filter(named | Q(quote__in=ids["quote"])):
        kind = change.kind
        newest.setdefault((kind, getattr(change, f"{kind}_id")), change)
    found = []
    for item in items:
        change_of = newest.get((kinds.get(item.kind, ""), getattr(item.row, "pk", 0)))
        is_it = change_of is not None and change_of.verb in UNDONE_BY.get(item.what, UNDONE_BY[""])
        found.append(replace(item, undo=change_of) if is_it else item)
    return found


def _events(events: Iterable[Event], behind: Key | None) -> list[Item]:
    """Return the events behind the cursor; the history of one opportunity is read already."""
    items = (Item(CHANGE, "", _key_of(event), event) for event in events)
    return [item for item in items if behind is None or item.key.order() > behind.order()]


def _key_of(event: Event) -> Key:
    return Key(event.entry.recorded_at, RANKS[CHANGE], event.entry.pk)


def _behind(rows: QuerySet[Any], rank: int, behind: Key | None) -> QuerySet[Any]:
    """Return a page of rows, and one more, behind the cursor, by `at` and id."""
    if behind is not None:
        earlier = Q(at__lt=behind.at)
        if rank == behind.rank:
            earlier |= Q(at=behind.at, pk__lt=behind.pk)
        elif rank > behind.rank:
            earlier |= Q(at=behind.at)
        rows = rows.filter(earlier)
    return rows.order_by("-at", "-pk")[: PAGE_SIZE + 1]


def _page(sources: dict[str, Source], asked: Asked, about: str) -> Timeline:
    """Merge the sources that are shown, each of them sorted already."""
    kinds = SHOWN[asked.show]
    wanted = [read(asked.behind) for name, read in sources.items() if name.split(":")[0] in kinds]
    merged = list(heapq.merge(*wanted, key=lambda item: item.key.order()))
    items = _undoable(merged[:PAGE_SIZE])
    return Timeline(
        about=about,
        items=items,
        choices=[Choice(name, str(LABELS[name]), name == asked.show) for name in SHOWN],
        show=asked.show,
        older=_write(items[-1].key) if len(merged) > PAGE_SIZE else "",
        is_first=asked.behind is None,
    )


def _write(key: Key) -> str:
    text = json.dumps([key.at.isoformat(), key.rank, key.pk])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(text: str) -> Key:
    try:
        moment, rank, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        at = datetime.fromisoformat(moment).astimezone(UTC)
        is_key = type(pk) is int and type(rank) is int and abs(pk) < MOST
        if not is_key or at.year not in YEARS:
            raise ValueError(text)
        return Key(at, rank, pk)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadRequest(
            _("This part of the timeline does not exist. Begin at the top.")
        ) from error
