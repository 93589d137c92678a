"""Random date formulas for the tests that hold for all of them."""

from contextlib import suppress
from datetime import date

from hypothesis import strategies as st

from salescycles.date_formula import DateFormula, DateFormulaError, Edge, Named, Shift, Unit

DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 12, 31))

shifts = st.builds(
    Shift,
    number=st.integers(1, 9999),
    unit=st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR]),
    is_back=st.booleans(),
)
named = st.builds(
    Named, unit=st.just(Unit.DAY), number=st.integers(1, 31), is_back=st.booleans()
) | st.builds(Named, unit=st.just(Unit.WEEKDAY), number=st.integers(1, 7), is_back=st.booleans())
edges = st.builds(
    Edge,
    unit=st.sampled_from([unit for unit in Unit if unit != Unit.WEEKDAY]),
    is_back=st.booleans(),
)


@st.composite
def formulas(draw: st.DrawFn) -> DateFormula:
    """Return any formula that fits 20 characters."""
    formula = DateFormula()
    for term in draw(st.lists(shifts | named | edges, max_size=7)):
        with suppress(DateFormulaError):
            formula = DateFormula((*formula.terms, term))
    return formula
