"""What the page of a list shows, made from its address in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render

from crm.dates import today
from lists.columns import joined, load
from lists.filtering import chips
from lists.grouping import GROUP, added_up, heads
from lists.kinds import ListKind
from lists.paging import Page, page_of
from lists.parameters import check_parameters, integer, tidy
from lists.tabs import Tabs

CARRIED = ("view", "sort", "columns", GROUP)


def opened(request: HttpRequest, kind: ListKind) -> "Listing | HttpResponseRedirect":
    """Return the list that the address describes, or the way to a better address."""
    check_parameters(request.GET, kind.known, several=kind.several)
    if clean := tidy(request):
        return clean
    views = Tabs(request, kind)
    return views.opening() or Listing(request, kind, views)


class Listing:
    """The rows of a page, their columns, groups and sums, and the views and filters above."""

    def __init__(self, request: HttpRequest, kind: ListKind, views: Tabs | None = None) -> None:
        self.request = request
        self.kind = kind
        self.views = views or Tabs(request, kind)
        self.filterset = kind.filterset(request, request.GET)
        self.rows = self.filterset.rows()
        self.columns = kind.columns.chosen(self.views.columns)
        self.group = kind.group(request.GET)
        self.page = self._page()
        self.sums = kind.sums.of(self.rows, kept=kind.kept(self.filterset))

    def editable(self) -> Any:
        """Return the row that the address wants to change, if it stands here and can be."""
        wanted = integer(self.request.GET, "edit")
        rows = self.page.rows
        return next((r for r in rows if r.pk == wanted and self.kind.is_editable(r)), None)

    def answer(
        self, template: str, *, in_tabs: Iterable[str] = (), status: int = 200, **more: Any
    ) -> HttpResponse:
        """Render the page; 400 for a filter that cannot be read.

        `in_tabs` are filters that links choose: the form carries them along.
        """
        bulk, page = self.kind.bulk, self.page
        # A label stands in every cell: it is translated once.
        columns = [replace(column, label=str(column.label)) for column in self.columns]
        context = {
            "kind": self.kind,
            "views": self.views,
            "filter": self.filterset,
            "form": self.filterset.form,
            "chips": chips(self.request.GET, self.filterset.sentence()),
            "hidden": self._hidden(in_tabs),
            "all_url": self.views.all_url,
            "columns": columns,
            "grouped_by": self.group,
            "lead": next((n for n, c in enumerate(self.columns) if c.total), len(self.columns)),
            "actions": list(bulk) if bulk else [],
            "has_more": bool(page.next_cursor or page.previous_cursor),
            "page": page,
            "sums": self.sums,
            "sum_cells": self.kind.sums.cells(self.sums),
            "heads": self._heads(),
            "editable": {row.pk for row in page.rows if self.kind.is_editable(row)},
            "today": today(),
            **more,
        }
        status = 400 if self.filterset.form.errors else status
        return render(self.request, template, context, status=status)

    def _page(self) -> Page[Any]:
        group = self.group
        rows = group.prepared(self.rows) if group else self.rows
        page: Page[Any] = page_of(
            joined(rows, self.columns, *(group.related if group else ())),
            sorts=self.kind.columns.sorts,
            sort=self.kind.sort(self.request.GET),
            cursor=self.request.GET.get("cursor", ""),
            group=group.sorts if group else (),
        )
        load(self.columns, page.rows)
        return page

    def _heads(self) -> Any:
        group, sums = self.group, self.kind.sums
        if group is None:
            return {}
        kept = self.kind.kept(self.filterset, *group.keys) if group.keys else None
        if kept is not None:
            added = added_up(kept, group, sums.kept)
        elif self.sums.is_capped or sums.are_many(self.sums):
            added = None
        else:
            added = added_up(group.prepared(self.rows), group, sums.expressions)
        return heads(self.page.rows, group, self.request.GET, sums, added)

    def _hidden(self, in_tabs: Iterable[str]) -> list[tuple[str, str]]:
        query = self.request.GET
        names = (*CARRIED, *in_tabs)
        return [(name, value) for name in names for value in query.getlist(name) if value]


@dataclass(frozen=True)
class Choice:
    """A way to look at the list, as a link."""

    label: Any
    url: str
    is_active: bool


def switch(
    query: QueryDict,
    name: str,
    pairs: Iterable[tuple[str, Any]],
    present: str,
    *,
    but: Iterable[str] = (),
) -> list[Choice]:
    """Return a link for each value of a filter; "" takes the filter away."""
    found = []
    for value, label in pairs:
        asked = query.copy()
        for parameter in (name, "cursor", "edit", *but):
            asked.pop(parameter, None)
        if value:
            asked[name] = value
        found.append(Choice(label, f"?{asked.urlencode() or 'view=all'}", value == present))
    return found
