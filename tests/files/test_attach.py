"""Files: who may attach, see and remove them, under which names they lie, how they are served."""

import hashlib
import io
import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from pytest_django import Settings

from files import lifecycle
from files.lifecycle import NewFile
from files.models import Attachment
from files.names import clean_name
from opportunities import lifecycle as door
from opportunities.models import Opportunity
from salespeople.models import User
from tasks import interactions
from tests.factories import CloseReasonFactory, CompanyFactory, QuoteFactory, UserFactory
from tests.opportunities.pages import address, at_stage, deleted, plain, signed_in

PDF = b"%PDF-1.7 offer"


def attach(opportunity: Opportunity, name: str = "offer.pdf", content: bytes = PDF) -> Attachment:
    """Attach a file to an opportunity, by its salesperson."""
    files = [NewFile.of_bytes(name, content)]
    by = opportunity.salesperson.user
    assert by is not None
    return lifecycle.attach(files, by=by, opportunity=opportunity)[0]


def on_disk() -> list[Path]:
    """Return the files that lie in the folder."""
    root = Path(django_settings.MEDIA_ROOT)
    return sorted(path for path in root.rglob("*") if path.is_file())


def upload(name: str = "offer.pdf", content: bytes = PDF, kind: str = "x/y") -> SimpleUploadedFile:
    """Return a file as a browser sends it."""
    return SimpleUploadedFile(name, content, kind)


def test_a_file_is_kept_under_a_random_name_with_what_it_is(bob: User) -> None:
    opportunity = at_stage(bob, 1)

    response = signed_in(bob).post(
        f"/files/attach/?opportunity={opportunity.pk}",
        {"uploads": [upload("Tilbud på tak.pdf"), upload("photo.jpg", b"\xff\xd8\xff")]},
    )

    offer, photo = Attachment.objects.order_by("pk")
    assert response["Location"] == opportunity.get_absolute_url()
    assert (offer.name, offer.size, offer.content_type, offer.uploaded_by, offer.opportunity) == (
        "Tilbud på tak.pdf",
        len(PDF),
        "application/pdf",
        bob,
        opportunity,
    )
    assert photo.content_type == "image/jpeg"
    assert offer.sha256 == hashlib.sha256(PDF).hexdigest()
    assert {path.name for path in on_disk()} == {
        Path(offer.file.name or "").name,
        Path(photo.file.name or "").name,
    }
    assert all("offer" not in str(path) and path.suffix == "" for path in on_disk())


def test_a_file_is_served_to_be_saved_and_never_to_be_run(bob: User) -> None:
    attachment = attach(at_stage(bob, 1), name="Tilbud på “tak”.pdf")

    response = signed_in(bob).get(f"/files/{attachment.pk}/")

    assert b"".join(response.streaming_content) == PDF  # type: ignore[attr-defined]
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        "attachment; filename*=utf-8''Tilbud%20p%C3%A5%20%E2%80%9Ctak%E2%80%9D.pdf"
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\bob\\offer.pdf", "offer.pdf"),
        ("a\x00b.pdf", "ab.pdf"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("line\r\nbreak.pdf", "line break.pdf"),
        ("\u200b\ufeff", "file"),
        ("...", "file"),
        ("", "file"),
        ("x" * 500 + ".pdf", "x" * 196 + ".pdf"),
        ("x." + "y" * 500, "x." + "y" * 178 + "." + "y" * 19),
        ("A\u030angstrom.txt", "Ångstrom.txt"),
        ("en\ud800.txt", "en.txt"),
        (" two  blanks .pdf ", "two blanks .pdf"),
    ],
)
def test_a_name_is_only_a_name(name: str, cleaned: str) -> None:
    assert clean_name(name) == cleaned


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("run.exe", b"x"),
        ("RUN.EXE.", b"x"),
        ("photo\u202egpj.exe", b"x"),
        ("page.html", b"x"),
        ("drawing.svg", b"x"),
        ("macro.js", b"x"),
        ("letter.pdf", b"MZ\x90\x00"),
        ("letter.pdf", b"\x7fELF\x02"),
        ("letter.pdf", b"#!/bin/sh\n"),
        ("letter.pdf", b"\xef\xbb\xbf \n<!DOCTYPE HTML><html>"),
        ("letter.txt", b"  <SVG onload=alert(1)>"),
        ("empty.pdf", b""),
    ],
)
def test_programs_pages_and_nothing_are_refused_with_a_sentence(
    bob: User, name: str, content: bytes
) -> None:
    opportunity = at_stage(bob, 1)

    response = signed_in(bob).post(
        f"/files/attach/?opportunity={opportunity.pk}",
        {"uploads": [upload(), upload(name, content)]},
    )

    assert response.status_code == 422
    assert list(response.context["form"].errors) == ["uploads"]
    assert (Attachment.objects.count(), on_disk()) == (0, [])


def test_limits_of_size_number_and_sum(bob: User, settings: Settings) -> None:
    settings.MOST_FILE_BYTES, settings.MOST_FILES = 100, 3
    opportunity = at_stage(bob, 1)

    def status(*sizes: int) -> int:
        files = [upload(f"{n}.txt", b"x" * size) for n, size in enumerate(sizes)]
        link = f"/files/attach/?opportunity={opportunity.pk}"
        return signed_in(bob).post(link, {"uploads": files}).status_code

    assert [status(101), status(60, 60), status(1, 1, 1, 1), status()] == [422] * 4
    assert [status(100), status(30, 30, 40)] == [302, 302]


def test_two_suffixes_count_by_the_last(bob: User) -> None:
    opportunity = at_stage(bob, 1)

    attach(opportunity, "www.company.com.pdf")
    with pytest.raises(ValidationError):
        attach(opportunity, "invoice.pdf.exe")


def test_visible_to_who_may_see_the_record(
    alice: User, bob: User, charlie: User, dora: User
) -> None:
    """Of an opportunity, a quote and a call as these; of a contact, to everybody."""
    opportunity, contact = at_stage(bob, 1), CompanyFactory()
    quote = QuoteFactory(opportunity=opportunity)
    about = interactions.log(by=bob, kind="call", subject="Hello", opportunity=opportunity)
    alone = interactions.log(by=bob, kind="call", subject="Hello", contact=contact)
    records: list[dict[str, Any]] = [
        {"opportunity": opportunity},
        {"quote": quote},
        {"interaction": about},
        {"interaction": alone},
        {"contact": contact},
    ]
    made = [
        lifecycle.attach([NewFile.of_bytes("a.txt", b"x")], by=bob, **record)[0]
        for record in records
    ]

    def seen(user: User) -> list[int]:
        client = signed_in(user)
        return [client.get(f"/files/{row.pk}/").status_code for row in made]

    assert seen(bob) == [200] * 5
    assert seen(alice) == [200] * 5
    assert seen(dora) == [200] * 5
    assert seen(charlie) == [404, 404, 404, 404, 200]
    for row in made[:4]:
        assert signed_in(charlie).post(f"/files/{row.pk}/remove/").status_code == 404
        assert signed_in(charlie).post(f"/files/{row.pk}/restore/").status_code == 404
    for name, value in ((name, row) for record in records[:4] for name, row in record.items()):
        link = f"/files/attach/?{name}={value.pk}"
        assert signed_in(charlie).post(link, {"uploads": [upload()]}).status_code == 404


def test_signed_out_one_gets_nothing(bob: User, client: Any) -> None:
    assert client.get(f"/files/{attach(at_stage(bob, 1)).pk}/").status_code == 302


@pytest.mark.parametrize("query", ["", "?opportunity=x", "?contact=1&opportunity=1", "?x=1"])
def test_the_address_says_to_what_they_belong(bob: User, query: str) -> None:
    assert signed_in(bob).get(f"/files/attach/{query}").status_code == 400


def test_nothing_is_attached_to_what_was_deleted(bob: User) -> None:
    link = f"/files/attach/?opportunity={deleted(bob).pk}"

    assert signed_in(bob).post(link, {"uploads": [upload()]}).status_code == 404


def test_removing_hides_it_and_the_receipt_brings_it_back(bob: User) -> None:
    opportunity = at_stage(bob, 1)
    attachment, client = attach(opportunity), signed_in(bob)

    page = client.post(f"/files/{attachment.pk}/remove/", follow=True).content.decode()
    while_gone = client.get(f"/files/{attachment.pk}/").status_code
    client.post(f"/files/{attachment.pk}/restore/")

    assert f'action="/files/{attachment.pk}/restore/"' in page
    assert f'href="/files/{attachment.pk}/"' not in page
    assert while_gone == 404
    assert client.get(f"/files/{attachment.pk}/").status_code == 200


@pytest.mark.django_db(transaction=True)
def test_a_file_whose_row_cannot_be_written_does_not_stay(bob: User) -> None:
    opportunity = at_stage(bob, 1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE files_attachment ADD CONSTRAINT none CHECK (size <> 14)")
    try:
        with pytest.raises(IntegrityError):
            attach(opportunity)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE files_attachment DROP CONSTRAINT none")

    assert on_disk() == []


def test_a_file_belongs_to_exactly_one_record(bob: User) -> None:
    row = attach(at_stage(bob, 1))
    for values in ({"opportunity": None}, {"contact": CompanyFactory()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Attachment.objects.filter(pk=row.pk).update(**values)
    with pytest.raises(TypeError):
        lifecycle.attach([], by=bob, opportunity=row.opportunity, contact=CompanyFactory())


def test_files_stand_on_the_page_and_in_the_timeline(bob: User) -> None:
    opportunity = at_stage(bob, 1)
    attachment = attach(opportunity, "<b>offer</b>.pdf")

    page = signed_in(bob).get(address(opportunity), {"show": "files"}).content.decode()

    assert page.count(f'href="/files/{attachment.pk}/"') == 2
    assert "<b>offer" not in page


def test_the_sweep_takes_what_has_no_row_and_what_was_removed_long_ago(bob: User) -> None:
    opportunity = at_stage(bob, 1)
    kept, fresh, old = (attach(opportunity, f"{name}.txt") for name in ("a", "b", "c"))
    lifecycle.remove(fresh, by=bob)
    lifecycle.remove(old, by=bob)
    long_ago = timezone.now() - timedelta(days=31)
    Attachment.objects.filter(pk=old.pk).update(removed_at=long_ago)
    lost = Path(django_settings.MEDIA_ROOT) / "zz" / "lost"
    young = lost.with_name("young")
    lost.parent.mkdir(parents=True)
    for path in (lost, young):
        path.write_bytes(b"x")
    os.utime(lost, (long_ago.timestamp(), long_ago.timestamp()))
    told = io.StringIO()

    call_command("sweep_files", dry_run=True, stdout=told)
    call_command("sweep_files", stdout=told)
    call_command("sweep_files", stdout=told)

    assert told.getvalue().splitlines() == [
        "Removed long ago: 1. Files without a row: 2.",
        "Removed long ago: 1. Files without a row: 2.",
        "Removed long ago: 0. Files without a row: 0.",
    ]
    assert set(Attachment.objects.all()) == {kept, fresh}
    assert len(on_disk()) == 3


def test_a_purged_opportunity_takes_its_files_and_those_of_its_quotes_along(
    bob: User, dora: User
) -> None:
    opportunity = at_stage(bob, 2)
    files = [NewFile.of_bytes("a.txt", b"x")]
    lifecycle.attach(files, by=bob, quote=QuoteFactory(opportunity=opportunity))
    attach(opportunity)
    other = attach(at_stage(bob, 1))
    door.lose(opportunity, by=bob, reason=CloseReasonFactory(kind="lost"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT crm_purge_opportunity(%s, %s)", [opportunity.pk, dora.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    assert list(Attachment.objects.all()) == [other]


def test_who_signs_in_without_a_salesperson_sees_files_of_contacts_only(bob: User) -> None:
    nobody = UserFactory(role="Salesperson")
    lifecycle.attach([NewFile.of_bytes("a.txt", b"x")], by=bob, contact=CompanyFactory())
    attach(at_stage(bob, 1))

    assert Attachment.objects.visible_to(nobody).count() == 1


def test_what_announces_to_be_far_too_big_is_refused_before_it_is_read(
    bob: User, settings: Settings
) -> None:
    settings.MOST_FILE_BYTES = 1000
    link = f"/files/attach/?opportunity={at_stage(bob, 1).pk}"

    response = signed_in(bob).post(link, {"uploads": [upload("a.txt", b"x" * 3_000_000)]})

    assert response.status_code == 400
    assert "That is too big: at most 1000" in plain(response.content.decode())


def test_a_quote_shows_its_files(bob: User) -> None:
    quote = QuoteFactory(opportunity=at_stage(bob, 2))
    [row] = lifecycle.attach([NewFile.of_bytes("a.pdf", PDF)], by=bob, quote=quote)
    client = signed_in(bob)

    assert f'href="/files/{row.pk}/"' in client.get(quote.get_absolute_url()).content.decode()
    assert f'href="/files/{row.pk}/"' in client.get(address(quote.opportunity)).content.decode()


def test_files_of_a_deleted_opportunity_rest_until_it_is_restored(bob: User) -> None:
    row = at_stage(bob, 0)
    attachment = attach(row)
    client = signed_in(bob)
    door.delete(row, by=bob)
    hidden = client.get(attachment.get_absolute_url()).status_code
    removed = client.post(f"/files/{attachment.pk}/remove/").status_code
    door.restore(row, by=bob)

    assert (hidden, removed) == (404, 404)
    assert client.get(attachment.get_absolute_url()).status_code == 200
