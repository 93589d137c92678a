"""An opportunity for every contact of a segment: R38, R43, R46 with rules D22 (ADR 0014)."""

from decimal import Decimal
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from contacts import segments as lists
from contacts.models import Contact, Segment
from crm.dates import today
from opportunities import lifecycle, segments
from opportunities.models import Opportunity, OpportunityEntry, Status
from salescycles.models import SalesCycle
from salespeople.models import User
from tests.factories import (
    CampaignFactory,
    CompanyFactory,
    PersonFactory,
    SalesCycleFactory,
    SalespersonFactory,
)
from tests.opportunities.pages import signed_in


def segment_of(by: User, *contacts: Contact, **values: Any) -> Segment:
    segment = lists.create(by=by, **{"description": "Roofs", **values})
    lists.add(segment, Contact.objects.filter(pk__in=[c.pk for c in contacts]), by=by)
    return segment


def plan(cycle: SalesCycle | None = None, **values: Any) -> segments.Plan:
    cycle = cycle or SalesCycleFactory()
    return segments.Plan(**{"description": "A roof", "sales_cycle": cycle, **values})


def create(segment: Segment, by: User, **values: Any) -> list[Opportunity]:
    return segments.create_for(segment, plan(**values), by=by, act=uuid4())[0]


def test_r38_an_empty_segment_is_refused(bob: User) -> None:
    segment = segment_of(bob)

    with pytest.raises(ValidationError, match="The segment has no contacts"):
        create(segment, bob, salesperson=bob.salesperson)
    page = signed_in(bob).get(f"/opportunities/create_many/?segment={segment.pk}")

    assert page.status_code == 422
    assert "The segment has no contacts" in page.content.decode()


def test_r43_one_for_each_contact_in_order_with_what_was_typed(bob: User) -> None:
    campaign = CampaignFactory()
    person = PersonFactory(name="Kari", company=CompanyFactory())
    company = CompanyFactory(name="Øst")
    segment = segment_of(bob, person, campaign=campaign)
    lists.add(segment, Contact.objects.filter(pk=company.pk), by=bob)

    made = create(segment, bob, salesperson=bob.salesperson, note="By mail")

    assert [(o.contact, o.company) for o in made] == [(person, person.company), (company, company)]
    assert {
        (o.description, o.salesperson, o.campaign, o.segment, o.status, o.created_on) for o in made
    } == {("A roof", bob.salesperson, campaign, segment, Status.NOT_STARTED, today())}
    assert len(set(OpportunityEntry.objects.values_list("act", flat=True))) == 1
    assert set(OpportunityEntry.objects.values_list("note", flat=True)) == {"By mail"}


def test_r43_each_is_started_with_the_estimates_when_asked(bob: User) -> None:
    segment = segment_of(bob, CompanyFactory(), CompanyFactory())

    made = create(
        segment,
        bob,
        salesperson=bob.salesperson,
        activate=True,
        estimated_value=Decimal(500),
        estimated_close_on=today(),
    )

    assert [(o.status, o.estimated_value, o.sequence) for o in made] == [
        ("in_progress", 500, 2)
    ] * 2


def test_r46_each_goes_to_whoever_looks_after_the_contact(alice: User, bob: User) -> None:
    own = CompanyFactory(salesperson=bob.salesperson)
    through_company = PersonFactory(company=CompanyFactory(salesperson=alice.salesperson))
    segment = segment_of(alice, own, through_company)

    made = create(segment, alice)

    assert {o.contact: o.salesperson for o in made} == {
        own: bob.salesperson, through_company: alice.salesperson,
    }  # fmt: skip


def test_who_may_not_be_chosen_is_left_out_with_the_reason(
    alice: User, bob: User, charlie: User
) -> None:
    good = CompanyFactory(name="Good", salesperson=bob.salesperson)
    blocked = CompanyFactory(name="Blocked")
    inside = PersonFactory(name="Inside", company=CompanyFactory())
    nobody = CompanyFactory(name="Nobody")
    theirs = CompanyFactory(name="Theirs", salesperson=charlie.salesperson)
    left = CompanyFactory(name="Left", salesperson=SalespersonFactory(name="Per"))
    segment = segment_of(bob, good, blocked, inside, nobody, theirs, left)
    Contact.objects.filter(pk__in=[blocked.pk, inside.company_id]).update(is_blocked=True)
    left.salesperson.is_blocked = True
    left.salesperson.save()

    prepared = segments.prepare(segment, plan(), by=bob)

    assert [wish.contact for wish in prepared.wishes] == [good]
    assert {contact.name: reason for contact, reason in prepared.refused} == {
        "Blocked": "It is blocked for anything new.",
        "Inside": "Its company is blocked for anything new.",
        "Nobody": "Nobody looks after it.",
        "Theirs": "Charlie belongs to another team: a manager may do it.",
        "Left": "Per, who looks after it, is blocked.",
    }


def test_all_of_the_accepted_are_created_or_none(bob: User) -> None:
    segment = segment_of(bob, CompanyFactory(), CompanyFactory())

    with pytest.raises(ValidationError):
        create(segment, bob, salesperson=bob.salesperson, activate=True)

    assert not Opportunity.objects.exists()


def test_a_campaign_that_does_not_run_is_refused_for_all_r142(bob: User) -> None:
    segment = segment_of(bob, CompanyFactory(), campaign=CampaignFactory(is_activated=False))

    with pytest.raises(ValidationError) as caught:
        create(segment, bob, salesperson=bob.salesperson)

    assert list(caught.value.message_dict) == ["campaign"]


def test_the_page_shows_the_numbers_creates_after_confirming_and_offers_one_undo(
    bob: User,
) -> None:
    cycle = SalesCycleFactory(is_default=True)
    blocked = CompanyFactory(name="Blocked")
    segment = segment_of(bob, CompanyFactory(), CompanyFactory(), blocked)
    Contact.objects.filter(pk=blocked.pk).update(is_blocked=True)
    client = signed_in(bob)
    page = f"/opportunities/create_many/?segment={segment.pk}"
    act = str(client.get(page).context["form"].initial["act"])
    data = {
        "description": "A roof", "sales_cycle": cycle.pk, "act": act,
        "salesperson": bob.salesperson.pk,
    }  # fmt: skip

    shown = client.post(page, data)
    assert (shown.status_code, Opportunity.objects.count()) == (200, 0)
    assert [contact.name for contact, _reason in shown.context["refused"]] == ["Blocked"]
    assert "Create 2 opportunities" in shown.content.decode()

    confirmed = data | {"confirm": "1", "expected": "2"}
    answer = client.post(page, confirmed, follow=True)
    again = client.post(page, confirmed, follow=True)

    assert answer.redirect_chain == [(f"/opportunities/?segment={segment.pk}", 302)]
    assert "2 opportunities have been created. 1 contact was left out." in answer.content.decode()
    assert f'action="/opportunities/acts/{act}/undo/"' in answer.content.decode()
    assert again.status_code == 200
    assert Opportunity.objects.count() == 2


def test_a_segment_that_has_changed_is_shown_again(bob: User) -> None:
    cycle = SalesCycleFactory(is_default=True)
    segment = segment_of(bob, CompanyFactory(), CompanyFactory())
    data = {
        "description": "A roof", "sales_cycle": cycle.pk, "act": str(uuid4()), "confirm": "1",
        "salesperson": bob.salesperson.pk, "expected": "1",
    }  # fmt: skip

    answer = signed_in(bob).post(f"/opportunities/create_many/?segment={segment.pk}", data)

    assert answer.status_code == 409
    assert len(answer.context["prepared"].wishes) == 2
    assert not Opportunity.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"description": ""}, "description"),
        ({"description": "x" * 101}, "description"),
        ({"sales_cycle": "x"}, "sales_cycle"),
        ({"salesperson": "999999"}, "salesperson"),
        ({"act": "x"}, "act"),
        ({"activate": "on"}, "estimated_value"),
        ({"estimated_value": "-1"}, "estimated_value"),
        ({"note": "x" * 5001}, "note"),
    ],
)
def test_a_refusal_stands_beside_its_field(bob: User, wrong: dict[str, str], field: str) -> None:
    cycle = SalesCycleFactory(is_default=True)
    segment = segment_of(bob, CompanyFactory())
    data = {
        "description": "A roof", "sales_cycle": cycle.pk, "act": str(uuid4()),
        "salesperson": bob.salesperson.pk, "confirm": "1", "expected": "1",
    }  # fmt: skip

    answer = signed_in(bob).post(
        f"/opportunities/create_many/?segment={segment.pk}", data | wrong
    )  # fmt: skip

    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert not Opportunity.objects.exists()


@pytest.mark.parametrize(
    ("query", "status"), [("", 404), ("?segment=999", 404), ("?segment=x", 400)]
)
def test_a_segment_must_be_named(bob: User, query: str, status: int) -> None:
    assert signed_in(bob).get(f"/opportunities/create_many/{query}").status_code == status


def test_1000_contacts_take_as_many_statements_as_two(bob: User) -> None:
    """Both runs are of one batch."""
    counts = []
    for number in (2, 998):
        contacts = Contact.objects.bulk_create(
            Contact(name=f"{n}", kind="company", created_by=bob, salesperson=bob.salesperson)
            for n in range(number)
        )
        segment = segment_of(bob, *contacts)
        wishes = plan(
            activate=True, estimated_value=Decimal(5), estimated_close_on=today()
        )  # fmt: skip
        act = uuid4()
        with CaptureQueriesContext(connection) as made:
            segments.create_for(segment, wishes, by=bob, act=act)
        with CaptureQueriesContext(connection) as undone:
            state = lifecycle.undo_act(act, by=bob)
        assert len(state.created) == number
        counts.append((len(made), len(undone)))

    few, many = counts
    assert many[0] - few[0] <= 2  # the savepoints and batches of bulk_create
    assert many[1] - few[1] <= 4


@pytest.mark.django_db(transaction=True)
def test_the_same_confirmation_sent_twice_at_once_creates_once(bob: User) -> None:
    segment = segment_of(bob, CompanyFactory(), CompanyFactory())
    wishes, act = plan(salesperson=bob.salesperson), uuid4()
    start, numbers = Barrier(2), []

    def send() -> None:
        try:
            start.wait()
            numbers.append(len(segments.create_for(segment, wishes, by=bob, act=act)[0]))
        finally:
            connections.close_all()

    threads = [Thread(target=send) for _n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert numbers == [2, 2]
    assert Opportunity.objects.count() == 2
