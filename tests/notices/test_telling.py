"""Who is told of what, from each path by the real door; once; and withdrawn by an undo."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts import segments
from contacts.models import Contact
from crm.dates import today
from lists import running
from notices import telling
from notices.kinds import Kind
from notices.models import Notice, NoticeChoice, NoticeRecord
from opportunities import lifecycle
from opportunities.bulk import BULK
from opportunities.lifecycle.told import of_overwriting
from opportunities.list_kind import OPPORTUNITIES
from opportunities.models import Opportunity
from quotes import lifecycle as quotes
from salespeople.models import SiteSettings, TeamMembership, User
from tasks import interactions
from tasks import lifecycle as task_door
from tests.factories import (
    ActivityFactory,
    CloseReasonFactory,
    CompanyFactory,
    QuoteFactory,
    make_opportunity,
    make_task,
)
from tests.notices.told import told
from tests.opportunities.pages import address, at_stage, signed_in, stage_of
from tests.opportunities.test_bulk import chosen, done


def win(opportunity: Opportunity, *, by: User, value: int, **options: Any) -> Opportunity:
    """Win it for so much."""
    reason = CloseReasonFactory()
    return lifecycle.win(opportunity, by=by, reason=reason, sales_value=Decimal(value), **options)


# Opportunities that somebody else gives to me


def test_who_is_given_an_opportunity_is_told(alice: User, bob: User) -> None:
    row = make_opportunity(alice, description="A new roof")

    lifecycle.reassign(row, by=alice, salesperson=bob.salesperson)

    assert told(bob) == ["alice assigned “A new roof” to you"]
    assert told(alice) == []


def test_who_takes_it_is_not_told(alice: User) -> None:
    other = make_opportunity(alice, salesperson=make_task(alice).salesperson)

    lifecycle.reassign(other, by=alice, salesperson=alice.salesperson)

    assert Notice.objects.count() == 0


def test_who_gets_a_created_one_is_told(alice: User, bob: User) -> None:
    make_opportunity(alice, salesperson=bob.salesperson, description="A new roof")

    assert told(bob) == ["alice assigned “A new roof” to you"]


def test_another_contact_or_stage_is_not_told(alice: User, bob: User) -> None:
    row = at_stage(bob, 1)
    company = row.company
    assert company is not None

    lifecycle.move(row, stage_of(row, 2), by=alice)
    lifecycle.update(row, by=alice, estimated_value=Decimal(5))

    assert told(bob) == []


def test_one_confirmation_is_one_notice(alice: User, bob: User) -> None:
    """A segment of three companies, confirmed once: "3 opportunities"."""
    companies = [CompanyFactory().pk for _n in range(3)]
    segment = segments.create(by=alice, description="Roofs")
    segments.add(segment, Contact.objects.filter(pk__in=companies), by=alice)
    first = make_opportunity(alice)
    wishes = [
        lifecycle.NewOpportunity(
            description=f"Roof {pk}",
            contact=Contact.objects.get(pk=pk),
            salesperson=bob.salesperson,
            sales_cycle=first.sales_cycle,
        )
        for pk in companies
    ]

    lifecycle.create_many(wishes, by=alice)

    assert told(bob) == ["alice assigned 3 opportunities to you"]
    assert NoticeRecord.objects.count() == 3


def test_by_the_page(alice: User, bob: User) -> None:
    row = make_opportunity(alice, description="A new roof")
    data = {"salesperson": bob.salesperson.pk, "contact": row.contact_id, "seen": row.sequence}

    answer = signed_in(alice).post(address(row, "reassign"), data)

    assert answer.status_code == 302
    assert told(bob) == ["alice assigned “A new roof” to you"]


def test_by_a_bulk_change(alice: User, bob: User) -> None:
    rows = [make_opportunity(alice) for _n in range(3)]
    client = signed_in(alice)

    done(client, chosen(client, "reassign", rows), {"salesperson": str(bob.salesperson.pk)})

    assert told(bob) == ["alice assigned 3 opportunities to you"]


def test_by_a_bulk_change_in_parts_there_is_one_notice(alice: User, bob: User) -> None:
    wanted = [(row.pk, row.sequence) for row in (make_opportunity(alice) for _n in range(5))]
    run = running.choose(OPPORTUNITIES, "reassign", wanted, by=alice)
    run = running.begin(run, {"salesperson": bob.salesperson.pk})

    for position in (0, 2, 4):
        step = BULK.step(run, by=alice)
        run = running.go_on(run, step, position=position, size=2)

    assert (len(run.done), Notice.objects.count()) == (5, 1)
    assert told(bob) == ["alice assigned 5 opportunities to you"]


def test_in_a_bulk_change_only_what_the_mentioned_may_not_see_is_refused(
    alice: User, bob: User, charlie: User
) -> None:
    """The note goes to each row; charlie sees one of three."""
    rows = [at_stage(bob, 1), at_stage(charlie, 1, description="Mine"), at_stage(bob, 1)]
    reason = CloseReasonFactory(kind="lost")
    client = signed_in(alice)
    page = chosen(client, "lose", rows)

    run = done(client, page, {"reason": str(reason.pk), "note": "@charlie, learn from it"})

    assert run.done == [rows[1].pk]
    assert [pk for pk, _reason in run.refused] == [rows[0].pk, rows[2].pk]
    assert told(charlie) == ["alice mentioned you in “Mine”"]


def test_telling_a_thousand_takes_as_many_queries_as_telling_one(alice: User, bob: User) -> None:
    row = make_opportunity(alice)
    counts = []
    for number in (1, 1000):
        whom = [telling.Told(bob.pk, row)] * number
        with CaptureQueriesContext(connection) as queries:
            telling.tell(Kind.ASSIGNED, whom, by=alice)
        counts.append(len(queries))

    assert counts == [6, 6]  # four statements in a savepoint


def test_a_later_part_of_the_same_act_makes_it_unread_again(alice: User, bob: User) -> None:
    with lifecycle.one_act():
        lifecycle.reassign(make_opportunity(alice), by=alice, salesperson=bob.salesperson)
        Notice.objects.update(read_at="2026-01-01T00:00Z")
        lifecycle.reassign(make_opportunity(alice), by=alice, salesperson=bob.salesperson)

    assert told(bob) == ["alice assigned 2 opportunities to you"]
    assert Notice.objects.unread().count() == 1


def test_an_undo_withdraws_what_nobody_has_read(alice: User, bob: User) -> None:
    row = lifecycle.reassign(make_opportunity(alice), by=alice, salesperson=bob.salesperson)

    lifecycle.undo(lifecycle.newest_standing(row), by=alice)

    assert Notice.objects.count() == 0


def test_an_undo_leaves_what_has_been_read(alice: User, bob: User) -> None:
    row = lifecycle.reassign(make_opportunity(alice), by=alice, salesperson=bob.salesperson)
    Notice.objects.update(read_at="2026-01-01T00:00Z")

    lifecycle.undo(lifecycle.newest_standing(row), by=alice)

    assert Notice.objects.count() == 1


def test_an_undo_of_the_act_withdraws_all_of_it(alice: User, bob: User) -> None:
    first = make_opportunity(alice)
    wish = lifecycle.NewOpportunity(
        description="A roof",
        contact=first.contact,
        salesperson=bob.salesperson,
        sales_cycle=first.sales_cycle,
    )
    made = lifecycle.create_many([wish] * 3, by=alice)
    assert told(bob) == ["alice assigned 3 opportunities to you"]

    lifecycle.undo_act(made[0].entries.get(sequence=1).act, by=alice)

    assert Notice.objects.count() == 0


def test_an_undo_of_one_of_many_leaves_the_others(alice: User, bob: User) -> None:
    rows = [make_opportunity(alice) for _n in range(3)]
    with lifecycle.one_act():
        for row in rows:
            lifecycle.reassign(row, by=alice, salesperson=bob.salesperson)

    lifecycle.undo(lifecycle.newest_standing(rows[0]), by=alice)

    assert told(bob) == ["alice assigned 2 opportunities to you"]


def test_who_loses_it_again_unread_is_not_told_any_more(
    alice: User, bob: User, charlie: User
) -> None:
    row = lifecycle.reassign(make_opportunity(alice), by=alice, salesperson=bob.salesperson)

    lifecycle.reassign(row, by=alice, salesperson=charlie.salesperson)

    assert (told(bob), len(told(charlie)), Notice.objects.count()) == ([], 1, 1)


def test_what_is_refused_tells_nobody(alice: User, bob: User) -> None:
    row = win(at_stage(alice, 1), by=alice, value=5)

    with pytest.raises(ValidationError):
        lifecycle.reassign(row, by=alice, salesperson=bob.salesperson)

    assert Notice.objects.count() == 0


def test_what_is_rolled_back_tells_nobody(alice: User, bob: User) -> None:
    row = make_opportunity(alice)

    with transaction.atomic():
        lifecycle.reassign(row, by=alice, salesperson=bob.salesperson)
        transaction.set_rollback(True)

    assert Notice.objects.count() == 0


def test_a_past_that_is_made_up_tells_nobody(alice: User, bob: User) -> None:
    with lifecycle.recording_at(timezone.now() - timedelta(days=3)):
        make_opportunity(
            alice,
            salesperson=bob.salesperson,
            on=today() - timedelta(days=3),
            note="@bob, look",
        )

    assert Notice.objects.count() == 0


def test_who_does_not_sign_in_any_more_is_not_told(alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)

    make_opportunity(alice, salesperson=bob.salesperson)

    assert Notice.objects.count() == 0


# Tasks


def test_who_is_given_a_task_is_told(alice: User, bob: User) -> None:
    make_task(alice, salesperson=bob.salesperson, description="Call Kari")

    assert told(bob) == ["alice gave you the task “Call Kari”"]


def test_a_task_of_a_team_is_told_to_those_who_may_take_it(
    alice: User, bob: User, charlie: User
) -> None:
    team = bob.salesperson.memberships.get().team
    TeamMembership.objects.create(
        team=team, salesperson=charlie.salesperson, is_home=False, from_on=today()
    )

    make_task(alice, team=team, description="Call Kari")

    assert told(bob) == ["alice planned a task for North: “Call Kari”"]
    assert told(charlie) == told(bob)


def test_who_takes_it_withdraws_it_from_the_others(alice: User, bob: User, charlie: User) -> None:
    team = bob.salesperson.memberships.get().team
    TeamMembership.objects.create(
        team=team, salesperson=charlie.salesperson, is_home=False, from_on=today()
    )
    task = make_task(alice, team=team)

    task_door.take(task, by=bob)

    assert Notice.objects.count() == 0


def test_a_task_given_on_is_told_to_the_new_holder_only(
    alice: User, bob: User, charlie: User
) -> None:
    task = make_task(alice, salesperson=bob.salesperson, description="Call Kari")

    task_door.assign(task, by=alice, salesperson=charlie.salesperson)

    assert (told(bob), told(charlie)) == ([], ["alice gave you the task “Call Kari”"])


@pytest.mark.parametrize("verb", [task_door.complete, task_door.cancel])
def test_a_closed_task_is_withdrawn(alice: User, bob: User, verb: Any) -> None:
    task = make_task(alice, salesperson=bob.salesperson)

    verb(task, by=alice)

    assert Notice.objects.count() == 0


def test_tasks_cancelled_with_their_opportunity_are_withdrawn(alice: User, bob: User) -> None:
    row = at_stage(bob, 1)
    make_task(alice, opportunity=row)

    win(row, by=alice, value=5)

    assert told(bob) == []


def test_tasks_that_a_stage_makes_are_not_told_beside_the_opportunity(
    alice: User, bob: User
) -> None:
    row = make_opportunity(alice, salesperson=bob.salesperson, description="A new roof")
    stage = row.sales_cycle.stages.get(position=1)
    stage.activity = ActivityFactory(steps=[("to_do", "1D"), ("to_do", "2D")])
    stage.save()

    lifecycle.activate(row, by=alice)

    assert row.tasks.count() == 2
    assert told(bob) == ["alice assigned “A new roof” to you"]


def test_several_tasks_given_at_once_are_one_notice(alice: User, bob: User) -> None:
    tasks = [make_task(alice) for _n in range(3)]
    client = signed_in(alice)
    wanted = {"action": "assign", "row": [task.pk for task in tasks]}
    page = str(client.post("/lists/tasks/choose/", wanted)["Location"])

    done(client, page, {"salesperson": bob.salesperson.pk})

    assert told(bob) == ["alice gave you 3 tasks"]


def test_tasks_planned_for_many_opportunities_are_one_notice(alice: User, bob: User) -> None:
    rows = [make_opportunity(bob) for _n in range(3)]
    client = signed_in(alice)
    page = chosen(client, "plan", rows)

    done(client, page, {"description": "Call", "due_on": str(today()), "kind": "to_do"})

    assert told(bob) == ["alice gave you 3 tasks"]


# Mentions


def test_a_mention_in_the_note_of_a_change_is_told(alice: User, bob: User) -> None:
    row = at_stage(bob, 1, description="A new roof")

    lifecycle.update(row, by=alice, note="@Bob: please call them today")

    assert told(bob) == ["alice mentioned you in “A new roof”"]


def test_a_mention_of_who_may_not_see_it_is_refused_beside_the_note(
    alice: User, bob: User, charlie: User
) -> None:
    row = at_stage(bob, 1)
    data = {"note": "Ask @charlie", "estimated_value": "5", "seen": row.sequence}

    answer = signed_in(bob).post(address(row, "update"), data)

    assert answer.status_code == 422
    assert answer.context["form"].errors["note"] == [
        "Charlie may not see this, and cannot be told. Take the @ away."
    ]
    assert (Notice.objects.count(), row.entries.count()) == (0, row.sequence)


def test_a_mention_follows_the_rights_after_the_change(alice: User, charlie: User) -> None:
    row = make_opportunity(alice, description="A new roof")

    lifecycle.reassign(row, by=alice, salesperson=charlie.salesperson, note="Yours, @charlie")

    assert told(charlie) == [
        "alice assigned “A new roof” to you",
        "alice mentioned you in “A new roof”",
    ]


def test_an_undone_change_mentions_nobody(alice: User, bob: User) -> None:
    row = lifecycle.update(at_stage(bob, 1), by=alice, note="@bob")

    lifecycle.undo(lifecycle.newest_standing(row), by=alice)

    assert Notice.objects.count() == 0


def test_a_mention_in_what_was_said_is_told_and_cancelling_withdraws_it(
    alice: User, bob: User
) -> None:
    talk = interactions.log(
        by=alice,
        kind="call",
        subject="First call",
        text="@bob knows more",
        opportunity=at_stage(bob, 1),
    )
    assert told(bob) == ["alice mentioned you in “First call”"]

    interactions.cancel(talk, by=alice)

    assert Notice.objects.count() == 0


def test_what_stands_in_a_mail_mentions_nobody(alice: User, bob: User, charlie: User) -> None:
    interactions.log(
        by=alice, kind="email", subject="Offer", text="@charlie", opportunity=at_stage(bob, 1)
    )

    assert Notice.objects.count() == 0


def test_a_mention_in_the_note_of_a_task_is_told_once(alice: User, bob: User) -> None:
    task = make_task(bob, description="Call Kari")

    task_door.edit(task, by=alice, note="@bob: before noon")
    task_door.edit(task, by=alice, note="@bob: before noon, please")

    assert told(bob) == ["alice mentioned you in “Call Kari”"]


# Quotes


def test_the_salesperson_is_told_of_an_accepted_quote(alice: User, bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 2), status="sent")

    quotes.accept(quote, by=alice)

    assert told(bob) == [f"alice marked quote {quote.number} as accepted"]


def test_who_accepts_ones_own_is_not_told(bob: User) -> None:
    quotes.accept(QuoteFactory(opportunity=at_stage(bob, 2), status="sent"), by=bob)

    assert Notice.objects.count() == 0


@pytest.mark.parametrize("verb", [quotes.decline, quotes.revise])
def test_an_acceptance_taken_back_is_withdrawn(alice: User, bob: User, verb: Any) -> None:
    quote = quotes.accept(QuoteFactory(opportunity=at_stage(bob, 2), status="sent"), by=alice)

    verb(quote, by=alice)

    assert Notice.objects.count() == 0


# Conflicts


def go_on(user: User, row: Opportunity, data: dict[str, Any], **chosen: Any) -> None:
    """Post a form that is stale, and go on from the page of the conflict."""
    client = signed_in(user)
    page = client.post(address(row, "update"), data)
    assert page.status_code == 409
    assert f'name="disputed" value="{data["seen"]}"' in page.content.decode()
    dispute = page.context["dispute"]
    again = dict(dispute.kept) | chosen | {"disputed": dispute.since}
    answer = client.post(address(row, "update"), again | {"seen": dispute.opportunity.sequence})
    assert answer.status_code == 302


@pytest.mark.parametrize(("value", "sentences"), [("7", 1), ("5", 0)])
def test_who_is_overwritten_is_told(alice: User, bob: User, value: str, sentences: int) -> None:
    """U8: "keep mine" tells the other, "take theirs" does not."""
    row = at_stage(bob, 1, description="A new roof")
    data = {
        "estimated_value": "7",
        "chances_of_success": str(row.chances_of_success),
        "estimated_close_on": str(row.estimated_close_on),
        "note": "As agreed",
        "seen": row.sequence,
    }
    lifecycle.update(row, by=bob, estimated_value=Decimal(5))

    go_on(alice, row, data, estimated_value=value)

    assert told(bob) == ["alice overwrote your change of “A new roof”"] * sentences


def test_a_change_of_another_field_is_not_overwritten(alice: User, bob: User) -> None:
    row = at_stage(bob, 1)
    seen = row.sequence
    lifecycle.update(row, by=bob, estimated_value=Decimal(5))

    mine = lifecycle.update(row, by=alice, chances_of_success=Decimal(7))
    of_overwriting(mine, by=alice, since=seen)

    assert told(bob) == []


# Big wins


def test_everybody_who_sees_it_is_told_of_a_big_win(
    alice: User, bob: User, charlie: User, dora: User
) -> None:
    """1,000,000 unless an administrator has said otherwise."""
    win(at_stage(bob, 1, description="A new roof"), by=bob, value=1_000_000)

    assert told(alice) == told(dora) == ["bob won “A new roof” for NOK\xa01,000,000.00"]
    assert told(bob) == told(charlie) == []


@pytest.mark.parametrize(("threshold", "count"), [("5000", 1), ("5000.01", 0), (None, 0)])
def test_administrators_set_from_what_value_on(
    alice: User, bob: User, threshold: str | None, count: int
) -> None:
    SiteSettings.objects.create(pk=1, big_win_value=threshold)

    win(at_stage(bob, 1), by=bob, value=5000)

    assert len(told(alice)) == count


@pytest.mark.parametrize("verb", ["undo", "reopen"])
def test_a_win_taken_back_is_withdrawn(alice: User, bob: User, verb: str) -> None:
    row = win(at_stage(bob, 1), by=bob, value=1_000_000)

    if verb == "undo":
        lifecycle.undo(lifecycle.newest_standing(row), by=bob)
    else:
        lifecycle.reopen(row, by=alice, estimated_close_on=today())

    assert Notice.objects.count() == 0


# Choices


@pytest.mark.parametrize(
    ("is_shown", "mail", "found"),
    [(True, "", 1), (False, "now", 1), (True, "daily", 1), (False, "", 0)],
)
def test_the_choice_of_channels_holds(
    alice: User, bob: User, is_shown: bool, mail: str, found: int
) -> None:
    NoticeChoice.objects.create(user=bob, kind=Kind.ASSIGNED, is_shown=is_shown, mail=mail)

    make_opportunity(alice, salesperson=bob.salesperson)

    rows = list(Notice.objects.values_list("is_shown", "mail"))
    assert rows == [(is_shown, mail)] * found
    assert len(told(bob)) == int(is_shown)


def test_the_facts_alone_are_kept_no_names(alice: User, bob: User) -> None:
    """The words are found when somebody reads: names change, and people are erased (U14)."""
    make_opportunity(alice, salesperson=bob.salesperson, description="A new roof")

    assert "roof" not in json.dumps(list(Notice.objects.values()), default=str)
