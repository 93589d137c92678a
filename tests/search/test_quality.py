"""The table of docs/search-quality.md, asked of rows that resemble the demo data."""

import pytest
from django.db import connection
from django.db.models import Model

from benchmarks.search_quality import ENOUGH, is_first, table
from opportunities.models import Opportunity
from quotes.models import Quote
from salespeople.models import User
from tests.factories import CompanyFactory, PersonFactory, QuoteFactory, SalesCycleFactory
from tests.opportunities.pages import at_stage
from tests.search.pages import found

COMPANIES = [
    ("Tverrelvdal Rådgivende Ingeniører AS", "334 53 633"),
    ("Kvernås Rådgivende Ingeniører AS", ""),
    ("Nesøyvåg Idrettslag", "387 24 131"),
    ("Granåsen Idrettslag", ""),
    ("Furuheim Meieri SA", "+47 67 96 85 82"),
    ("Furuheim Havn KF", ""),
    ("Holmsund Meieri SA", ""),
    ("Kjær & Søn Entreprise ApS", "+45 28 3995503"),
    ("Whitcombe & Reid Estates Ltd", "+44 84 5974473"),
    ("Ø & Å Arkitekter AS", "63467708"),
    ("Østlia Advokatfirma AS", ""),
    ("Ås", ""),
    ("Åsheim & Sønner AS", ""),
    ("O’Connor Building Services Ltd", ""),
    ("Łódzkie Zakłady Chłodnicze S.A.", ""),
    ("Þorláksson & synir fiskvinnsla hf.", ""),
    ("Weiß & Krämer Immobilien AG", ""),
    ("Hôtel de l’Étoile Polaire", ""),
    ("Hotell Sjöstjärnan AB", ""),
    ("Bjørkevoll Havn KF", ""),
    ("Rødtangen Laks AS", ""),
    ("Løkenås Laks AS", ""),
    ("Granåsen kommune", ""),
    ("Fjellstad kommune", ""),
    ("Sjøholt Fiskemottak AS", ""),
    ("Furuheim Fiskemottak AS", ""),
    ("Holmsund Mekaniske Verksted AS", ""),
    ("Nesøyvåg Plastindustri AS", ""),
]
PEOPLE = [
    ("Åse Hansen", "Sjøholt Fiskemottak AS", "471 54 031", "aase.hansen@sorvaag.example"),
    ("Kristin Hansen", "Rødtangen Laks AS", "474 55 382", "kristin.hansen@rodtangen-laks.example"),
    ("Arne Johansen", "Holmsund Mekaniske Verksted AS", "90609502", "arne@holmsund.example"),
    ("Njål Johansen", "Granåsen Idrettslag", "+47 95 53 57 52", "njaal@granaasen.example"),
    ("Halvor Gulbrandsen Halvorsen", "Furuheim Fiskemottak AS", "+47 95 09 59 92",
     "halvor.halvorsen@furuheim-fiskemottak-as.example"),
    ("Filip Müller", "Nesøyvåg Plastindustri AS", "95545588",
     "filip.muller@nesoyvaag-plastindustri-as.example"),
    ("Tarjei Eriksen", "Sjøholt Fiskemottak AS", "+47 91 01 04 40",
     "tarjei.eriksen@sjoholt-fiskemottak-as.example"),
    ("Inger Müller", "Bjørkevoll Havn KF", "", "inger.muller@bjorkevoll-havn-kf.example"),
    ("Marte Brekke", "Granåsen kommune", "", "marte.brekke@granaasen-kommune.example"),
]  # fmt: skip
# The last of each has the number that the table asks for.
OPPORTUNITIES = [
    ("Solar panels on the roof of the town hall", "Fjellstad kommune"),
    ("Fire alarm and emergency lighting, the barn", "Granåsen kommune"),
    ("Ventilation for the new production line", "Furuheim Meieri SA"),
    ("Ventilation for the office block", "Holmsund Meieri SA"),
    ("Service agreement 2026–2028, Møllergata 14", "Weiß & Krämer Immobilien AG"),
    ("Service agreement 2026–2028, Storgata 14", "Bjørkevoll Havn KF"),
    ("Air curtain at the entrance of the compressor room", "Arne Johansen"),
    ("Replacing 16 windows in the compressor room", "Rødtangen Laks AS"),
    ("12 charging points at the paint shop", "Arne Johansen"),
    ("Solar panels on the roof of the barn", "Løkenås Laks AS"),
]


@pytest.fixture
def rows(alice: User) -> User:
    """The rows, with the three numbers of the table; whoever asks sees all of them."""
    contacts = {}
    for name, phone in COMPANIES:
        contacts[name] = CompanyFactory(name=name, phone=phone, created_by=alice)
    for n, (name, company, phone, email) in enumerate(PEOPLE):
        number = {"pk": 252} if n == 0 else {}
        contacts[name] = PersonFactory(
            name=name, company=contacts[company], mobile_phone=phone, email=email,
            created_by=alice, **number,
        )  # fmt: skip
    cycle = SalesCycleFactory()
    for n, (description, contact) in enumerate(OPPORTUNITIES):
        if n == len(OPPORTUNITIES) - 1:
            begin_at(Opportunity, 184)
        at_stage(alice, 1, description=description, contact=contacts[contact], sales_cycle=cycle)
    begin_at(Quote, 2)
    QuoteFactory(opportunity=Opportunity.objects.latest("pk"), created_by=alice)
    return alice


def begin_at(model: type[Model], pk: int) -> None:
    """Give the next row this id."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER SEQUENCE {model._meta.db_table}_id_seq RESTART WITH {pk}")


def test_the_table_is_whole() -> None:
    assert len(dict(table())) == 40


def test_the_first_hit_is_the_expected_one(rows: User) -> None:
    wrong = {}
    for typed, expected in table():
        groups = found(typed, rows, each=1).groups
        hit = groups[0].hits[0] if groups else None
        if hit is None or not is_first(expected, hit.number, hit.title):
            wrong[typed] = hit and (hit.title, hit.number)

    assert 40 - len(wrong) >= ENOUGH, wrong
    assert Quote.objects.get().number == "Q2"
