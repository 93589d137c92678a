"""The pages that send a list as a file."""

from typing import Any

from django.core.exceptions import BadRequest
from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponseBase,
    StreamingHttpResponse,
)
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from crm.dates import today
from interchange.tables import Table
from lists.columns import joined
from lists.kinds import ListKind, kind_of
from lists.paging import in_order
from lists.parameters import check_parameters
from lists.tabs import Tabs
from lists.writing import FORMATS, XLSX, csv_pieces, write_xlsx


@require_GET
def export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """Send exactly the rows, in the order and with the columns, that the list shows."""
    found = kind_of(kind)
    check_parameters(request.GET, {*found.known, "format"}, several=found.several)
    wanted = request.GET.get("format", "csv")
    if wanted not in FORMATS:
        raise BadRequest(_("There is no such format: “%(name)s”.") % {"name": wanted[:40]})
    table = _table(request, found)
    name = f"{found.name}-{today().isoformat()}.{wanted}"
    if wanted == "xlsx":
        return FileResponse(write_xlsx(table), as_attachment=True, filename=name, content_type=XLSX)
    return StreamingHttpResponse(
        csv_pieces(table),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _table(request: HttpRequest, kind: ListKind) -> Table:
    filterset = kind.filterset(request, request.GET)
    if filterset.form.errors:
        raise BadRequest(_("The filter cannot be read. Correct it in the list."))
    columns = kind.columns.chosen(Tabs(request, kind).columns)
    group = kind.group(request.GET)
    rows: Any = filterset.rows()
    ordered = in_order(
        group.prepared(rows) if group else rows,
        sorts=kind.columns.sorts,
        sort=kind.sort(request.GET),
        group=group.sorts if group else (),
    )
    return Table(joined(ordered, columns), columns, get_language() or "")
