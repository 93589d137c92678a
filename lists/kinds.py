"""The lists of the site: each room says what its own has, the pages here work for all of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, QueryDict
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_filters import FilterSet

from lists.alternatives import ListFilter, names_of, several_of
from lists.bulk import Bulk
from lists.columns import PARAMETER, Columns
from lists.grouping import GROUP, Group
from lists.sums import SumRow

# What belongs to a moment of looking, and not to a view.
PASSING = frozenset({"view", "cursor", "edit", "focus", "more"})
ALL = "all"
EVERYTHING = gettext_lazy("All")


@dataclass(frozen=True, kw_only=True)
class ListKind:
    """One list: its page, its columns, and how an address becomes rows.

    `rows` returns what the person who asks may list, before any filter of
    `filters`; it raises PermissionDenied for what is not for that person.
    `may_share` says who shares views with everybody. `flags` are parameters
    that `rows` itself reads. `bulk` is what can be done with many rows,
    `sums` what is added up. `all_label` is the tab of the list without a
    filter, `is_editable` says which rows can be changed in their place.
    `kept` returns the totals of what a FilterSet leaves, to be grouped by some
    keys, or None where the room keeps none of these.
    """

    name: str
    label: str | Promise
    page: str
    columns: Columns
    filters: type[FilterSet]
    rows: Callable[[HttpRequest, QueryDict], QuerySet[Any]]
    may_share: Callable[[Any], bool]
    groups: Mapping[str, Group] = field(default_factory=dict)
    usual_sort: str
    flags: tuple[str, ...] = ()
    bulk: Bulk | None = None
    sums: SumRow = field(default_factory=SumRow)
    all_label: str | Promise = EVERYTHING
    is_editable: Callable[[Any], bool] = lambda _row: False
    kept: Callable[..., QuerySet[Any] | None] = lambda _filterset, *_keys: None

    @property
    def url(self) -> str:
        """The address of the list."""
        return reverse(self.page)

    @property
    def parameters(self) -> frozenset[str]:
        """What a view may hold."""
        return names_of(self.filters) | {*self.flags, "sort", PARAMETER, GROUP}

    @property
    def has_groups(self) -> bool:
        """Say whether its filters know groups of conditions."""
        return issubclass(self.filters, ListFilter) and self.filters.has_groups

    @property
    def several(self) -> frozenset[str]:
        """The filters that may stand in the address several times."""
        return several_of(self.filters)

    @property
    def known(self) -> frozenset[str]:
        """What may stand in the address of the list."""
        return self.parameters | PASSING

    def filterset(self, request: HttpRequest, query: QueryDict) -> Any:
        """Return the FilterSet of the person who asks."""
        return self.filters(query, self.rows(request, query), request=request)

    def group(self, query: QueryDict) -> Group | None:
        """Return how the address groups the rows; BadRequest for a way that there is not."""
        name = str(query.get(GROUP, ""))
        if name and name not in self.groups:
            raise BadRequest(_("The list cannot be grouped by “%(name)s”.") % {"name": name[:40]})
        return self.groups.get(name)

    def sort(self, query: QueryDict) -> str:
        """Return the column by which the address sorts the rows."""
        return str(query.get("sort") or self.usual_sort)


_kinds: dict[str, ListKind] = {}


def register(kind: ListKind) -> None:
    """Make a list known to the pages of views, columns and files."""
    _kinds[kind.name] = kind


def kind_of(name: str) -> ListKind:
    """Return the list of that name; 404 for what there is not."""
    if name not in _kinds:
        raise Http404
    return _kinds[name]
