"""The dates that formulas give (Business Central R241–R243), worked out by hand."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salescycles.date_formula import DateFormula, DateFormulaError, Edge, Named, Unit
from tests.salescycles.strategies import DAYS, formulas

MONDAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("10D", date(2026, 3, 12)),
        ("2W", date(2026, 3, 16)),
        ("1M", date(2026, 4, 2)),
        ("1Q", date(2026, 6, 2)),
        ("1Y", date(2027, 3, 2)),
        ("-10D", date(2026, 2, 20)),
        ("-2W", date(2026, 2, 16)),
        ("-3M", date(2025, 12, 2)),
        ("-1Q", date(2025, 12, 2)),
        ("-1Y", date(2025, 3, 2)),
        ("14M", date(2027, 5, 2)),
        ("9999D", date(2053, 7, 17)),
    ],
)
def test_r241_a_number_and_a_unit_shift_the_date(formula: str, expected: date) -> None:
    assert DateFormula.parse(formula).apply(MONDAY) == expected


@pytest.mark.parametrize(
    ("formula", "start", "expected"),
    [
        ("D10", date(2026, 3, 2), date(2026, 3, 10)),
        ("D10", date(2026, 3, 9), date(2026, 3, 10)),
        ("D10", date(2026, 3, 11), date(2026, 4, 10)),
        ("D10", date(2026, 12, 24), date(2027, 1, 10)),
        ("-D10", date(2026, 3, 11), date(2026, 3, 10)),
        ("-D10", date(2026, 3, 9), date(2026, 2, 10)),
        ("-D10", date(2026, 1, 5), date(2025, 12, 10)),
        ("WD4", date(2026, 3, 2), date(2026, 3, 5)),
        ("WD4", date(2026, 3, 6), date(2026, 3, 12)),
        ("WD7", date(2026, 3, 2), date(2026, 3, 8)),
        ("-WD4", date(2026, 3, 2), date(2026, 2, 26)),
        ("-WD7", date(2026, 3, 2), date(2026, 3, 1)),
    ],
)
def test_r241_a_unit_and_a_number_name_the_next_such_day(
    formula: str, start: date, expected: date
) -> None:
    assert DateFormula.parse(formula).apply(start) == expected


@pytest.mark.parametrize(
    ("formula", "start", "expected"),
    [
        ("D10", date(2026, 3, 10), date(2026, 4, 10)),
        ("-D10", date(2026, 3, 10), date(2026, 2, 10)),
        ("WD1", date(2026, 3, 2), date(2026, 3, 9)),
        ("-WD1", date(2026, 3, 2), date(2026, 2, 23)),
    ],
)
def test_next_and_previous_never_mean_the_day_itself(
    formula: str, start: date, expected: date
) -> None:
    assert DateFormula.parse(formula).apply(start) == expected


@pytest.mark.parametrize(
    ("formula", "start", "expected"),
    [
        ("D31", date(2026, 3, 2), date(2026, 3, 31)),
        ("D31", date(2026, 3, 31), date(2026, 5, 31)),
        ("D31", date(2026, 2, 1), date(2026, 3, 31)),
        ("D30", date(2026, 1, 30), date(2026, 3, 30)),
        ("D29", date(2027, 2, 1), date(2027, 3, 29)),
        ("D29", date(2028, 2, 1), date(2028, 2, 29)),
        ("-D31", date(2026, 3, 15), date(2026, 1, 31)),
        ("-D30", date(2026, 3, 15), date(2026, 1, 30)),
    ],
)
def test_months_without_that_day_are_passed_over(formula: str, start: date, expected: date) -> None:
    assert DateFormula.parse(formula).apply(start) == expected


@pytest.mark.parametrize(
    ("formula", "start", "expected"),
    [
        ("CD", date(2026, 3, 4), date(2026, 3, 4)),
        ("CW", date(2026, 3, 4), date(2026, 3, 8)),
        ("CW", date(2026, 3, 8), date(2026, 3, 8)),
        ("CM", date(2026, 3, 4), date(2026, 3, 31)),
        ("CM", date(2028, 2, 1), date(2028, 2, 29)),
        ("CM", date(2026, 12, 31), date(2026, 12, 31)),
        ("CQ", date(2026, 3, 4), date(2026, 3, 31)),
        ("CQ", date(2026, 4, 1), date(2026, 6, 30)),
        ("CQ", date(2026, 11, 23), date(2026, 12, 31)),
        ("CY", date(2026, 3, 4), date(2026, 12, 31)),
        ("-CD", date(2026, 3, 4), date(2026, 3, 4)),
        ("-CW", date(2026, 3, 4), date(2026, 3, 2)),
        ("-CW", date(2026, 3, 2), date(2026, 3, 2)),
        ("-CM", date(2026, 3, 4), date(2026, 3, 1)),
        ("-CQ", date(2026, 3, 4), date(2026, 1, 1)),
        ("-CQ", date(2026, 12, 31), date(2026, 10, 1)),
        ("-CY", date(2026, 3, 4), date(2026, 1, 1)),
    ],
)
def test_r241_c_and_a_unit_give_its_end_and_with_a_minus_its_beginning(
    formula: str, start: date, expected: date
) -> None:
    assert DateFormula.parse(formula).apply(start) == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("CM+10D", date(2026, 4, 10)),
        ("10D+CM", date(2026, 3, 31)),
        ("1W-2D", date(2026, 3, 7)),
        ("2W+1D", date(2026, 3, 17)),
        ("1M-CM", date(2026, 4, 1)),
        ("1M+CM", date(2026, 4, 30)),
        ("CM+1D+WD1", date(2026, 4, 6)),
        ("-CY-1D", date(2025, 12, 31)),
        ("5M-CY+7M-1D", date(2026, 7, 31)),
    ],
)
def test_r241_terms_are_applied_from_left_to_right(formula: str, expected: date) -> None:
    assert DateFormula.parse(formula).apply(MONDAY) == expected


@pytest.mark.parametrize(
    ("formula", "start", "expected"),
    [
        ("1M", date(2026, 1, 31), date(2026, 2, 28)),
        ("1M", date(2028, 1, 31), date(2028, 2, 29)),
        ("2M", date(2026, 1, 31), date(2026, 3, 31)),
        ("1M+1M", date(2026, 1, 31), date(2026, 3, 28)),
        ("-1M", date(2026, 3, 31), date(2026, 2, 28)),
        ("1Q", date(2026, 11, 30), date(2027, 2, 28)),
        ("1Y", date(2028, 2, 29), date(2029, 2, 28)),
        ("4Y", date(2028, 2, 29), date(2032, 2, 29)),
    ],
)
def test_r242_a_shorter_month_gives_its_last_day(formula: str, start: date, expected: date) -> None:
    assert DateFormula.parse(formula).apply(start) == expected


@pytest.mark.parametrize("text", ["", "   ", "\t\n"])
def test_r243_a_blank_formula_leaves_the_date_unchanged(text: str) -> None:
    formula = DateFormula.parse(text)
    assert (formula, bool(formula), str(formula)) == (DateFormula(), False, "")
    assert formula.apply(MONDAY) == MONDAY


@given(day=DAYS, weekday=st.integers(1, 7), is_back=st.booleans())
def test_r241_a_weekday_is_found_within_seven_days(day: date, weekday: int, is_back: bool) -> None:
    found = Named(Unit.WEEKDAY, weekday, is_back).apply(day)
    distance = (day - found if is_back else found - day).days
    assert (found.isoweekday(), 1 <= distance <= 7) == (weekday, True)


@given(day=DAYS, number=st.integers(1, 31), is_back=st.booleans())
def test_r241_no_such_day_of_a_month_lies_between(day: date, number: int, is_back: bool) -> None:
    found = Named(Unit.DAY, number, is_back).apply(day)
    step = timedelta(days=-1 if is_back else 1)
    between = day + step
    while between.day != number:
        between += step
    assert found == between


@given(day=DAYS, unit=st.sampled_from([Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR]))
def test_r241_beginnings_and_ends_tile_the_calendar(day: date, unit: Unit) -> None:
    first, last = Edge(unit, is_back=True).apply(day), Edge(unit).apply(day)
    assert first <= day <= last
    assert Edge(unit, is_back=True).apply(last + timedelta(days=1)) == last + timedelta(days=1)
    assert Edge(unit).apply(first) == last


@pytest.mark.parametrize(
    ("formula", "start"),
    [
        ("9999Y", MONDAY),
        ("-9999Y", MONDAY),
        ("9999Q+9999Q+9999Q", date(9000, 1, 1)),
        ("1D", date.max),
        ("D10", date.max),
        ("WD1", date.max),
        ("CW", date.max),
        ("-1D", date.min),
        ("-D10", date.min),
        ("-WD1", date.min),
    ],
)
def test_a_formula_that_leaves_the_calendar_is_refused(formula: str, start: date) -> None:
    with pytest.raises(DateFormulaError) as refusal:
        DateFormula.parse(formula).apply(start)
    assert str(refusal.value) == (
        f"The date formula {formula} leads out of the calendar, years 1 to 9999."
    )


@given(formulas(), st.dates())
def test_applying_gives_a_date_or_a_refusal(formula: DateFormula, day: date) -> None:
    with suppress(DateFormulaError):
        assert isinstance(formula.apply(day), date)
