"""The PDF: it says what the quote says, in the customer's language, and stays as it went out."""

import struct
import zlib
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings

from crm.dates import today
from crm.money import format_amount, format_money, format_quantity
from quotes import lifecycle
from quotes.document import pdf_of
from quotes.lifecycle import NewLine
from quotes.models import Quote
from salespeople.models import User
from tests.factories import CompanyFactory, PersonFactory
from tests.opportunities.pages import at_stage, signed_in
from tests.quotes.pages import address, blanked, pages_of, text_of

LINES = [
    NewLine(text="Heat pump", description="Air to water\n12 kW", quantity=Decimal(2), unit="pc",
            price=Decimal("84900.50"), discount_percent=Decimal("7.5")),
    NewLine(text="Installation", quantity=Decimal("12.25"), unit="hour", price=Decimal(980)),
    NewLine(text="Travel", price=Decimal("2400"), vat_percent=Decimal(12)),
]  # fmt: skip


def made(bob: User, lines: list[NewLine] | None = None, **contact: Any) -> Quote:
    """Return a draft for a person of a company."""
    company = CompanyFactory(name="Fjord Hotell AS", city="Alta", post_code="9510", country="NO")
    person = PersonFactory(company=company, name="Kari Nordmann", **contact)
    opportunity = at_stage(bob, 3, contact=person, description="Warm rooms")
    return lifecycle.create(opportunity, by=bob, lines=LINES if lines is None else lines)


@pytest.mark.parametrize("language", ["en", "nb"])
def test_it_holds_every_line_and_the_totals_as_the_model_has_them(bob: User, language: str) -> None:
    quote = made(bob, language=language)
    text = text_of(pdf_of(quote))

    with translation.override(language):
        for line in quote.lines.all():
            cells = [
                line.text,
                format_quantity(line.quantity),
                line.unit,
                format_amount(line.price),
                format_amount(line.amount),
            ]
            for cell in cells:
                assert blanked(cell) in text, cell
        totals = quote.totals
        shown = [totals.amount, totals.total, *(rate.vat for rate in totals.rates)]
        assert [amount for amount in shown if blanked(format_money(amount)) not in text] == []
    assert "Air to water 12 kW" in text
    assert quote.amount == Decimal("157065.93") + Decimal("12005.00") + Decimal("2400.00")


def test_it_is_written_in_the_language_of_the_contact(bob: User) -> None:
    """Its own language, else the contact's, the company's, the site's."""
    norwegian = made(bob, language="nb")
    own = lifecycle.edit(norwegian, by=bob, language="en")
    companys = made(bob)
    companys.contact.company.language = "nb"

    assert (norwegian.written_in, own.written_in, companys.written_in, made(bob).written_in) == (
        "nb", "en", "nb", "en",
    )  # fmt: skip
    assert "157 065,93" in text_of(pdf_of(norwegian))
    assert "157,065.93" in text_of(pdf_of(own))


def test_letterhead_and_recipient(bob: User, settings: Settings) -> None:
    settings.COMPANY_NAME = "Ærlig & Sønn AS"
    settings.COMPANY_ADDRESS = "Kaia 1, 5003 Bergen"
    settings.COMPANY_ORG_NUMBER = "123 456 789"
    text = text_of(pdf_of(made(bob)))

    for part in ("Bob", "Ærlig & Sønn AS", "Kaia 1 5003 Bergen", "Org. no. 123 456 789",
                 "Kari Nordmann Fjord Hotell AS 9510 Alta Norway", "Warm rooms"):  # fmt: skip
        assert part in text, part


def png() -> bytes:
    """Return a picture of one pixel."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + head
        + chunk(b"IDAT", zlib.compress(b"\0\0\x80\x80"))
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["svg", "png"])
def test_a_logo_takes_the_place_of_the_name(
    bob: User, settings: Settings, tmp_path: Any, kind: str
) -> None:
    drawn = (
        b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><path d="M0 0h9v9z"/></svg>'
    )
    logo = tmp_path / f"logo.{kind}"
    logo.write_bytes(png() if kind == "png" else drawn)
    settings.COMPANY_LOGO = str(logo)

    assert pages_of(pdf_of(made(bob)))[0].count(settings.COMPANY_NAME) == 1  # in the footer


HOSTILE = [
    "#strong[bold] #panic()",
    '#image("/etc/passwd") #read("/etc/passwd")',
    '"); #sys.inputs; let x = ("',
    "$ sum_(i=0)^n $ *bold* _italic_ `code` <label> @ref",
    "\\ // comment /* more */ ~ -- --- ...",
    "{{ 7 * 7 }} <script>alert(1)</script> & &amp;",
    "%(page)s %s %d %%",
    "= Heading\n- list\n+ numbered\n/ Term: x",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_somebody_typed_is_never_markup(bob: User, text: str) -> None:
    plain = text.replace("\n", " ")
    line = NewLine(text=plain, description=text, unit=plain[:20], price=Decimal(1))
    quote = lifecycle.edit(made(bob, [line]), by=bob, terms=text)

    found = text_of(pdf_of(quote)).replace(" ", "")

    assert found.count(plain.replace(" ", "")) >= 3


@pytest.mark.parametrize(
    "text",
    [
        "🌞 sun 👩‍🚀",
        "مرحبا بالعالم",
        "שלום עולם",
        "\u202eevil",
        "e\u0301\u0327",
        "W" * 200,
        "\u2028x",
    ],
)
def test_any_letters_are_set(bob: User, text: str) -> None:
    quote = made(bob, [NewLine(text=text, description=text, price=Decimal(1))])
    quote.opportunity.description = text[:100]
    quote.contact.name = text

    pages = pages_of(pdf_of(quote))
    assert len(pages) <= 2
    assert f"Page {len(pages)} of {len(pages)}" in pages[-1]


def test_many_lines_go_over_pages_that_repeat_the_head_and_say_which_of_how_many(
    bob: User,
) -> None:
    lines = [NewLine(text=f"Item {n:03}", price=Decimal(n)) for n in range(1, 201)]
    pages = pages_of(pdf_of(made(bob, lines)))

    found = " ".join(pages)
    assert [n for n in range(1, 201) if f"Item {n:03}" not in found] == []
    assert len(pages) > 4
    for number, page in enumerate(pages, start=1):
        assert f"Page {number} of {len(pages)}" in page
    with_lines = [page for page in pages if "Item " in page]
    assert ["Unit price" in page for page in with_lines] == [True] * len(with_lines)
    assert "NOK 20,100.00" in pages[-1] or "NOK 20,100.00" in pages[-2]


def test_a_draft_says_so_and_what_was_sent_does_not(bob: User) -> None:
    quote = made(bob)
    sent = lifecycle.send(quote, by=bob)

    assert "DRAFT" in text_of(pdf_of(quote))
    assert "DRAFT" not in text_of(bytes(sent.documents.get().pdf))


def test_an_accepted_draft_is_kept_as_it_was_agreed_to(bob: User) -> None:
    accepted = lifecycle.accept(made(bob), by=bob)

    text = text_of(bytes(accepted.documents.get().pdf))
    assert ("DRAFT" in text, blanked(format_money(accepted.amount)) in text) == (False, True)


def test_what_was_sent_never_changes_afterwards(bob: User, settings: Settings) -> None:
    quote = lifecycle.send(made(bob), by=bob)
    client = signed_in(bob)
    before = client.get(f"{address(quote, 'pdf')}1/").content

    settings.COMPANY_NAME = "Renamed AS"
    draft = lifecycle.revise(quote, by=bob)
    lifecycle.edit(draft, by=bob, lines=[NewLine(text="Cheaper", price=Decimal(1))])
    lifecycle.send(draft, by=bob)

    first = client.get(f"{address(quote, 'pdf')}1/").content
    second = client.get(f"{address(quote, 'pdf')}2/").content
    assert first == before
    assert client.get(address(quote, "pdf")).content == second
    assert "Heat pump" in text_of(first)
    assert "Cheaper" not in text_of(first)
    assert f"Quote Q{quote.pk}-2" in text_of(second)
    assert [d.revision for d in client.get(address(quote)).context["documents"]] == [2, 1]


def test_it_is_served_as_a_file_of_its_name_and_nothing_else(bob: User) -> None:
    quote = lifecycle.send(made(bob), by=bob)
    client = signed_in(bob)

    for path in (address(quote, "pdf"), f"{address(quote, 'pdf')}1/"):
        response = client.get(path)
        assert response.content.startswith(b"%PDF-")
        assert response["Content-Type"] == "application/pdf"
        assert response["Content-Disposition"] == f'attachment; filename="Quote Q{quote.pk}.pdf"'
        assert response["X-Content-Type-Options"] == "nosniff"
        assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert response["Cache-Control"] == "private, no-store"
    assert client.get(f"{address(quote, 'pdf')}2/").status_code == 404


def test_another_team_gets_no_document(bob: User, charlie: User) -> None:
    quote = lifecycle.send(made(bob), by=bob)
    client = signed_in(charlie)

    assert client.get(address(quote, "pdf")).status_code == 404
    assert client.get(f"{address(quote, 'pdf')}1/").status_code == 404


def test_the_date_is_that_of_sending(bob: User) -> None:
    quote = lifecycle.send(made(bob), by=bob)

    text = text_of(pdf_of(quote))
    assert f"Date {today().day} {today():%B} {today().year}" in text or f"{today():%B}" in text
