"""A filter that is being built: conditions and groups come and go by the buttons of one form.

What stands there is in the address, as in the list; a condition that has no
value yet stands there empty.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, QueryDict

from lists.alternatives import PREFIXES, ListFilter
from lists.counting import capped_counts
from lists.filtering import FlagFilter
from lists.kinds import PASSING, ListKind
from lists.several import OneOfInput
from lists.tabs import MOST_COUNTED

PLAIN = "all"
KEYS = (PLAIN, *PREFIXES)
# What the buttons and choices of the form send beside the conditions.
SENT = frozenset({"add", "take-away", "drop", "group-more", "show", *(f"field-{k}" for k in KEYS)})


@dataclass(frozen=True)
class Condition:
    """A condition as it stands in the form; one that is not typed has only its words."""

    name: str
    field: Any
    words: list[str]
    values: list[str]


@dataclass(frozen=True)
class Group:
    """Conditions that hold together, and the fields by which there may be more of them."""

    key: str
    number: int
    conditions: list[Condition]
    choices: list[tuple[str, Any]]


class Builder:
    """What the form shows, read from its address."""

    def __init__(self, request: HttpRequest, kind: ListKind) -> None:
        """Do what the button says, and read what stands there then."""
        self.request = request
        self.kind = kind
        self.query = request.GET.copy()
        self.keys = self._keys()
        self.added = self._add()
        self._remove()
        self.filterset = kind.filterset(request, self._asked())
        self.is_valid: bool = self.filterset.form.is_valid()

    @property
    def groups(self) -> list[Group]:
        """The plain conditions, and the groups of which one must hold."""
        by_prefix = {part.form_prefix: part for part in self.filterset.alternatives}
        found = []
        for number, key in enumerate(self.keys):
            part = by_prefix.get(key) if key != PLAIN else self.filterset
            found.append(self._group(key, number, part or self._empty(key)))
        return found

    @property
    def can_grow(self) -> bool:
        """Say whether there may be another group."""
        return len(self.keys) < len(KEYS)

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What belongs to the list and is no filter."""
        known = {*self.kind.flags, "sort", "columns", "group", "view"}
        return [(n, v) for n in self.query if n in known for v in self.query.getlist(n) if v]

    @property
    def count(self) -> int | None:
        """How many rows match, one more than are counted for more; None for what is refused."""
        if not self.is_valid:
            return None
        return capped_counts([self.filterset.rows()], MOST_COUNTED)[0]

    @property
    def url(self) -> str:
        """The address of the list that is filtered so."""
        kept = QueryDict(mutable=True)
        for name, value in (*self.carried, *self._pairs()):
            kept.appendlist(name, value)
        return f"{self.kind.url}?{kept.urlencode() or 'view=all'}"

    def _keys(self) -> list[str]:
        """Return the groups that stand there; more, if the button asks for one."""
        present = {PLAIN, *(name.partition("-")[0] for name in self.query if "-" in name)}
        present |= {name.removeprefix("field-") for name in self.query if name.startswith("field-")}
        present.discard(self.query.get("drop", ""))
        keys = [key for key in KEYS if key in present]
        if "group-more" in self.query:
            free = [key for key in KEYS if key not in keys]
            keys += free[: 2 if keys == [PLAIN] else 1]
        return [key for key in KEYS if key in keys]

    def _add(self) -> str:
        """Let the chosen fields stand there, empty; return the last of them."""
        last = ""
        for key in self.keys:
            name = self.query.get(f"field-{key}", "")
            if name in self.kind.filters.base_filters:
                last = _full(key, name)
                is_flag = isinstance(self.kind.filters.base_filters[name], FlagFilter)
                if last not in self.query:
                    self.query[last] = "1" if is_flag else ""
        return last

    def _remove(self) -> None:
        """Take away the condition, or the group, that the button names."""
        gone = self.query.get("take-away", "")
        dropped = self.query.get("drop", "")
        for name in list(self.query):
            if name == gone or (dropped and name.startswith(f"{dropped}-")):
                del self.query[name]

    def _asked(self) -> QueryDict:
        asked = QueryDict(mutable=True)
        for name in self.query:
            if name not in SENT | PASSING:
                values = dict.fromkeys(value for value in self.query.getlist(name) if value)
                asked.setlist(name, list(values) or [""])
        return asked

    def _pairs(self) -> list[tuple[str, str]]:
        names = [name for name in self.filterset.data if name in self.kind.parameters]
        carried = {name for name, _value in self.carried}
        data = self.filterset.data
        return [(n, v) for n in names if n not in carried for v in data.getlist(n) if v]

    def _empty(self, key: str) -> Any:
        rows = self.filterset.queryset
        prefix = None if key == PLAIN else key
        wide: type[ListFilter] = self.kind.filters.wide()
        return wide(self.filterset.data, rows, request=self.request, prefix=prefix)

    def _group(self, key: str, number: int, part: Any) -> Group:
        form = part.form
        present = [name for name in form.fields if _full(key, name) in self.query]
        told = part.sentence()
        conditions = []
        for name in present:
            full = _full(key, name)
            is_hidden = form[name].is_hidden
            if not is_hidden:
                self._open(form.fields[name].widget, is_new=full == self.added)
            words = told.get(name, []) if is_hidden else []
            values = self.filterset.data.getlist(full) if is_hidden else []
            conditions.append(
                Condition(full, None if is_hidden else form[name],
                          [words] if isinstance(words, str) else words, values)
            )  # fmt: skip
        choices = [(f.name, f.label) for f in form.visible_fields() if f.name not in present]
        return Group(key, number, conditions, sorted(choices, key=lambda pair: str(pair[1])))

    @staticmethod
    def _open(widget: Any, *, is_new: bool) -> None:
        """Show a box for each value, so that another can be added; begin in what is new."""
        if isinstance(widget, OneOfInput):
            widget.is_open = True
        if is_new:
            getattr(widget, "one_more", widget).attrs["autofocus"] = True


def _full(key: str, name: str) -> str:
    return name if key == PLAIN else f"{key}-{name}"
