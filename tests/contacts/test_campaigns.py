"""Campaigns: R151 (figures), R237 (dates), R238 (activated is an act), R239, R240 (ADR 0014)."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from contacts import campaigns, segments
from contacts.models import Campaign
from crm.dates import today
from opportunities import lifecycle
from salespeople.models import User
from tasks import interactions
from tests.contacts.pages import signed_in, text_of
from tests.factories import (
    CampaignFactory,
    CloseReasonFactory,
    SalesCycleFactory,
    make_opportunity,
)
from tests.opportunities.pages import at_stage


def created(by: User, **values: Any) -> Campaign:
    return campaigns.create(by=by, **{"description": "Roofs", **values})


def listed(client: Any, url: str) -> list[int]:
    return [row.pk for row in client.get(url).context["page"].rows]


@pytest.mark.parametrize(
    ("starts", "ends", "may"),
    [(1, 1, True), (1, 2, True), (None, 1, True), (1, None, True), (2, 1, False)],
)
def test_r237_an_end_before_the_start_is_refused(
    bob: User, starts: int | None, ends: int | None, may: bool
) -> None:
    dates = {
        "starts_on": date(2026, 3, starts) if starts else None,
        "ends_on": date(2026, 3, ends) if ends else None,
    }

    if may:
        assert created(bob, **dates).pk
        return
    with pytest.raises(ValidationError) as caught:
        created(bob, **dates)
    assert list(caught.value.message_dict) == ["ends_on"]


def test_r237_holds_both_ways_when_one_of_them_changes(bob: User) -> None:
    campaign = created(
        bob, salesperson=bob.salesperson, starts_on=date(2026, 3, 5), ends_on=date(2026, 3, 9)
    )

    wishes: list[dict[str, Any]] = [{"starts_on": date(2026, 3, 10)}, {"ends_on": date(2026, 3, 4)}]
    for changed in wishes:
        with pytest.raises(ValidationError) as caught:
            campaigns.edit(campaign, by=bob, **changed)
        assert list(caught.value.message_dict) == list(changed)
    assert campaigns.edit(campaign, by=bob, ends_on=None).ends_on is None


def test_r238_activating_is_an_act_with_who_and_when(alice: User, bob: User) -> None:
    campaign = created(bob, salesperson=bob.salesperson)
    assert not campaign.is_activated

    active = campaigns.activate(campaign, by=bob)
    again = campaigns.activate(campaign, by=alice)
    assert (active.activated_by, again.activated_by, again.edits) == (bob, bob, 1)
    assert again.activated_at == active.activated_at

    inert = campaigns.deactivate(campaign, by=alice)
    assert (inert.activated_at, inert.activated_by, inert.edits) == (None, None, 2)


@pytest.mark.parametrize("act", [campaigns.activate, campaigns.deactivate, campaigns.delete])
def test_r238_a_manager_may_and_its_salesperson(
    alice: User, bob: User, charlie: User, act: Any
) -> None:
    campaign = created(bob, salesperson=bob.salesperson)

    with pytest.raises(PermissionDenied, match="A manager may do that, or the campaign's"):
        act(campaign, by=charlie)
    act(campaign, by=bob)
    act(created(alice), by=alice)


def test_r240_one_that_something_names_is_deactivated_instead_of_deleted_d24(bob: User) -> None:
    campaign = CampaignFactory(salesperson=bob.salesperson)
    make_opportunity(bob, campaign=campaign)

    with pytest.raises(ValidationError) as caught:
        campaigns.delete(campaign, by=bob)

    assert "used by 1 opportunity and 1 opportunity entry." in caught.value.messages[0]
    assert "Deactivate it instead." in caught.value.messages[0]
    campaigns.delete(created(bob, salesperson=bob.salesperson), by=bob)
    assert list(Campaign.objects.all()) == [campaign]


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"description": ""}, "description"),
        ({"description": "x" * 101}, "description"),
        ({"description": "nul\x00"}, "description"),
        ({"cost": Decimal(-1)}, "cost"),
        ({"target": Decimal("1E20")}, "target"),
        ({"target": Decimal("NaN")}, "target"),
        ({"cost": None}, "cost"),
    ],
)
def test_hostile_values_are_refused(bob: User, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as caught:
        created(bob, **wrong)

    assert list(caught.value.message_dict) == [field]


def sold_under(campaign: Campaign, by: User) -> None:
    """Not started, in progress (1,000 at 30 % × 40 %), won (1,000), lost, deleted; one without."""
    cycle = SalesCycleFactory(stages=[(10, 20, ""), (30, 40, "")])
    won_for = CloseReasonFactory(kind="won")
    at_stage(by, 0, sales_cycle=cycle, campaign=campaign)
    at_stage(by, 2, sales_cycle=cycle, campaign=campaign)
    won = at_stage(by, 1, sales_cycle=cycle, campaign=campaign)
    lifecycle.win(won, by=by, reason=won_for)
    lost = at_stage(by, 1, sales_cycle=cycle, campaign=campaign)
    lifecycle.lose(lost, by=by, reason=CloseReasonFactory(kind="lost"))
    lifecycle.delete(at_stage(by, 0, sales_cycle=cycle, campaign=campaign), by=by)
    at_stage(by, 2, sales_cycle=cycle)


def test_r151_the_figures_count_started_won_and_lost_ones_and_lead_to_them(bob: User) -> None:
    campaign = CampaignFactory(target=Decimal(4000), cost=Decimal(500))
    sold_under(campaign, bob)
    client = signed_in(bob)

    page = client.get(campaign.get_absolute_url()).context["page"]

    started, won = page.started, page.won
    assert (started.number, started.estimated_value, started.calculated_value) == (3, 3000, 1120)
    assert len(listed(client, started.url)) == 3
    assert (won.number, won.calculated_value) == (1, 1000)
    assert len(listed(client, won.url)) == 1
    assert (page.reached, page.in_sight) == (25, 28)
    row = client.get("/campaigns/").context["page"].rows[0]
    assert (row.number_started, row.estimated, row.calculated) == (3, 3000, 1120)
    assert row.url == started.url


def test_r151_the_figures_count_what_one_may_see(bob: User, charlie: User) -> None:
    campaign = CampaignFactory()
    at_stage(bob, 1, campaign=campaign)
    at_stage(charlie, 1, campaign=campaign)
    client = signed_in(bob)

    assert client.get(campaign.get_absolute_url()).context["page"].started.number == 1
    assert client.get("/campaigns/").context["page"].rows[0].number_started == 1


def test_r151_interactions_that_are_not_cancelled_cost_and_last(bob: User, charlie: User) -> None:
    campaign = CampaignFactory(cost=Decimal(200))
    contact = make_opportunity(bob).contact
    for by, cost in ((bob, 30), (bob, 20), (charlie, 500)):
        last = interactions.log(
            by=by, kind="call", subject="Call", contact=contact, campaign=campaign,
            cost=Decimal(cost), duration=timedelta(minutes=15),
        )  # fmt: skip
    gone = interactions.log(by=bob, kind="call", subject="Oops", contact=contact, campaign=campaign)
    interactions.cancel(gone, by=bob)

    page = signed_in(bob).get(campaign.get_absolute_url()).context["page"]

    assert (page.talk.number, page.talk.cost, page.talk.duration) == (2, 50, timedelta(minutes=30))
    assert last not in page.talk.rows
    assert page.spent == 25


def test_the_list_filters_and_sorts(bob: User) -> None:
    day = today()
    running = CampaignFactory(description="Ås", starts_on=day - timedelta(days=1))
    over = CampaignFactory(description="Zoo", ends_on=day - timedelta(days=1))
    inert = CampaignFactory(description="Ask", is_activated=False, salesperson=bob.salesperson)
    client = signed_in(bob)

    def found(query: str) -> list[int]:
        return listed(client, f"/campaigns/?{query}")

    assert found("sort=description") == [inert.pk, over.pk, running.pk]
    assert found("state=running") == [running.pk]
    assert found("state=over") == [over.pk]
    assert found("state=inactive") == [inert.pk]
    assert found("state=activated&sort=ends") == [over.pk, running.pk]
    assert found("q=zo") == [over.pk]
    assert found(f"q={over.number}") == [over.pk]
    assert found(f"salesperson={bob.salesperson.pk}") == [inert.pk]


@pytest.mark.parametrize(
    "query", ["x=1", "state=maybe", "sort=password", "cursor=%FF", "q=%00", "salesperson=0"]
)
def test_what_the_list_cannot_read_is_refused(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"/campaigns/?{query}").status_code == 400


def test_the_pages_create_edit_activate_and_delete(bob: User) -> None:
    client = signed_in(bob)
    form = {
        "description": "Roofs", "starts_on": "2026-03-01", "ends_on": "2026-04-01",
        "salesperson": bob.salesperson.pk, "cost": "1 000", "target": "",
    }  # fmt: skip

    client.post("/campaigns/create/", form)
    campaign = Campaign.objects.get()
    home = f"/campaigns/{campaign.pk}/"
    assert (campaign.cost, campaign.target, campaign.is_activated) == (1000, 0, False)
    client.post(f"{home}edit/", form | {"description": "Walls", "seen": 0})
    client.post(f"{home}activate/")
    campaign.refresh_from_db()
    assert (campaign.description, campaign.activated_by) == ("Walls", bob)
    client.post(f"{home}deactivate/")
    answer = client.post(f"{home}delete/", {"seen": 3}, follow=True)
    assert "“Walls” was deleted." in text_of(answer)
    assert not Campaign.objects.exists()


def test_r237_the_form_says_it_beside_the_end(bob: User) -> None:
    form = {"description": "Roofs", "starts_on": "2026-04-01", "ends_on": "2026-03-01"}

    answer = signed_in(bob).post("/campaigns/create/", form)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["ends_on"])


def test_the_second_of_two_is_told(alice: User, bob: User) -> None:
    campaign = created(bob, salesperson=bob.salesperson)
    campaigns.edit(campaign, by=alice, description="Hers")
    form = {"description": "Mine", "salesperson": bob.salesperson.pk, "seen": 0}

    answer = signed_in(bob).post(f"/campaigns/{campaign.pk}/edit/", form)

    assert answer.status_code == 409
    assert "alice has changed it" in text_of(answer)
    assert signed_in(bob).post(f"/campaigns/{campaign.pk}/edit/", form | {"seen": 1})["Location"]
    campaign.refresh_from_db()
    assert campaign.description == "Mine"


def test_one_without_an_end_says_so_and_lists_its_segments(bob: User) -> None:
    campaign = CampaignFactory(ends_on=None)
    segments.create(by=bob, description="Cooperatives", campaign=campaign)

    shown = text_of(signed_in(bob).get(campaign.get_absolute_url()))

    assert "It has no end date, so no opportunity can be sold under it yet." in shown
    assert "Cooperatives" in shown
