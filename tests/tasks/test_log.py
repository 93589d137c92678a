"""The door of interactions: what is logged, what is taken over, what is refused (R227–R233)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from contacts.models import Campaign
from crm.dates import today
from opportunities import lifecycle as door
from salespeople.models import User
from tasks import interactions
from tasks import lifecycle as tasks
from tasks.models import Interaction
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    PersonFactory,
    SalesCycleFactory,
    SalespersonFactory,
    make_task,
)
from tests.opportunities.pages import STAGES, at_stage, deleted, signed_in, won


def refusals(error: pytest.ExceptionInfo[ValidationError]) -> set[str]:
    """Return the fields beside which a refusal stands."""
    return set(error.value.message_dict)


def test_r227_everything_that_happened_is_kept(bob: User) -> None:
    company = CompanyFactory()
    person = PersonFactory(company=company)
    campaign = Campaign.objects.create(description="Spring")
    moment = timezone.now() - timedelta(hours=2)

    logged = interactions.log(
        by=bob,
        kind="call",
        subject="  Asked   for a price ",
        contact=person,
        campaign=campaign,
        happened_at=moment,
        direction="inbound",
        text="Two roofs.\n\nBoth red.",
        evaluation="positive",
        is_failed=True,
        cost=Decimal("12.50"),
        duration=timedelta(minutes=25),
    )

    kept = Interaction.objects.get(pk=logged.pk)
    assert (kept.contact, kept.company, kept.campaign, kept.salesperson) == (
        person,
        company,
        campaign,
        bob.salesperson,
    )
    assert (kept.subject, kept.text, kept.happened_at) == (
        "Asked for a price",
        "Two roofs.\n\nBoth red.",
        moment,
    )
    assert (kept.kind, kept.direction, kept.evaluation, kept.is_failed) == (
        "call",
        "inbound",
        "positive",
        True,
    )
    assert (kept.cost, kept.duration, kept.recorded_by) == (
        Decimal("12.50"),
        timedelta(minutes=25),
        bob,
    )


def test_r228_contact_salesperson_and_description_are_required(bob: User, dora: User) -> None:
    with pytest.raises(ValidationError) as no_contact:
        interactions.log(by=bob, kind="call", subject="Hello")
    with pytest.raises(ValidationError) as no_salesperson:
        interactions.log(by=dora, kind="call", subject="Hello", contact=CompanyFactory())
    with pytest.raises(ValidationError) as no_words:
        interactions.log(by=bob, kind="fax", subject=" ", contact=CompanyFactory())

    assert refusals(no_contact) == {"contact"}
    assert refusals(no_salesperson) == {"salesperson"}
    assert refusals(no_words) == {"subject", "kind"}
    assert Interaction.objects.count() == 0


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"happened_at": timezone.now() + timedelta(days=1)}, "happened_at"),
        ({"happened_at": datetime(1899, 12, 31, tzinfo=UTC)}, "happened_at"),
        ({"cost": Decimal(-1)}, "cost"),
        ({"cost": Decimal("1.234")}, "cost"),
        ({"duration": timedelta(minutes=-1)}, "duration"),
        ({"duration": timedelta(days=4000)}, "duration"),
        ({"text": "x" * 100_001}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"subject": "x" * 201}, "subject"),
        ({"direction": "up"}, "direction"),
        ({"evaluation": "splendid"}, "evaluation"),
    ],
)
def test_r228_what_cannot_stand_is_refused(bob: User, values: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as error:
        interactions.log(
            by=bob, **{"kind": "call", "subject": "Hello", "contact": CompanyFactory(), **values}
        )

    assert refusals(error) == {field}


def test_r230_an_opportunity_carries_company_contact_salesperson_and_campaign(
    alice: User, bob: User
) -> None:
    person = PersonFactory(company=CompanyFactory())
    campaign = Campaign.objects.create(
        description="Spring", ends_on=today(), activated_at=timezone.now(), activated_by=alice
    )
    opportunity = at_stage(bob, 1, contact=person)
    opportunity = door.reassign(opportunity, by=alice, campaign=campaign)

    logged = interactions.log(by=alice, kind="call", subject="Hello", opportunity=opportunity)

    assert (logged.contact, logged.company, logged.salesperson, logged.campaign) == (
        person,
        person.company,
        bob.salesperson,
        campaign,
    )


def test_r184_a_task_carries_its_contact_salesperson_and_opportunity(bob: User) -> None:
    opportunity = at_stage(bob, 1)
    task = tasks.plan(by=bob, description="Call", due_on=today(), kind="phone_call",
                      opportunity=opportunity)  # fmt: skip

    logged = interactions.log(by=bob, kind="call", subject="Called", task=task)

    assert (logged.task, logged.opportunity, logged.contact, logged.salesperson) == (
        task,
        opportunity,
        opportunity.contact,
        bob.salesperson,
    )


def test_r176_of_a_contact_the_own_salesperson_comes_before_the_contacts(
    bob: User, dora: User
) -> None:
    contact = CompanyFactory(salesperson=SalespersonFactory())

    by_bob = interactions.log(by=bob, kind="call", subject="Hello", contact=contact)
    with pytest.raises(PermissionDenied):
        interactions.log(
            by=bob, kind="call", subject="Hello", contact=contact, salesperson=contact.salesperson
        )
    by_dora = interactions.log(by=dora, kind="call", subject="Hello", contact=contact)

    assert by_bob.salesperson == bob.salesperson
    assert by_dora.salesperson == contact.salesperson


def test_r229_cancelled_ones_count_nowhere_until_they_are_restored(bob: User) -> None:
    """Two calls of 10 and 20 minutes; the second is taken back."""
    opportunity = at_stage(bob, 1)
    for minutes in (10, 20):
        last = interactions.log(
            by=bob,
            kind="call",
            subject="Hello",
            opportunity=opportunity,
            cost=Decimal(minutes),
            duration=timedelta(minutes=minutes),
        )

    cancelled = interactions.cancel(last, by=bob)
    one = opportunity.interactions.figures()
    again = interactions.cancel(last, by=bob)
    restored = interactions.restore(last, by=bob)
    both = opportunity.interactions.figures()

    assert (cancelled.cancelled_by, again.cancelled_at) == (bob, cancelled.cancelled_at)
    assert (one.number, one.cost, one.minutes) == (1, 10, 10)
    assert (restored.cancelled_at, restored.cancelled_by) == (None, None)
    assert (both.number, both.cost, both.minutes) == (2, 30, 30)


def test_r147_r149_r150_number_cost_and_duration(alice: User, bob: User) -> None:
    """Costs 10, 10 and 5 make 25, on average 8.33; 20, 20 and 10 minutes make 50, 16.67."""
    company = CompanyFactory()
    person = PersonFactory(company=company)
    opportunity = at_stage(bob, 1, contact=person)
    rows = [(opportunity, person, 10, 20), (opportunity, company, 10, 20), (None, company, 5, 10)]
    for about, contact, cost, minutes in rows:
        interactions.log(
            by=bob,
            kind="meeting",
            subject="Met",
            opportunity=about,
            contact=contact,
            cost=Decimal(cost),
            duration=timedelta(minutes=minutes),
        )

    def figures(found: object) -> tuple[object, ...]:
        return (found.number, found.cost, found.minutes)  # type: ignore[attr-defined]

    of_bob = bob.salesperson.interactions.figures()
    of_nobody = alice.salesperson.interactions.figures()
    assert figures(opportunity.interactions.figures()) == (2, 20, 40)
    assert figures(company.company_interactions.figures()) == (3, 25, 50)
    assert figures(person.interactions.figures()) == (1, 10, 20)
    assert figures(of_bob) == (3, 25, 50)
    assert (of_bob.average_cost, of_bob.average_minutes) == (Decimal("8.33"), Decimal("16.67"))
    assert (of_nobody.average_cost, of_nobody.average_minutes) == (0, 0)


def test_r150_averages_are_rounded_half_up(bob: User) -> None:
    """0.01 over 2 is 0.005, which is 0.01; 15 s over 8 are 0.03125 minutes, 0.03."""
    for number in range(8):
        interactions.log(
            by=bob,
            kind="note",
            subject="Note",
            contact=CompanyFactory(),
            cost=Decimal("0.04") if not number else Decimal(0),
            duration=timedelta(seconds=15) if not number else timedelta(0),
        )

    figures = bob.salesperson.interactions.figures()

    assert (figures.average_cost, figures.average_minutes) == (Decimal("0.01"), Decimal("0.03"))


def test_r231_offered_are_open_ones_of_the_same_company_and_salesperson(
    alice: User, bob: User
) -> None:
    company = CompanyFactory()
    person = PersonFactory(company=company)
    cycle = SalesCycleFactory(stages=STAGES)
    mine = [at_stage(bob, stage, contact=who, sales_cycle=cycle)
            for stage, who in ((0, company), (2, person))]  # fmt: skip
    hers = at_stage(alice, 1, contact=company, sales_cycle=cycle)
    at_stage(bob, 1, sales_cycle=cycle)  # of another company
    closed = at_stage(bob, 1, contact=person, sales_cycle=cycle)
    door.lose(closed, by=bob, reason=CloseReasonFactory(kind="lost"))

    def offered(**options: object) -> set[object]:
        return set(interactions.choosable_opportunities(person, **options))  # type: ignore[arg-type]

    assert offered(by=bob, salesperson=bob.salesperson) == set(mine)
    assert offered(by=alice) == {*mine, hers}
    assert offered(by=alice, salesperson=alice.salesperson) == {hers}
    assert offered(by=bob) == set(mine)


def test_r219_a_blocked_contact_is_refused(bob: User) -> None:
    for blocked in (
        CompanyFactory(is_blocked=True),
        PersonFactory(company=CompanyFactory(is_blocked=True)),
    ):
        with pytest.raises(ValidationError) as error:
            interactions.log(by=bob, kind="call", subject="Hello", contact=blocked)
        assert refusals(error) == {"contact"}


def test_what_one_does_not_see_cannot_be_named_nor_taken_back(bob: User, charlie: User) -> None:
    opportunity = at_stage(bob, 1)
    logged = interactions.log(by=bob, kind="call", subject="Hello", opportunity=opportunity)

    with pytest.raises(ValidationError) as error:
        interactions.log(by=charlie, kind="call", subject="Hello", opportunity=opportunity)
    with pytest.raises(Interaction.DoesNotExist):
        interactions.cancel(logged, by=charlie)

    assert refusals(error) == {"opportunity"}


def test_visible_is_what_follows_the_opportunity_else_the_salesperson(
    alice: User, bob: User, charlie: User
) -> None:
    """A call by bob about alice's opportunity is alice's; without one it is bob's."""
    with_one = interactions.log(
        by=alice,
        kind="call",
        subject="Hello",
        opportunity=at_stage(alice, 1),
        salesperson=bob.salesperson,
    )
    alone = interactions.log(by=bob, kind="call", subject="Hello", contact=CompanyFactory())

    assert set(Interaction.objects.visible_to(alice)) == {with_one, alone}
    assert set(Interaction.objects.visible_to(bob)) == {alone}
    assert set(Interaction.objects.visible_to(charlie)) == set()


@pytest.mark.parametrize("make", [won, deleted])
def test_r233_closing_and_deleting_an_opportunity_leave_its_interactions(
    bob: User, make: object
) -> None:
    opportunity = at_stage(bob, 0)
    logged = interactions.log(by=bob, kind="call", subject="Hello", opportunity=opportunity)

    door.delete(opportunity, by=bob)

    logged.refresh_from_db()
    assert (logged.opportunity, logged.is_cancelled) == (opportunity, False)


def test_the_same_mail_is_kept_once(bob: User) -> None:
    opportunity = at_stage(bob, 1)
    wish: dict[str, Any] = {"kind": "email", "subject": "Hello", "message_id": "<1@example.com>"}
    first = interactions.log(by=bob, opportunity=opportunity, **wish)

    with pytest.raises(interactions.AlreadyKept) as error:
        interactions.log(
            by=bob, opportunity=opportunity, contact=PersonFactory(company=None), **wish
        )
    elsewhere = interactions.log(by=bob, contact=CompanyFactory(), **wish)

    assert error.value.interaction == first
    assert Interaction.objects.count() == 2
    assert elsewhere.message_id == "<1@example.com>"


@pytest.mark.django_db(transaction=True)
def test_two_who_keep_the_same_mail_at_once_keep_it_once(bob: User) -> None:
    contact, barrier, refused = CompanyFactory(), Barrier(2), []

    def keep() -> None:
        barrier.wait()
        try:
            interactions.log(
                by=bob, kind="email", subject="Hello", contact=contact, message_id="<1@x>"
            )
        except interactions.AlreadyKept as error:
            refused.append(error.interaction)
        finally:
            connection.close()

    threads = [Thread(target=keep) for _number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert refused == list(Interaction.objects.all())
    assert len(refused) == 1


def test_a_task_whose_opportunity_is_hidden_is_logged_without_it(
    alice: User, bob: User, charlie: User
) -> None:
    """Charlie has a task of bob's opportunity, which he does not see."""
    hidden = at_stage(bob, 2)
    task = make_task(alice, opportunity=hidden, salesperson=charlie.salesperson)
    client = signed_in(charlie)
    address = f"/interactions/create/?task={task.pk}"

    answer = client.post(
        address,
        {"kind": "call", "subject": "They called", "contact": hidden.contact_id,
         "salesperson": charlie.salesperson.pk, "happened_at": "2026-01-05T10:00"},
    )  # fmt: skip

    logged = Interaction.objects.get()
    assert answer.status_code == 302
    assert (logged.task, logged.opportunity) == (task, None)
