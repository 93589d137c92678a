"""lifecycle.block and unblock: not for anything new (rules D24)."""

import pytest
from django.core.exceptions import ValidationError

from contacts import lifecycle
from contacts.models import Contact
from salespeople.models import User
from tests.factories import CompanyFactory, PersonFactory, make_opportunity


def test_block_and_unblock_say_who_did_it(alice: User, bob: User) -> None:
    company = CompanyFactory()
    blocked = lifecycle.block(company, by=alice)
    assert (blocked.is_blocked, blocked.changed_by) == (True, alice)
    assert not Contact.objects.usable().exists()
    unblocked = lifecycle.unblock(company, by=bob)
    assert (unblocked.is_blocked, unblocked.changed_by) == (False, bob)


def test_block_of_what_is_blocked_writes_nothing(alice: User, bob: User) -> None:
    company = CompanyFactory()
    first = lifecycle.block(company, by=alice)
    again = lifecycle.block(company, by=bob)
    assert (again.changed_by, again.changed_at) == (alice, first.changed_at)


def test_block_refuses_new_opportunities_and_keeps_the_present_d24(bob: User) -> None:
    company = CompanyFactory(name="Fjord")
    person = PersonFactory(company=company, name="Kari")
    opportunity = make_opportunity(bob, contact=company)
    lifecycle.block(company, by=bob)
    for contact in (company, person):
        contact.refresh_from_db()
        with pytest.raises(ValidationError) as error:
            make_opportunity(bob, contact=contact)
        assert list(error.value.message_dict) == ["contact"]
    opportunity.refresh_from_db()
    assert opportunity.contact == company
