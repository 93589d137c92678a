"""The grid in which targets are typed: salespeople by months, with quarters and the year.

Each month and each quarter is a field; beside them stands what the person was
looking at, so that only what was typed is written, and nobody's change is
taken back unseen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from crm.fields import AmountField
from salespeople.models import Salesperson
from salespeople.targets import MONTHS, Wish, split_over_months

QUARTERS = range(1, 5)
AMOUNT = AmountField(required=False, min_value=0, max_digits=18, decimal_places=2)
SEPARATOR = ";"


@dataclass
class Cell:
    """A field: what stands in it, what was there, and what is wrong with it."""

    name: str
    label: str
    text: str
    was: Decimal | None
    value: Decimal | None = None
    error: str = ""

    @property
    def is_typed(self) -> bool:
        """Say whether the person changed it."""
        return not self.error and self.value != self.was

    def read(self, text: str) -> None:
        """Take what was typed."""
        self.text = text
        try:
            self.value = AMOUNT.clean(text)
        except ValidationError as error:
            self.value, self.error = None, " ".join(error.messages)


@dataclass
class Line:
    """A salesperson's year."""

    salesperson: Salesperson
    months: list[Cell]
    quarters: list[Cell]
    errors: list[str] = field(default_factory=list)

    @property
    def total(self) -> Decimal:
        """The sum of the year, as it stands in the fields."""
        return total(cell.value for cell in self.months) or Decimal(0)

    @property
    def seen(self) -> str:
        """What the person was looking at, as a hidden field carries it."""
        return SEPARATOR.join("" if cell.was is None else str(cell.was) for cell in self.months)

    @property
    def parts(self) -> Iterator[Cell]:
        """The cells in the order in which they stand: three months, and their quarter."""
        for place, quarter in enumerate(self.quarters):
            yield from self.months[3 * place : 3 * place + 3]
            yield quarter

    @property
    def is_wrong(self) -> bool:
        """Say whether a cell cannot be read."""
        return any(cell.error for cell in self.parts)


def total(values: Iterator[Decimal | None]) -> Decimal | None:
    """Return the sum of what is there; None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known, Decimal(0)) if known else None


def lines_of(
    people: Sequence[Salesperson], targets: Mapping[int, Sequence[Decimal | None]], year: int
) -> list[Line]:
    """Return the lines as they are shown first."""
    return [_line(person, targets[person.pk], year) for person in people]


def _line(person: Salesperson, targets: Sequence[Decimal | None], year: int) -> Line:
    months = [
        _cell(f"m-{person.pk}-{month}", f"{person}, {_month(year, month)}", targets[month - 1])
        for month in MONTHS
    ]
    quarters = [
        _cell(
            f"q-{person.pk}-{quarter}",
            _("%(who)s, quarter %(number)d") % {"who": person, "number": quarter},
            total(iter(targets[3 * quarter - 3 : 3 * quarter])),
        )
        for quarter in QUARTERS
    ]
    return Line(person, months, quarters)


def _month(year: int, month: int) -> str:
    return date_format(date(year, month, 1), "YEAR_MONTH_FORMAT")


def _cell(name: str, label: str, value: Decimal | None) -> Cell:
    return Cell(name, label, shown(value), value, value)


def shown(value: Decimal | None) -> str:
    """Return an amount as the field shows it."""
    if value is None:
        return ""
    return str(AMOUNT.widget.format_value(AMOUNT.prepare_value(value)) or "")


def read(lines: Sequence[Line], data: Mapping[str, str]) -> None:
    """Take what was typed: months, or a quarter that is split over its months."""
    for line in lines:
        _remember(line, data.get(f"was-{line.salesperson.pk}", line.seen))
        for cell in line.parts:
            cell.read(data.get(cell.name, cell.text))
        for place, quarter in enumerate(line.quarters):
            _settle(quarter, line.months[3 * place : 3 * place + 3])


def _remember(line: Line, seen: str) -> None:
    """Take what the person was looking at from the form; nonsense is what stands there now."""
    texts = seen.split(SEPARATOR)
    if len(texts) != len(line.months):
        return
    for cell, text in zip(line.months, texts, strict=True):
        try:
            cell.was = AMOUNT.clean(text)
        except ValidationError:
            continue
    for place, quarter in enumerate(line.quarters):
        quarter.was = total(cell.was for cell in line.months[3 * place : 3 * place + 3])


def _settle(quarter: Cell, months: list[Cell]) -> None:
    """Split a typed quarter over its months; refuse one that contradicts typed months."""
    if quarter.error or any(cell.error for cell in months):
        return
    if not quarter.is_typed:
        quarter.value = total(cell.value for cell in months)
        quarter.text = shown(quarter.value)
        return
    if any(cell.is_typed for cell in months):
        if quarter.value != total(cell.value for cell in months):
            quarter.error = _("Type the quarter or its months, not both.")
        return
    value = quarter.value
    parts: list[Decimal | None] = [None] * 3 if value is None else [*split_over_months(value)]
    for cell, part in zip(months, parts, strict=True):
        cell.value, cell.text = part, shown(part)


def fill_right(line: Line) -> None:
    """Copy the last month that is filled into the empty ones behind it."""
    filled = [place for place, cell in enumerate(line.months) if cell.value is not None]
    for cell in line.months[filled[-1] + 1 :] if filled else []:
        cell.read(line.months[filled[-1]].text)
    _resum(line)


def fill_empty(line: Line, targets: Sequence[Decimal | None]) -> None:
    """Copy last year's targets into the empty months."""
    for cell, value in zip(line.months, targets, strict=True):
        if cell.value is None and not cell.error and value is not None:
            cell.value, cell.text = value, shown(value)
    _resum(line)


def _resum(line: Line) -> None:
    for place, quarter in enumerate(line.quarters):
        if not quarter.error:
            quarter.value = total(cell.value for cell in line.months[3 * place : 3 * place + 3])
            quarter.text = shown(quarter.value)


def with_quarters(months: Sequence[Decimal]) -> list[Decimal]:
    """Return the sums of the months, each quarter behind its three, and the year at the end."""
    found: list[Decimal] = []
    for place in range(0, len(months), 3):
        part = list(months[place : place + 3])
        found += [*part, sum(part, Decimal(0))]
    return [*found, sum(months, Decimal(0))]


def wishes_of(lines: Sequence[Line], year: int) -> list[Wish]:
    """Return what the door is asked for: the months that were changed."""
    return [
        Wish(line.salesperson.pk, date(year, month, 1), cell.value, cell.was, is_seen=True)
        for line in lines
        for month, cell in zip(MONTHS, line.months, strict=True)
        if cell.is_typed
    ]
