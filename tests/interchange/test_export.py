"""Files of the list: exactly its rows and columns, read back; nothing in them is calculated."""

import csv
import gc
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import Any
from weakref import WeakSet

import openpyxl
import pytest
from django.db import connection
from django.db.models.signals import post_init
from django.test.utils import CaptureQueriesContext

from crm.dates import today
from lists.writing import csv_text, safe
from opportunities import tagging
from opportunities.columns import COLUMNS
from opportunities.models import Opportunity
from salespeople.models import User
from tests.factories import CompanyFactory, make_task
from tests.opportunities.pages import at_stage, deleted, signed_in, won

EXPORT = "/export/opportunities/"
EVERY = ",".join(COLUMNS.by_name)


def sent(user: User, query: str = "") -> bytes:
    """Return the file that is sent for the address."""
    response = signed_in(user).get(f"{EXPORT}{query}")
    assert response.status_code == 200
    return b"".join(response)


def csv_rows(user: User, query: str = "") -> list[list[str]]:
    """Return the lines of the CSV file, the headings first."""
    text = sent(user, query).decode("utf-8")
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def xlsx_rows(user: User, query: str = "?") -> list[tuple[Any, ...]]:
    """Return the rows of the XLSX file, the headings first."""
    book = openpyxl.load_workbook(io.BytesIO(sent(user, f"{query}&format=xlsx")))
    return list(book.active.iter_rows(values_only=True))


def test_the_file_holds_the_rows_the_columns_and_the_order_of_the_list(bob: User) -> None:
    for value in (100, 300, 200):
        at_stage(bob, 2, estimated_value=Decimal(value), description=f"Worth {value}")
    won(bob)

    rows = csv_rows(bob, "?status=open&sort=-value&columns=description,value")

    assert rows[0] == ["Number", "Opportunity", "Value"]
    assert [row[1:] for row in rows[1:]] == [
        ["Worth 300", "300"], ["Worth 200", "200"], ["Worth 100", "100"],
    ]  # fmt: skip


def test_remembered_columns_and_groups_hold_for_the_file_too(bob: User) -> None:
    signed_in(bob).post(
        "/lists/opportunities/columns/", {"order": ["description", "close"], "shown": ["close"]}
    )
    for days, name in ((70, "Later"), (0, "Now")):
        close_on = date.fromordinal(today().toordinal() + days)
        at_stage(bob, 1, description=name, estimated_close_on=close_on)

    rows = csv_rows(bob, "?group=month")

    assert rows[0] == ["Number", "Opportunity", "Close date"]
    assert [row[1] for row in rows[1:]] == ["Now", "Later"]


def test_numbers_and_dates_are_written_for_machines(bob: User) -> None:
    """Stage 2 of the cycle: 30 % of 40 % is 12 %: 12 % of 1,000.55 is 120.066."""
    at_stage(bob, 2, estimated_value=Decimal("1000.55"), estimated_close_on=date(2032, 3, 5))
    columns = "columns=description,value,probability,calculated,close"

    text = csv_rows(bob, f"?{columns}")[1]
    cells = xlsx_rows(bob, f"?{columns}")[1]

    assert text[2:] == ["1000.55", "12", "120.066", "2032-03-05"]
    assert cells[2:5] == (1000.55, 12, 120.066)
    assert cells[5].date() == date(2032, 3, 5)


HOSTILE = [
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    '=HYPERLINK("http://evil.example")',
    "-2+3+cmd|' /C'!A0",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_looks_like_a_formula_stays_text(bob: User, text: str) -> None:
    at_stage(bob, 1, description=text, contact=CompanyFactory(name=text))

    _number, description, contact, _company = csv_rows(bob, "?columns=description,contact")[1]
    book = openpyxl.load_workbook(io.BytesIO(sent(bob, "?columns=contact&format=xlsx")))
    cell = book.active["B2"]

    assert (description, contact) == (f"'{text}", f"'{text}")
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_each_beginning_of_a_formula_is_disarmed(start: str) -> None:
    assert safe(f"{start}A1") == f"'{start}A1"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (Decimal("-5.50"), "-5.5"), (Decimal("0E-10"), "0"), (Decimal(1000), "1000"),
        (Decimal("1E+3"), "1000"), (-3, "-3"), (None, ""), ("-3", "'-3"), ("a", "a"),
        (date(2026, 1, 2), "2026-01-02"),
    ],
)  # fmt: skip
def test_only_text_is_disarmed(value: Any, text: str) -> None:
    assert csv_text(value) == text


def test_every_column_is_exported(bob: User) -> None:
    row = at_stage(bob, 2)
    tagging.add(row, "Solar", by=bob)
    make_task(bob, opportunity=row, description="Call", due_on=date(2031, 1, 1))

    heading, line = csv_rows(bob, f"?columns={EVERY}")
    found = dict(zip(heading, line, strict=True))

    assert len(heading) == sum(len(column.parts) for column in COLUMNS)
    assert (found["Number"], found["Tags"]) == (row.number, "Solar")
    assert (found["Next task"], found["Next task due"]) == ("Call", "2031-01-01")
    assert (found["Status"], found["Stage"]) == ("In progress", "Stage 2")


def test_headings_and_words_are_in_the_persons_language(bob: User) -> None:
    bob.language = "nb"
    bob.save()
    at_stage(bob, 1)

    heading, line = csv_rows(bob, "?columns=salesperson,status")

    assert heading[-2:] == ["Selger", "Status"]
    assert line[-1] == "Pågår"


def test_one_exports_what_one_may_see(alice: User, bob: User, charlie: User) -> None:
    at_stage(bob, 1)
    at_stage(charlie, 1)
    deleted(bob)

    found = {user.username: len(csv_rows(user)) - 1 for user in (alice, bob, charlie)}

    assert found == {"alice": 2, "bob": 1, "charlie": 1}
    assert signed_in(bob).get(f"{EXPORT}?deleted=1").status_code == 403
    assert len(csv_rows(alice, "?deleted=1")) == 2


@pytest.mark.parametrize(
    "query",
    ["?format=pdf", "?x=1", "?status=maybe", "?columns=secret", "?sort=password", "?group=colour"],
)
def test_what_cannot_be_read_is_refused(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"{EXPORT}{query}").status_code == 400


def test_the_file_is_named_by_list_and_day(bob: User) -> None:
    response = signed_in(bob).get(f"{EXPORT}?format=xlsx")

    assert response["Content-Disposition"] == (
        f'attachment; filename="opportunities-{today().isoformat()}.xlsx"'
    )
    assert response["Content-Type"].startswith("application/vnd.openxmlformats")


@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
def test_queries_and_rows_held_do_not_grow_with_the_rows(
    bob: User, wanted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = 10
    monkeypatch.setattr("interchange.tables.BATCH", batch)
    counts, held = [], []
    for rows in (1, 9, 60):
        for _n in range(rows):
            at_stage(bob, 1)
        sent(bob, f"?format={wanted}")
        with CaptureQueriesContext(connection) as queries, rows_held() as most:
            sent(bob, f"?format={wanted}")
        held.append(most())
        counts.append(len(queries))

    batches = 7
    assert counts[0] == counts[1]
    assert counts[2] - counts[1] == 2 * (batches - 1)  # tags and next tasks, each batch
    assert held[0] == 1
    assert held[1] == batch
    assert held[2] <= 3 * batch  # the one being written, the one before, the one being read


@contextmanager
def rows_held() -> Iterator[Callable[[], int]]:
    """Count the opportunities that live at once, from here; garbage in a cycle does not live."""
    alive: WeakSet[Opportunity] = WeakSet()
    most = 0

    def born(instance: Opportunity, **_kwargs: Any) -> None:
        nonlocal most
        alive.add(instance)
        if len(alive) > most:
            gc.collect()
            most = max(most, len(alive))

    post_init.connect(born, sender=Opportunity)
    try:
        yield lambda: most
    finally:
        post_init.disconnect(born, sender=Opportunity)
