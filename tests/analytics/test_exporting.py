"""The files of the managers' pages: the numbers of the page, typed, and nothing calculated."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from analytics.exporting import Table, value_of
from analytics.figures import OPEN_COUNT, OPEN_SHARE, OPEN_VALUE
from crm.dates import today
from lists.writing import Money, Percent, sheet_title, write_xlsx
from salespeople.models import User
from tests.opportunities.pages import at_stage, signed_in


def csv_of(user: User, address: str) -> list[list[str]]:
    """Return the lines of the CSV file of a page."""
    text = signed_in(user).get(address).content.decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def book_of(user: User, address: str) -> Any:
    """Return the XLSX file of a page."""
    response = signed_in(user).get(address)
    assert response.status_code == 200
    return openpyxl.load_workbook(io.BytesIO(b"".join(response)))


@pytest.mark.parametrize(
    ("cell", "value", "kind"),
    [
        (OPEN_COUNT.reading(3, "/"), 3, int),
        (OPEN_VALUE.reading(Decimal("1000.55"), "/"), Decimal("1000.55"), Money),
        (OPEN_SHARE.reading(Decimal("24.5"), "/"), Decimal("24.5"), Percent),
        (Decimal("7.25"), Decimal("7.25"), Money),
        (Percent("7.25"), Decimal("7.25"), Percent),
        (date(2026, 1, 2), date(2026, 1, 2), date),
        ("=1", "=1", str),
        (None, None, type(None)),
    ],
)
def test_a_cell_is_typed_by_what_it_is(cell: Any, value: Any, kind: type) -> None:
    found = value_of(cell)

    assert (found, type(found)) == (value, kind)


def test_the_file_holds_the_numbers_of_the_page(alice: User, bob: User) -> None:
    for value in ("1000.55", "300"):
        at_stage(bob, 2, estimated_value=Decimal(value))
    page = signed_in(alice).get("/analytics/pipeline/?by=salesperson").context["page"]

    lines = csv_of(alice, "/analytics/pipeline/?by=salesperson&format=csv")

    assert lines[0] == [
        "Salesperson", "Note", "Opportunities", "Estimated value", "Calculated value",
        "Average value", "Share",
    ]  # fmt: skip
    assert [Decimal(cell) for cell in lines[-1][2:6]] == [r._number for r in page.total]
    assert lines[1][2:4] == ["2", "1300.55"]
    assert lines[-1][0] == "All"


def test_the_workbook_holds_every_table_and_what_the_figures_mean(alice: User, bob: User) -> None:
    at_stage(bob, 2, estimated_value=Decimal("1000.55"))

    book = book_of(alice, "/analytics/pipeline/?format=xlsx")
    about = dict(book["What the figures mean"].iter_rows(values_only=True))

    assert book.sheetnames == ["Open pipeline", "What the figures mean"]
    assert book["Open pipeline"]["D2"].value == 1000.55
    assert book["Open pipeline"]["D2"].number_format == "#,##0.00"
    assert about["Time zone"] == "Europe/Oslo"
    assert about["As of"].date() == today()
    assert about["Whose"] == "the opportunities of everybody"


def test_a_file_is_named_by_the_page_and_the_day_that_it_shows(alice: User, bob: User) -> None:
    at_stage(bob, 2)
    day = today() - timedelta(days=3)

    response = signed_in(alice).get(f"/analytics/pipeline/?on={day}&format=csv")

    assert response["Content-Disposition"] == f'attachment; filename="pipeline-{day}.csv"'


@pytest.mark.parametrize("query", ["format=pdf", "format=csv&value_from=x"])
def test_a_file_that_cannot_be_made_is_refused(alice: User, query: str) -> None:
    assert signed_in(alice).get(f"/analytics/pipeline/?{query}").status_code == 400


def test_the_page_for_paper_says_how_to_print_it(alice: User, bob: User) -> None:
    body = signed_in(alice).get("/analytics/pipeline/?format=print").content.decode()

    assert "as it is on paper" in body
    assert "print.css" in body
    assert 'media="print"' not in body


def test_sheets_have_names_that_a_spreadsheet_allows() -> None:
    long = "Opportunities: won/lost [by reason] and more"
    book = openpyxl.load_workbook(write_xlsx(*(Table(long, ["=A"], [["=1+1"]]) for _n in "ab")))

    assert book.sheetnames == ["Opportunities  won lost  by rea", "Opportunities  won lost  by r 2"]
    assert [cell.data_type for cell in book.worksheets[0]["A"]] == ["s", "s"]
    assert sheet_title("", ["Sheet1"]) == ""


PAGES = ["bridge", "forecast", "matrix", "chances", "review", "funnel", "times", "wins", "cohorts"]


@pytest.mark.parametrize("name", ["pipeline", *PAGES])
def test_every_managers_page_can_be_kept_as_a_file_and_on_paper(
    alice: User, bob: User, name: str
) -> None:
    at_stage(bob, 2, estimated_value=Decimal("1000.55"))
    client = signed_in(alice)

    lines = csv_of(alice, f"/analytics/{name}/?format=csv")
    book = book_of(alice, f"/analytics/{name}/?format=xlsx")

    assert len(lines) > 1
    assert {len(line) for line in lines} == {len(lines[0])}
    assert book.sheetnames[-1] == "What the figures mean"
    assert list(next(book.worksheets[0].iter_rows(values_only=True))) == lines[0]
    assert "as it is on paper" in client.get(f"/analytics/{name}/?format=print").content.decode()
    assert 'format=xlsx"' in client.get(f"/analytics/{name}/").content.decode()


def test_the_file_of_the_forecast_has_a_row_for_each_line_and_period(
    alice: User, bob: User
) -> None:
    """1,000.50 at the third stage, 30 %: 300.15 lands with bob, with his team, and in all."""
    close_on = today().replace(day=28)
    at_stage(bob, 3, estimated_value=Decimal("1000.50"), estimated_close_on=close_on)

    heads, *lines = csv_of(alice, "/analytics/forecast/?format=csv")
    landing = [(line[0], line[heads.index("Landing")]) for line in lines]

    assert [line for line in landing if line[1] != "0"] == [
        ("All together", "300.15"), ("North", "300.15"), ("Bob", "300.15"),
    ]  # fmt: skip


def test_the_file_of_the_matrix_is_exact_whatever_the_rounding(alice: User, bob: User) -> None:
    at_stage(bob, 3, estimated_value=Decimal("1234.56"), estimated_close_on=today())

    lines = csv_of(alice, "/analytics/matrix/?measure=value&rounding=1000&columns=1&format=csv")

    assert lines[1:] == [["Bob", "1234.56"]]


def test_the_file_of_a_past_day_holds_that_day(alice: User, bob: User) -> None:
    day = today() - timedelta(days=5)
    at_stage(bob, 3, on=day + timedelta(days=1), estimated_close_on=today())

    then = csv_of(alice, f"/analytics/matrix/?measure=count&on={day}&format=csv")
    book = book_of(alice, f"/analytics/forecast/?on={day}&known=then&format=xlsx")
    about = dict(book["What the figures mean"].iter_rows(values_only=True))

    assert len(then) == 1
    assert about["As of"].date() == day
