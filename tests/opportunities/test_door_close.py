"""Winning, losing, reopening through the door: R93, R94, R106–R117, rules D1, D9, D10, D17."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Action, Opportunity, Status
from salescycles.models import CloseReason
from salespeople.models import User
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    PersonFactory,
    QuoteFactory,
    make_opportunity,
)

TODAY = today()


def days(number: int) -> date:
    """Return the day so many days from today."""
    return TODAY + timedelta(days=number)


@pytest.fixture
def won(db: None) -> CloseReason:
    return CloseReasonFactory(description="Price")


@pytest.fixture
def lost(db: None) -> CloseReason:
    return CloseReasonFactory(kind="lost", description="No budget")


def refusal(opportunity: Opportunity, by: User, **options: Any) -> dict[str, list[str]]:
    """Return what `win` says against it; nothing may be written."""
    before = opportunity.entries.count()
    with pytest.raises(ValidationError) as caught:
        lifecycle.win(opportunity, by=by, **options)
    assert opportunity.entries.count() == before
    return caught.value.message_dict


def test_r93_r113_winning_keeps_the_stage_and_the_estimated_value(
    bob: User, won: CloseReason
) -> None:
    opportunity = make_opportunity(bob, stage=2)

    closed = lifecycle.win(opportunity, by=bob, reason=won, sales_value=Decimal(1100))

    assert (
        closed.status,
        closed.stage,
        closed.estimated_value,
        closed.calculated_value,
        closed.chances_of_success,
        closed.completed,
        closed.probability,
        closed.closed_on,
        closed.estimated_close_on,
        closed.close_reason,
    ) == (Status.WON, opportunity.stage, 1000, 1100, 100, 100, 100, TODAY, TODAY, won)
    assert closed.entries.get(superseded_at=None).action == Action.WON


def test_r94_losing_leaves_nothing_to_expect(bob: User, lost: CloseReason) -> None:
    closed = lifecycle.lose(make_opportunity(bob, stage=2), by=bob, reason=lost, on=TODAY)

    assert (
        closed.status,
        closed.estimated_value,
        closed.calculated_value,
        closed.chances_of_success,
        closed.completed,
        closed.probability,
    ) == (Status.LOST, 1000, 0, 0, 100, 0)


def test_r115_what_was_not_started_can_be_closed(bob: User, lost: CloseReason) -> None:
    closed = lifecycle.lose(make_opportunity(bob), by=bob, reason=lost)

    assert (closed.status, closed.stage) == (Status.LOST, None)


@pytest.mark.parametrize("status", ["won", "lost"])
def test_r106_closing_twice_is_refused(
    bob: User, won: CloseReason, lost: CloseReason, status: str
) -> None:
    opportunity = make_opportunity(bob, stage=1)
    if status == "won":
        lifecycle.win(opportunity, by=bob, reason=won)
    else:
        lifecycle.lose(opportunity, by=bob, reason=lost)

    with pytest.raises(ValidationError, match=f"already {status}"):
        lifecycle.win(opportunity, by=bob, reason=won)


def test_r110_the_reason_is_mandatory_and_of_its_kind(
    bob: User, won: CloseReason, lost: CloseReason
) -> None:
    opportunity = make_opportunity(bob, stage=1)

    for reason in (None, lost):
        assert refusal(opportunity, bob, reason=reason) == {"reason": ["Choose why it was won."]}
    for reason in (None, won):
        with pytest.raises(ValidationError) as caught:
            lifecycle.lose(opportunity, by=bob, reason=reason)
        assert caught.value.message_dict == {"reason": ["Choose why it was lost."]}


def test_d19_a_blocked_reason_is_refused(bob: User) -> None:
    reason = CloseReasonFactory(description="Luck", is_blocked=True)

    assert refusal(make_opportunity(bob, stage=1), bob, reason=reason) == {
        "reason": ["“Luck” is blocked for anything new."]
    }


def test_r110_the_sales_value_is_above_zero(bob: User, won: CloseReason) -> None:
    nothing = make_opportunity(bob, estimated_value=None)

    assert refusal(nothing, bob, reason=won) == {"sales_value": ["Give a sales value above 0."]}
    assert list(refusal(nothing, bob, reason=won, sales_value=Decimal(-5))) == ["sales_value"]
    assert list(refusal(nothing, bob, reason=won, sales_value=Decimal("NaN"))) == ["sales_value"]


def test_without_a_quote_the_estimated_value_is_proposed(bob: User, won: CloseReason) -> None:
    assert lifecycle.win(make_opportunity(bob), by=bob, reason=won).calculated_value == 1000


def test_r93_r112_d20_the_deciding_quote_gives_the_sales_value(bob: User, won: CloseReason) -> None:
    opportunity = make_opportunity(bob, stage=1)
    for amount, status in [(100, "draft"), (200, "accepted"), (300, "accepted"), (400, "sent"),
                           (500, "declined"), (600, "expired")]:  # fmt: skip
        QuoteFactory(opportunity=opportunity, amount=Decimal(amount), status=status)

    closed = lifecycle.win(opportunity, by=bob, reason=won)

    # The newest accepted one.
    assert closed.calculated_value == 300


def test_another_sales_value_than_the_quote_is_refused_not_ignored(
    bob: User, won: CloseReason
) -> None:
    opportunity = make_opportunity(bob, stage=1)
    QuoteFactory(opportunity=opportunity, amount=Decimal(300))

    assert list(refusal(opportunity, bob, reason=won, sales_value=Decimal(299))) == ["sales_value"]


def test_r116_d17_winning_makes_the_company_a_customer(bob: User, won: CloseReason) -> None:
    company = CompanyFactory()
    opportunity = make_opportunity(bob, contact=PersonFactory(company=company), on=days(-9))

    lifecycle.win(opportunity, by=bob, reason=won, on=days(-3))

    company.refresh_from_db()
    assert company.customer_since == days(-3)


def test_d17_a_person_without_a_company_becomes_the_customer(bob: User, won: CloseReason) -> None:
    person = PersonFactory()

    lifecycle.win(make_opportunity(bob, contact=person), by=bob, reason=won)

    person.refresh_from_db()
    assert person.customer_since == TODAY


def test_a_customer_stays_one_since_the_first_day(bob: User, won: CloseReason) -> None:
    company = CompanyFactory(customer_since=date(2001, 2, 3))
    closed = lifecycle.win(make_opportunity(bob, contact=company), by=bob, reason=won)

    lifecycle.undo(lifecycle.newest_standing(closed), by=bob)

    company.refresh_from_db()
    assert company.customer_since == date(2001, 2, 3)


def test_r117_losing_makes_no_customer(bob: User, lost: CloseReason) -> None:
    company = CompanyFactory()

    lifecycle.lose(make_opportunity(bob, contact=company), by=bob, reason=lost)

    company.refresh_from_db()
    assert company.customer_since is None


def test_undoing_a_win_clears_the_customer_it_made(bob: User, won: CloseReason) -> None:
    company = CompanyFactory()
    closed = lifecycle.win(make_opportunity(bob, contact=company), by=bob, reason=won)

    lifecycle.undo(lifecycle.newest_standing(closed), by=bob)

    company.refresh_from_db()
    assert company.customer_since is None


def test_undoing_a_win_leaves_the_customer_of_another_win(bob: User, won: CloseReason) -> None:
    company = CompanyFactory()
    first, second = (make_opportunity(bob, contact=company, on=days(-9)) for _ in range(2))
    first = lifecycle.win(first, by=bob, reason=won, on=days(-5))
    lifecycle.win(second, by=bob, reason=won, on=days(-2))

    lifecycle.undo(lifecycle.newest_standing(first), by=bob)

    company.refresh_from_db()
    assert company.customer_since == days(-2)


def test_r107_amended_closing_is_not_dated_before_the_last_move(
    bob: User, won: CloseReason
) -> None:
    opportunity = make_opportunity(bob, stage=1, on=days(-5))

    assert list(refusal(opportunity, bob, reason=won, on=days(-6))) == ["on"]
    assert list(refusal(opportunity, bob, reason=won, on=days(1))) == ["on"]


def test_d10_reopening_returns_to_where_it_was(bob: User, won: CloseReason) -> None:
    opportunity = make_opportunity(
        bob, stage=2, chances_of_success=Decimal(33), estimated_close_on=days(20)
    )
    before = Opportunity.objects.get(pk=opportunity.pk)
    lifecycle.win(opportunity, by=bob, reason=won, sales_value=Decimal(5))

    reopened = lifecycle.reopen(opportunity, by=bob)

    assert (
        reopened.status,
        reopened.stage,
        reopened.chances_of_success,
        reopened.completed,
        reopened.probability,
        reopened.estimated_value,
        reopened.calculated_value,
        reopened.estimated_close_on,
        reopened.closed_on,
        reopened.close_reason,
    ) == (
        Status.IN_PROGRESS,
        before.stage,
        before.chances_of_success,
        before.completed,
        before.probability,
        1000,
        before.calculated_value,
        days(20),
        None,
        None,
    )


def test_d10_what_was_not_started_is_not_started_again(bob: User, lost: CloseReason) -> None:
    opportunity = make_opportunity(bob)
    lifecycle.lose(opportunity, by=bob, reason=lost)

    reopened = lifecycle.reopen(opportunity, by=bob)

    assert (reopened.status, reopened.stage) == (Status.NOT_STARTED, None)


def test_d10_a_past_close_date_is_asked_for(bob: User, lost: CloseReason) -> None:
    opportunity = make_opportunity(bob, stage=1, on=days(-9), estimated_close_on=days(-1))
    lifecycle.lose(opportunity, by=bob, reason=lost)

    with pytest.raises(ValidationError) as caught:
        lifecycle.reopen(opportunity, by=bob)
    assert list(caught.value.message_dict) == ["estimated_close_on"]

    reopened = lifecycle.reopen(opportunity, by=bob, estimated_close_on=days(9))
    assert reopened.estimated_close_on == days(9)


@pytest.mark.parametrize("verb", ["reopen", "undo"])
def test_d10_its_salesperson_within_seven_days_and_a_manager_at_any_time(
    bob: User, alice: User, lost: CloseReason, verb: str
) -> None:
    opportunity = make_opportunity(bob, stage=1, estimated_close_on=days(90))
    closed = lifecycle.lose(opportunity, by=bob, reason=lost)

    def take_back(by: User) -> Opportunity:
        if verb == "reopen":
            return lifecycle.reopen(closed, by=by)
        return lifecycle.undo(lifecycle.newest_standing(closed), by=by)

    with time_machine.travel(days(8), tick=False), pytest.raises(PermissionDenied):
        take_back(bob)
    with time_machine.travel(days(8), tick=False):
        assert take_back(alice).status == Status.IN_PROGRESS
    lifecycle.lose(opportunity, by=bob, reason=lost)
    with time_machine.travel(days(7), tick=False):
        assert take_back(bob).status == Status.IN_PROGRESS


def test_reopening_what_is_open_is_refused(bob: User) -> None:
    with pytest.raises(ValidationError, match="not closed"):
        lifecycle.reopen(make_opportunity(bob), by=bob)
