"""The four probability formulas (Business Central R86–R90, R95, R96; rules D16)."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salescycles.probability import ProbabilityCalculation, calculated_value, probability

MULTIPLY, ADD, CHANCES, COMPLETED = ProbabilityCalculation
VALUE = Decimal("12345.67")

percents = st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths).scaleb(-2))
amounts = st.integers(0, 10**18 - 1).map(lambda cents: Decimal(cents).scaleb(-2))
shares = st.integers(0, 10**8).map(lambda millionths: Decimal(millionths).scaleb(-6))


def test_r2_the_calculations_in_their_order() -> None:
    assert [(value, str(label)) for value, label in ProbabilityCalculation.choices] == [
        ("multiply", "Multiply"),
        ("add", "Add"),
        ("chances", "Chances of Success %"),
        ("completed", "Completed %"),
    ]


@pytest.mark.parametrize(
    ("calculation", "chances", "completed", "percent", "value"),
    [
        (MULTIPLY, 60, 40, "24.000000", "2962.9608000000"),
        (ADD, 60, 40, "50.000000", "6172.8350000000"),
        (CHANCES, 60, 40, "60.000000", "7407.4020000000"),
        (COMPLETED, 60, 40, "40.000000", "4938.2680000000"),
        (MULTIPLY, 33, 17, "5.610000", "692.5920870000"),
        (ADD, 33, 17, "25.000000", "3086.4175000000"),
        (CHANCES, 33, 17, "33.000000", "4074.0711000000"),
        (COMPLETED, 33, 17, "17.000000", "2098.7639000000"),
    ],
)
def test_r95_worked_numbers(
    calculation: str, chances: int, completed: int, percent: str, value: str
) -> None:
    share = probability(calculation, Decimal(chances), Decimal(completed))
    assert str(share) == percent
    assert str(calculated_value(VALUE, share)) == value


@pytest.mark.parametrize(
    ("chances", "completed", "estimated", "percent", "value"),
    [
        ("20", "10", "0", "2", "0"),
        ("45", "50", "1000", "22.5", "225"),
        ("20", "10", "1000", "2", "20"),
        ("80", "90", "1000", "72", "720"),
        ("70", "90", "1000", "63", "630"),
    ],
    ids=["a", "b", "c", "d", "d as D12 has it"],
)
def test_r96_worked_life_cycle(
    chances: str, completed: str, estimated: str, percent: str, value: str
) -> None:
    share = probability(MULTIPLY, Decimal(chances), Decimal(completed))
    assert share == Decimal(percent)
    assert calculated_value(Decimal(estimated), share) == Decimal(value)


def exact(calculation: str, chances: Fraction, completed: Fraction) -> Fraction:
    """Return the probability by R86–R89 in fractions, which never round."""
    return {
        MULTIPLY: chances * completed / 100,
        ADD: (chances + completed) / 2,
        CHANCES: chances,
        COMPLETED: completed,
    }[ProbabilityCalculation(calculation)]


@given(st.sampled_from(ProbabilityCalculation), percents, percents)
def test_d16_six_decimals_hold_every_probability(
    calculation: ProbabilityCalculation, chances: Decimal, completed: Decimal
) -> None:
    share = probability(calculation, chances, completed)
    assert Fraction(share) == exact(calculation, Fraction(chances), Fraction(completed))
    assert (share.as_tuple().exponent, 0 <= share <= 100) == (-6, True)


@given(amounts, shares)
def test_d16_ten_decimals_hold_every_calculated_value(amount: Decimal, share: Decimal) -> None:
    value = calculated_value(amount, share)
    assert Fraction(value) == Fraction(amount) * Fraction(share) / 100
    assert (value.as_tuple().exponent, len(value.as_tuple().digits) <= 28) == (-10, True)


@pytest.mark.parametrize("wrong", ["-0.01", "100.01", "33.333", "NaN", "Infinity", "-1"])
def test_a_percentage_outside_its_range_is_refused(wrong: str) -> None:
    for pair in ((Decimal(wrong), Decimal(50)), (Decimal(50), Decimal(wrong))):
        with pytest.raises(ValueError, match=wrong):
            probability(CHANCES, *pair)


@pytest.mark.parametrize("wrong", ["-0.01", "0.001", "NaN", "Infinity", "10000000000000000"])
def test_an_amount_outside_its_range_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        calculated_value(Decimal(wrong), Decimal(50))


@pytest.mark.parametrize("wrong", ["-1", "100.000001", "1.0000001", "NaN"])
def test_a_probability_outside_its_range_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong):
        calculated_value(Decimal(1000), Decimal(wrong))


def test_an_unknown_calculation_is_refused() -> None:
    with pytest.raises(ValueError, match="guess"):
        probability("guess", Decimal(1), Decimal(1))


def test_a_float_is_refused() -> None:
    with pytest.raises(TypeError):
        probability(ADD, 0.1, Decimal(1))  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        calculated_value(Decimal(1), 0.1)  # type: ignore[arg-type]
