"""An opportunity from an interaction (Business Central R44, R232)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from contacts.models import Campaign
from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salespeople.models import User
from tasks import interactions
from tasks.models import Interaction
from tests.factories import CompanyFactory, PersonFactory, SalesCycleFactory
from tests.opportunities.pages import STAGES, at_stage, signed_in


def logged(bob: User, **options: object) -> Interaction:
    """Return a call without an opportunity."""
    wish = {"kind": "call", "subject": "Wants a new roof", "contact": PersonFactory()}
    return interactions.log(by=bob, **(wish | options))  # type: ignore[arg-type]


def test_r44_takes_over_and_links(bob: User) -> None:
    cycle = SalesCycleFactory(stages=STAGES, is_default=True)
    campaign = Campaign.objects.create(
        description="Spring", ends_on=today(), activated_at=timezone.now(), activated_by=bob
    )
    person = PersonFactory(company=CompanyFactory())
    source = logged(bob, contact=person, campaign=campaign, subject="x" * 150)

    made = lifecycle.create_from_interaction(source, by=bob)

    source.refresh_from_db()
    assert source.opportunity == made
    assert (made.description, made.contact, made.company, made.salesperson) == (
        "x" * 100,
        person,
        person.company,
        bob.salesperson,
    )
    assert (made.campaign, made.sales_cycle, made.status) == (campaign, cycle, "not_started")


def test_r142_a_campaign_that_does_not_run_is_not_taken_over(bob: User) -> None:
    SalesCycleFactory(stages=STAGES, is_default=True)
    source = logged(bob, campaign=Campaign.objects.create(description="Long ago"))

    assert lifecycle.create_from_interaction(source, by=bob).campaign is None


def test_r44_refused_when_cancelled_linked_or_blocked(bob: User) -> None:
    SalesCycleFactory(stages=STAGES, is_default=True)
    cancelled = interactions.cancel(logged(bob), by=bob)
    linked = logged(bob, contact=None, opportunity=at_stage(bob, 1))
    blocked = logged(bob)
    blocked.contact.is_blocked = True
    blocked.contact.save()
    before = Opportunity.objects.count()

    for source in (cancelled, linked, blocked):
        with pytest.raises(ValidationError):
            lifecycle.create_from_interaction(source, by=bob)
        page = signed_in(bob).get(f"/opportunities/create/?interaction={source.pk}")
        assert page.status_code == 422

    assert Opportunity.objects.count() == before


def test_a_refused_opportunity_leaves_the_interaction_unlinked(bob: User) -> None:
    source = logged(bob)  # and there is no cycle

    with pytest.raises(ValidationError):
        lifecycle.create_from_interaction(source, by=bob)

    source.refresh_from_db()
    assert source.opportunity is None


def test_r232_logging_without_an_opportunity_offers_one_which_is_linked(bob: User) -> None:
    cycle = SalesCycleFactory(stages=STAGES, is_default=True)
    contact, client = CompanyFactory(), signed_in(bob)

    page = client.post(
        f"/interactions/create/?contact={contact.pk}",
        {"kind": "call", "text": "Wants a roof", "contact": contact.pk,
         "salesperson": bob.salesperson.pk},
        follow=True,
    ).content.decode()  # fmt: skip
    source = Interaction.objects.get()
    address = f"/opportunities/create/?interaction={source.pk}"
    form = client.get(address).context["form"]
    response = client.post(
        address,
        {
            "description": "A roof",
            "contact": contact.pk,
            "salesperson": bob.salesperson.pk,
            "sales_cycle": cycle.pk,
            "priority": 2,
            "estimated_value": "500",
            "estimated_close_on": (today() + timedelta(days=9)).isoformat(),
        },
    )

    made = Opportunity.objects.get()
    source.refresh_from_db()
    assert f'href="{address}"' in page
    assert (form["description"].value(), form["activate"].value()) == ("Wants a roof", False)
    assert response["Location"] == made.get_absolute_url()
    assert (source.opportunity, made.description, made.estimated_value) == (
        made,
        "A roof",
        Decimal(500),
    )


def test_a_stranger_creates_nothing_from_it(bob: User, charlie: User) -> None:
    address = f"/opportunities/create/?interaction={logged(bob).pk}"

    assert signed_in(charlie).get(address).status_code == 404
    assert signed_in(charlie).post(address, {}).status_code == 404
