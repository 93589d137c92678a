"""What becomes of a quote: sent, accepted, declined, expired, revised (D18, D20)."""

from datetime import timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from crm.dates import today
from opportunities import lifecycle as door
from quotes import lifecycle
from quotes.models import Quote
from salespeople.models import User
from tests.factories import CloseReasonFactory, QuoteFactory
from tests.opportunities.pages import at_stage, deleted, signed_in
from tests.quotes.pages import address


@pytest.mark.parametrize(
    ("before", "after"),
    [(a, b) for a in Quote.Status.values for b in Quote.Status.values if a != b],
)
def test_every_step_is_one_of_those_written_down(bob: User, before: str, after: str) -> None:
    may = {
        "draft": {"sent", "accepted", "declined", "expired"},
        "sent": {"draft", "accepted", "declined", "expired"},
        "accepted": {"draft", "declined"},
        "declined": {"draft"},
        "expired": {"draft"},
    }
    quote = QuoteFactory(opportunity=at_stage(bob, 3), status=before)

    if after in may[before]:
        assert lifecycle.change_status(quote, after, by=bob).status == after
    else:
        with pytest.raises(ValidationError):
            lifecycle.change_status(quote, after, by=bob)


@pytest.mark.parametrize("status", Quote.Status.values)
def test_what_is_so_already_is_not_written_again(bob: User, status: str) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3), status=status)

    assert lifecycle.change_status(quote, status, by=bob).edits == quote.edits


def test_who_did_what_and_when_is_kept(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    sent = lifecycle.send(quote, by=bob)
    accepted = lifecycle.accept(sent, by=bob)

    assert (sent.sent_by, sent.decided_by) == (bob, None)
    assert (accepted.sent_by, accepted.decided_by) == (bob, bob)
    assert sent.sent_at is not None
    assert accepted.decided_at is not None
    assert sent.sent_at <= accepted.decided_at
    again = lifecycle.revise(accepted, by=bob)
    assert (again.sent_at, again.decided_at, again.revision) == (None, None, 2)


def test_a_revision_is_counted_only_when_one_was_handed_out(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3), status="declined")

    first = lifecycle.revise(quote, by=bob)
    second = lifecycle.revise(lifecycle.send(first, by=bob), by=bob)

    assert (first.full_number, second.full_number) == (f"Q{quote.pk}", f"Q{quote.pk}-2")
    assert list(quote.documents.values_list("revision", flat=True)) == [1]


def test_a_date_that_has_passed_is_asked_for_and_moved_on_by_a_revision(bob: User) -> None:
    past = today() - timedelta(days=1)
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    late = lifecycle.edit(quote, by=bob, valid_until=past)

    with pytest.raises(ValidationError, match="has passed"):
        lifecycle.send(late, by=bob)
    expired = lifecycle.expire(late, by=bob)
    assert lifecycle.revise(expired, by=bob).valid_until == today() + timedelta(days=30)


def test_what_nobody_answered_expires_once(bob: User) -> None:
    """The command for a timer: idempotent, and only what waits."""
    opportunity = at_stage(bob, 3)
    late, accepted, draft, valid = (
        QuoteFactory(opportunity=opportunity, status=status)
        for status in ("sent", "accepted", "draft", "sent")
    )
    closed = QuoteFactory(opportunity=at_stage(bob, 3), status="sent")
    Quote.objects.exclude(pk=valid.pk).update(valid_until=today() - timedelta(days=1))
    Quote.objects.filter(pk=valid.pk).update(valid_until=today())
    door.lose(closed.opportunity, by=bob, reason=CloseReasonFactory(kind="lost"))
    out = StringIO()

    call_command("expire_quotes", stdout=out)
    call_command("expire_quotes", stdout=out)

    statuses = dict(Quote.objects.values_list("pk", "status"))
    assert statuses == {
        late.pk: "expired",
        accepted.pk: "accepted",
        draft.pk: "draft",
        valid.pk: "sent",
        closed.pk: "sent",
    }
    late.refresh_from_db()
    assert (late.expired_at is not None, late.changed_by) == (True, bob)
    assert out.getvalue().splitlines() == ["Expired: 1.", "Expired: 0."]


def test_an_accepted_quote_offers_to_win_with_its_amount(bob: User) -> None:
    """D18, R118: the value is preset, the reason must be chosen even if there is only one."""
    CloseReasonFactory()
    quote = QuoteFactory(opportunity=at_stage(bob, 3), amount=1800)
    client = signed_in(bob)

    response = client.post(address(quote, "status"), {"status": "accepted", "seen": quote.version})
    form = client.get(response["Location"]).context["form"]

    assert response["Location"] == f"/opportunities/{quote.opportunity_id}/win/?accepted=1"
    assert (form.initial["sales_value"], form.initial["reason"]) == (1800, None)
    plain = client.get(f"/opportunities/{quote.opportunity_id}/win/").context["form"]
    assert plain.initial["reason"] is not None


def test_quotes_of_what_is_closed_stay_as_they_are(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    door.win(quote.opportunity, by=bob, reason=CloseReasonFactory())
    client = signed_in(bob)

    answers = [
        client.post(address(quote, "status"), {"status": "declined"}).status_code,
        client.post(address(quote, "send"), {"do": "mark"}).status_code,
        client.get(address(quote)).status_code,
    ]

    quote.refresh_from_db()
    assert (answers, quote.status) == ([422, 422, 200], "draft")
    assert "its quotes stay as they are" in client.get(address(quote)).content.decode()


def test_quotes_of_what_is_deleted_are_not_found(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))
    door.lose(quote.opportunity, by=bob, reason=CloseReasonFactory(kind="lost"))
    door.delete(quote.opportunity, by=bob)

    assert deleted(bob).is_deleted
    assert signed_in(bob).get(address(quote)).status_code == 404


@pytest.mark.parametrize("status", ["", "unheard", "won"])
def test_what_is_no_status(bob: User, status: str) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3))

    response = signed_in(bob).post(address(quote, "status"), {"status": status})

    assert response.status_code == 400


def test_amounts_are_exact_to_the_last_digit(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 3), amount=Decimal("4999999999999999.99"))

    assert lifecycle.accept(quote, by=bob).amount == Decimal("4999999999999999.99")
