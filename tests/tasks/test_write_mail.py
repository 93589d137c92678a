"""Writing a mail: templates, what is sent, what is kept, and what happens when the server fails."""

import socket
from pathlib import Path
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from pytest_django import Settings

from contacts.models import Contact
from files.lifecycle import NewFile
from files.models import Attachment
from opportunities.models import Opportunity, OpportunityContact
from salespeople.models import User
from tasks import mails
from tasks.mail_template import PLACEHOLDERS, check_placeholders, filled_in
from tasks.models import Interaction, MailTemplate
from tests.factories import CompanyFactory, PersonFactory
from tests.opportunities.pages import address, at_stage, signed_in


@pytest.fixture
def kari(db: None) -> Contact:
    """A person with an address, of a company without one."""
    found: Contact = PersonFactory(
        name="Kari Nordmann",
        surname="Nordmann",
        salutation="ms",
        job_title="Head of roofs",
        email="kari@example.com",
        company=CompanyFactory(name="Fjord AS"),
    )
    return found


@pytest.fixture
def opportunity(bob: User, kari: Contact) -> Opportunity:
    """Bob's, with Kari as its contact."""
    bob.salesperson.email = "bob@sales.example"
    bob.salesperson.phone = "22 33 44 55"
    bob.salesperson.job_title = "Seller"
    bob.salesperson.save()
    return at_stage(bob, 1, contact=kari, description="A new roof")


def write(by: User, opportunity: Opportunity, **sent: Any) -> Any:
    """Send the form."""
    usual = {"to": opportunity.contact_id, "subject": "Your roof", "text": "Hi,\n\nsee below."}
    return signed_in(by).post(f"/interactions/write/?opportunity={opportunity.pk}", usual | sent)


def test_a_mail_is_sent_and_kept(bob: User, opportunity: Opportunity) -> None:
    pdf = SimpleUploadedFile("offer.pdf", b"%PDF-1.7", "application/pdf")

    response = write(bob, opportunity, uploads=[pdf])

    [sent], kept = mail.outbox, Interaction.objects.get()
    assert response["Location"] == address(opportunity)
    assert (sent.subject, sent.body) == ("Your roof", "Hi,\n\nsee below.")
    assert sent.to == ["Kari Nordmann <kari@example.com>"]
    assert sent.reply_to == ["Bob <bob@sales.example>"]
    assert [tuple(part) for part in sent.attachments] == [
        ("offer.pdf", b"%PDF-1.7", "application/pdf")
    ]
    assert sent.message()["Message-ID"] == kept.message_id
    assert (kept.kind, kept.direction, kept.subject, kept.text, kept.contact) == (
        "email",
        "outbound",
        "Your roof",
        "Hi,\n\nsee below.",
        opportunity.contact,
    )
    assert (kept.opportunity, kept.salesperson) == (opportunity, bob.salesperson)
    assert [file.name for file in kept.attachments.all()] == ["offer.pdf"]


def test_a_template_is_filled_in_without_scripts(bob: User, opportunity: Opportunity) -> None:
    template = MailTemplate.objects.create(
        name="Offer",
        language="en",
        subject="{opportunity} ({number})",
        body="{salutation}\n\n{greeting} {first_name} {surname} {name} {job_title} {company}\n"
        "{salesperson}, {salesperson_title}, {salesperson_phone}, {salesperson_email}",
    )

    page = signed_in(bob).get(
        f"/interactions/write/?opportunity={opportunity.pk}&template={template.pk}"
    )

    form = page.context["form"]
    assert form["to"].value() == opportunity.contact_id
    assert form["subject"].value() == f"A new roof ({opportunity.number})"
    assert form["text"].value() == (
        "Dear Ms Nordmann,\n\nHi Kari, Kari Nordmann Kari Nordmann Head of roofs Fjord AS\n"
        "Bob, Seller, 22 33 44 55, bob@sales.example"
    )


def test_the_template_speaks_its_own_language(bob: User, opportunity: Opportunity) -> None:
    values = mails.values_for(opportunity.contact, language="nb", by=bob, opportunity=opportunity)

    assert (values["salutation"], values["greeting"]) == ("Kjære fru Nordmann,", "Hei Kari,")
    assert values.keys() == PLACEHOLDERS.keys()


def test_what_is_filled_in_is_not_looked_at_again() -> None:
    assert filled_in("{name} {x} {", {"name": "{salutation}"}) == "{salutation} {x} {"


def test_an_unknown_placeholder_is_refused_with_the_known_ones(dora: User) -> None:
    with pytest.raises(ValidationError) as error:
        check_placeholders("Dear {salutation} {nmae} {}")

    known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
    assert error.value.messages == [f"Unknown: {{}}, {{nmae}}. Known are {known}."]

    response = signed_in(dora).post(
        "/admin/tasks/mailtemplate/add/",
        {"name": "x", "language": "en", "subject": "{nmae}", "body": "{boby}"},
    )

    assert set(response.context["adminform"].form.errors) == {"subject", "body"}
    assert MailTemplate.objects.count() == 0


def test_those_in_the_contacts_language_come_first_and_blocked_ones_not_at_all(
    bob: User, opportunity: Opportunity
) -> None:
    rows = [("A", "en", False), ("B", "nb", False), ("C", "nb", True)]
    for name, language, is_blocked in rows:
        MailTemplate.objects.create(
            name=name, language=language, subject="x", body="x", is_blocked=is_blocked
        )
    Contact.objects.filter(pk=opportunity.contact_id).update(language="nb")
    client = signed_in(bob)

    page = client.get(f"/interactions/write/?opportunity={opportunity.pk}")
    blocked = MailTemplate.objects.get(name="C")
    chosen = client.get(f"/interactions/write/?opportunity={opportunity.pk}&template={blocked.pk}")

    assert [row.name for row in page.context["templates"]] == ["B", "A"]
    assert chosen.status_code == 404


def test_others_on_the_opportunity_may_be_written_to(bob: User, opportunity: Opportunity) -> None:
    ola = PersonFactory(email="ola@example.com", company=opportunity.company)
    partner = PersonFactory(email="partner@example.com")
    PersonFactory(company=opportunity.company)  # without an address
    PersonFactory(email="x@example.com", company=opportunity.company, is_blocked=True)
    stranger = PersonFactory(email="stranger@example.com")
    OpportunityContact.objects.create(
        opportunity=opportunity, contact=partner, role="partner", added_by=bob
    )

    page = signed_in(bob).get(f"/interactions/write/?opportunity={opportunity.pk}")
    refused = write(bob, opportunity, to=stranger.pk)
    write(bob, opportunity, to=ola.pk)

    assert set(page.context["form"].fields["to"].rows.values()) == {
        opportunity.contact,
        ola,
        partner,
    }
    assert refused.status_code == 422
    assert [message.to for message in mail.outbox] == [[f"{ola.name} <ola@example.com>"]]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("subject", ""),
        ("subject", "x\nBcc: all@example.com"),
        ("subject", "x\rBcc: all@example.com"),
        ("subject", "x\x00"),
        ("subject", "x\u2028Bcc: y"),
        ("subject", "x" * 201),
        ("text", ""),
        ("text", "x" * 20_001),
        ("text", "x\x00"),
        ("to", ""),
        ("to", "0"),
        ("to", "kari@example.com\nBcc: all@example.com"),
    ],
)
def test_what_no_mail_can_hold_is_refused_and_nothing_typed_is_lost(
    bob: User, opportunity: Opportunity, field: str, value: str
) -> None:
    response = write(bob, opportunity, **{field: value})

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {field}
    assert field == "text" or "see below." in response.content.decode()
    assert (mail.outbox, Interaction.objects.count()) == ([], 0)


def test_a_name_makes_no_header(bob: User, opportunity: Opportunity) -> None:
    name = 'Kari\r\nBcc: all@example.com "x" <y@example.com>, z@example.com'
    Contact.objects.filter(pk=opportunity.contact_id).update(name=name)

    write(bob, opportunity)

    headers = mail.outbox[0].message()
    assert "Bcc" not in headers
    assert [address.addr_spec for address in headers["To"].addresses] == ["kari@example.com"]


def test_the_server_that_does_not_answer(
    bob: User, opportunity: Opportunity, settings: Settings
) -> None:
    """503, what was typed stays, and nothing at all is written."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": port, "timeout": 2},
        }
    }

    response = write(bob, opportunity, uploads=[SimpleUploadedFile("a.txt", b"x")])

    page = response.content.decode()
    assert response.status_code == 503
    assert "did not take the mail" in page
    assert "see below." in page
    assert Interaction.objects.count() == Attachment.objects.count() == 0
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_a_refused_file_stops_the_mail(bob: User, opportunity: Opportunity) -> None:
    response = write(bob, opportunity, uploads=[SimpleUploadedFile("run.exe", b"MZ")])

    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"uploads"}
    assert (mail.outbox, Interaction.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("name", "content"),
    [("mail.eml", b"From: a@b.no\nSubject: x\n\nHei"), ("notes.txt", b"\xff\xfe\x00"),
     ("odd", b"\x00")],
)  # fmt: skip
def test_files_of_every_type_can_be_sent(
    bob: User, opportunity: Opportunity, name: str, content: bytes
) -> None:
    mails.send(
        by=bob,
        contact=opportunity.contact,
        subject="x",
        text="x",
        opportunity=opportunity,
        attachments=[NewFile.of_bytes(name, content)],
    )

    assert name.encode() in mail.outbox[0].message().as_bytes()


def test_nobody_with_an_address_leads_to_the_contact(bob: User) -> None:
    contact = CompanyFactory()

    page = signed_in(bob).get(f"/interactions/write/?contact={contact.pk}").content.decode()

    assert f'href="/contacts/{contact.pk}/edit/"' in page


def test_of_a_company_its_people_may_be_written_to(bob: User, kari: Contact) -> None:
    page = signed_in(bob).get(f"/interactions/write/?contact={kari.company_id}")

    assert page.context["to"] == kari


@pytest.mark.parametrize("query", ["", "opportunity=x", "x=1"])
def test_the_address_says_about_what_it_is(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"/interactions/write/?{query}").status_code == 400


def test_a_stranger_writes_nothing(charlie: User, opportunity: Opportunity) -> None:
    assert write(charlie, opportunity).status_code == 404
    assert mail.outbox == []


def test_a_form_that_is_sent_twice_sends_one_mail(bob: User, opportunity: Opportunity) -> None:
    """A double click: the second time it is said that it was sent once."""
    page = signed_in(bob).get(f"/interactions/write/?opportunity={opportunity.pk}")
    token = str(page.context["form"].initial["token"])

    first = write(bob, opportunity, token=token)
    second = write(bob, opportunity, token=token)
    another = write(bob, opportunity)

    assert [a.status_code for a in (first, second, another)] == [302, 302, 302]
    assert (len(mail.outbox), Interaction.objects.count()) == (2, 2)
