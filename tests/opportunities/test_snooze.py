"""Putting an opportunity off: from one's own day, until a day, with Undo, and only one's own."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from crm.dates import today
from opportunities import snoozing
from opportunities.models import Opportunity, Snooze
from salespeople.models import User
from tests.factories import make_task
from tests.opportunities.pages import address, at_stage, deleted, signed_in


def shown(user: User) -> list[Opportunity]:
    """Return the opportunities on the person's day."""
    sections = signed_in(user).get("/").context["my_day"].sections
    return [row.opportunity for section in sections for row in section.rows]


def put_off(client: Client, row: Opportunity, days: object = 3, **more: Any) -> Any:
    return client.post(address(row, "snooze"), {"days": days} | more)


def until(user: User) -> list[int]:
    """Return in how many days the person's opportunities come back."""
    return [(row.until_on - today()).days for row in Snooze.objects.filter(user=user)]


def test_it_is_hidden_until_the_day_and_comes_back_on_it(bob: User) -> None:
    row, other = at_stage(bob, 1), at_stage(bob, 1)

    put_off(signed_in(bob), row)

    assert (shown(bob), until(bob)) == ([other], [3])
    Snooze.objects.update(until_on=today() + timedelta(days=1))
    assert shown(bob) == [other]
    Snooze.objects.update(until_on=today())
    assert shown(bob) == [row, other]


def test_its_count_is_a_link_to_exactly_those(bob: User) -> None:
    row = at_stage(bob, 1)
    at_stage(bob, 1)
    put_off(signed_in(bob), row)
    day = signed_in(bob).get("/").context["my_day"]

    page = signed_in(bob).get(day.snoozed.url).context
    rest = signed_in(bob).get(day.sections[0].sums.url).context

    assert (day.snoozed.count, [r.pk for r in page["page"].rows]) == (1, [row.pk])
    assert (day.sections[0].sums.count, rest["sums"].count) == (1, 1)


def test_the_receipt_takes_it_back(bob: User) -> None:
    row = at_stage(bob, 1)
    client = signed_in(bob)

    page = client.post(address(row, "snooze"), {"days": 7, "next": "/"}, follow=True)

    assert "is snoozed until" in page.content.decode()
    assert f'action="{address(row, "snooze")}"' in page.content.decode()
    back = client.post(address(row, "snooze"), {"days": 0, "next": "/"}, follow=True)
    assert "is back." in back.content.decode()
    assert (shown(bob), until(bob)) == ([row], [])
    assert not list(
        client.post(address(row, "snooze"), {"days": 0}, follow=True).context["messages"]
    )


def test_one_returns_to_the_place_where_one_was(bob: User) -> None:
    row = at_stage(bob, 1)

    there = put_off(signed_in(bob), row, next="/?period=quarter#opportunity-7")
    elsewhere = put_off(signed_in(bob), row, next="https://elsewhere.example/")

    assert there["Location"] == "/?period=quarter#opportunity-7"
    assert elsewhere["Location"] == "/"


def test_a_second_wish_replaces_the_first(bob: User) -> None:
    row = at_stage(bob, 1)
    put_off(signed_in(bob), row, 1)
    put_off(signed_in(bob), row, 7)

    assert until(bob) == [7]


def test_it_is_put_off_for_oneself_only(alice: User, bob: User) -> None:
    row = at_stage(bob, 1)
    put_off(signed_in(alice), row)

    assert (shown(bob), until(alice), until(bob)) == ([row], [3], [])


def test_it_does_not_change_the_opportunity_nor_hide_its_task(bob: User) -> None:
    row = at_stage(bob, 1)
    make_task(bob, opportunity=row)
    put_off(signed_in(bob), row)

    fresh = Opportunity.objects.get(pk=row.pk)

    assert (fresh.sequence, fresh.edits) == (row.sequence, row.edits)
    assert signed_in(bob).get("/").context["my_day"].tasks.count == 1


@pytest.mark.parametrize("days", ["", "-1", "1.5", "x", "367", "9999", "9" * 400, "\x00", "١", "٣"])
def test_nonsense_is_refused_and_puts_nothing_off(bob: User, days: str) -> None:
    row = at_stage(bob, 1)

    assert put_off(signed_in(bob), row, days).status_code == 400
    assert until(bob) == []


def test_who_may_not_see_it_finds_nothing(bob: User, charlie: User) -> None:
    row = at_stage(bob, 1)

    assert put_off(signed_in(charlie), row).status_code == 404
    assert put_off(signed_in(bob), deleted(bob)).status_code == 404
    assert signed_in(bob).get(address(row, "snooze")).status_code == 405
    assert Client().post(address(row, "snooze"), {"days": 1}).status_code == 302
    assert not Snooze.objects.exists()


@pytest.mark.parametrize("days", [0, -1, 367])
def test_the_door_takes_a_day_of_the_next_year(bob: User, days: int) -> None:
    row = at_stage(bob, 1)

    with pytest.raises(ValidationError, match="within the next year"):
        snoozing.snooze(row, by=bob, until_on=today() + timedelta(days=days))


def test_the_door_lets_nobody_else_in(bob: User, charlie: User) -> None:
    row = at_stage(bob, 1)

    with pytest.raises(Opportunity.DoesNotExist):
        snoozing.snooze(row, by=charlie, until_on=today() + timedelta(days=1))
    with pytest.raises(Opportunity.DoesNotExist):
        snoozing.wake(row, by=charlie)
