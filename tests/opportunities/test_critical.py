"""What careful readers found: small holes, each of them closed and held shut."""

from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404
from django.test import RequestFactory

from contacts.models import Contact
from crm.dates import today
from opportunities import lifecycle
from opportunities.forms import UpdateForm
from opportunities.models import Opportunity
from opportunities.views.acting import Act, answer
from salespeople.models import Salesperson, User
from tests.factories import (
    CampaignFactory,
    CloseReasonFactory,
    CompanyFactory,
    PersonFactory,
    SalespersonFactory,
    TeamMembershipFactory,
)
from tests.opportunities.pages import address, at_stage, signed_in, stage_of


def win(by: User, contact: Contact, on: date | None = None) -> Opportunity:
    """Win something for a contact."""
    opportunity = at_stage(by, 1, contact=contact, on=on, estimated_close_on=today())
    return lifecycle.win(opportunity, by=by, reason=CloseReasonFactory(), on=on)


def test_undoing_both_wins_leaves_no_customer(bob: User) -> None:
    company = CompanyFactory()
    first, second = win(bob, company, today() - timedelta(days=5)), win(bob, company)

    lifecycle.undo(lifecycle.newest_standing(first), by=bob)
    company.refresh_from_db()
    assert company.customer_since == today()
    lifecycle.undo(lifecycle.newest_standing(second), by=bob)
    company.refresh_from_db()
    assert company.customer_since is None


def test_a_date_that_no_win_has_set_stays(bob: User) -> None:
    company = CompanyFactory(customer_since=date(2017, 10, 1))

    lifecycle.undo(lifecycle.newest_standing(win(bob, company)), by=bob)

    company.refresh_from_db()
    assert company.customer_since == date(2017, 10, 1)


def test_different_fields_merge_without_a_page(alice: User, bob: User) -> None:
    """U8: alice changes the value, bob the date; both changes stand, and he is told."""
    opportunity = at_stage(bob, 2)
    client = signed_in(bob)
    form = client.get(address(opportunity, "update")).context["form"]
    shown = {f.name: f.value() or "" for f in form if f.name != "on"}
    later = today() + timedelta(days=99)
    lifecycle.update(opportunity, by=alice, estimated_value=Decimal(9000))

    saved = client.post(
        address(opportunity, "update"),
        shown | {"estimated_close_on": later.isoformat()},
    )
    text = client.get(saved["Location"]).content.decode()

    fresh = Opportunity.objects.get(pk=opportunity.pk)
    assert saved.status_code == 302
    assert "Kept what alice changed: Estimated value, 9,000." in text
    assert (fresh.estimated_value, fresh.estimated_close_on) == (9000, later)


def test_going_on_is_not_offered_where_it_cannot_work(alice: User, bob: User) -> None:
    opportunity = at_stage(bob, 2)
    won = CloseReasonFactory()
    lifecycle.lose(opportunity, by=alice, reason=CloseReasonFactory(kind="lost"))

    page = signed_in(bob).post(
        address(opportunity, "win"),
        {"seen": opportunity.sequence, "reason": won.pk, "on": today().isoformat()},
    )

    assert page.context["dispute"].refusals == ["It is already lost. Reopen it first."]
    assert "Go on with mine" not in page.content.decode()


def test_what_is_given_to_somebody_whose_rows_one_does_not_see_leads_to_the_list(
    bob: User,
) -> None:
    mate = SalespersonFactory()
    TeamMembershipFactory(team=bob.salesperson.memberships.get().team, salesperson=mate)
    Salesperson.objects.filter(user=bob).update(sees="own")
    opportunity = at_stage(bob, 1)
    client = signed_in(bob)

    response = client.post(
        address(opportunity, "reassign"), {"seen": opportunity.sequence, "salesperson": mate.pk}
    )
    page = client.get(response["Location"])

    assert response["Location"] == "/opportunities/"
    assert [m.extra_tags for m in page.context["messages"]] == [""]


def test_what_slips_away_between_two_clicks_is_not_found(
    alice: User, bob: User, charlie: User
) -> None:
    """Found by the page, then given to another team before the door locks it."""
    opportunity = at_stage(bob, 1)
    request = RequestFactory().post("/", {"seen": opportunity.sequence, "estimated_value": "5"})
    request.user = bob
    form = UpdateForm(request.POST, opportunity=opportunity, by=bob)
    act = Act("update", "", "", form, partial(lifecycle_update, opportunity, bob), str)
    lifecycle.reassign(opportunity, by=alice, salesperson=charlie.salesperson)

    with pytest.raises(Http404):
        answer(request, opportunity, act)


def lifecycle_update(opportunity: Opportunity, by: User, wishes: dict[str, Any]) -> Opportunity:
    """Do what the page does."""
    return lifecycle.update(opportunity, by=by, **wishes)


def test_reassigning_works_though_the_present_contact_is_blocked(bob: User) -> None:
    for _n in range(51):
        CompanyFactory()
    opportunity = at_stage(bob, 1)
    Contact.objects.filter(pk=opportunity.contact_id).update(is_blocked=True)
    client = signed_in(bob)
    form = client.get(address(opportunity, "reassign")).context["form"]

    response = client.post(
        address(opportunity, "reassign"),
        {f.name: f.value() or "" for f in form} | {"note": "Nothing else."},
    )

    assert form["contact"].value() == f"{opportunity.contact} ({opportunity.contact.number})"
    assert response.status_code == 302


def test_what_is_started_does_not_move_between_private_persons(bob: User) -> None:
    """R140: it stays with one customer; a person without a company is one."""
    one, other = PersonFactory(), PersonFactory()

    with pytest.raises(ValidationError) as caught:
        lifecycle.reassign(at_stage(bob, 1, contact=one), by=bob, contact=other)
    fresh = lifecycle.reassign(at_stage(bob, 0, contact=one), by=bob, contact=other)

    assert list(caught.value.message_dict) == ["contact"]
    assert fresh.contact == other


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "is_open"),
    [
        (today(), today(), True),
        (None, today() + timedelta(days=1), True),
        (today() + timedelta(days=1), today() + timedelta(days=9), False),
        (date(2001, 1, 1), date(2001, 2, 1), False),
        (date(2001, 1, 1), None, False),
    ],
)
def test_a_campaign_ran_when_it_was_created(
    bob: User, starts_on: date | None, ends_on: date | None, is_open: bool
) -> None:
    """R142: a blank start passes, a blank end does not."""
    campaign = CampaignFactory(description="Fair", starts_on=starts_on, ends_on=ends_on)
    opportunity = at_stage(bob, 1)

    if is_open:
        assert lifecycle.reassign(opportunity, by=bob, campaign=campaign).campaign == campaign
    else:
        with pytest.raises(ValidationError):
            lifecycle.reassign(opportunity, by=bob, campaign=campaign)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1899, 12, 31)])
def test_nothing_happened_before_1900(bob: User, day: date) -> None:
    with pytest.raises(ValidationError) as caught:
        at_stage(bob, 0, on=day)

    assert list(caught.value.message_dict) == ["on"]


def test_a_drop_on_a_gate_leads_to_the_quote_and_back_to_the_board(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    stage = stage_of(opportunity, 4)

    page = signed_in(bob).post(
        address(opportunity, "move"),
        {"seen": opportunity.sequence, "stage": stage.pk, "next": "/pipeline/?q=a"},
    )

    text = page.content.decode()
    assert page.status_code == 422
    assert f"%3Fstage={stage.pk}%26next%3D%252Fpipeline%252F%253Fq%253Da" in text


def test_a_refused_drop_shows_the_proposals(bob: User) -> None:
    """Only what is missing is asked for: the close date; the rest is proposed."""
    opportunity = at_stage(bob, 0)
    stage = stage_of(opportunity, 1)

    form = (
        signed_in(bob)
        .post(address(opportunity, "move"), {"seen": opportunity.sequence, "stage": stage.pk})
        .context["form"]
    )

    shown = {name: form[name].value() for name in ("estimated_value", "chances_of_success", "on")}
    assert shown == {"estimated_value": 1000, "chances_of_success": 20, "on": today()}
    assert list(form.errors) == ["estimated_close_on"]


def test_a_receipt_names_what_changed(bob: User) -> None:
    opportunity = at_stage(bob, 1)
    client = signed_in(bob)
    client.post(
        address(opportunity, "move"),
        {"seen": opportunity.sequence, "stage": stage_of(opportunity, 2).pk},
    )

    told = [str(m) for m in client.get(address(opportunity)).context["messages"]]

    assert told == ["Moved to “Stage 2”. Chances: 20% → 40%."]
