"""The pages of the door's verbs: each works, refuses, disputes, and hides from strangers."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from crm.dates import today
from opportunities import lifecycle
from opportunities.models import Opportunity, Status
from salespeople.models import User
from tests.factories import CloseReasonFactory, QuoteFactory
from tests.opportunities.pages import address, at_stage, deleted, signed_in, stage_of, won

IN_A_MONTH = (today() + timedelta(days=30)).isoformat()
DAY = today() + timedelta(days=10)


def reason(kind: str) -> int:
    """Return the id of a reason of that kind."""
    return int(CloseReasonFactory(kind=kind).pk)


type Make = Callable[[User], Opportunity]
type Data = Callable[[Opportunity], dict[str, Any]]
# Each verb: an opportunity for which it is open, what is posted, and the status and stage after.
VERBS: dict[str, tuple[Make, Data, str, int]] = {
    "activate": (
        lambda by: at_stage(by, 0),
        lambda row: {"estimated_value": "2,500.50", "estimated_close_on": IN_A_MONTH},
        Status.IN_PROGRESS,
        1,
    ),
    "move": (
        lambda by: at_stage(by, 1),
        lambda row: {"stage": stage_of(row, 2).pk},
        Status.IN_PROGRESS,
        2,
    ),
    "update": (
        lambda by: at_stage(by, 2),
        lambda row: {"estimated_value": "1,200"},
        Status.IN_PROGRESS,
        2,
    ),
    "win": (
        lambda by: at_stage(by, 2),
        lambda row: {"reason": reason("won"), "on": today().isoformat()},
        Status.WON,
        2,
    ),
    "lose": (
        lambda by: at_stage(by, 2),
        lambda row: {"reason": reason("lost"), "on": today().isoformat()},
        Status.LOST,
        2,
    ),
    "reopen": (
        won,
        lambda row: {"estimated_close_on": IN_A_MONTH},
        Status.IN_PROGRESS,
        2,
    ),
    "reassign": (
        lambda by: at_stage(by, 2),
        lambda row: {"salesperson": row.salesperson_id, "note": "Stays."},
        Status.IN_PROGRESS,
        2,
    ),
    "edit": (
        lambda by: at_stage(by, 2),
        lambda row: {"description": "A red roof", "priority": 3, "seen_edits": 0},
        Status.IN_PROGRESS,
        2,
    ),
    "delete": (lambda by: at_stage(by, 0), lambda row: {}, Status.NOT_STARTED, 0),
    "restore": (deleted, lambda row: {}, Status.NOT_STARTED, 0),
    "undo": (lambda by: at_stage(by, 2), lambda row: {}, Status.IN_PROGRESS, 1),
}
every_verb = pytest.mark.parametrize("verb", VERBS)


@every_verb
def test_the_form_is_shown(bob: User, verb: str) -> None:
    make, _data, _status, _stage = VERBS[verb]

    response = signed_in(bob).get(address(make(bob), verb))

    assert response.status_code == 200
    assert f"opportunities/{verb}.html" in [t.name for t in response.templates]


@every_verb
def test_it_is_done_and_leads_back_with_a_receipt(bob: User, verb: str) -> None:
    make, data, status, stage = VERBS[verb]
    opportunity = make(bob)
    client = signed_in(bob)

    response = client.post(
        address(opportunity, verb), {"seen": opportunity.sequence, **data(opportunity)}
    )

    fresh = Opportunity.objects.get(pk=opportunity.pk)
    assert (response.status_code, response["Location"]) == (302, address(opportunity))
    assert (fresh.status, fresh.stage.position if fresh.stage else 0) == (status, stage)
    assert len(list(client.get(address(opportunity)).context["messages"])) == 1


@every_verb
def test_where_one_came_from_is_where_one_goes(bob: User, verb: str) -> None:
    make, data, _status, _stage = VERBS[verb]
    opportunity = make(bob)
    posted = {"seen": opportunity.sequence, **data(opportunity)}

    response = signed_in(bob).post(address(opportunity, verb), posted | {"next": "/pipeline/?q=a"})

    assert response["Location"] == "/pipeline/?q=a"


@pytest.mark.parametrize("target", ["//evil.example/", "https://evil.example/", "javascript:x"])
def test_nobody_is_led_to_another_site(bob: User, target: str) -> None:
    opportunity = at_stage(bob, 2)

    response = signed_in(bob).post(
        address(opportunity, "edit"),
        {"seen": opportunity.sequence, "description": "x", "priority": 2, "next": target},
    )

    assert response["Location"] == address(opportunity)


@every_verb
def test_another_team_finds_nothing(bob: User, charlie: User, verb: str) -> None:
    make, data, _status, _stage = VERBS[verb]
    opportunity = make(bob)
    client = signed_in(charlie)

    shown = client.get(address(opportunity, verb))
    posted = client.post(address(opportunity, verb), {"seen": 1, **data(opportunity)})

    assert (shown.status_code, posted.status_code) == (404, 404)
    assert Opportunity.objects.get(pk=opportunity.pk).sequence == opportunity.sequence


MERGING = ("activate", "move", "update", "win", "lose", "reassign", "edit")


@pytest.mark.parametrize("verb", MERGING)
def test_what_touches_nothing_of_mine_merges_and_the_receipt_says_so(
    alice: User, bob: User, verb: str
) -> None:
    """U8: a note of hers stands, and so does what he did."""
    make, data, status, _stage = VERBS[verb]
    opportunity = make(bob)
    lifecycle.update(opportunity, by=alice, note="I talked to them.")
    client = signed_in(bob)

    response = client.post(
        address(opportunity, verb), {"seen": opportunity.sequence, **data(opportunity)}
    )
    text = client.get(address(opportunity)).content.decode()

    assert response.status_code == 302
    assert Opportunity.objects.get(pk=opportunity.pk).status == status
    if verb != "reassign":  # of which nothing is new
        assert "Meanwhile: alice wrote a note." in text


def _changed_by(user: User, opportunity: Opportunity, verb: str) -> None:
    """Change what the verb rests on."""
    if verb in ("reopen", "restore"):
        lifecycle.undo(lifecycle.newest_standing(opportunity), by=user, note="Too early.")
    elif verb in ("activate", "update", "delete", "undo"):
        lifecycle.update(opportunity, by=user, estimated_value=Decimal(777), estimated_close_on=DAY)
    elif verb == "reassign":
        lifecycle.lose(opportunity, by=user, reason=CloseReasonFactory(kind="lost"))
    elif verb == "edit":
        lifecycle.edit(opportunity, by=user, description="A blue roof")
    else:
        lifecycle.move(opportunity, stage_of(opportunity, 3), by=user)


@every_verb
def test_somebody_was_faster(alice: User, bob: User, verb: str) -> None:
    make, data, _status, _stage = VERBS[verb]
    opportunity = make(bob)
    shown = json.dumps({"description": opportunity.description})
    seen = {"seen": opportunity.sequence, "shown": shown}
    _changed_by(alice, opportunity, verb)
    before = Opportunity.objects.get(pk=opportunity.pk)

    response = signed_in(bob).post(address(opportunity, verb), {**seen, **data(opportunity)})

    after = Opportunity.objects.get(pk=opportunity.pk)
    dispute = response.context["dispute"]
    assert response.status_code == 409
    assert [e.recorded_by for e in dispute.entries] == ([alice] if verb != "edit" else [])
    assert (after.sequence, after.edits) == (before.sequence, before.edits)


@every_verb
@pytest.mark.parametrize("seen", ["", "x", "-1", "9" * 40, "1.5"])
def test_a_form_that_does_not_say_what_it_saw_is_refused(bob: User, verb: str, seen: str) -> None:
    make, data, _status, _stage = VERBS[verb]
    opportunity = make(bob)

    response = signed_in(bob).post(address(opportunity, verb), {**data(opportunity), "seen": seen})

    assert response.status_code == 422
    assert Opportunity.objects.get(pk=opportunity.pk).sequence == opportunity.sequence


# Each verb: an opportunity for which it is not open now.
SHUT: dict[str, tuple[Make, str]] = {
    "activate": (lambda by: at_stage(by, 1), "It has been started already."),
    "move": (won, "It is already won. Reopen it first."),
    "update": (won, "It is already won. Reopen it first."),
    "win": (won, "It is already won. Reopen it first."),
    "lose": (deleted, "It has been deleted. Restore it first."),
    "reopen": (lambda by: at_stage(by, 1), "It is not closed."),
    "reassign": (won, "It is already won. Reopen it first."),
    "edit": (deleted, "It has been deleted. Restore it first."),
    "delete": (
        lambda by: at_stage(by, 1),
        "An opportunity in progress is not deleted. Close it first.",
    ),
    "restore": (lambda by: at_stage(by, 0), "It is not deleted."),
    "undo": (
        lambda by: at_stage(by, 0),
        "The creation is not undone; delete the opportunity instead.",
    ),
}


@pytest.mark.parametrize("verb", SHUT)
def test_what_is_not_open_now_says_why(bob: User, verb: str) -> None:
    make, sentence = SHUT[verb]

    response = signed_in(bob).get(address(make(bob), verb))

    assert (response.status_code, response.context["reasons"]) == (422, [sentence])


def test_the_form_of_a_move_proposes_chances_of_the_stage_and_keeps_value_and_date(
    bob: User,
) -> None:
    """R68, R69 with D23: chances of stage 2 are 40 (STAGES), the value stays 1,000."""
    opportunity = at_stage(bob, 1)

    form = signed_in(bob).get(address(opportunity, "move")).context["form"]

    assert {n: form.initial[n] for n in ("stage", "estimated_value", "chances_of_success")} == {
        "stage": stage_of(opportunity, 2).pk,
        "estimated_value": 1000,
        "chances_of_success": 40,
    }
    assert form.initial["estimated_close_on"] == opportunity.estimated_close_on


def test_the_form_of_a_move_proposes_the_amount_of_the_quote(bob: User) -> None:
    """R74, D20: the accepted quote of 900 counts before the newer draft."""
    opportunity = at_stage(bob, 3)
    QuoteFactory(opportunity=opportunity, amount=900, status="accepted")
    QuoteFactory(opportunity=opportunity, amount=950)

    form = signed_in(bob).get(address(opportunity, "move")).context["form"]

    assert form.initial["estimated_value"] == 900


def test_a_stage_that_may_not_be_skipped_is_refused_beside_its_name(bob: User) -> None:
    opportunity = at_stage(bob, 2)

    response = signed_in(bob).post(
        address(opportunity, "move"),
        {"seen": opportunity.sequence, "stage": stage_of(opportunity, 4).pk},
    )

    assert response.status_code == 422
    assert response.context["form"].errors["stage"] == ["“Stage 3” may not be skipped."]


def test_a_gated_stage_offers_the_quote_in_place(bob: User) -> None:
    opportunity = at_stage(bob, 3)
    stage = stage_of(opportunity, 4)

    page = signed_in(bob).get(address(opportunity, "move")).content.decode()

    back = f"{address(opportunity, 'move')}%3Fstage={stage.pk}"
    assert f'href="/quotes/create/?opportunity={opportunity.pk}&amp;next={back}"' in page


def test_the_date_of_the_formula_is_taken_with_one_click_and_nothing_is_saved(bob: User) -> None:
    """D23: the stage's formula 1M stands beside the kept date."""
    opportunity = at_stage(bob, 1)
    stage = stage_of(opportunity, 2)
    stage.date_formula = "10D"
    stage.save()

    response = signed_in(bob).post(
        address(opportunity, "move"),
        {
            "seen": opportunity.sequence,
            "stage": stage.pk,
            "estimated_value": "777",
            "note": "Hm",
            "take": "1",
        },
    )

    initial = response.context["form"].initial
    assert response.status_code == 200
    assert initial["estimated_close_on"] == today() + timedelta(days=10)
    assert (initial["estimated_value"], initial["note"]) == ("777", "Hm")
    assert Opportunity.objects.get(pk=opportunity.pk).sequence == opportunity.sequence


def test_the_board_moves_with_nothing_but_a_stage(bob: User) -> None:
    """D23: None means the stage's chances (60), value and date kept."""
    opportunity = at_stage(bob, 1)

    signed_in(bob).post(
        address(opportunity, "move"),
        {"seen": opportunity.sequence, "stage": stage_of(opportunity, 3).pk, "next": "/pipeline/"},
    )

    fresh = Opportunity.objects.get(pk=opportunity.pk)
    assert (fresh.stage.position, fresh.chances_of_success, fresh.estimated_value) == (3, 60, 1000)
    assert fresh.estimated_close_on == opportunity.estimated_close_on


def test_what_is_not_started_is_started_by_its_first_stage_and_asked_for_a_date(bob: User) -> None:
    """R39: without a formula a person gives the close date."""
    opportunity = at_stage(bob, 0)
    data = {"seen": opportunity.sequence, "stage": stage_of(opportunity, 1).pk}
    client = signed_in(bob)

    asked = client.post(address(opportunity, "move"), data)
    done = client.post(address(opportunity, "move"), data | {"estimated_close_on": IN_A_MONTH})

    assert asked.status_code == 422
    assert asked.context["form"].errors == {"estimated_close_on": ["Give an estimated close date."]}
    assert done.status_code == 302
    assert Opportunity.objects.get(pk=opportunity.pk).status == Status.IN_PROGRESS


def test_a_stage_of_another_cycle_is_refused(bob: User) -> None:
    opportunity, other = at_stage(bob, 1), at_stage(bob, 1)
    client = signed_in(bob)
    foreign = stage_of(other, 2)

    shown = client.get(address(opportunity, "move"), {"stage": foreign.pk})
    posted = client.post(
        address(opportunity, "move"), {"seen": opportunity.sequence, "stage": foreign.pk}
    )

    assert (shown.status_code, posted.status_code) == (400, 422)


def test_on_the_last_stage_an_update_is_proposed(bob: User) -> None:
    """D6."""
    opportunity = at_stage(bob, 3)
    QuoteFactory(opportunity=opportunity)
    opportunity = lifecycle.move(opportunity, stage_of(opportunity, 4), by=bob)

    response = signed_in(bob).get(address(opportunity, "move"))

    assert response["Location"] == address(opportunity, "update")


@pytest.mark.parametrize(("verb", "kind"), [("win", "won"), ("lose", "lost")])
def test_a_single_reason_is_filled_in(bob: User, verb: str, kind: str) -> None:
    """R109."""
    opportunity = at_stage(bob, 2)
    only = reason(kind)
    reason("lost" if kind == "won" else "won")
    client = signed_in(bob)

    alone = client.get(address(opportunity, verb)).context["form"].initial["reason"]
    reason(kind)
    with_another = client.get(address(opportunity, verb)).context["form"].initial["reason"]

    assert (alone, with_another) == (only, None)


def test_a_reason_of_the_other_outcome_is_no_choice(bob: User) -> None:
    """R16, R110."""
    opportunity = at_stage(bob, 2)

    response = signed_in(bob).post(
        address(opportunity, "win"),
        {"seen": opportunity.sequence, "reason": reason("lost"), "on": today().isoformat()},
    )

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["reason"]


@pytest.mark.parametrize("typed", ["-5", "NaN", "Infinity", "1e400", "<b>", "1,23,4", "9" * 30])
def test_what_is_no_amount_is_refused_and_kept_in_the_form(bob: User, typed: str) -> None:
    opportunity = at_stage(bob, 2)

    response = signed_in(bob).post(
        address(opportunity, "update"),
        {"seen": opportunity.sequence, "estimated_value": typed},
    )

    assert response.status_code == 422
    assert response.context["form"]["estimated_value"].value() == typed
    assert Opportunity.objects.get(pk=opportunity.pk).estimated_value == 1000


def test_norwegians_type_norwegian_numbers(bob: User) -> None:
    opportunity = at_stage(bob, 2)
    User.objects.filter(pk=bob.pk).update(language="nb")

    signed_in(bob).post(
        address(opportunity, "update"),
        {"seen": opportunity.sequence, "estimated_value": "1 234 567,50"},
    )

    assert str(Opportunity.objects.get(pk=opportunity.pk).estimated_value) == "1234567.50"


def test_reopening_what_is_not_ones_own_is_for_a_manager(alice: User, bob: User) -> None:
    """D10: the 403 says who can."""
    bob.salesperson.sees = "all"
    bob.salesperson.save()
    opportunity = won(alice)

    mine = signed_in(bob).get(address(opportunity, "reopen"))
    hers = signed_in(alice).get(address(opportunity, "reopen"))

    assert (mine.status_code, hers.status_code) == (403, 200)
    assert "A manager may reopen it" in mine.content.decode()


def test_undo_of_what_something_newer_rests_on_names_it(bob: User) -> None:
    """U7."""
    opportunity = at_stage(bob, 2)
    entry = opportunity.entries.get(sequence=opportunity.sequence)
    opportunity = lifecycle.update(opportunity, by=bob, note="Called.")

    response = signed_in(bob).post(
        address(opportunity, "undo"), {"seen": opportunity.sequence, "entry": entry.pk}
    )

    assert response.status_code == 422
    assert response.context["form"].non_field_errors() == [
        "Something newer rests on it: “Updated”. Undo that first."
    ]


def test_going_on_after_a_conflict_is_one_click(alice: User, bob: User) -> None:
    """U8: what was typed is kept, and posted again with what has been seen now."""
    opportunity = at_stage(bob, 2)
    lifecycle.update(opportunity, by=alice, estimated_value=Decimal(7000))
    data = {"seen": opportunity.sequence, "estimated_value": "1,500", "note": "Bigger"}
    client = signed_in(bob)

    dispute = client.post(address(opportunity, "update"), data).context["dispute"]
    mine = dict(dispute.fields[0].mine_sent)
    kept = dict(dispute.kept) | mine | {"seen": dispute.opportunity.sequence}
    done = client.post(address(opportunity, "update"), kept)

    fresh = Opportunity.objects.get(pk=opportunity.pk)
    assert (done.status_code, fresh.estimated_value) == (302, 1500)
    assert fresh.entries.get(sequence=fresh.sequence).note == "Bigger"
