"""Campaign and segment of an opportunity: R37, R142, R143, R144, with rules D3 (ADR 0014)."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from contacts import segments
from contacts.models import Campaign, Segment
from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity
from salespeople.models import User
from tests.factories import (
    CampaignFactory,
    CloseReasonFactory,
    CompanyFactory,
    SalesCycleFactory,
    make_opportunity,
    make_task,
)
from tests.opportunities.pages import address, signed_in


def day(offset: int) -> date:
    return today() + timedelta(days=offset)


def refusal(act: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        act()
    return caught.value.message_dict


def segment_of(by: User, campaign: Campaign | None, name: str = "Roofs") -> Segment:
    return segments.create(by=by, description=name, campaign=campaign)


# (starts, ends, activated) of a campaign, days from the creation; whether it may be named (R142).
RUNNING = [
    (None, 0, True, True),
    (None, 30, True, True),
    (0, 0, True, True),
    (-5, 5, True, True),
    (1, 5, True, False),
    (-5, -1, True, False),
    (-5, None, True, False),
    (None, None, True, False),
    (-5, 5, False, False),
]


@pytest.mark.parametrize(("starts", "ends", "is_activated", "may"), RUNNING)
def test_r142_a_campaign_is_activated_and_ran_on_the_day_of_creation(
    bob: User, starts: int | None, ends: int | None, is_activated: bool, may: bool
) -> None:
    """A blank start passes, a blank end fails."""
    created_on = day(-10)
    campaign = CampaignFactory(
        starts_on=None if starts is None else created_on + timedelta(days=starts),
        ends_on=None if ends is None else created_on + timedelta(days=ends),
        is_activated=is_activated,
    )
    opportunity = make_opportunity(bob, on=created_on)

    def set_it() -> Opportunity:
        return lifecycle.reassign(opportunity, by=bob, campaign=campaign)

    if may:
        assert set_it().campaign == campaign
    else:
        assert list(refusal(set_it)) == ["campaign"]
    offered = Campaign.objects.running_on(created_on)
    assert list(offered) == ([campaign] if may else [])  # R143


@pytest.mark.parametrize(("starts", "ends", "is_activated", "may"), RUNNING)
def test_r142_holds_at_the_creation_too(
    bob: User, starts: int | None, ends: int | None, is_activated: bool, may: bool
) -> None:
    campaign = CampaignFactory(
        starts_on=None if starts is None else day(starts),
        ends_on=None if ends is None else day(ends),
        is_activated=is_activated,
    )

    if may:
        assert make_opportunity(bob, campaign=campaign).campaign == campaign
    else:
        assert list(refusal(lambda: make_opportunity(bob, campaign=campaign))) == ["campaign"]
        assert not Opportunity.objects.exists()


def test_r142_another_campaign_clears_the_segment_or_brings_its_only_one(bob: User) -> None:
    none, one, two = CampaignFactory(), CampaignFactory(), CampaignFactory()
    only = segment_of(bob, one)
    for name in ("First", "Second"):
        segment_of(bob, two, name)
    opportunity = make_opportunity(bob, segment=segment_of(bob, None, "Any"))

    found = []
    for campaign in (one, two, one, none):
        opportunity = lifecycle.reassign(opportunity, by=bob, campaign=campaign)
        found.append(opportunity.segment)

    assert found == [only, None, only, None]


def test_r142_a_campaign_is_cleared_when_asked_and_kept_otherwise(bob: User) -> None:
    campaign = CampaignFactory()
    segment_of(bob, campaign)
    opportunity = make_opportunity(bob, campaign=campaign)
    company = CompanyFactory()

    kept = lifecycle.reassign(opportunity, by=bob, contact=company)
    cleared = lifecycle.reassign(kept, by=bob, clears_campaign=True)
    again = lifecycle.reassign(cleared, by=bob, clears_campaign=True)

    assert (kept.campaign, cleared.campaign, cleared.segment) == (campaign, None, None)
    assert again.sequence == cleared.sequence == 3


def test_r142_one_that_has_it_keeps_it_whatever_became_of_the_campaign(bob: User) -> None:
    campaign = CampaignFactory()
    opportunity = make_opportunity(bob, campaign=campaign)
    Campaign.objects.update(activated_at=None, activated_by=None)

    same = lifecycle.reassign(opportunity, by=bob, campaign=campaign)

    assert (same.campaign, same.sequence) == (campaign, 1)


def test_r142_open_tasks_follow_the_campaign_when_asked(bob: User) -> None:
    old, new = CampaignFactory(), CampaignFactory()
    opportunity = make_opportunity(bob, campaign=old)
    task = make_task(bob, opportunity=opportunity)

    lifecycle.reassign(opportunity, by=bob, campaign=new, hand_over_open_tasks=True)
    task.refresh_from_db()
    assert task.campaign == new
    lifecycle.reassign(opportunity, by=bob, clears_campaign=True, hand_over_open_tasks=True)
    task.refresh_from_db()
    assert task.campaign is None


def test_undoing_a_reassignment_brings_back_the_campaign_and_a_segment_that_fits(bob: User) -> None:
    old, new = CampaignFactory(), CampaignFactory()
    first, second = segment_of(bob, old), segment_of(bob, new)
    opportunity = make_opportunity(bob, campaign=old)
    moved = lifecycle.reassign(opportunity, by=bob, campaign=new)
    assert moved.segment == second

    undone = lifecycle.undo(lifecycle.newest_standing(moved), by=bob)

    assert (undone.campaign, undone.segment) == (old, first)


def test_r144_a_segment_of_another_campaign_is_refused(bob: User) -> None:
    mine, other = CampaignFactory(), CampaignFactory()
    fitting, free, wrong = (segment_of(bob, c) for c in (mine, None, other))
    opportunity = make_opportunity(bob, campaign=mine)

    for segment in (free, fitting):
        assert lifecycle.edit(opportunity, by=bob, segment=segment).segment == segment
    message = {"segment": ["“Roofs” belongs to another campaign."]}
    assert refusal(lambda: lifecycle.edit(opportunity, by=bob, segment=wrong)) == message
    assert refusal(lambda: make_opportunity(bob, campaign=mine, segment=wrong)) == message
    assert lifecycle.edit(opportunity, by=bob, clears_segment=True).segment is None
    assert list(Segment.objects.offered_for(mine)) == [fitting]


def test_r28_the_segment_may_change_when_it_is_closed(bob: User) -> None:
    reason = CloseReasonFactory(kind="lost")
    lost = lifecycle.lose(make_opportunity(bob, stage=1), by=bob, reason=reason)
    segment = segment_of(bob, None)

    assert lifecycle.edit(lost, by=bob, segment=segment).segment == segment


def test_r143_the_forms_offer_the_campaigns_that_ran_only(bob: User) -> None:
    SalesCycleFactory(is_default=True)
    running = CampaignFactory(description="Running")
    CampaignFactory(description="Inert", is_activated=False)
    CampaignFactory(description="Over", ends_on=day(-1))
    opportunity = make_opportunity(bob)
    client = signed_in(bob)

    for page in (address(opportunity, "reassign"), "/opportunities/create/"):
        field = client.get(page).context["form"].fields["campaign"]
        assert [pk for pk, _label in field.widget.choices] == ["", running.pk]


def test_the_reassign_form_clears_what_is_emptied_and_keeps_what_is_not_sent(bob: User) -> None:
    campaign = CampaignFactory()
    opportunity = make_opportunity(bob, campaign=campaign)
    client = signed_in(bob)
    data = {"seen": 1, "salesperson": bob.salesperson.pk, "contact": opportunity.contact_id}

    client.post(address(opportunity, "reassign"), data)
    opportunity.refresh_from_db()
    assert opportunity.campaign == campaign
    client.post(address(opportunity, "reassign"), data | {"campaign": ""})
    opportunity.refresh_from_db()
    assert opportunity.campaign is None


def test_r37_a_campaign_prefills_itself_and_its_salesperson(bob: User, alice: User) -> None:
    SalesCycleFactory(is_default=True)
    contact = CompanyFactory(salesperson=alice.salesperson)
    campaign = CampaignFactory(salesperson=bob.salesperson)
    nobody = CampaignFactory()
    client = signed_in(alice)

    initial = [
        client.get(f"/opportunities/create/?contact={contact.pk}&campaign={c.pk}")
        .context["form"]
        .initial
        for c in (campaign, nobody)
    ]

    assert [(i["campaign"], i["salesperson"]) for i in initial] == [
        (campaign.pk, bob.salesperson.pk),
        (nobody.pk, alice.salesperson.pk),  # R22: whoever creates it, where it says nobody
    ]


def test_r37_a_segment_prefills_itself_its_campaign_and_its_salesperson(
    bob: User, alice: User
) -> None:
    SalesCycleFactory(is_default=True)
    mine, other = CampaignFactory(salesperson=alice.salesperson), CampaignFactory()
    segment = segments.create(
        by=alice, description="Roofs", campaign=mine, salesperson=bob.salesperson
    )

    page = signed_in(alice).get(
        f"/opportunities/create/?segment={segment.pk}&campaign={other.pk}"
    )  # fmt: skip
    initial = page.context["form"].initial

    assert (initial["segment"], initial["campaign"], initial["salesperson"]) == (
        segment.pk, mine.pk, bob.salesperson.pk,
    )  # fmt: skip


@pytest.mark.parametrize("query", ["campaign=x", "segment=-1", "campaign=0&campaign=1"])
def test_r37_what_is_no_id_is_refused(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"/opportunities/create/?{query}").status_code == 400


@pytest.mark.parametrize("name", ["campaign", "segment"])
def test_r37_what_there_is_not_is_404(bob: User, name: str) -> None:
    assert signed_in(bob).get(f"/opportunities/create/?{name}=999999").status_code == 404


def test_r239_creating_from_the_campaigns_page_gives_it_the_campaign(bob: User) -> None:
    cycle = SalesCycleFactory(is_default=True)
    campaign = CampaignFactory()
    segment = segment_of(bob, campaign)
    data = {
        "description": "A roof", "contact": CompanyFactory().pk, "priority": 2,
        "salesperson": bob.salesperson.pk, "sales_cycle": cycle.pk, "campaign": campaign.pk,
    }  # fmt: skip

    answer = signed_in(bob).post(f"/opportunities/create/?campaign={campaign.pk}", data)

    opportunity = Opportunity.objects.get()
    assert answer.status_code == 302
    assert (opportunity.campaign, opportunity.segment) == (campaign, segment)
