"""The figures of a salesperson are the same from kept totals and from the rows (ADR 0032)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from crm.dates import month_of, today
from opportunities import lifecycle
from salespeople.figures import NONE, Span, figures_of
from salespeople.models import User
from tests.factories import CloseReasonFactory, SalesCycleFactory, make_opportunity


@pytest.mark.parametrize(
    ("span", "is_kept"),
    [
        (Span(), True),
        (Span.of_year(date(2031, 5, 6)), True),
        (Span(date(2031, 2, 1), None), True),
        (Span(None, date(2032, 2, 29)), True),
        (Span(date(2031, 2, 2), None), False),
        (Span(None, date(2032, 2, 28)), False),
    ],
)
def test_totals_are_kept_for_spans_of_whole_months(span: Span, is_kept: bool) -> None:
    assert span.is_of_months is is_kept


def test_r150_by_month_and_by_day_are_the_same(bob: User) -> None:
    """A span of whole months is read from totals, one that is a day longer from the rows."""
    cycle = SalesCycleFactory()
    first, last = month_of(today())
    options = {"sales_cycle": cycle, "estimated_close_on": last}
    rows = [make_opportunity(bob, stage=n % 2, **options) for n in range(4)]
    lifecycle.win(rows[1], by=bob, reason=CloseReasonFactory(), sales_value=Decimal("12.34"))
    lifecycle.delete(rows[2], by=bob)
    salesperson = bob.salesperson

    kept = figures_of(salesperson, Span(first, last))
    counted = figures_of(salesperson, Span(first - timedelta(days=1), last))
    empty = figures_of(salesperson, Span(None, first - timedelta(days=1)))

    for name in ("started", "open", "won"):
        one, other = getattr(kept, name), getattr(counted, name)
        assert (one.number, one.estimated_value, one.calculated_value) == (
            other.number, other.estimated_value, other.calculated_value,
        )  # fmt: skip
        none = getattr(empty, name)
        assert (none.number, none.estimated_value) == (NONE.number, NONE.estimated_value)
    assert (kept.started.number, kept.open.number, kept.won.number) == (2, 2, 1)
    assert kept.won_this_year.calculated_value == Decimal("12.34")
