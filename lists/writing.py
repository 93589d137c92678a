"""Tables as files: CSV piece by piece, XLSX row by row; neither holds all rows in memory."""

import csv
import re
import tempfile
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import IO, Any, Protocol

import xlsxwriter

type Value = str | int | float | Decimal | date | None
FORMATS = ("csv", "xlsx")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# What a spreadsheet would read as the beginning of a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
BYTE_ORDER_MARK = "\ufeff"
MOST_XLSX_ROWS = 1_048_575
MOST_XLSX_TEXT = 32_767
LEAST_WIDTH, MOST_WIDTH = 10, 40
MOST_TITLE = 31
NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\]|^'|'$")


class Money(Decimal):
    """An amount: a spreadsheet shows two decimals of it."""


class Percent(Decimal):
    """A percentage: 24.5 means 24.5 %."""


class Table(Protocol):
    """What is written: `title` names the sheet, "" for none."""

    @property
    def title(self) -> str:
        """The name of its sheet."""

    @property
    def headings(self) -> list[str]:
        """The headings of its columns."""

    def lines(self) -> Iterator[list[Value]]:
        """Yield the values of each row."""


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


def write_xlsx(*tables: Table) -> IO[bytes]:
    """Return an open temporary file with a sheet for each table; text is never a formula or a link.

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
        formats = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            Money: book.add_format({"num_format": "#,##0.00"}),
            Percent: book.add_format({"num_format": '0.##"\u00a0%"'}),
        }
        bold = book.add_format({"bold": True})
        titles: list[str] = []
        for table in tables:
            titles.append(sheet_title(table.title, titles))
            _write_sheet(book.add_worksheet(titles[-1]), table, bold, formats)
    file.seek(0)
    return file


def sheet_title(title: str, taken: list[str]) -> str:
    """Return the title as a spreadsheet allows it: short, without some signs, and only once."""
    plain = NOT_IN_A_TITLE.sub(" ", title).strip()[:MOST_TITLE].strip()
    found, number = plain, 2
    while plain and found.lower() in [each.lower() for each in taken]:
        end = f" {number}"
        found, number = plain[: MOST_TITLE - len(end)] + end, number + 1
    return found


def _write_sheet(sheet: Any, table: Table, bold: Any, formats: dict[type, Any]) -> None:
    sheet.freeze_panes(1, 0)
    for column, heading in enumerate(table.headings):
        sheet.set_column(column, column, min(MOST_WIDTH, max(LEAST_WIDTH, len(heading) + 4)))
        sheet.write_string(0, column, heading, bold)
    for row, line in enumerate(table.lines(), start=1):
        if row > MOST_XLSX_ROWS:
            break
        for column, value in enumerate(line):
            _write_cell(sheet, row, column, value, formats)


def _write_cell(sheet: Any, row: int, column: int, value: Value, formats: dict[type, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, date):
        sheet.write_datetime(row, column, value, formats[date])
    elif isinstance(value, int | float | Decimal):
        sheet.write_number(row, column, value, formats.get(type(value)))
    else:
        sheet.write_string(row, column, value[:MOST_XLSX_TEXT])
