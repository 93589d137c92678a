"""The opportunities matrix against tables written by hand (Business Central R154–R161)."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from bs4 import BeautifulSoup

from analytics.matrix import rounded
from analytics.periods import DAYS, QUARTERS, WEEKS, YEARS, period_at, periods_before, shifted
from crm.dates import today
from opportunities import lifecycle
from salespeople.models import User
from tests.factories import CampaignFactory, CloseReasonFactory, CompanyFactory, PersonFactory
from tests.opportunities.pages import at_stage, signed_in

PAGE = "/analytics/matrix/"
NEXT = shifted(today().replace(day=1), 1)
AFTER = shifted(NEXT, 1)


def put(by: User, value: int, on: date = NEXT, stage: int = 3, **options: Any) -> Any:
    """Create an open one: 30 % at the third stage, 2 % at the first."""
    return at_stage(by, stage, estimated_value=Decimal(value), estimated_close_on=on, **options)


def table(user: User, query: str = "") -> dict[str, list[str]]:
    """Return the cells of each line from next month on, exact."""
    response = signed_in(user).get(f"{PAGE}?start={NEXT}&columns=2{query}")
    assert response.status_code == 200
    soup = BeautifulSoup(response.content, "html.parser")
    return {
        row.th.get_text(strip=True): [
            str(link["data-number"]) if (link := cell.a) else "" for cell in row.select("td")
        ]
        for row in soup.select("tbody tr")
        if row.th
    }


def test_r154_r156_lines_columns_and_measures(alice: User, bob: User, charlie: User) -> None:
    """Bob: 1,000 and 3,000 next month, 500 after it, at 30 %; charlie: 2,000 at 2 %."""
    put(bob, 1000)
    put(bob, 3000)
    put(bob, 500, AFTER)
    put(charlie, 2000, stage=1)
    people = (str(bob.salesperson), str(charlie.salesperson))

    expected = {
        "count": (["2", "1"], ["1", ""]),
        "value": (["4000.00", "500.00"], ["2000.00", ""]),
        "calculated": (["1200.0000000000", "150.0000000000"], ["40.0000000000", ""]),
        "average_value": (["2000", "500"], ["2000", ""]),
        "average_calculated": (["600", "150"], ["40", ""]),
    }
    for measure, rows in expected.items():
        found = table(alice, f"&measure={measure}")
        for name, wanted in zip(people, rows, strict=True):
            assert [Decimal(cell or 0) for cell in found[name]] == [Decimal(c or 0) for c in wanted]


def test_r157_one_status_and_closed_ones_where_they_closed(alice: User, bob: User) -> None:
    lifecycle.win(put(bob, 700), by=bob, reason=CloseReasonFactory())
    lifecycle.lose(put(bob, 900), by=bob, reason=CloseReasonFactory(kind="lost"))
    put(bob, 100, stage=0)

    name = str(bob.salesperson)
    month = f"&start={today():%Y-%m-%d}&columns=1&measure=value"
    assert table(alice) == {}  # not started is not in progress (D2)
    for status, value in (("won", "700.00"), ("lost", "900.00")):
        soup = signed_in(alice).get(f"{PAGE}?{month}&status={status}").content.decode()
        assert f'data-number="{value}"' in soup
        assert name in soup


def test_r158_a_company_counts_its_people(alice: User, bob: User) -> None:
    """The company 1,000 itself and 2,000 by its person, sorted company first."""
    company = CompanyFactory(name="Berg")
    person = PersonFactory(company=company, name="Anne Dahl")
    other = CompanyFactory(name="Adler")
    put(bob, 1000, contact=company)
    put(bob, 2000, contact=person)
    put(bob, 4000, contact=other)

    found = table(alice, "&show=contact&measure=value")

    assert found == {
        "Adler": ["4000.00", ""], "Berg": ["3000.00", ""], "Anne Dahl": ["2000.00", ""],
    }  # fmt: skip
    assert list(found) == ["Adler", "Berg", "Anne Dahl"]


def test_campaigns_as_lines(alice: User, bob: User) -> None:
    campaign = CampaignFactory(description="Fair")
    put(bob, 1000, campaign=campaign)
    put(bob, 2000)

    assert table(alice, "&show=campaign&measure=value") == {"Fair": ["1000.00", ""]}


@pytest.mark.parametrize(
    ("value", "rounding", "shown"),
    [
        ("1234.56", "", "1234.56"),
        ("1234.56", "1", "1235"),
        ("1234.56", "1000", "1.2"),
        ("1250", "1000", "1.3"),
        ("1234567", "1000000", "1.2"),
        ("0.4", "1", None),
        ("3", "1000", None),
        ("49", "1000", None),
        ("50", "1000", "0.1"),
        ("0", "", None),
    ],
)
def test_r159_rounding_and_blanks(value: str, rounding: str, shown: str | None) -> None:
    assert rounded(Decimal(value), rounding) == (None if shown is None else Decimal(shown))


@pytest.mark.parametrize("show", ["salesperson", "contact", "campaign"])
def test_r160_every_cell_opens_the_rows_that_it_counts(alice: User, bob: User, show: str) -> None:
    company = CompanyFactory()
    campaign = CampaignFactory()
    for n in range(3):
        person = PersonFactory(company=company)
        put(bob, 1000 + n, (NEXT, AFTER)[n % 2], contact=person, campaign=campaign)
    soup = BeautifulSoup(
        signed_in(alice).get(f"{PAGE}?show={show}&measure=count").content, "html.parser"
    )
    links = soup.select("a.figure")
    assert len(links) >= 2
    for link in links:
        rows = signed_in(alice).get(str(link["href"])).context["sums"].count
        assert rows == Decimal(str(link["data-number"]))


def test_r161_filters_narrow_lines_and_cells(alice: User, bob: User, charlie: User) -> None:
    put(bob, 1000)
    put(charlie, 9000)

    found = table(alice, "&value_from=5000&measure=value")

    assert found == {str(charlie.salesperson): ["9000.00", ""]}


def test_a_past_day_shows_what_stood_then(alice: User, bob: User) -> None:
    row = put(bob, 1000, on=NEXT)
    lifecycle.update(row, by=bob, estimated_value=Decimal(5000))

    yesterday = f"&on={today().replace(day=1).isoformat()}" if today().day > 1 else ""
    assert table(alice, f"&measure=value{yesterday}") == (
        {} if yesterday else {str(bob.salesperson): ["5000.00", ""]}
    )


@pytest.mark.parametrize(
    "query",
    ["show=x", "by=hour", "measure=x", "rounding=7", "status=open", "status=not_started",
     "columns=0", "columns=33", "start=2026-13-01", "cursor=x", "close_from=2026-01-01", "a=1"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused(alice: User, query: str) -> None:
    assert signed_in(alice).get(f"{PAGE}?{query}").status_code == 400


def test_periods_in_a_row() -> None:
    """25 November 2026 is a Wednesday of week 48."""
    day = date(2026, 11, 25)

    assert period_at(day, WEEKS).first == date(2026, 11, 23)
    assert period_at(day, WEEKS).week == 48
    assert [p.first for p in periods_before(day, DAYS, 2)] == [
        date(2026, 11, 23), date(2026, 11, 24),
    ]  # fmt: skip
    assert periods_before(day, QUARTERS, 1)[0].key == "2026-07"
    assert period_at(day, YEARS).last == date(2026, 12, 31)
