"""The tabs of a list: its saved views, how many rows each holds, and which of them is open."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect, QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from lists.alternatives import PREFIXES, among, prefixes_in
from lists.columns import PARAMETER
from lists.counting import capped_counts
from lists.filtering import RowFilter
from lists.grouping import GROUP
from lists.kinds import ALL, PASSING, ListKind
from lists.models import ListPreference, SavedView
from lists.parameters import as_id
from lists.saving import may_change

MOST_TABS = 6
MOST_COUNTED = 999


@dataclass
class Tab:
    """A saved view as a tab; `count` is None where it is not counted, or names what is gone."""

    view: SavedView
    url: str
    is_active: bool
    count: int | None = None

    @property
    def is_capped(self) -> bool:
        """Say whether there are more than are counted."""
        return self.count is not None and self.count > MOST_COUNTED

    @property
    def shown_count(self) -> int | None:
        """The number that is shown, with a "+" where it is capped."""
        return MOST_COUNTED if self.is_capped else self.count


class Tabs:
    """What the page of a list says about views: made from its address, in few queries."""

    def __init__(self, request: HttpRequest, kind: ListKind) -> None:
        self.request = request
        self.kind = kind
        preferences = ListPreference.objects.filter(kind=kind.name, user=request.user.pk)
        self.preference = preferences.first() or ListPreference(kind=kind.name)
        self.views = list(SavedView.objects.visible_to(request.user).filter(kind=kind.name))
        self.views.sort(key=lambda v: (v.owner_id != request.user.pk, v.position, v.pk))
        self.active = self._active()

    def opening(self) -> HttpResponseRedirect | None:
        """Return the way to the view that opens the list, where the address says nothing."""
        if self.request.GET:
            return None
        view = self._by_id(self.preference.default_view_id)
        return HttpResponseRedirect(self.url_of(view)) if view else None

    @property
    def columns(self) -> str:
        """The names of the columns that are shown: the address's, else the remembered ones."""
        asked = self.request.GET.get(PARAMETER, "")
        return asked or self.kind.columns.known(self.preference.columns)

    @property
    def all_url(self) -> str:
        """The address of all rows: without a parameter, the first view would open."""
        return f"{self.kind.url}?view={ALL}"

    @property
    def is_all(self) -> bool:
        """Say whether nothing at all is filtered."""
        return self.active is None and not self._kept(self.request.GET)

    @cached_property
    def parameters(self) -> str:
        """What would be saved now, as a query string."""
        return self._kept(self.request.GET)

    @property
    def is_changed(self) -> bool:
        """Say whether the open view shows something else than it keeps."""
        if self.active is None:
            return False
        return self._kept(QueryDict(self.active.parameters)) != self.parameters

    @property
    def may_change(self) -> bool:
        """Say whether the open view is the person's to change."""
        return self.active is not None and may_change(self.active, self.kind, self.request.user)

    @property
    def may_share(self) -> bool:
        """Say whether the person shares views with everybody."""
        return self.kind.may_share(self.request.user)

    @property
    def unknown(self) -> list[str]:
        """What the open view asks for and the list no longer knows."""
        return self._split(self.active)[1] if self.active else []

    @cached_property
    def shown(self) -> list[Tab]:
        """The first views, and the open one, each with its number of rows."""
        first = self.views[:MOST_TABS]
        if self.active is not None and self.active not in first:
            first = [*first[: MOST_TABS - 1], self.active]
        tabs = [Tab(v, self.url_of(v), v == self.active) for v in first]
        self._count(tabs)
        return tabs

    @property
    def more(self) -> list[Tab]:
        """The other views, uncounted."""
        shown = {tab.view.pk for tab in self.shown}
        return [Tab(v, self.url_of(v), is_active=False) for v in self.views if v.pk not in shown]

    def url_of(self, view: SavedView) -> str:
        """Return the address that opens a view."""
        kept = self._split(view)[0].urlencode()
        return f"{self.kind.url}?view={view.pk}{'&' if kept else ''}{kept}"

    def _active(self) -> SavedView | None:
        text = self.request.GET.get("view", "")
        if text in ("", ALL):
            return None
        view = self._by_id(as_id(text))
        if view is None:
            raise BadRequest(_("There is no such view, or it is not shared with you any more."))
        return view

    def _by_id(self, pk: int | None) -> SavedView | None:
        return next((view for view in self.views if view.pk == pk), None)

    def _split(self, view: SavedView) -> tuple[QueryDict, list[str]]:
        """Return what a view asks for, and the names that the list no longer knows."""
        asked = QueryDict(view.parameters)
        known = asked.copy()
        for name in [name for name in asked if name not in self.kind.parameters]:
            del known[name]
        if PARAMETER in known:
            known[PARAMETER] = self.kind.columns.known(known.get(PARAMETER, ""))
        if known.get("sort", "").removeprefix("-") not in self.kind.columns.sorts:
            known.pop("sort", None)
        if known.get(GROUP) not in self.kind.groups:
            known.pop(GROUP, None)
        return known, [name for name in asked if known.getlist(name) != asked.getlist(name)]

    def _kept(self, query: QueryDict) -> str:
        kept = QueryDict(mutable=True)
        for name in sorted(set(query) - PASSING):
            kept.setlist(name, [value for value in query.getlist(name) if value])
        return kept.urlencode()

    def _count(self, tabs: list[Tab]) -> None:
        """Count the rows of each tab; one that cannot be read is left uncounted."""
        queries = [QueryDict(tab.view.parameters) for tab in tabs]
        counter = _Counter(self.kind, self.request, queries)
        found = [counter.rows(query) for query in queries]
        counted = [(tab, rows) for tab, rows in zip(tabs, found, strict=True) if rows is not None]
        counts = capped_counts([rows for _tab, rows in counted], MOST_COUNTED)
        for (tab, _rows), count in zip(counted, counts, strict=True):
            tab.count = count


class _Counter:
    """The rows of many views by one set of filters, whose choices are fetched at once."""

    def __init__(self, kind: ListKind, request: HttpRequest, queries: Sequence[QueryDict]) -> None:
        self.kind = kind
        self.request = request
        self.filterset = kind.filterset(request, QueryDict())
        for name, filter_ in self.filterset.filters.items():
            if isinstance(filter_, RowFilter):
                full = (name, *(f"{prefix}-{name}" for prefix in PREFIXES))
                ids = {as_id(t) for query in queries for n in full for t in query.getlist(n)}
                filter_.know({pk for pk in ids if pk is not None})

    def rows(self, query: QueryDict) -> QuerySet[Any] | None:
        """Return the rows of one view; None for what cannot be read, or is not for the person."""
        try:
            rows = self._narrowed(self.kind.rows(self.request, query), query)
            plain = rows.model._default_manager.order_by()
            parts = [self._narrowed(plain, query, f"{p}-") for p in prefixes_in(query)]
        except (ValidationError, PermissionDenied, BadRequest):
            return None
        return among(rows, parts)

    def _narrowed(self, rows: QuerySet[Any], query: QueryDict, prefix: str = "") -> QuerySet[Any]:
        """Keep what the conditions of the view, or of one of its groups, ask for."""
        for name, filter_ in self.filterset.filters.items():
            full = f"{prefix}{name}"
            texts = [text for text in query.getlist(full) if text]
            if not texts:
                continue
            value = filter_.field.clean(texts if name in self.kind.several else texts[-1])
            if value not in (None, "", False, []):
                rows = filter_.filter(rows, value)
        return rows
