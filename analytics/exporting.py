"""The managers' pages as files: the tables of a page as CSV or XLSX, and the page for paper.

A page says which tables it has, from the same readings that its template prints:

    def tables_of(page) -> list[Table]:
        return [Table(_("Open pipeline"), [_("Stage"), _("Value")],
                      [[line.label, line.value] for line in page.lines])]

and answers by `page_or_file(request, template, context, tables=…)` instead of
`render`; its known parameters include `FORMAT`, and its template includes
`analytics/files.html` among the actions. A cell is a text, a date, an int (a
count), a Decimal (an amount), a `Percent`, None, or a Reading, whose number is
written exactly and typed by its measure.

CSV holds the first table only, so that a program can read it; XLSX holds each
table on a sheet, and `context["basis"]` on the last: what the figures mean.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import BadRequest
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from analytics.basis import Basis
from analytics.figures import Reading, number_of
from crm.dates import today
from lists.writing import FORMATS, XLSX, Money, Percent, Value, csv_pieces, write_xlsx

FORMAT = "format"
PRINT = "print"
type Cell = Reading | Promise | Value | Any


@dataclass(frozen=True)
class Table:
    """A table of a page: its name, the headings of its columns, and its rows."""

    name: str | Promise
    columns: Sequence[str | Promise]
    rows: Iterable[Sequence[Cell]]

    @property
    def title(self) -> str:
        """The name of its sheet."""
        return str(self.name)

    @property
    def headings(self) -> list[str]:
        """The headings as text."""
        return [str(column) for column in self.columns]

    def lines(self) -> Iterator[list[Value]]:
        """Yield the values of each row."""
        for row in self.rows:
            yield [value_of(cell) for cell in row]


def value_of(cell: Cell) -> Value:
    """Return what stands in a file for a cell: a reading's exact number, typed by its measure."""
    if isinstance(cell, Reading):
        measure, number = cell.figure.measure, number_of(cell)
        if measure in ("count", "tally"):
            return int(number)
        if measure in ("days", "score"):
            return float(number)
        return Percent(number) if measure == "share" else Money(number)
    if type(cell) is Decimal:
        return Money(cell)
    return cell if isinstance(cell, int | float | Decimal | date | None) else str(cell)


def page_or_file(
    request: HttpRequest,
    template: str,
    context: dict[str, Any],
    *,
    tables: Callable[[], list[Table]],
    day: date | None = None,
    status: int = 200,
) -> HttpResponseBase:
    """Answer with the page, or with its tables as the file that the address asks for.

    `tables` is called only where a file is wanted. `day` is the day that the
    figures are of, today without it: the file is named by the page and the
    day. BadRequest for an unknown format, and for a file of a page that cannot
    be shown.
    """
    wanted = request.GET.get(FORMAT, "")
    if wanted in ("", PRINT):
        return render(request, template, {**context, "is_print": bool(wanted)}, status=status)
    if wanted not in FORMATS:
        raise BadRequest(_("There is no such format: “%(name)s”.") % {"name": wanted[:40]})
    if status != HttpResponse.status_code:
        raise BadRequest(_("The filter cannot be read. Correct it on the page."))
    match: Any = request.resolver_match
    name = f"{match.url_name}-{(day or today()).isoformat()}.{wanted}"
    return _file(tables(), context.get("basis"), name, wanted)


def _file(tables: list[Table], basis: Basis | None, name: str, wanted: str) -> HttpResponseBase:
    if wanted == "xlsx":
        sheets = [*tables, meaning(basis)] if basis else tables
        file = write_xlsx(*sheets)
        return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)
    return HttpResponse(
        "".join(csv_pieces(tables[0])),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def meaning(basis: Basis) -> Table:
    """Return what the figures of a page mean, and whose they are, as a table."""
    rows: list[Sequence[Cell]] = [[each.label, each.sentence] for each in basis.figures]
    rows.append([_("Whose"), basis.whose])
    rows.append([_("As of"), basis.on])
    rows.append([_("Time zone"), basis.zone])
    return Table(_("What the figures mean"), [_("Figure"), _("Meaning")], rows)
