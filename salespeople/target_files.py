"""Targets as a file: one line a salesperson (a matrix), or one line a target; and back."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from salespeople.models import Salesperson
from salespeople.target_grid import AMOUNT
from salespeople.targets import MONTHS, Wish, check_month

MOST_LINES = 5_000
MOST_CHARACTERS = 1_000_000
MONTH = re.compile(r"(\d{4})-(\d{1,2})(?:-01)?")
LONG = 3  # columns of a file with a line for each target
# A cell that a spreadsheet would take for a formula.
FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass
class FileLine:
    """A line of the file: what it asks for, and what is wrong with it."""

    number: int
    text: str
    salesperson: Salesperson | None = None
    wishes: list[Wish] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """The sum of its targets."""
        return sum((wish.value or Decimal(0) for wish in self.wishes), Decimal(0))


def lines_of(text: str, people: Iterable[Salesperson]) -> list[FileLine]:
    """Read a file; raises ValidationError for what cannot be read at all.

    The first line names the columns: `code;month;value`, or `code` (and
    `name`, which is not read) and a month a column: `2026-01`. Separated by
    semicolons, commas or tabs.
    """
    if len(text) > MOST_CHARACTERS:
        raise ValidationError(_("The file is too long."))
    rows = list(_rows(text))
    if not rows:
        raise ValidationError(_("There is nothing in it."))
    if len(rows) > MOST_LINES:
        raise ValidationError(_("It has more than %(most)d lines.") % {"most": MOST_LINES})
    head = [name.strip().lower() for name in rows[0][1]]
    if head[:1] != ["code"]:
        raise ValidationError(_("The first line must name the columns, “code” first."))
    by_code = {person.code: person for person in people}
    is_long = head == ["code", "month", "value"]
    months = [] if is_long else [_column(name) for name in head[1:]]
    found = []
    taken: dict[tuple[int, date], int] = {}
    for number, cells in rows[1:]:
        line = FileLine(number, ";".join(cells))
        _read_person(line, cells, by_code)
        pairs = _long(line, cells) if is_long else _wide(line, cells, months)
        _read_values(line, pairs, taken)
        found.append(line)
    return found


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield the lines that are not empty, with their numbers."""
    plain = text.removeprefix("\ufeff").replace("\x00", "")
    first = plain.strip().partition("\n")[0]
    separator = next((one for one in (";", "\t", ",") if one in first), ";")
    try:
        for number, cells in enumerate(csv.reader(io.StringIO(plain), delimiter=separator), 1):
            if any(cell.strip() for cell in cells):
                yield number, [cell.strip() for cell in cells]
    except csv.Error as error:
        raise ValidationError(_("It cannot be read as a table.")) from error


def _column(name: str) -> date | None:
    """Return the month of a column; None for `name`, which is for people."""
    if name in ("name", ""):
        return None
    month = _month(name)
    if month is None:
        raise ValidationError(
            _("The column “%(name)s” is no month: write it like 2026-01.") % {"name": name[:40]}
        )
    return month


def _month(text: str) -> date | None:
    found = MONTH.fullmatch(text)
    if found is None:
        return None
    year, month = (int(part) for part in found.groups())
    try:
        day = date(year, month, 1)
        check_month(day)
    except (ValueError, ValidationError):
        return None
    return day


def _read_person(line: FileLine, cells: list[str], by_code: dict[str, Salesperson]) -> None:
    code = cells[0].lstrip("'").upper()
    line.salesperson = by_code.get(code)
    if line.salesperson is None:
        text = _("There is no salesperson “%(code)s”, or you may not see it.")
        line.errors.append(text % {"code": code[:20]})


def _long(line: FileLine, cells: list[str]) -> list[tuple[date, str]]:
    if len(cells) != LONG:
        line.errors.append(
            _("It should have 3 columns, and has %(count)d.") % {"count": len(cells)}
        )
        return []
    month = _month(cells[1])
    if month is None:
        text = _("“%(text)s” is no month: write it like 2026-01.")
        line.errors.append(text % {"text": cells[1][:40]})
        return []
    return [(month, cells[2])]


def _wide(line: FileLine, cells: list[str], months: list[date | None]) -> list[tuple[date, str]]:
    if len(cells) > len(months) + 1:
        line.errors.append(_("It has more columns than the first line."))
    return [(month, text) for month, text in zip(months, cells[1:], strict=False) if month]


def _read_values(
    line: FileLine, pairs: list[tuple[date, str]], taken: dict[tuple[int, date], int]
) -> None:
    """Read the amounts; an empty one is left as it is."""
    for month, text in pairs:
        if not text:
            continue
        try:
            value: Any = AMOUNT.clean(text)
        except ValidationError as error:
            line.errors.append(f"{month:%Y-%m}: {' '.join(error.messages)}")
            continue
        if line.salesperson is None:
            continue
        key = (line.salesperson.pk, month)
        if key in taken:
            words = _("%(month)s stands in line %(number)d already.")
            line.errors.append(words % {"month": f"{month:%Y-%m}", "number": taken[key]})
            continue
        taken[key] = line.number
        line.wishes.append(Wish(*key, value))


def written(
    people: Iterable[Salesperson], targets: dict[int, list[Decimal | None]], year: int
) -> str:
    """Return a year's targets as a file that can be read again."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(["code", "name", *(f"{year}-{month:02}" for month in MONTHS)])
    for person in people:
        values = ["" if value is None else str(value) for value in targets[person.pk]]
        writer.writerow([_harmless(person.code), _harmless(person.name), *values])
    return "\ufeff" + out.getvalue()


def _harmless(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) else text
