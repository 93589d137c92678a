"""Chances against outcomes: worked by hand, and against a world whose chances are known."""

import random
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.chances import FLOOR, WEIGHT, Observed, Told, bands_of, brier, skill


def covered(count: int, chance: float) -> float:
    """Return how probable it is that the interval of `count` outcomes holds the true chance."""
    total = 0.0
    for won in range(count + 1):
        low, high = Observed(won, count).interval
        if low <= chance <= high:
            total += comb(count, won) * chance**won * (1 - chance) ** (count - won)
    return total


@pytest.mark.parametrize("count", [FLOOR, 50, 200])
def test_the_interval_covers_the_true_chance_at_its_rate(count: int) -> None:
    """Over all chances 95 % on average, and never far below it (Wilson's known dips)."""
    found = [covered(count, n / 100) for n in range(1, 100)]

    assert sum(found) / len(found) == pytest.approx(0.95, abs=0.01)
    assert min(found) > 0.80
    assert sorted(found)[9] > 0.92


def test_an_interval_by_hand() -> None:
    """8 of 10: centre (0.8 + 0.19207) / 1.38415 = 0.7167, half of it 0.2265 (Wilson)."""
    low, high = Observed(8, 10).interval

    assert low == pytest.approx(0.4902, abs=0.0001)
    assert high == pytest.approx(0.9433, abs=0.0001)


def test_of_nothing_nothing_is_said() -> None:
    nothing = Observed(0, 0)

    assert nothing.share is None
    assert nothing.interval == (0, 1)
    assert nothing.is_too_few
    assert nothing.learned(0.3) == pytest.approx(0.3)
    assert brier([]) is None
    assert bands_of([]) == []


@given(st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_interval_holds_the_share_and_stays_within_0_and_1(pair: tuple[int, int]) -> None:
    observed = Observed(*pair)
    low, high = observed.interval

    assert 0 <= low <= pair[0] / pair[1] <= high <= 1


def test_a_chance_is_contradicted_only_by_enough() -> None:
    """Nobody of 19 and nobody of 20 against 60 %: the first are too few to say so."""
    assert not Observed(0, FLOOR - 1).disagrees_with(0.6)
    assert Observed(0, FLOOR).disagrees_with(0.6)
    assert not Observed(12, FLOOR).disagrees_with(0.6)


def test_a_learned_chance_lies_between_what_was_set_and_what_was_seen() -> None:
    """10 of 20 against 30 %: (10 + 20 × 0.3) / 40 = 0.4."""
    assert WEIGHT == 20
    assert Observed(10, 20).learned(0.3) == pytest.approx(0.4)


def test_the_score_by_hand() -> None:
    """0.9 won, 0.2 lost, 0.5 lost: (0.01 + 0.04 + 0.25) / 3 = 0.1."""
    told = [Told(0.9, 1), Told(0.2, 0), Told(0.5, 0)]

    assert brier(told) == pytest.approx(0.1)
    assert brier([Told(0.3, won=1, count=2)]) == brier([Told(0.3, 1), Told(0.3, 0)])
    assert skill(0.1, 0.2) == pytest.approx(0.5)
    assert skill(0.3, 0.2) == pytest.approx(-0.5)
    assert skill(0.1, 0.0) is None
    assert skill(None, 0.2) is None


def test_the_reliability_table_by_hand() -> None:
    told = [Told(0.0, 0), Told(0.05, 1), Told(0.5, 1), Told(1.0, 1), Told(0.95, 0)]

    assert [(b.low, b.high, round(b.mean, 6), b.observed) for b in bands_of(told)] == [
        (0.0, 0.1, 0.025, Observed(1, 2)),
        (0.5, 0.6, 0.5, Observed(1, 1)),
        (0.9, 1.0, 0.975, Observed(1, 2)),
    ]


TRUE = {"first": 0.08, "second": 0.35, "third": 0.55, "last": 0.93}
CONFIGURED = {"first": 0.25, "second": 0.5, "third": 0.6, "last": 0.8}


def outcomes(seed: int, count: int) -> list[tuple[str, bool]]:
    """Return opportunities of a world whose chances are `TRUE`."""
    world = random.Random(seed)
    stages = list(TRUE)
    return [(s, world.random() < TRUE[s]) for s in (world.choice(stages) for _n in range(count))]


@pytest.mark.parametrize("seed", range(5))
def test_learned_chances_beat_configured_ones_out_of_sample(seed: int) -> None:
    before, after = outcomes(seed, 2000), outcomes(1000 + seed, 2000)
    learned = {}
    for stage, configured in CONFIGURED.items():
        won = [is_won for at, is_won in before if at == stage]
        learned[stage] = Observed(sum(won), len(won)).learned(configured)

    scores = [
        brier(Told(chances[stage], int(is_won)) for stage, is_won in after)
        for chances in (learned, CONFIGURED)
    ]

    assert scores[0] is not None
    assert scores[1] is not None
    assert scores[0] < scores[1]
