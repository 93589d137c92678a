"""The distribution of what may be won: against every outcome counted by hand, and its limits."""

from decimal import Decimal
from itertools import product
from math import prod

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.distribution import CELLS, Distribution, Part, distribution_of, movers_of

CENTS = st.integers(0, 20_000_000).map(lambda cents: Decimal(cents).scaleb(-2))
PERCENT = st.integers(0, 10_000).map(lambda hundredths: Decimal(hundredths).scaleb(-2))
PARTS = st.lists(st.builds(Part, CENTS, PERCENT), max_size=8)


def outcomes(parts: list[Part], certain: Decimal) -> list[tuple[Decimal, Decimal]]:
    """Return every outcome, as its sum and its chance, the lowest first."""
    found = []
    for wins in product((False, True), repeat=len(parts)):
        pairs = list(zip(wins, parts, strict=True))
        chance = prod(
            (p.probability if won else 100 - p.probability for won, p in pairs), start=Decimal(1)
        )
        amount = certain + sum((p.value for won, p in pairs if won), Decimal(0))
        found.append((amount, chance / Decimal(100) ** len(parts)))
    return sorted(found)


def percentile(found: list[tuple[Decimal, Decimal]], share: Decimal) -> Decimal:
    """Return the smallest sum whose chance not to be exceeded is at least `share`."""
    chance = Decimal(0)
    for amount, part in found:
        chance += part
        if chance >= share:
            return amount
    return found[-1][0]


@given(PARTS, CENTS)
def test_the_mean_is_what_is_won_and_the_calculated_values(
    parts: list[Part], certain: Decimal
) -> None:
    shown = distribution_of(parts, certain)

    assert shown.mean == certain + sum((p.value * p.probability / 100 for p in parts), Decimal(0))
    average = sum(a * m for a, m in zip(shown.sums, shown.masses, strict=True))
    assert average == pytest.approx(float(shown.mean), rel=1e-9, abs=1e-6)


@given(PARTS, CENTS)
def test_percentiles_and_chances_are_those_of_every_outcome_counted(
    parts: list[Part], certain: Decimal
) -> None:
    found = outcomes(parts, certain)
    shown = distribution_of(parts, certain)

    for share in ("0.1", "0.5", "0.9"):
        # at a sum whose chance is exactly the share, a float may fall on either side
        near = {percentile(found, Decimal(share) + by) for by in (Decimal("-1e-9"), Decimal(0))}
        assert shown.percentile(float(share)) in near
    for target, _chance in found[:: max(1, len(found) // 5)]:
        chance = sum((c for amount, c in found if amount >= target), Decimal(0))
        assert shown.chance_of(target) == pytest.approx(float(chance), abs=1e-9)


def test_two_coins_by_hand() -> None:
    """Values 100 and 300 at 50 %: 0, 100, 300, 400 with a quarter each; 50 are won already."""
    shown = distribution_of([Part(Decimal(100), Decimal(50)), Part(Decimal(300), Decimal(50))],
                            certain=Decimal(50))  # fmt: skip

    assert shown.mean == 250
    assert [shown.percentile(p) for p in (0.1, 0.5, 0.75, 0.9)] == [50, 150, 350, 450]
    assert [shown.chance_of(Decimal(t)) for t in (0, 50, 51, 150, 351, 450, 451)] == [
        1, 1, 0.75, 0.75, 0.25, 0.25, 0,
    ]  # fmt: skip


def test_nothing_open_brings_what_is_won() -> None:
    shown = distribution_of([], certain=Decimal("12.50"))

    assert shown.mean == shown.percentile(0.1) == shown.percentile(0.9) == Decimal("12.50")
    assert shown.chance_of(Decimal("12.50")) == 1
    assert shown.chance_of(Decimal("12.51")) == 0


def many(count: int) -> list[Part]:
    """Return so many parts of different values and chances, whose sums are all different."""
    return [
        Part(Decimal(1000 + 37 * n * n % 9973) + Decimal(n).scaleb(-2), Decimal(5 + n * 13 % 90), n)
        for n in range(count)
    ]


def moments(shown: Distribution) -> tuple[float, float]:
    """Return the mean and the variance of a distribution, its normal part included."""
    pairs = list(zip(shown.sums, shown.masses, strict=True))
    mean = sum(a * m for a, m in pairs)
    variance = sum((a - mean) ** 2 * m for a, m in pairs)
    return mean + shown.rest_mean, variance + shown.rest_deviation**2


@pytest.mark.parametrize("count", [16, 60, 250, 600, 3000])
def test_beyond_what_can_be_counted_mean_and_variance_stay(count: int) -> None:
    parts = many(count)
    shown = distribution_of(parts, certain=Decimal(5000))

    mean, variance = moments(shown)
    total = sum(p.value for p in parts)
    assert sum(shown.masses) == pytest.approx(1)
    assert mean == pytest.approx(float(shown.mean), rel=1e-6)
    # parting a mass between two cells adds at most a quarter of a cell's square for each part
    cell = float(total) / (CELLS - min(count, 250) - 1)
    exact = sum(float(p.variance) for p in parts)
    assert exact * (1 - 1e-6) <= variance <= exact + min(count, 250) * cell**2 / 4


def test_grid_and_count_agree_within_a_few_cells() -> None:
    """Fourteen parts are counted; with three tiny ones of 1 % more they are laid on a grid."""
    parts = many(14)
    counted = distribution_of(parts)
    laid = distribution_of([*parts, *(Part(Decimal(1) + Decimal(n).scaleb(-2), Decimal(1), 100 + n)
                                      for n in range(3))])  # fmt: skip
    cell = float(sum(p.value for p in parts)) / CELLS

    assert CELLS < len(counted.sums) <= 2**14
    assert len(laid.sums) <= CELLS
    for share in (0.1, 0.5, 0.9):
        far = abs(float(laid.percentile(share) - counted.percentile(share)))
        assert far <= 15 * cell


def test_percentiles_ascend_and_stay_within_what_is_possible() -> None:
    shown = distribution_of(many(900), certain=Decimal(100))

    found = [shown.percentile(n / 20) for n in range(1, 20)]
    assert found == sorted(found)
    assert shown.certain <= found[0]
    assert found[-1] <= shown.most
    assert shown.chance_of(found[9]) == pytest.approx(0.5, abs=0.01)


@given(PARTS)
def test_the_movers_and_the_others_add_up(parts: list[Part]) -> None:
    movers, others = movers_of(parts)

    if any(0 < p.probability < 100 and p.value for p in parts):
        assert sum(m.share for m in movers) + others == pytest.approx(1)
        assert [m.share for m in movers] == sorted((m.share for m in movers), reverse=True)
    else:
        assert (movers, others) == ([], 0)


def test_the_movers_by_hand() -> None:
    """Variances: 100² × ¼ = 2,500; 300² × ¼ = 22,500; what is certain has none."""
    certain = Part(Decimal(9999), Decimal(100), 1)
    small, big = Part(Decimal(100), Decimal(50), 2), Part(Decimal(300), Decimal(50), 3)

    movers, others = movers_of([certain, small, big], most=1)

    assert [(m.part, m.share) for m in movers] == [(big, 0.9)]
    assert others == pytest.approx(0.1)
