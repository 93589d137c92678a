"""Saved mails: each is kept as an interaction, or refused with a sentence; never an error."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import process_time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_django import Settings

from files.models import Attachment
from opportunities.models import Opportunity
from salespeople.models import User
from tasks.eml import SavedMail, read_mail
from tasks.mail_forms import SavedMailForm
from tasks.models import Interaction
from tests.factories import CompanyFactory, PersonFactory
from tests.opportunities.pages import at_stage, signed_in
from tests.tasks import corpus


def send(by: User, query: str, content: bytes) -> Any:
    """Hand over a saved mail."""
    mail = SimpleUploadedFile("mail.eml", content, "message/rfc822")
    return signed_in(by).post(f"/interactions/keep/?{query}", {"mail": mail})


@pytest.fixture
def opportunity(bob: User) -> Opportunity:
    """Bob's, with Kari as its contact."""
    kari = PersonFactory(email="Kari@example.com", company=CompanyFactory())
    return at_stage(bob, 1, contact=kari)


def test_a_mail_becomes_an_interaction(bob: User, opportunity: Opportunity) -> None:
    response = send(bob, f"opportunity={opportunity.pk}", corpus.usual().as_bytes())

    kept = Interaction.objects.get()
    assert response.headers["Location"] == opportunity.get_absolute_url()
    assert (kept.kind, kept.direction, kept.subject, kept.contact, kept.opportunity) == (
        "email",
        "inbound",
        "Tilbud på tak",
        opportunity.contact,
        opportunity,
    )
    assert kept.text == "Hei!\n\nKan dere gi et tilbud på tak?"
    assert kept.happened_at == datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
    assert kept.message_id == "<1@example.com>"


@pytest.mark.parametrize(
    ("sender", "direction"),
    [
        ("Bob <BOB@example.com>", "outbound"),
        ("sales@bob.example", "outbound"),
        ("somebody@else.example", "inbound"),
    ],
)
def test_the_direction_is_told_by_who_wrote_it(
    bob: User, opportunity: Opportunity, sender: str, direction: str
) -> None:
    """From us: a user's address, or a salesperson's."""
    bob.salesperson.email = "sales@bob.example"
    bob.salesperson.save()
    mail = corpus.usual()
    mail.replace_header("From", sender)

    send(bob, f"opportunity={opportunity.pk}", mail.as_bytes())

    assert Interaction.objects.get().direction == direction


def test_with_whom_it_was_is_told_by_the_addresses(bob: User) -> None:
    """The sender's before a recipient's; nobody of them: the contact of the address."""
    company = CompanyFactory(email="post@fjord.example")
    kari = PersonFactory(company=company, email="kari@example.com")
    ola = PersonFactory(company=company, email="ola@example.com")
    stranger = PersonFactory(email="x@example.com")
    for number, (sender, to) in enumerate(
        [("kari@example.com", "ola@example.com"), ("bob@example.com", "ola@example.com"),
         ("x@example.com", "y@example.com")]
    ):  # fmt: skip
        mail = corpus.usual()
        mail.replace_header("From", sender)
        mail.replace_header("To", to)
        mail.replace_header("Message-ID", f"<{number}@x>")
        send(bob, f"contact={company.pk}", mail.as_bytes())

    found = [row.contact for row in Interaction.objects.order_by("pk")]
    assert found == [kari, ola, company]
    assert stranger not in found


def test_the_plain_text_is_taken_before_the_html() -> None:
    assert read_mail(corpus.alternative()).text == "Hei!\n\nKan dere gi et tilbud på tak?"


def test_html_becomes_text_without_scripts_and_without_fetching() -> None:
    assert read_mail(corpus.html_only()).text == "Hei & hallo\n\nEn\nTo\n\nSlutt\nher"


def test_files_within_are_kept_pictures_of_the_text_are_not(
    bob: User, opportunity: Opportunity
) -> None:
    send(bob, f"opportunity={opportunity.pk}", corpus.nested())

    kept = Interaction.objects.get()
    assert kept.text == "Hei!\n\nKan dere gi et tilbud på tak?"
    assert [(file.name, file.content_type) for file in kept.attachments.order_by("pk")] == [
        ("a.pdf", "application/pdf"),
        ("mail.eml", "message/rfc822"),
    ]


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\x.pdf", "x.pdf"),
        ("a\u202efdp.pdf", "afdp.pdf"),
        ("x" * 1000 + ".pdf", "x" * 196 + ".pdf"),
        ("tilbud på tak – æøå.pdf", "tilbud på tak – æøå.pdf"),
    ],
)
def test_a_hostile_name_of_a_file_is_only_a_name(
    bob: User, opportunity: Opportunity, name: str, kept: str
) -> None:
    send(bob, f"opportunity={opportunity.pk}", corpus.with_files((name, b"%PDF-1.7")))

    assert [file.name for file in Attachment.objects.all()] == [kept]


def test_a_zero_in_the_name_of_a_file_goes(bob: User, opportunity: Opportunity) -> None:
    content = corpus.with_files(("azb.pdf", b"%PDF-1.7")).replace(b"azb.pdf", b"a\x00b.pdf")

    send(bob, f"opportunity={opportunity.pk}", content)

    assert [file.name for file in Attachment.objects.all()] == ["ab.pdf"]


def test_what_is_not_kept_is_said_in_the_text_and_in_the_receipt(
    bob: User, opportunity: Opportunity, settings: Settings
) -> None:
    """A program, an empty one, and the third and fourth where two are the most."""
    settings.MOST_FILES = 2
    content = corpus.with_files(
        ("run.exe", b"MZ"), ("empty.pdf", b""), ("1.pdf", b"x"), ("2.pdf", b"x"), ("3.pdf", b"x")
    )

    response = send(bob, f"opportunity={opportunity.pk}", content)

    kept = Interaction.objects.get()
    told = [
        "Not kept: “run.exe” is of a kind that is not kept: programs and web pages.",
        "Not kept: “empty.pdf” is empty.",
        "Not kept: “3.pdf” was one too many.",
    ]
    assert response.status_code == 302
    assert [file.name for file in kept.attachments.order_by("pk")] == ["1.pdf", "2.pdf"]
    assert kept.text.split("\n\n")[-3:] == told


def test_the_same_mail_again_is_refused_with_the_way_to_it(
    bob: User, opportunity: Opportunity
) -> None:
    for content in (corpus.usual().as_bytes(), corpus.ODD["no id, from or date"]):
        first = send(bob, f"opportunity={opportunity.pk}", content)
        kept = Interaction.objects.latest("pk")
        again = send(bob, f"opportunity={opportunity.pk}", content)
        on_the_contact = send(bob, f"contact={opportunity.contact_id}", content)

        assert (first.status_code, again.status_code, on_the_contact.status_code) == (302, 422, 422)
        assert f'href="{kept.get_absolute_url()}"' in again.content.decode()
        assert "This mail has been kept already." in again.content.decode()
    assert Interaction.objects.count() == 2


def test_what_somebody_else_has_kept_unseen_is_no_hindrance_and_no_hint(
    bob: User, charlie: User, opportunity: Opportunity
) -> None:
    content = corpus.usual().as_bytes()
    send(bob, f"opportunity={opportunity.pk}", content)

    response = send(charlie, f"contact={opportunity.contact_id}", content)

    assert response.status_code == 302
    assert Interaction.objects.count() == 2


def test_too_big_is_refused(bob: User, opportunity: Opportunity, settings: Settings) -> None:
    settings.MOST_FILE_BYTES = 10_000

    mail = corpus.raw("From: a@b.no", "Subject: x", body=b"x" * 10_000)
    response = send(bob, f"opportunity={opportunity.pk}", mail)

    assert response.status_code == 422
    assert "too big" in response.content.decode()


def test_too_big_is_refused_before_it_is_read(settings: Settings) -> None:
    """A mail of gigabytes lies on disk, and must not come into memory."""
    settings.MOST_FILE_BYTES = 10_000

    mail = SimpleUploadedFile("a.eml", b"x" * 10_001)
    form = SavedMailForm(files=MultiValueDict({"mail": [mail]}))

    assert list(form.errors) == ["mail"]


HALF_A_MEGABYTE = 500_000


@pytest.mark.parametrize(
    ("header", "body"),
    [
        (f"Subject: {'=?a?q?' * 300_000}", b"Hello"),
        (f"Content-Type: text/plain{';' * HALF_A_MEGABYTE}", b"Hello"),
        (f"Content-Disposition: attachment; filename={'=?a?q?' * 90_000}", b"Hello"),
        ("Content-Type: text/plain; charset=punycode", b"a" * 250_000 + b"-" + b"ba" * 125_000),
    ],
    ids=["subject", "parameters", "file name", "charset"],
)
def test_no_mail_takes_the_square_of_its_length(header: str, body: bytes) -> None:
    """Each of these took seconds or minutes, and of 25 megabytes it would have been hours."""
    begun = process_time()

    read_mail(corpus.raw("From: kari@example.com", "To: bob@example.com", header, body=body))

    assert process_time() - begun < 1


@pytest.mark.parametrize("name", corpus.ODD)
def test_whatever_comes_is_kept_or_refused_with_a_sentence(
    bob: User, opportunity: Opportunity, name: str
) -> None:
    before = timezone.now()

    response = send(bob, f"opportunity={opportunity.pk}", corpus.ODD[name])

    is_refused = name in corpus.REFUSED
    assert response.status_code == (422 if is_refused else 302)
    assert Interaction.objects.count() == (0 if is_refused else 1)
    for kept in Interaction.objects.all():
        assert kept.subject
        assert kept.happened_at <= timezone.now()
        assert "\x00" not in kept.text
        if "date" in name or name in ("future", "long ago"):
            assert before <= kept.happened_at
    if is_refused and name != "empty":
        assert len(response.context["form"].errors["mail"]) == 1


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("eight bits in headers", ("subject", "Tak p\ufffd hytta")),
        ("wrong charset", ("text", "på")),
        ("unknown charset", ("text", "på")),
        ("folded subject", ("subject", "one two three")),
        ("no subject", ("subject", "(no subject)")),
        ("unseen characters", ("text", "abcd")),
        ("multipart without end", ("text", "Hello")),
        ("addresses of nonsense", ("recipients", [])),
        ("two of every header", ("sender", "a@example.com")),
    ],
)
def test_odd_ones_are_read_as_far_as_they_can_be(name: str, read: tuple[str, object]) -> None:
    attribute, value = read

    assert getattr(read_mail(corpus.ODD[name]), attribute) == value


@pytest.mark.parametrize(
    ("charset", "subject"),
    [("utf-8", "Tilbud på tak"), ("iso-8859-1", "Tilbud på tak"), ("iso-8859-15", "5 € på tak"),
     ("windows-1251", "Крыша"), ("koi8-r", "Крыша"), ("iso-2022-jp", "屋根"), ("gb18030", "屋顶"),
     ("utf-16", "på")],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["B", "Q"])
def test_headers_in_every_charset(charset: str, subject: str, encoding: str) -> None:
    content = subject.encode(charset)
    word = (
        base64.b64encode(content).decode()
        if encoding == "B"
        else "".join(f"={byte:02X}" for byte in content)
    )
    mail = corpus.raw(f"Subject: =?{charset}?{encoding}?{word}?=", "From: a@example.com")

    assert read_mail(mail).subject == subject


def test_a_date_without_a_zone_is_read_as_universal() -> None:
    mail = corpus.raw("From: a@b.no", "Subject: x", "Date: Mon, 05 Jan 2026 10:30:00")

    assert read_mail(mail).sent_at == datetime(2026, 1, 5, 10, 30, tzinfo=UTC)


def test_a_date_in_the_future_is_now() -> None:
    sent = read_mail(corpus.ODD["future"]).sent_at

    assert timedelta(0) <= timezone.now() - sent < timedelta(minutes=1)


def read_or_refused(content: bytes) -> SavedMail | None:
    """Return the mail, None for what is refused with a sentence; anything else is an error."""
    try:
        return read_mail(content)
    except ValidationError:
        return None


def damaged(mail: bytes, cut: int, holes: list[tuple[int, bytes]]) -> bytes:
    """Return a mail that was cut off, with bytes replaced."""
    content = bytearray(mail[: max(1, cut % (len(mail) + 1))])
    for place, piece in holes:
        at = place % (len(content) + 1)
        content[at : at + len(piece)] = piece
    return bytes(content)


@given(
    make=st.sampled_from([corpus.nested, corpus.alternative, corpus.html_only]),
    cut=st.integers(0, 10_000),
    holes=st.lists(st.tuples(st.integers(0, 10_000), st.binary(max_size=8)), max_size=10),
)
@settings(max_examples=300)
def test_a_damaged_mail_is_read_or_refused(
    make: Callable[[], bytes], cut: int, holes: list[tuple[int, bytes]]
) -> None:
    mail = read_or_refused(damaged(make(), cut, holes))

    assert mail is None or (mail.subject and mail.sent_at <= timezone.now())


@given(content=st.binary(max_size=500))
@settings(max_examples=200)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    mail = read_or_refused(b"From: a@b.no\nSubject: x\n" + content)

    assert mail is None or mail.subject


def test_nothing_handed_over_is_refused(bob: User, opportunity: Opportunity) -> None:
    response = signed_in(bob).post(f"/interactions/keep/?opportunity={opportunity.pk}", {})

    assert response.status_code == 422


@pytest.mark.parametrize("query", ["", "x=1", "opportunity=x"])
def test_the_address_says_to_what_it_belongs(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"/interactions/keep/?{query}").status_code == 400


def test_a_stranger_keeps_nothing(charlie: User, opportunity: Opportunity) -> None:
    content = corpus.usual().as_bytes()

    assert send(charlie, f"opportunity={opportunity.pk}", content).status_code == 404
    assert Interaction.objects.count() == 0
