"""What each room says about its own changes: their words, and how one is taken back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from changes.models import Change


@dataclass(frozen=True, kw_only=True)
class ChangeKind:
    """The changes of one kind of row.

    `words` follow the name of who did it ("edited it"); `undo(change, by=)`
    takes a change back by the room's door, or raises ValidationError or
    PermissionDenied with the reason. `rows` returns what a person may see.
    `labels`, `relations` (models) and `choices` say what is noted beside the fields.
    """

    name: str
    rows: Callable[[Any], Any]
    undo: Callable[..., None]
    words: Mapping[str, str | Promise]
    labels: Mapping[str, str | Promise] = field(default_factory=dict)
    relations: Mapping[str, Any] = field(default_factory=dict)
    choices: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    untold: frozenset[str] = frozenset()


_kinds: dict[str, ChangeKind] = {}


def register(kind: ChangeKind) -> None:
    """Make the changes of a kind of row known."""
    _kinds[kind.name] = kind


def kind_of(change: Change) -> ChangeKind:
    """Return the kind to which a change belongs."""
    return _kinds[change.kind]
