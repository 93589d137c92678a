"""Held reviews: kept with the address that shows them again, listed, and taken back (ADR 0027)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import QueryDict
from django.utils import timezone

from analytics import reviewing
from analytics.models import ReviewMark
from analytics.review_page import mark_url, review_of
from crm.dates import today
from salespeople.models import User
from tests.analytics.test_figures import manager_of_a_team
from tests.opportunities.pages import at_stage, signed_in

ADDRESS = "/analytics/review/"
MARK = "/analytics/review/mark/"


def sent(user: User, query: str = "") -> dict[str, str]:
    """Return what the form on a review's page sends."""
    return dict(signed_in(user).get(f"{ADDRESS}{query}").context["sent"])


def test_a_review_is_marked_with_the_address_that_shows_it_again(alice: User, bob: User) -> None:
    at_stage(bob, 2)
    team = bob.salesperson.memberships.get().team
    client = signed_in(alice)

    query = f"?team={team.pk}&period=quarter"
    response = client.post(MARK, {**sent(alice, query), "note": "Call them."})

    mark = ReviewMark.objects.get()
    assert response.status_code == 302
    assert (mark.on, mark.since_on, mark.period) == (today(), today() - timedelta(7), "quarter")
    assert (mark.team, mark.salesperson, mark.note) == (team, None, "Call them.")
    again = client.get(mark_url(mark)).context["review"]
    assert (again.day.on, again.day.at, again.opening.on, again.opening.at) == (
        mark.on, mark.known_at, mark.since_on, mark.known_at,
    )  # fmt: skip
    assert again.period.kind == "quarter"
    page = client.get(f"{ADDRESS}?team={team.pk}").content.decode()
    assert "Call them." in page
    assert "Call them." not in client.get(ADDRESS).content.decode()


def test_undo_takes_it_back_and_keeps_the_row(alice: User, dora: User) -> None:
    client = signed_in(alice)
    client.post(MARK, sent(alice))
    mark = ReviewMark.objects.get()

    assert f"/analytics/review/{mark.pk}/unmark/" in client.get(ADDRESS).content.decode()
    assert signed_in(dora).post(f"{ADDRESS}{mark.pk}/unmark/").status_code == 404
    client.post(f"{ADDRESS}{mark.pk}/unmark/")

    mark.refresh_from_db()
    assert mark.taken_back_by == alice
    assert client.get(ADDRESS).context["marks"] == []


def test_of_all_that_one_sees_one_sees_ones_own(alice: User, bob: User) -> None:
    """Alice sees everything and Mona her team: what Alice noted about all is not for Mona."""
    mona = manager_of_a_team(bob)
    for user in (alice, mona):
        signed_in(user).post(MARK, sent(user))

    def authors(user: User) -> list[Any]:
        marks = signed_in(user).get(ADDRESS).context["marks"]
        return [mark.reviewed_by.username for mark, _url in marks]

    assert (authors(mona), authors(alice)) == (["mona"], ["mona", "alice"])


def test_a_salesperson_marks_nothing(bob: User) -> None:
    assert signed_in(bob).post(MARK, {}).status_code == 403
    with pytest.raises(PermissionDenied):
        reviewing.mark(review_of(QueryDict(), bob), by=bob)


@pytest.mark.parametrize(
    "wrong", [{"team": "0"}, {"known": "soon"}, {"on": "2999-01-01"}, {"other": "1"}]
)
def test_a_review_that_there_is_not_is_not_marked(alice: User, wrong: dict[str, str]) -> None:
    assert signed_in(alice).post(MARK, {**sent(alice), **wrong}).status_code == 400


@pytest.mark.parametrize("wrong", [{"note": "x" * 501}, {"known": "2998-01-01T00:00:00Z"}])
def test_a_long_note_or_a_moment_to_come_is_refused(alice: User, wrong: dict[str, str]) -> None:
    assert signed_in(alice).post(MARK, {**sent(alice), **wrong}).status_code == 302
    assert ReviewMark.objects.count() == 0


@pytest.mark.parametrize(
    "columns",
    [{"since_on": today()}, {"period": "week"}, {"taken_back_at": timezone.now()},
     {"known_at": timezone.now() + timedelta(days=1)}],
)  # fmt: skip
def test_the_database_refuses_what_is_no_review(alice: User, columns: dict[str, Any]) -> None:
    now = timezone.now()
    given = {
        "on": today(), "since_on": today() - timedelta(7), "period": "month", "known_at": now,
        "reviewed_at": now, "reviewed_by": alice, **columns,
    }  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        ReviewMark.objects.create(**given)
