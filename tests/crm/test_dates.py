"""Today in the site's time zone, and the words for distances in days."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone
from django.utils.translation import override
from pytest_django import Settings

from crm.dates import relative, rough_span, site_date, span, today

NEW_YEAR_IN_OSLO = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)


@pytest.fixture
def oslo(settings: Settings) -> None:
    """Put the site in Oslo, one hour ahead of UTC in winter."""
    settings.TIME_ZONE = "Europe/Oslo"


@pytest.mark.usefixtures("oslo")
def test_today_is_the_site_s_whatever_the_person_s_time_zone() -> None:
    with time_machine.travel(NEW_YEAR_IN_OSLO, tick=False):
        assert today() == date(2026, 1, 1)
        with timezone.override(ZoneInfo("America/New_York")):
            assert today() == date(2026, 1, 1)


@pytest.mark.usefixtures("oslo")
def test_a_moment_s_date_is_the_site_s() -> None:
    with timezone.override(ZoneInfo("America/New_York")):
        assert site_date(NEW_YEAR_IN_OSLO) == date(2026, 1, 1)
        assert site_date(datetime(2025, 12, 31, 22, 59, tzinfo=UTC)) == date(2025, 12, 31)


def test_a_naive_moment_has_no_date() -> None:
    with pytest.raises(ValueError, match="naive"):
        site_date(datetime(2026, 1, 1, 12))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("days", "words"), [(0, "0 days"), (1, "1 day"), (3, "3 days"), (-3, "3 days"), (45, "45 days")]
)
def test_span(days: int, words: str) -> None:
    with override("en"):
        assert span(days) == words


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (1, "1 day"),
        (13, "13 days"),
        (14, "2 weeks"),
        (20, "2 weeks"),
        (60, "8 weeks"),
        (61, "2 months"),
        (365, "12 months"),
        (730, "24 months"),
        (731, "2 years"),
        (1096, "3 years"),
        (-30, "4 weeks"),
    ],
)
def test_rough_span_takes_the_unit_one_would_say(days: int, words: str) -> None:
    with override("en"):
        assert rough_span(days) == words


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (date(2026, 3, 2), "today"),
        (date(2026, 3, 1), "yesterday"),
        (date(2026, 3, 3), "tomorrow"),
        (date(2026, 3, 5), "in 3 days"),
        (date(2026, 2, 27), "3 days ago"),
        (date(2026, 4, 13), "in 6 weeks"),
        (date(2023, 3, 2), "3 years ago"),
    ],
)
def test_relative(day: date, words: str) -> None:
    with override("en"):
        assert relative(day, date(2026, 3, 2)) == words


@pytest.mark.usefixtures("oslo")
def test_relative_counts_from_the_site_s_today() -> None:
    with override("en"), time_machine.travel(NEW_YEAR_IN_OSLO, tick=False):
        assert relative(date(2025, 12, 31)) == "yesterday"
