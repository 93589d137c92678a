"""The board's small forms: the same verbs, asked only for what is missing (product.md 1)."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.dates import today
from crm.htmx import DIALOG
from opportunities import lifecycle
from opportunities.models import Opportunity, Status
from salespeople.models import User
from tests.factories import CloseReasonFactory, QuoteFactory, make_task
from tests.opportunities.pages import address, at_stage, deleted, signed_in, stage_of, won

SMALL = "opportunities/small_form.html"
AGO = today() - timedelta(days=9)
SOON = today() + timedelta(days=9)
in_dialog: Any = {"headers": {"HX-Target": DIALOG}}


def asked(response: Any) -> list[str]:
    """Return the names of the fields that the small form shows."""
    return [field.name for field in response.context["asked"]]


def drop(by: User, opportunity: Opportunity, position: int, **typed: Any) -> Any:
    """Send what a drop sends, and what is typed then."""
    data = {"seen": opportunity.sequence, "stage": stage_of(opportunity, position).pk, **typed}
    return signed_in(by).post(address(opportunity, "move"), data, **in_dialog)


def overdue(by: User) -> Opportunity:
    """Return one at stage 1 whose close date has passed."""
    return at_stage(by, 1, on=AGO, estimated_close_on=AGO)


def test_a_drop_with_nothing_missing_is_done(bob: User) -> None:
    opportunity = at_stage(bob, 1)

    response = drop(bob, opportunity, 2, next="/pipeline/?q=a")

    assert (response.status_code, response["Location"]) == (302, "/pipeline/?q=a")
    assert Opportunity.objects.get(pk=opportunity.pk).stage.position == 2


def test_a_drop_is_asked_for_what_is_missing_and_nothing_is_marked_yet(bob: User) -> None:
    opportunity = overdue(bob)

    response = drop(bob, opportunity, 2)

    assert response.status_code == 422
    assert SMALL in [t.name for t in response.templates]
    assert "base.html" not in [t.name for t in response.templates]
    assert asked(response) == ["estimated_close_on"]
    assert [gate[:24] for gate in response.context["gates"]] == ["The estimated close date"]
    assert response.context["form"].errors == {}
    assert Opportunity.objects.get(pk=opportunity.pk).sequence == opportunity.sequence


def test_what_is_typed_wrong_stands_beside_its_field_and_is_kept(bob: User) -> None:
    opportunity = overdue(bob)

    response = drop(bob, opportunity, 2, estimated_close_on=AGO.isoformat())

    assert (response.status_code, asked(response)) == (422, ["estimated_close_on"])
    assert list(response.context["form"].errors) == ["estimated_close_on"]
    assert f'value="{AGO.isoformat()}"' in response.content.decode()
    assert response.context["gates"] == []


def test_the_missing_date_moves_it(bob: User) -> None:
    opportunity = overdue(bob)

    response = drop(bob, opportunity, 2, estimated_close_on=SOON.isoformat())

    assert response.status_code == 302
    fresh = Opportunity.objects.get(pk=opportunity.pk)
    assert (fresh.stage.position, fresh.estimated_close_on) == (2, SOON)


def test_the_start_asks_for_the_close_date(bob: User) -> None:
    """D7, R39: what is not started begins at the first stage, by the same drop."""
    opportunity = at_stage(bob, 0, estimated_close_on=None)

    asking = drop(bob, opportunity, 1)
    done = drop(bob, opportunity, 1, estimated_close_on=SOON.isoformat())

    assert (asking.status_code, asked(asking)) == (422, ["estimated_close_on"])
    assert done.status_code == 302
    assert Opportunity.objects.get(pk=opportunity.pk).stage.position == 1


def test_the_value_is_asked_for_where_it_is_nothing(bob: User) -> None:
    """R78: one that was started without a value."""
    opportunity = at_stage(bob, 0, estimated_value=0)
    opportunity = lifecycle.activate(opportunity, by=bob, estimated_close_on=SOON)

    response = drop(bob, opportunity, 2)

    assert (response.status_code, asked(response)) == (422, ["estimated_value"])


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_missing_quote_is_named_and_offered(bob: User, method: str) -> None:
    """D20: shown ahead when the form is opened, and when it is sent."""
    opportunity = at_stage(bob, 3)
    if method == "post":
        response = drop(bob, opportunity, 4)
    else:
        stage = stage_of(opportunity, 4)
        path = f"{address(opportunity, 'move')}?stage={stage.pk}"
        response = signed_in(bob).get(path, **in_dialog)

    assert response.status_code == (422 if method == "post" else 200)
    assert response.context["gates"] == [
        "“Stage 4” needs a quote that is neither declined nor expired."
    ]
    assert f"/quotes/create/?opportunity={opportunity.pk}&amp;next=" in response.content.decode()


def test_a_stage_that_may_not_be_skipped_is_named_and_nothing_is_offered(bob: User) -> None:
    response = drop(bob, at_stage(bob, 1), 4)

    assert response.status_code == 422
    assert response.context["gates"] == ["“Stage 3” may not be skipped."]
    assert 'type="submit"' not in response.content.decode()


def test_the_amount_of_a_new_quote_is_proposed(bob: User) -> None:
    """R74."""
    opportunity = at_stage(bob, 3)
    quote = QuoteFactory(opportunity=opportunity)
    path = f"{address(opportunity, 'move')}?stage={stage_of(opportunity, 4).pk}"

    response = signed_in(bob).get(path, **in_dialog)

    assert (response.status_code, asked(response)) == (200, ["estimated_value"])
    assert response.context["form"].initial["estimated_value"] == quote.amount


@pytest.mark.parametrize("verb", ["win", "lose"])
def test_closing_asks_for_the_reason_alone(bob: User, verb: str) -> None:
    for _n in range(2):
        CloseReasonFactory(kind="won" if verb == "win" else "lost")
    opportunity = at_stage(bob, 2)
    client = signed_in(bob)
    shown = client.get(address(opportunity, verb), **in_dialog)
    data = {"seen": opportunity.sequence, "on": today().isoformat(), "reason": ""}
    refused = client.post(address(opportunity, verb), data, **in_dialog)

    assert (shown.status_code, asked(shown)) == (200, ["reason"])
    assert (refused.status_code, asked(refused)) == (422, ["reason"])
    assert list(refused.context["form"].errors) == ["reason"]


def test_closing_asks_what_becomes_of_open_tasks(bob: User) -> None:
    """R108."""
    opportunity = at_stage(bob, 2)
    make_task(bob, opportunity=opportunity)
    CloseReasonFactory(kind="lost")

    response = signed_in(bob).get(address(opportunity, "lose"), **in_dialog)

    assert asked(response) == ["reason", "cancel_open_tasks"]


def test_a_win_without_a_value_asks_for_it(bob: User) -> None:
    reason = CloseReasonFactory(kind="won")
    opportunity = at_stage(bob, 0, estimated_value=0)
    data = {"seen": opportunity.sequence, "on": today().isoformat(), "reason": reason.pk}

    response = signed_in(bob).post(address(opportunity, "win"), data, **in_dialog)

    assert (response.status_code, asked(response)) == (422, ["reason", "sales_value"])


def test_the_card_asks_for_value_and_close_date_and_keeps_the_chances(bob: User) -> None:
    opportunity = at_stage(bob, 2)
    client = signed_in(bob)
    shown = client.get(address(opportunity, "update"), **in_dialog)
    data = {"seen": opportunity.sequence, "estimated_value": "7,000", "estimated_close_on": SOON}
    done = client.post(address(opportunity, "update"), data, **in_dialog)

    fresh = Opportunity.objects.get(pk=opportunity.pk)
    assert asked(shown) == ["estimated_value", "estimated_close_on"]
    assert done.status_code == 302
    assert (fresh.estimated_value, fresh.estimated_close_on) == (7000, SOON)
    assert fresh.chances_of_success == opportunity.chances_of_success


@pytest.mark.parametrize("verb", ["move", "update", "win", "lose"])
def test_a_conflict_is_told_in_the_dialog(alice: User, bob: User, verb: str) -> None:
    """U8: somebody moved it, and changed the same value."""
    opportunity = at_stage(bob, 2)
    CloseReasonFactory(kind="lost")
    CloseReasonFactory(kind="won")
    back, value = stage_of(opportunity, 1), Decimal(3000)
    lifecycle.move(opportunity, back, by=alice, estimated_value=value, note="They called.")
    data = {"seen": opportunity.sequence, "stage": stage_of(opportunity, 3).pk}
    data |= {"on": today().isoformat(), "estimated_value": "1"}

    response = signed_in(bob).post(address(opportunity, verb), data, **in_dialog)

    assert response.status_code == 409
    assert "<html" not in response.content.decode()
    assert f'action="{address(opportunity, verb)}"' in response.content.decode()
    assert "They called." in response.content.decode()
    assert Opportunity.objects.get(pk=opportunity.pk).status == Status.IN_PROGRESS


@pytest.mark.parametrize("verb", ["move", "update", "win", "lose"])
def test_what_is_closed_or_deleted_says_so_in_the_dialog(bob: User, verb: str) -> None:
    for opportunity in (won(bob), deleted(bob)):
        response = signed_in(bob).get(address(opportunity, verb), follow=True, **in_dialog)

        assert response.status_code == 422
        assert "<html" not in response.content.decode()


@pytest.mark.parametrize("verb", ["move", "activate", "update", "win", "lose"])
def test_another_team_finds_nothing(bob: User, charlie: User, verb: str) -> None:
    opportunity = at_stage(bob, 1)
    client = signed_in(charlie)

    shown = client.get(address(opportunity, verb), **in_dialog)
    posted = client.post(address(opportunity, verb), {"seen": 2}, **in_dialog)

    assert (shown.status_code, posted.status_code) == (404, 404)


def test_other_verbs_are_shown_wholly(bob: User) -> None:
    response = signed_in(bob).get(address(at_stage(bob, 1), "reassign"), **in_dialog)

    assert "base.html" in [t.name for t in response.templates]


def test_a_quote_is_created_with_a_line_in_the_dialog_and_leads_back_to_the_move(
    bob: User,
) -> None:
    opportunity = at_stage(bob, 3)
    client = signed_in(bob)
    there = f"{address(opportunity, 'move')}?stage={stage_of(opportunity, 4).pk}"
    path = f"/quotes/create/?opportunity={opportunity.pk}"
    shown = client.get(path, **in_dialog)
    data = {
        "valid_until": SOON.isoformat(), "language": "", "terms": "", "next": there, "do": "save",
        "lines-0-text": "A roof", "lines-0-price": "",
    }  # fmt: skip
    refused = client.post(path, data, **in_dialog)
    done = client.post(path, data | {"lines-0-price": "1,250"}, **in_dialog)

    assert (shown.status_code, refused.status_code) == (200, 422)
    assert "<html" not in shown.content.decode() + refused.content.decode()
    assert "Give a unit price." in refused.content.decode()
    assert (done.status_code, done["Location"]) == (302, there)
    assert opportunity.quotes.get().amount == 1250


def test_there_is_no_quote_of_what_is_closed(bob: User) -> None:
    response = signed_in(bob).get(f"/quotes/create/?opportunity={won(bob).pk}", **in_dialog)

    assert response.status_code == 422
    assert "<html" not in response.content.decode()
