"""Tables as files: CSV piece by piece, XLSX row by row; neither holds all rows in memory."""

import csv
import tempfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import IO, Any

import xlsxwriter

from interchange.tables import Table, Value

# What a spreadsheet would read as the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"
MOST_XLSX_ROWS = 1_048_575
MOST_XLSX_TEXT = 32_767
LEAST_WIDTH, MOST_WIDTH = 10, 40


class _Line:
    """A file that hands back what is written, for csv.writer."""

    def write(self, text: str) -> str:
        return text


def csv_pieces(table: Table) -> Iterator[str]:
    """Yield the file piece by piece: UTF-8 with a byte order mark, as Excel wants it.

    Dates are ISO 8601, numbers have a point and no thousands.
    """
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow([safe(text) for text in table.headings])
    for line in table.lines():
        yield writer.writerow([csv_text(value) for value in line])


def csv_text(value: Value) -> str:
    """Return a value as it stands in the file; only text can look like a formula."""
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return plain_decimal(value)
    if isinstance(value, str):
        return safe(value)
    return value.isoformat() if isinstance(value, date) else str(value)


def safe(text: str) -> str:
    """Return the text with an apostrophe before what a spreadsheet would calculate."""
    return f"'{text}" if text.startswith(FORMULA) else text


def plain_decimal(number: Decimal) -> str:
    """Return the number without needless zeros, never with an exponent."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def write_xlsx(table: Table) -> IO[bytes]:
    """Return an open temporary file with the table; text is never read as a formula or a link.

    A row is on disk before the next one is read.
    """
    file = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115 - whoever sends it closes it
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.freeze_panes(1, 0)
        for column, heading in enumerate(table.headings):
            sheet.set_column(column, column, min(MOST_WIDTH, max(LEAST_WIDTH, len(heading) + 4)))
            sheet.write_string(0, column, heading, bold)
        for row, line in enumerate(table.lines(), start=1):
            if row > MOST_XLSX_ROWS:
                break
            for column, value in enumerate(line):
                _write_cell(sheet, row, column, value, day)
    file.seek(0)
    return file


def _write_cell(sheet: Any, row: int, column: int, value: Value, day: Any) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, day)
    elif isinstance(value, int | Decimal):
        sheet.write_number(row, column, value)
    else:
        sheet.write_string(row, column, value[:MOST_XLSX_TEXT])
