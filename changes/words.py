"""Changes in words, for timelines and receipts: who did what, and each fact before and after."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format, number_format, time_format
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _

from changes import log
from changes.kinds import kind_of
from changes.models import Change
from crm.dates import hours
from salespeople.models import User

LONGEST = 80
UNSAID = "–"
WORDS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (date, lambda day: date_format(day, "SHORT_DATE_FORMAT")),
    (time, lambda start: time_format(start, "TIME_FORMAT")),
    (timedelta, hours),
    (Decimal, lambda number: number_format(number, force_grouping=True)),
)


@dataclass(frozen=True)
class Fact:
    """A fact before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Told:
    """A change in words; `may_undo` says that nothing newer on the page rests on it."""

    change: Change
    headline: str
    facts: list[Fact]
    is_undone: bool
    may_undo: bool


def headline_of(change: Change) -> str:
    """Return what a change did, in words that follow the name of who did it."""
    words = kind_of(change).words
    if change.undoes_id is not None:
        return _("undid a change: %(what)s") % {"what": str(words[change.verb])}
    return str(words[change.verb])


def told(changes: Iterable[Change], by: User | None) -> list[Told]:
    """Return changes, the newest first, in words; a query for each kind of row that they name.

    A row that `by` may not see is not named: who attends a meeting sees the task,
    and not what it is about. None: whoever sees the changes sees what they name.
    """
    rows = list(changes)
    named = _named(rows, by)
    undone = set(Change.objects.filter(undoes__in=rows).values_list("undoes", flat=True))
    later: dict[tuple[str, int], set[str]] = defaultdict(set)
    found = []
    for change in rows:
        is_standing = change.undoes_id is None and change.pk not in undone
        key = (change.kind, getattr(change, f"{change.kind}_id"))
        rests = later[key] & set(change.after)
        found.append(
            Told(
                change=change,
                headline=headline_of(change),
                facts=_facts(change, named),
                is_undone=change.pk in undone,
                may_undo=is_standing and not rests,
            )
        )
        if is_standing:
            later[key] |= set(change.after)
    return found


type Named = Mapping[Any, Mapping[Any, Any]]


def _model(change: Change) -> Any:
    return Change._meta.get_field(change.kind).related_model


def _relation(change: Change, name: str) -> Any:
    """Return the model of the rows that a noted field names, None for a field that names none."""
    model = _model(change)
    if log.is_field(model, name):
        return model._meta.get_field(name).related_model
    return kind_of(change).relations.get(name)


def _named(changes: Iterable[Change], by: User | None) -> Named:
    wanted: dict[Any, set[Any]] = defaultdict(set)
    for change in changes:
        for name in change.after:
            if related := _relation(change, name):
                wanted[related] |= {change.before.get(name), change.after[name]} - {None}
    return {model: _rows(model, by).in_bulk(ids) for model, ids in wanted.items()}


def _rows(model: Any, by: User | None) -> Any:
    rows = model._default_manager
    if by is None or not hasattr(rows, "visible_to"):
        return model._base_manager
    return rows.visible_to(by)


def _facts(change: Change, named: Named) -> list[Fact]:
    kind, model = kind_of(change), _model(change)
    order = [*kind.labels, *(field.name for field in model._meta.get_fields())]
    found = []
    for name in sorted(set(change.after) - kind.untold, key=order.index):
        after = change.after[name]
        is_field = log.is_field(model, name)
        label = model._meta.get_field(name).verbose_name if is_field else kind.labels[name]
        if change.before.get(name) == after and name not in kind.relations:
            continue
        words = [_words(change, name, value, named) for value in (change.before.get(name), after)]
        found.append(Fact(str(capfirst(str(label))), *words))
    return found


def _words(change: Change, name: str, noted: Any, named: Named) -> str:
    if noted in (None, "", []):
        return UNSAID
    if related := _relation(change, name):
        return str(named[related].get(noted) or UNSAID)
    model = _model(change)
    if not log.is_field(model, name):
        return str(kind_of(change).choices.get(name, {}).get(noted, noted))
    return _value(model._meta.get_field(name), noted)


def _value(field: Any, noted: Any) -> str:
    """Return a plain value as people read it."""
    choices: dict[Any, Any] = dict(field.flatchoices)
    value = field.to_python(noted)
    if choices:
        return str(choices.get(value, value))
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    for kind, words in WORDS:
        if isinstance(value, kind):
            return words(value)
    return Truncator(str(value)).chars(LONGEST)
