"""Two people with one draft: terms and lines are merged, or asked about (product.md U8).

Lines are compared place by place while nobody has added or taken away any;
else they are one thing, of which one side stands.
"""

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from changes import merging
from crm.merging import UNSAID, Compared, is_same, raw_of, read_shown
from quotes import lifecycle
from quotes.forms import QuoteForm
from quotes.line_forms import PREFIX, LineForm, LineTable, Row, rows_of_lines
from quotes.models import Quote, QuoteLine

NAMES = ("valid_until", "language", "terms")
LINES = "lines"
TAKEN = "take_lines"  # what is chosen of the lines: "mine" or "theirs"
FIELDS = tuple(LineForm.base_fields)

type Line = list[str]


def names_of(form: Any) -> list[str]:
    """Return the fields that are compared; the lines are apart."""
    return [name for name in NAMES if name in form.fields]


def form_of_quote(quote: Quote) -> QuoteForm:
    """Return the form as the quote stands."""
    return QuoteForm(initial={name: getattr(quote, name) for name in NAMES})


def shown_of(quote: Quote, lines: Iterable[QuoteLine] | None = None) -> str:
    """Return what the form of a quote shows, for it to be sent back."""
    form = form_of_quote(quote)
    found: dict[str, Any] = {name: raw_of(form, name, getattr(quote, name)) for name in NAMES}
    return json.dumps({**found, LINES: [json.dumps(n) for n in lines_shown(quote, lines)]})


def lines_shown(quote: Quote, lines: Iterable[QuoteLine] | None = None) -> list[Line]:
    """Return the lines of a quote as the form sends them when nobody touches them."""
    form = LineForm(number=1)
    rows = rows_of_lines(quote.lines.all() if lines is None else lines)
    return [[str(raw_of(form, name, row.get(name, ""))) for name in FIELDS] for row in rows]


def lines_sent(rows: Iterable[Row]) -> list[Line]:
    """Return the lines that were sent, without empty rows."""
    found = [[str(row.get(n) or "").replace("\r\n", "\n") for n in FIELDS] for row in rows]
    return [line for line in found if any(line)]


def merged(was: list[Line], mine: list[Line], theirs: list[Line]) -> tuple[list[Line], bool]:
    """Return what comes of both, and whether they dispute a line: then mine stands in it."""
    if are_alike(mine, was):
        return theirs, False
    if are_alike(theirs, was) or are_alike(theirs, mine):
        return mine, False
    if not len(was) == len(mine) == len(theirs):
        return mine, True
    found, is_disputed = [], False
    for old, my, their in zip(was, mine, theirs, strict=True):
        is_mine, is_theirs = not are_alike([my], [old]), not are_alike([their], [old])
        found.append(my if is_mine else their)
        is_disputed |= is_mine and is_theirs and not are_alike([my], [their])
    return found, is_disputed


def are_alike(one: list[Line], other: list[Line]) -> bool:
    """Say whether two lists of lines mean the same."""
    form = LineForm(number=1)
    return len(one) == len(other) and all(
        a == b or is_same(form, name, a, b)
        for mine, theirs in zip(one, other, strict=True)
        for name, a, b in zip(FIELDS, mine, theirs, strict=True)
    )


def in_words(lines: list[Line]) -> str:
    """Return lines as people read them."""
    text = _("%(quantity)s × %(text)s at %(price)s")
    found = []
    for line in lines:
        said = dict(zip(FIELDS, line, strict=True))
        found.append(text % {**said, "quantity": said["quantity"] or 1})
    return "; ".join(found) or UNSAID


class Merging:
    """A form of a draft and its rows, on the way to the door."""

    def __init__(self, form: QuoteForm, table: LineTable) -> None:
        self.form = form
        self.table = table
        self.was = _then_shown(form)
        self.mine = lines_sent(table.rows)
        self.takes_theirs = form.data.get(TAKEN) == "theirs"
        self.lines = self.mine

    def wishes(self) -> dict[str, Any]:
        """Return what the door is to write: what is mine, and the lines as merged."""
        touched = merging.mine(self.form, names_of(self.form))
        found = {name: v for name, v in self.form.wishes().items() if name in touched}
        is_mine = self.was is None or not are_alike(self.mine, self.was)
        if is_mine and not self.takes_theirs:
            rows = [dict(zip(FIELDS, line, strict=True)) for line in self.lines]
            table = LineTable(rows, self.table.products.values())
            table.is_valid()
            found[LINES] = table.wishes()
        return found

    def room(self) -> merging.Room:
        """Return how the form meets the door."""
        return merging.Room(
            conflict=lifecycle.Conflict,
            row_of=lambda conflict: conflict.quote,
            form_of=form_of_quote,
            names=names_of,
            seen=lambda quote: quote.version,
        )

    def compared(self, quote: Quote) -> list[Compared]:
        """Return the fields, and the lines as one of them, that either side changed."""
        fields = merging.compared(self.form, self.room(), quote)
        theirs = lines_shown(quote)
        mine = theirs if self.takes_theirs else self.mine
        was = mine if self.was is None else self.was
        self.lines, is_disputed = merged(was, mine, theirs)
        is_mine, is_theirs = not are_alike(mine, was), not are_alike(theirs, was)
        if self.was is None:
            self.lines = mine
            is_mine = is_theirs = is_disputed = not are_alike(mine, theirs)
        if not is_mine and not is_theirs:
            return fields
        lines = Compared(
            LINES,
            _("Lines"),
            was=UNSAID if self.was is None else in_words(was),
            mine=in_words(self.lines),
            theirs=in_words(theirs),
            is_mine=is_mine,
            is_theirs=is_theirs,
            is_same=not is_disputed,
            mine_sent=((TAKEN, "mine"),),
            theirs_sent=((TAKEN, "theirs"),),
        )
        return [*fields, merging.signed(lines, quote) if is_theirs else lines]

    def dispute(self, quote: Quote, fields: list[Compared]) -> merging.Dispute:
        """Return what a person must decide; the form goes on with the lines as merged."""
        found = merging.dispute_of(self.form, self.room(), quote, fields)
        left_out = (f"{PREFIX}-", TAKEN, "do")
        kept = [pair for pair in found.kept if not pair[0].startswith(left_out)]
        kept += [
            (f"{PREFIX}-{n}-{name}", value)
            for n, line in enumerate(self.lines)
            for name, value in zip(FIELDS, line, strict=True)
        ]
        return replace(found, kept=kept, shown=shown_of(quote))


def _then_shown(form: QuoteForm) -> list[Line] | None:
    """Return the lines that the form had shown, each a text; None where it does not say."""
    found = read_shown(form.data.get("shown", "")).get(LINES)
    lines = [_line(text) for text in found] if isinstance(found, list) else [None]
    return None if None in lines else [line for line in lines if line is not None]


def _line(text: str) -> Line | None:
    """Return a line as `shown_of` wrote it; None for what it never wrote."""
    try:
        parts = json.loads(text)
    except (ValueError, RecursionError):
        return None
    is_line = isinstance(parts, list) and len(parts) == len(FIELDS)
    return parts if is_line and all(isinstance(part, str) for part in parts) else None
