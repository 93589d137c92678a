"""Sending a quote by mail, or saying that it was sent (D18): all of it, or nothing."""

import smtplib
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from pytest_django import Settings

from quotes import lifecycle
from quotes.models import Quote, QuoteDocument
from salespeople.models import User
from tasks.models import Interaction
from tests.factories import PersonFactory, QuoteFactory
from tests.opportunities.pages import at_stage, signed_in
from tests.quotes.pages import address, text_of

TYPED = {"to": "kari@example.com", "subject": "Our offer", "text": "Hello Kari,\n\nsee below."}


class RefusingBackend(EmailBackend):
    """A mail server that takes nothing."""

    def send_messages(self, messages: Any) -> int:
        """Refuse."""
        raise smtplib.SMTPRecipientsRefused({})


@pytest.fixture
def quote(bob: User) -> Quote:
    """A draft for Kari."""
    person = PersonFactory(email="kari@example.com", first_name="Kari")
    opportunity = at_stage(bob, 3, contact=person, description="A new roof")
    made: Quote = QuoteFactory(opportunity=opportunity)
    return made


def typed(quote: Quote, **changes: str) -> dict[str, str]:
    """Return what the form sends."""
    return {**TYPED, "seen": quote.version, "do": "mail", **changes}


def test_the_mail_is_proposed(bob: User, quote: Quote) -> None:
    initial = signed_in(bob).get(address(quote, "send")).context["form"].initial

    assert (initial["to"], initial["subject"]) == (
        "kari@example.com",
        f"Quote Q{quote.pk}: A new roof",
    )
    text = initial["text"].replace("\xa0", " ")
    assert text.startswith("Hello Kari,\n\n")
    assert f"Our quote Q{quote.pk} for “A new roof” is attached: NOK 1,125.00 with VAT." in text
    assert text.endswith("Kind regards\nBob\nNordlys Salg AS")


def test_it_goes_out_with_the_document_and_is_written_on_the_timeline(
    bob: User, quote: Quote
) -> None:
    response = signed_in(bob).post(address(quote, "send"), typed(quote))

    quote.refresh_from_db()
    assert response["Location"] == address(quote)
    assert (quote.status, quote.sent_by) == ("sent", bob)
    message = mail.outbox[0]
    assert (message.to, message.subject, message.body) == (
        ["kari@example.com"], "Our offer", TYPED["text"],
    )  # fmt: skip
    assert message.reply_to == ["bob@example.com"]
    parsed: Any = message.message()
    part = next(iter(parsed.iter_attachments()))
    assert part.get_content_type() == "application/pdf"
    assert part.get_filename() == f"Quote Q{quote.pk}.pdf"
    assert part.get_content() == bytes(quote.documents.get().pdf)
    assert "Work" in text_of(part.get_content())
    talk = Interaction.objects.get()
    assert (talk.kind, talk.direction, talk.subject, talk.text, talk.contact, talk.opportunity) == (
        "email", "outbound", "Our offer", TYPED["text"], quote.contact, quote.opportunity,
    )  # fmt: skip
    assert talk.message_id == parsed["Message-ID"]


def test_what_is_out_already_is_mailed_again_as_it_was(bob: User, quote: Quote) -> None:
    sent = lifecycle.send(quote, by=bob)
    before = bytes(sent.documents.get().pdf)

    signed_in(bob).post(address(quote, "send"), typed(sent))

    assert [bytes(d.pdf) for d in QuoteDocument.objects.all()] == [before]
    assert mail.outbox[0].attachments[0].content == before
    assert Interaction.objects.count() == 1


def test_a_mail_server_that_refuses_leaves_everything_as_it_was(
    bob: User, quote: Quote, settings: Settings
) -> None:
    settings.MAILERS = {"default": {"BACKEND": f"{__name__}.RefusingBackend"}}

    response = signed_in(bob).post(address(quote, "send"), typed(quote))

    quote.refresh_from_db()
    assert response.status_code == 422
    assert "Nothing has been saved or sent" in response.content.decode()
    assert [response.context["form"][name].value() for name in TYPED] == list(TYPED.values())
    assert (quote.status, quote.edits, quote.sent_at) == ("draft", 0, None)
    assert (QuoteDocument.objects.count(), Interaction.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", ""),
        ("to", "kari"),
        ("to", "kari@example.com, all@example.com"),
        ("to", "kari@example.com\nBcc: all@example.com"),
        ("subject", ""),
        ("subject", "Hello\nBcc: all@example.com"),
        ("subject", "x" * 201),
        ("text", ""),
        ("text", "x" * 10_001),
        ("text", "\x00"),
    ],
)
def test_what_no_mail_can_hold_is_refused_beside_its_field(
    bob: User, quote: Quote, field: str, value: str
) -> None:
    response = signed_in(bob).post(address(quote, "send"), typed(quote, **{field: value}))

    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert (mail.outbox, QuoteDocument.objects.count()) == ([], 0)


def test_it_is_marked_as_sent_without_a_mail(bob: User, quote: Quote) -> None:
    back = f"/opportunities/{quote.opportunity_id}/move/"

    response = signed_in(bob).post(
        address(quote, "send"), {"do": "mark", "seen": quote.version, "next": back}
    )

    quote.refresh_from_db()
    assert (response["Location"], quote.status, quote.documents.count()) == (back, "sent", 1)
    assert (mail.outbox, Interaction.objects.count()) == ([], 0)


@pytest.mark.parametrize("do", ["mail", "mark"])
def test_nobody_sends_what_was_not_seen(alice: User, bob: User, quote: Quote, do: str) -> None:
    """U8: nothing typed is lost, and sending again goes on."""
    data = typed(quote, do=do)
    lifecycle.edit(quote, by=alice, terms="Cash")
    client = signed_in(bob)

    response = client.post(address(quote, "send"), data)

    assert response.status_code == 409
    assert "alice has changed the quote" in response.content.decode()
    assert response.context["form"].initial["text"] == TYPED["text"]
    assert (mail.outbox, QuoteDocument.objects.count()) == ([], 0)
    again = data | {"seen": response.context["form"].initial["seen"]}
    assert client.post(address(quote, "send"), again).status_code == 302


@pytest.mark.parametrize("do", ["mail", "mark"])
def test_an_empty_quote_is_not_sent(bob: User, do: str) -> None:
    empty = QuoteFactory(opportunity=at_stage(bob, 3), amount=0)

    response = signed_in(bob).post(address(empty, "send"), typed(empty, do=do))

    assert response.status_code == 422
    assert "no lines with an amount" in response.content.decode()
    assert (mail.outbox, Interaction.objects.count()) == ([], 0)
