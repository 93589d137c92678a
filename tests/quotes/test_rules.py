"""The reference's rules about quotes, each by its number, as rules D18 and D20 amend them."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from hypothesis import given, settings
from hypothesis import strategies as st

from opportunities import lifecycle as door
from opportunities.models import Action, Opportunity
from quotes import lifecycle
from quotes.lifecycle import NewLine
from quotes.models import Quote
from salespeople.models import User
from tests.factories import (
    CloseReasonFactory,
    CompanyFactory,
    PersonFactory,
    ProductFactory,
    QuoteFactory,
)
from tests.opportunities.pages import address as opportunity_address
from tests.opportunities.pages import at_stage, signed_in, stage_of
from tests.quotes.pages import address, create_address, line, typed

GATED = 4  # the stage that needs a quote


def move_form(client: Client, opportunity: Opportunity) -> dict[str, object]:
    """Return what the move form proposes for the gated stage."""
    stage = stage_of(opportunity, GATED)
    page = client.get(f"{opportunity_address(opportunity, 'move')}?stage={stage.pk}")
    initial: dict[str, object] = page.context["form"].initial
    return initial


def refused(opportunity: Opportunity, by: User) -> bool:
    """Say whether the gate is shut; what is refused is refused for lack of a quote."""
    stage = stage_of(opportunity, GATED)
    chosen = next(m for m in door.possible_moves(opportunity) if m.stage == stage)
    if not chosen.is_allowed:
        with pytest.raises(ValidationError) as error:
            door.move(opportunity, stage, by=by)
        return [e.code for e in error.value.error_dict["stage"]] == ["quote"]
    return False


def test_r74_r131_the_amount_of_the_deciding_quote_is_the_proposed_value(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    client = signed_in(bob)
    before = move_form(client, opportunity)["estimated_value"]
    QuoteFactory(opportunity=opportunity, amount=1200, status="sent")
    QuoteFactory(opportunity=opportunity, amount=9999)

    assert (before, move_form(client, opportunity)["estimated_value"]) == (1000, 1200)


def test_r82_the_form_leads_to_the_quote_and_takes_its_new_amount(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    quote = QuoteFactory(opportunity=opportunity)
    client = signed_in(bob)
    stage = stage_of(opportunity, GATED)
    here = f"{opportunity_address(opportunity, 'move')}?stage={stage.pk}"
    link = (
        f"{address(quote)}?next={here.replace('/', '%2F').replace('?', '%3F').replace('=', '%3D')}"
    )

    assert f'href="{link}"' in client.get(here).content.decode()
    page = client.get(link)
    assert page.context["form"].initial["next"] == here
    saved = client.post(address(quote, "edit"), typed(line("Work", "1300"), quote=quote, next=here))
    assert client.get(saved["Location"]).context["next"] == here
    assert move_form(client, opportunity)["estimated_value"] == 1300


def test_r93_d20_the_deciding_quote_gives_the_sales_value_and_no_other_is_taken(
    bob: User,
) -> None:
    """Where Business Central overwrites what was typed, we say so (ADR 0008)."""
    opportunity = QuoteFactory(opportunity=at_stage(bob, 3), amount=1800).opportunity
    reason = CloseReasonFactory()

    with pytest.raises(ValidationError) as error:
        door.win(opportunity, by=bob, reason=reason, sales_value=Decimal(2000))
    assert "sales_value" in error.value.error_dict
    assert door.win(opportunity, by=bob, reason=reason).calculated_value == 1800


def test_r110_an_empty_draft_is_no_sales_value(bob: User) -> None:
    opportunity = QuoteFactory(opportunity=at_stage(bob, 3), amount=0).opportunity

    assert door.win(opportunity, by=bob, reason=CloseReasonFactory()).calculated_value == 1000


def test_r118_d18_accepting_presets_the_amount_and_asks_for_the_reason(bob: User) -> None:
    CloseReasonFactory()
    quote = QuoteFactory(opportunity=at_stage(bob, 3), amount=1800, status="sent")
    client = signed_in(bob)

    to = client.post(address(quote, "status"), {"status": "accepted", "seen": quote.version})
    win = to["Location"]
    initial = client.get(win).context["form"].initial
    sent = {"seen": initial["seen"], "sales_value": "1800", "on": initial["on"].isoformat()}
    without_reason = client.post(win, sent)

    assert (initial["sales_value"], initial["reason"]) == (1800, None)
    assert (without_reason.status_code, list(without_reason.context["form"].errors)) == (
        422,
        ["reason"],
    )


@settings(max_examples=25)
@given(quotes=st.lists(st.tuples(st.sampled_from(Quote.Status.values), st.booleans()), max_size=4))
def test_r124_d20_a_quote_exists_while_one_is_neither_declined_nor_expired_nor_empty(
    bob: User, quotes: list[tuple[str, bool]]
) -> None:
    """For any quotes; the newest accepted, else sent, else draft decides."""
    opportunity = at_stage(bob, 3)
    made = [
        QuoteFactory(opportunity=opportunity, amount=0)
        if is_empty and status not in ("sent", "accepted")
        else QuoteFactory(opportunity=opportunity, status=status, amount=n + 1)
        for n, (status, is_empty) in enumerate(quotes)
    ]
    rank = {"accepted": 3, "sent": 2, "draft": 1}
    best = max(
        (q for q in made if q.status in rank and q.amount),
        key=lambda q: (rank[q.status], q.pk),
        default=None,
    )

    moves = {move.stage.position: move for move in door.possible_moves(opportunity)}

    assert moves[GATED].is_allowed == (best is not None)
    assert opportunity.quotes.deciding().first() == best
    assert [q for q in made if q.is_in_force] == list(opportunity.quotes.in_force().order_by("pk"))


def test_r125_only_entering_forward_asks_for_a_quote(bob: User) -> None:
    """Removing the quote later, going back, updating and closing never ask."""
    opportunity = at_stage(bob, 3)
    assert refused(opportunity, bob)
    quote = QuoteFactory(opportunity=opportunity)
    moved = door.move(opportunity, stage_of(opportunity, GATED), by=bob)

    lifecycle.decline(quote, by=bob)
    updated = door.update(moved, by=bob, estimated_value=Decimal(5))
    back = door.move(updated, stage_of(opportunity, 3), by=bob)

    assert (updated.stage.position, back.stage.position) == (GATED, 3)
    assert refused(back, bob)
    assert door.win(back, by=bob, reason=CloseReasonFactory()).is_closed


def test_r126_the_status_is_asked_before_anything_else(bob: User) -> None:
    """Several quotes are allowed (D20); what is left of R126's order is: in progress, then all."""
    opportunity = at_stage(bob, 0)
    nonsense = [NewLine(text="", price=Decimal(-1))]

    with pytest.raises(ValidationError) as error:
        lifecycle.create(opportunity, by=bob, lines=nonsense, language="xx")
    assert error.value.messages == [
        "The opportunity is not started: quotes are made while it is in progress."
    ]
    started = (
        door.activate(opportunity, by=bob, estimated_close_on=None)
        if (opportunity.estimated_close_on)
        else at_stage(bob, 1)
    )
    quote = lifecycle.create(started, by=bob)
    assert (quote.contact, quote.opportunity, quote.amount) == (started.contact, started, 0)


def test_r128_a_person_without_a_company_gets_a_quote(bob: User) -> None:
    person = PersonFactory()
    opportunity = at_stage(bob, 3, contact=person)

    assert QuoteFactory(opportunity=opportunity).contact == person


def test_r129_r130_a_quote_stays_with_its_opportunity_and_an_opportunity_may_have_several(
    bob: User,
) -> None:
    """D20: no number is typed, no quote is taken away from another opportunity."""
    opportunity = at_stage(bob, 3)
    made = [QuoteFactory(opportunity=opportunity) for _n in range(3)]

    assert set(opportunity.quotes.all()) == set(made)
    assert "opportunity" not in signed_in(bob).get(address(made[0])).context["form"].fields


def test_r131_the_amount_is_the_sum_of_the_lines_without_vat_after_discounts(bob: User) -> None:
    product = ProductFactory(price=Decimal("19.99"), vat_percent=15)
    quote = lifecycle.create(
        at_stage(bob, 3),
        by=bob,
        lines=[
            NewLine(product=product, quantity=Decimal(7), discount_percent=Decimal("12.5")),
            NewLine(text="Work", quantity=Decimal("2.5"), price=Decimal("1.01"),
                    vat_percent=Decimal(25)),
        ],
    )  # fmt: skip

    assert quote.amount == Decimal("124.97")  # 122.44 + 2.53
    assert quote.totals.vat == Decimal("19.00")  # 18.37 + 0.63


def test_r132_r140_another_contact_takes_the_quotes_along_and_undo_brings_them_back(
    bob: User,
) -> None:
    company = CompanyFactory()
    person, other = PersonFactory(company=company), PersonFactory(company=company)
    quote = QuoteFactory(opportunity=at_stage(bob, 3, contact=person), status="sent")
    seen = quote.version

    opportunity = door.reassign(quote.opportunity, by=bob, contact=other)
    quote.refresh_from_db()
    assert quote.contact == other
    with pytest.raises(lifecycle.Conflict):
        lifecycle.accept(quote, by=bob, seen=seen)
    door.undo(door.newest_standing(opportunity), by=bob)
    quote.refresh_from_db()
    assert quote.contact == person


def test_r133_the_opportunity_shows_its_quotes(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))

    page = signed_in(bob).get(quote.opportunity.get_absolute_url()).content.decode()

    assert f'href="{address(quote)}"' in page


def test_r134_d18_accepting_closes_nothing_by_itself_and_posts_nothing(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3), status="sent")
    before = quote.opportunity.sequence

    lifecycle.accept(quote, by=bob)

    fresh = Opportunity.objects.get()
    assert (fresh.status, fresh.sequence) == ("in_progress", before)


@pytest.mark.parametrize("verb", [lifecycle.decline, lifecycle.expire])
def test_r135_what_is_withdrawn_leaves_status_and_entries_alone(
    bob: User, verb: Callable[..., Quote]
) -> None:
    """A quote is never deleted: declined and expired ones count as none (D20)."""
    quote = QuoteFactory(opportunity=at_stage(bob, 3), status="sent")
    before = list(quote.opportunity.entries.values_list("sequence", "action"))

    verb(quote, by=bob)

    fresh = Opportunity.objects.get()
    assert list(fresh.entries.values_list("sequence", "action")) == before
    assert before[-1][1] != Action.UPDATED
    assert refused(fresh, bob)


def test_r138_what_was_handed_out_is_taken_up_again_as_a_revision(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3), status="expired")

    assert refused(quote.opportunity, bob)
    again = lifecycle.revise(quote, by=bob)
    assert (again.status, refused(quote.opportunity, bob)) == ("draft", False)


@pytest.mark.parametrize("do", ["save", "send"])
def test_d20_the_refused_move_offers_the_quote_and_leads_back(bob: User, do: str) -> None:
    opportunity = at_stage(bob, 3)
    client = signed_in(bob)
    stage = stage_of(opportunity, GATED)
    here = f"{opportunity_address(opportunity, 'move')}?stage={stage.pk}"

    page = client.get(here).content.decode()
    offer = create_address(opportunity)
    assert f'href="{offer}&amp;next={opportunity_address(opportunity, "move")}%3Fstage' in page
    to = client.post(offer, typed(line("Roof", "1500"), next=here, do=do))["Location"]
    if do == "send":
        to = client.post(to, {"do": "mark", "next": here})["Location"]
    assert to == here
    assert client.get(to).context["form"].initial["estimated_value"] == 1500
