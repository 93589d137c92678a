"""People on an opportunity: who has a say, in which role (ADR 0014)."""

from threading import Barrier, Thread

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from opportunities import lifecycle, people
from opportunities.models import Opportunity, OpportunityContact
from salespeople.models import User
from tests.factories import CloseReasonFactory, CompanyFactory, PersonFactory, make_opportunity
from tests.opportunities.pages import address, signed_in


def roles(opportunity: Opportunity) -> list[tuple[str, str]]:
    return [(row.contact.name, row.role) for row in opportunity.people.select_related("contact")]


def test_somebody_of_another_company_may_have_a_say(bob: User) -> None:
    opportunity = make_opportunity(bob)
    advisor = PersonFactory(name="Kari Ås", company=CompanyFactory())

    row = people.add(opportunity, advisor, "influencer", by=bob)

    assert roles(opportunity) == [("Kari Ås", "influencer")]
    assert row.added_by == bob


def test_no_entry_is_written(bob: User) -> None:
    opportunity = make_opportunity(bob)

    people.add(opportunity, PersonFactory(), "user", by=bob)

    assert opportunity.entries.count() == 1


def test_the_same_again_writes_nothing_and_another_role_is_told(bob: User) -> None:
    opportunity, kari = make_opportunity(bob), PersonFactory(name="Kari Ås")
    people.add(opportunity, kari, "user", by=bob)

    people.add(opportunity, kari, "user", by=bob)
    with pytest.raises(ValidationError) as caught:
        people.add(opportunity, kari, "buyer", by=bob)

    assert caught.value.message_dict == {"contact": ["“Kari Ås” is there already, as user."]}
    assert roles(opportunity) == [("Kari Ås", "user")]


def test_the_role_changes_and_the_person_goes(bob: User) -> None:
    opportunity, kari = make_opportunity(bob), PersonFactory(name="Kari Ås")
    row = people.add(opportunity, kari, "user", by=bob)

    people.change(row, "decision_maker", by=bob)
    assert roles(opportunity) == [("Kari Ås", "decision_maker")]
    people.remove(row, by=bob)
    people.remove(row, by=bob)
    assert roles(opportunity) == []


def test_who_was_taken_out_meanwhile_is_gone_and_not_added_anew(bob: User) -> None:
    opportunity = make_opportunity(bob)
    row = people.add(opportunity, PersonFactory(), "user", by=bob)
    people.remove(row, by=bob)

    with pytest.raises(OpportunityContact.DoesNotExist):
        people.change(row, "buyer", by=bob)

    assert roles(opportunity) == []


@pytest.mark.parametrize("role", ["", "boss", "\x00"])
def test_what_is_no_role_is_refused(bob: User, role: str) -> None:
    opportunity = make_opportunity(bob)

    with pytest.raises(ValidationError) as caught:
        people.add(opportunity, PersonFactory(), role, by=bob)

    assert caught.value.message_dict == {"role": ["Choose a role."]}


def test_a_blocked_one_is_refused_also_by_its_company(bob: User) -> None:
    opportunity = make_opportunity(bob)
    company = CompanyFactory(is_blocked=True)

    for contact in (PersonFactory(is_blocked=True), PersonFactory(company=company), None):
        with pytest.raises(ValidationError) as caught:
            people.add(opportunity, contact, "user", by=bob)
        assert list(caught.value.message_dict) == ["contact"]


def test_a_closed_one_may_be_completed_and_a_deleted_one_not(bob: User) -> None:
    lost = lifecycle.lose(
        make_opportunity(bob, stage=1), by=bob, reason=CloseReasonFactory(kind="lost")
    )
    gone = make_opportunity(bob)
    row = people.add(gone, PersonFactory(), "user", by=bob)
    lifecycle.delete(gone, by=bob)

    people.add(lost, PersonFactory(name="Kari Ås"), "blocker", by=bob)
    for act in (
        lambda: people.add(gone, PersonFactory(), "user", by=bob),
        lambda: people.change(row, "buyer", by=bob),
        lambda: people.remove(row, by=bob),
    ):
        with pytest.raises(ValidationError, match="has been deleted"):
            act()

    assert roles(lost) == [("Kari Ås", "blocker")]


def test_what_one_may_not_see_is_not_there(bob: User, charlie: User) -> None:
    theirs = make_opportunity(charlie)

    with pytest.raises(Opportunity.DoesNotExist):
        people.add(theirs, PersonFactory(), "user", by=bob)


@pytest.mark.django_db(transaction=True)
def test_two_who_add_the_same_person_at_once_leave_one(bob: User) -> None:
    opportunity, kari = make_opportunity(bob), PersonFactory()
    start, refused = Barrier(2), []

    def add(role: str) -> None:
        try:
            start.wait()
            people.add(opportunity, kari, role, by=bob)
        except ValidationError as error:
            refused.append(error.message_dict)
        finally:
            connections.close_all()

    threads = [Thread(target=add, args=[role]) for role in ("user", "buyer")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert OpportunityContact.objects.count() == 1
    assert [list(told) for told in refused] == [["contact"]]


def test_the_pages_add_change_and_remove(bob: User) -> None:
    opportunity, kari = make_opportunity(bob), PersonFactory(name="Kari Ås")
    client = signed_in(bob)
    named = {"contact": f"Kari Ås ({kari.number})", "role": "user"}

    added = client.post(address(opportunity, "add_person"), named)
    changed = client.post(address(opportunity, f"change_person/{kari.pk}"), {"role": "buyer"})
    shown = client.get(address(opportunity)).content.decode()
    removed = client.post(address(opportunity, f"remove_person/{kari.pk}"))

    home = address(opportunity)
    assert [a["Location"] for a in (added, changed, removed)] == [home] * 3
    assert f'href="/contacts/{kari.pk}/">Kari Ås' in shown
    assert "Buyer" in shown
    assert roles(opportunity) == []


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"contact": "Nobody", "role": "user"}, "contact"),
        ({"contact": "", "role": "user"}, "contact"),
        ({"contact": "\x00", "role": "user"}, "contact"),
        ({"contact": "Kari Ås", "role": "boss"}, "role"),
    ],
)
def test_a_refusal_stands_beside_its_field(bob: User, data: dict[str, str], field: str) -> None:
    PersonFactory(name="Kari Ås")
    opportunity = make_opportunity(bob)

    answer = signed_in(bob).post(address(opportunity, "add_person"), data)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_the_contacts_page_lists_where_it_has_a_say_and_one_sees(bob: User, charlie: User) -> None:
    kari = PersonFactory(company=CompanyFactory())
    mine = make_opportunity(bob, description="Mine")
    theirs = make_opportunity(charlie, description="Theirs")
    gone = make_opportunity(bob, description="Gone")
    for row, by in ((mine, bob), (theirs, charlie), (gone, bob)):
        people.add(row, kari, "champion", by=by)
    lifecycle.delete(gone, by=bob)
    client = signed_in(bob)

    shown = {
        contact: [row.opportunity for row in client.get(page).context["page"].roles]
        for contact, page in (
            ("person", kari.get_absolute_url()),
            ("company", kari.company.get_absolute_url()),
        )
    }

    assert shown == {"person": [mine], "company": [mine]}
