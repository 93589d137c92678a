"""How long a task takes, as people type it."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks.inputs import duration_text, read_duration

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30m", 30 * MINUTE),
        ("30", 30 * MINUTE),
        ("45 min", 45 * MINUTE),
        ("1:30", 90 * MINUTE),
        ("0:05", 5 * MINUTE),
        ("2h", 2 * HOUR),
        ("2t", 2 * HOUR),
        ("1h 30m", 90 * MINUTE),
        ("1.5h", 90 * MINUTE),
        ("1,5 timer", 90 * MINUTE),
        ("2d", 2 * DAY),
        ("2 dager", 2 * DAY),
        ("1 day", DAY),
    ],
)
def test_a_length_is_read_in_every_usual_spelling(text: str, length: timedelta) -> None:
    assert read_duration(text) == length


@pytest.mark.parametrize(
    "text", ["", "soon", "h", "1:75", "-5m", "5 weeks", "1h x", "²", "1e9h", "--", "5m;", "1:2:3"]
)
def test_what_says_no_length_is_refused(text: str) -> None:
    assert read_duration(text) is None


@pytest.mark.parametrize(
    ("length", "text"),
    [(DAY, "1d"), (3 * DAY, "3d"), (2 * HOUR, "2h"), (90 * MINUTE, "1:30"), (5 * MINUTE, "5m")],
)
def test_a_length_is_shown_as_it_is_typed(length: timedelta, text: str) -> None:
    assert duration_text(length) == text


@given(st.integers(min_value=1, max_value=3650 * 24 * 60))
def test_what_is_shown_reads_back_as_the_same(minutes: int) -> None:
    length = minutes * MINUTE

    assert read_duration(duration_text(length)) == length
