"""Pages by key: every row once, in order, forwards and back, empty values last."""

import base64
import json
from datetime import date, timedelta

import pytest
from django.core.exceptions import BadRequest
from django.test import Client

from lists.paging import page_of
from opportunities.columns import COLUMNS
from opportunities.models import Opportunity
from salespeople.models import User
from tests.factories import SalesCycleFactory, make_opportunity

DAY = date(2026, 5, 1)
SORTS = COLUMNS.sorts


def cursor(*parts: object) -> str:
    """Return a cursor that says `parts`."""
    return base64.urlsafe_b64encode(json.dumps(parts).encode()).decode()


def some(bob: User) -> None:
    """Make seven opportunities: equal values, equal and missing close dates, several stages."""
    cycle = SalesCycleFactory()
    for n in range(7):
        make_opportunity(
            bob,
            sales_cycle=cycle,
            description=f"Roof {n % 3}",
            stage=n % 3,
            estimated_value=100 * (n % 2 + 1),
            estimated_close_on=DAY + timedelta(n % 3) if n % 3 else None,
            on=date(2026, 4, 1),
        )


@pytest.mark.parametrize("direction", ["", "-"])
@pytest.mark.parametrize("column", sorted(SORTS))
def test_forwards_and_back_give_every_row_once_in_the_same_order(
    bob: User, column: str, direction: str
) -> None:
    some(bob)
    rows = Opportunity.objects.select_related("contact", "salesperson", "stage")
    sort = direction + column
    whole = [row.pk for row in page_of(rows, sorts=SORTS, sort=sort, size=10).rows]

    pages = [page_of(rows, sorts=SORTS, sort=sort, size=2)]
    while pages[-1].next_cursor:
        pages.append(page_of(rows, sorts=SORTS, sort=sort, size=2, cursor=pages[-1].next_cursor))
    back = [pages[-1]]
    while back[-1].previous_cursor:
        back.append(page_of(rows, sorts=SORTS, sort=sort, size=2, cursor=back[-1].previous_cursor))

    forwards = [row.pk for page in pages for row in page.rows]
    backwards = [row.pk for page in reversed(back) for row in page.rows]
    assert (len(whole), forwards, backwards) == (7, whole, whole)


def test_empty_values_come_last_in_both_directions(bob: User) -> None:
    some(bob)

    for sort in ("close", "-close"):
        rows = page_of(Opportunity.objects.all(), sorts=SORTS, sort=sort).rows
        assert [row.estimated_close_on is None for row in rows] == [False] * 4 + [True] * 3


@pytest.mark.parametrize(
    ("sort", "text"),
    [
        ("description", "x"),
        ("description", "!!!"),
        ("description", "é"),
        ("description", cursor("n", "a\x00b", 1)),
        ("description", cursor("n", "a")),
        ("description", cursor("x", "a", 1)),
        ("description", cursor("n", "a", "1")),
        ("description", cursor("n", "a", 2**63)),
        ("value", cursor("n", "NaN", 1)),
        ("value", cursor("n", "Infinity", 1)),
        ("value", cursor("n", "1e999999", 1)),
        ("value", cursor("n", "much", 1)),
        ("value", cursor("n", [1], 1)),
        ("close", cursor("n", "2026-02-30", 1)),
        ("created", cursor("n", "yesterday", 1)),
        ("stage", cursor("n", 2**64, 1)),
        ("stage", base64.urlsafe_b64encode(b"[" * 100_000).decode()),
    ],
)
def test_a_cursor_that_is_none_is_refused(bob: User, sort: str, text: str) -> None:
    with pytest.raises(BadRequest):
        page_of(Opportunity.objects.all(), sorts=SORTS, sort=sort, cursor=text)


def test_an_unknown_column_is_refused(db: None) -> None:
    with pytest.raises(BadRequest):
        page_of(Opportunity.objects.all(), sorts=SORTS, sort="password")


FORGED = {'"\\ud800"': 400, "Infinity": 400, "-Infinity": 400, "NaN": 400}
ODD: dict[str, int] = dict.fromkeys(["1e999", "[1]", "{}", "true", '""'], 0)  # some are text


@pytest.mark.parametrize("value", FORGED | ODD)
@pytest.mark.parametrize("sort", sorted(SORTS))
def test_a_forged_cursor_is_refused_not_failed_on(bob: User, sort: str, value: str) -> None:
    text = base64.urlsafe_b64encode(f'["n", {value}, 1]'.encode()).decode().rstrip("=")
    client = Client()
    client.force_login(bob)

    status = client.get("/opportunities/", {"sort": sort, "cursor": text}).status_code

    assert status == (FORGED.get(value) or status)
    assert status < 500
