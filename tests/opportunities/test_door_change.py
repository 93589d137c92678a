"""Editing, reassigning, deleting, restoring, undoing: R120–R122, R139–R141, D3, D11, D24."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from crm.dates import today
from opportunities import lifecycle
from opportunities.lifecycle.ledger import state_of
from opportunities.models import Action, Opportunity, Status
from salespeople.models import User
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    PersonFactory,
    SalespersonFactory,
    TeamMembershipFactory,
    make_opportunity,
)


def days(number: int) -> date:
    """Return the day so many days from today."""
    return today() + timedelta(days=number)


def test_editing_writes_no_entry(bob: User) -> None:
    opportunity = make_opportunity(bob)

    edited = lifecycle.edit(opportunity, by=bob, description="  Two   roofs ", priority=3)

    assert (edited.description, edited.priority, edited.edits) == ("Two roofs", 3, 1)
    assert opportunity.entries.count() == 1


def test_editing_what_somebody_edited_meanwhile_is_a_conflict(bob: User, alice: User) -> None:
    opportunity = make_opportunity(bob)
    lifecycle.edit(opportunity, by=alice, description="Three roofs", seen_edits=0)

    with pytest.raises(lifecycle.Conflict):
        lifecycle.edit(opportunity, by=bob, description="Two roofs", seen_edits=0)


def test_r120_the_description_of_a_closed_one_may_be_edited_not_its_priority(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=1)
    lifecycle.win(opportunity, by=bob, reason=CloseReasonFactory())

    lifecycle.edit(opportunity, by=bob, description="The roof we sold")
    with pytest.raises(ValidationError, match="already won"):
        lifecycle.edit(opportunity, by=bob, priority=1)


def test_d3_r139_reassigning_writes_an_entry_and_history_keeps_the_old_one(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=1)
    mate = SalespersonFactory()
    TeamMembershipFactory(salesperson=mate, team=bob.salesperson.memberships.get().team)

    lifecycle.reassign(opportunity, by=bob, salesperson=mate, note="Parental leave")

    entries = opportunity.entries.order_by("sequence")
    assert [(entry.action, entry.salesperson) for entry in entries] == [
        (Action.CREATED, bob.salesperson),
        (Action.ACTIVATED, bob.salesperson),
        (Action.REASSIGNED, mate),
    ]


def test_reassigning_to_another_team_is_for_managers(bob: User, alice: User, charlie: User) -> None:
    opportunity = make_opportunity(bob)

    with pytest.raises(PermissionDenied):
        lifecycle.reassign(opportunity, by=bob, salesperson=charlie.salesperson)
    moved = lifecycle.reassign(opportunity, by=alice, salesperson=charlie.salesperson)

    assert moved.salesperson == charlie.salesperson
    with pytest.raises(Opportunity.DoesNotExist):
        lifecycle.update(opportunity, by=bob, estimated_value=Decimal(1))


def test_r140_once_started_the_contact_stays_in_the_company(bob: User) -> None:
    company = CompanyFactory()
    opportunity = make_opportunity(bob, contact=company, stage=1)

    with pytest.raises(ValidationError) as caught:
        lifecycle.reassign(opportunity, by=bob, contact=PersonFactory())
    assert list(caught.value.message_dict) == ["contact"]

    person = PersonFactory(company=company)
    moved = lifecycle.reassign(opportunity, by=bob, contact=person)
    assert (moved.contact, moved.company) == (person, company)


def test_r140_before_the_start_any_contact_is_allowed(bob: User) -> None:
    other = CompanyFactory()

    moved = lifecycle.reassign(make_opportunity(bob), by=bob, contact=other)

    assert (moved.contact, moved.company) == (other, other)


def test_d24_a_person_who_changes_company_keeps_the_opportunities(bob: User) -> None:
    old, new = CompanyFactory(), CompanyFactory()
    person = PersonFactory(company=old)
    opportunity = make_opportunity(bob, contact=person, stage=1)
    person.company = new
    person.save()

    moved = lifecycle.update(opportunity, by=bob, estimated_value=Decimal(7))

    assert (moved.contact, moved.company) == (person, old)


def test_asking_for_what_is_already_so_writes_nothing(bob: User) -> None:
    opportunity = make_opportunity(bob)

    lifecycle.reassign(
        opportunity, by=bob, salesperson=opportunity.salesperson, contact=opportunity.contact
    )
    lifecycle.edit(opportunity, by=bob, description=opportunity.description)
    lifecycle.restore(opportunity, by=bob)

    opportunity.refresh_from_db()
    assert (opportunity.entries.count(), opportunity.edits) == (1, 0)


def test_r146_a_closed_one_is_not_reassigned(bob: User) -> None:
    opportunity = make_opportunity(bob)
    lifecycle.lose(opportunity, by=bob, reason=CloseReasonFactory(kind="lost"))

    with pytest.raises(ValidationError, match="already lost"):
        lifecycle.reassign(opportunity, by=bob, contact=CompanyFactory())


def test_r121_deleting_is_refused_only_while_in_progress(bob: User) -> None:
    with pytest.raises(ValidationError, match="in progress"):
        lifecycle.delete(make_opportunity(bob, stage=1), by=bob)
    closed = make_opportunity(bob)
    lifecycle.lose(closed, by=bob, reason=CloseReasonFactory(kind="lost"))

    for opportunity in (make_opportunity(bob), closed):
        assert lifecycle.delete(opportunity, by=bob).is_deleted


def test_d11_a_deleted_one_is_restored_by_whoever_deleted_it_or_a_manager(
    bob: User, alice: User
) -> None:
    opportunity = make_opportunity(bob)
    lifecycle.delete(opportunity, by=bob)
    lifecycle.restore(opportunity, by=bob)
    lifecycle.delete(opportunity, by=alice)

    with pytest.raises(PermissionDenied):
        lifecycle.restore(opportunity, by=bob)
    with pytest.raises(PermissionDenied):
        lifecycle.undo(lifecycle.newest_standing(opportunity), by=bob)
    assert not lifecycle.restore(opportunity, by=alice).is_deleted


def test_a_deleted_one_is_not_changed(bob: User) -> None:
    opportunity = make_opportunity(bob)
    lifecycle.delete(opportunity, by=bob)

    for call in (
        lambda: lifecycle.activate(opportunity, by=bob),
        lambda: lifecycle.update(opportunity, by=bob, estimated_value=Decimal(1)),
        lambda: lifecycle.edit(opportunity, by=bob, description="x"),
        lambda: lifecycle.lose(opportunity, by=bob, reason=CloseReasonFactory(kind="lost")),
    ):
        with pytest.raises(ValidationError, match="has been deleted"):
            call()


def test_undo_restores_the_whole_state_before(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=1, on=days(-9), estimated_close_on=days(9))
    before = state_of(Opportunity.objects.get(pk=opportunity.pk))
    second = opportunity.sales_cycle.stages.get(position=2)
    moved = lifecycle.move(
        opportunity, second, by=bob, on=days(-4), estimated_value=Decimal(77),
        chances_of_success=Decimal(11), estimated_close_on=days(99),
    )  # fmt: skip

    undone = lifecycle.undo(lifecycle.newest_standing(moved), by=bob)

    changed = {"sequence": before["sequence"] + 2, "effective_on": days(-4)}
    assert state_of(undone) == before | changed
    newest = undone.entries.get(superseded_at=None)
    assert (newest.action, newest.undoes.action) == (Action.UNDONE, Action.NEXT)


def test_undo_after_undo_takes_the_entry_before(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=2)

    for _ in range(2):
        opportunity = lifecycle.undo(lifecycle.newest_standing(opportunity), by=bob)

    assert opportunity.status == Status.NOT_STARTED
    with pytest.raises(ValidationError, match="creation is not undone"):
        lifecycle.undo(lifecycle.newest_standing(opportunity), by=bob)


def test_undo_is_refused_when_something_newer_rests_on_it(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=2)
    activation = opportunity.entries.get(action=Action.ACTIVATED)

    with pytest.raises(ValidationError, match="“Next”. Undo that first."):
        lifecycle.undo(activation, by=bob)


def test_undoing_twice_says_so(bob: User) -> None:
    opportunity = make_opportunity(bob, stage=2)
    newest = lifecycle.newest_standing(opportunity)
    lifecycle.undo(newest, by=bob)

    with pytest.raises(ValidationError, match="undone already"):
        lifecycle.undo(newest, by=bob)


def test_allowed_actions_follow_the_checks(bob: User, alice: User) -> None:
    opportunity = make_opportunity(bob)

    def allowed(by: User) -> set[str]:
        opportunity.refresh_from_db()
        found = lifecycle.allowed_actions(opportunity, by=by)
        return {name for name, value in vars(found).items() if value is True}

    is_open = {"update", "win", "lose", "reassign", "edit"}
    assert allowed(bob) == is_open | {"activate", "delete"}
    lifecycle.activate(opportunity, by=bob)
    assert allowed(bob) == is_open | {"move", "undo"}
    lifecycle.lose(opportunity, by=bob, reason=CloseReasonFactory(kind="lost"))
    assert allowed(bob) == {"reopen", "edit", "delete", "undo"}
    lifecycle.delete(opportunity, by=bob)
    assert allowed(bob) == allowed(alice) == {"restore", "undo"}
