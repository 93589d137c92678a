"""A hundred and fifty companies that do not exist, and their lines of business."""

from random import Random
from typing import NamedTuple

from demo.words import COUNTRYSIDE, words

PROPERTY = "Property management"
BUILDING = "Building and construction"
HOUSING = "Housing cooperatives"
PUBLIC = "Municipalities and public bodies"
INDUSTRY = "Manufacturing"
TRADE = "Retail and wholesale"
FOOD = "Fishing and food"
HOTELS = "Hotels and restaurants"
HEALTH = "Health and care"
LOGISTICS = "Transport and logistics"
OFFICES = "Offices and consultants"
SCHOOLS = "Schools and sports"
INDUSTRIES = (
    PROPERTY, BUILDING, HOUSING, PUBLIC, INDUSTRY, TRADE,
    FOOD, HOTELS, HEALTH, LOGISTICS, OFFICES, SCHOOLS,
)  # fmt: skip


class Name(NamedTuple):
    """What a company is called, where it is, and what it does."""

    name: str
    country: str
    city: str
    industry: str


LONG = (
    Name(
        "Interkommunalt Selskap for Drift og Vedlikehold av Svømmehaller, Idrettsanlegg og "
        "Skolebygg i Indre Østfjord, Midtdalen og Ytre Sørbygd IKS",
        "NO", "Førde", SCHOOLS,
    ),
    Name(
        "Stiftelsen Eldres Hus – Omsorgsboliger, Dagsenter og Møteplasser for Bydelene "
        "Østlia, Grønnskag og Nedre Åsgårdsmyr",
        "NO", "Oslo", HEALTH,
    ),
    Name(
        "Arbeidsgemeinschaft Norddeutsche Kühlhaus-, Gebäudeenergie- und "
        "Wärmerückgewinnungsgesellschaften Brückner & Söhne GmbH & Co. KG",
        "DE", "Lübeck", INDUSTRY,
    ),
    Name("Ås", "NO", "Ås", TRADE),
    Name("Ø & Å Arkitekter AS", "NO", "Oslo", OFFICES),
)  # fmt: skip
ABROAD = (
    Name("Schröder Kältetechnik GmbH", "DE", "Hamburg", INDUSTRY),
    Name("Weiß & Krämer Immobilien AG", "DE", "München", PROPERTY),
    Name("Bäckerei Hoffmann Filialen GmbH", "DE", "Kiel", FOOD),
    Name("Öresund Logistik AB", "SE", "Malmö", LOGISTICS),
    Name("Fastighets AB Älvkanten", "SE", "Göteborg", PROPERTY),
    Name("Björklunds Möbelfabrik AB", "SE", "Jönköping", INDUSTRY),
    Name("Hotell Sjöstjärnan AB", "SE", "Strömstad", HOTELS),
    Name("Västkustens Byggservice AB", "SE", "Uddevalla", BUILDING),
    Name("Nørgaard Ejendomme A/S", "DK", "Aarhus", PROPERTY),
    Name("Kjær & Søn Entreprise ApS", "DK", "Aalborg", BUILDING),
    Name("Rederiet Ravn A/S", "DK", "Esbjerg", LOGISTICS),
    Name("Smørrebrødsgården ApS", "DK", "København", HOTELS),
    Name("Hämäläisen Kylmäkalusteet Oy", "FI", "Tampere", INDUSTRY),
    Name("Järvenpää Kiinteistöt Oy", "FI", "Järvenpää", PROPERTY),
    Name("Whitcombe & Reid Estates Ltd", "GB", "Aberdeen", PROPERTY),
    Name("Pryce Cold Stores plc", "GB", "Grimsby", FOOD),
    Name("St Magnus Care Homes Ltd", "GB", "Lerwick", HEALTH),
    Name("O’Connor Building Services Ltd", "GB", "Newcastle", BUILDING),
    Name("Wójcik Budownictwo Sp. z o.o.", "PL", "Gdańsk", BUILDING),
    Name("Łódzkie Zakłady Chłodnicze S.A.", "PL", "Łódź", INDUSTRY),
    Name("Lefèvre Froid et Climatisation SARL", "FR", "Nantes", INDUSTRY),
    Name("Hôtel de l’Étoile Polaire", "FR", "Brest", HOTELS),
    Name("Van der Velde Vastgoed B.V.", "NL", "Rotterdam", PROPERTY),
    Name("De Graaf Koeltransport B.V.", "NL", "Venlo", LOGISTICS),
    Name("Ægisson fasteignir ehf.", "IS", "Reykjavík", PROPERTY),
    Name("Þorláksson & synir fiskvinnsla hf.", "IS", "Ísafjörður", FOOD),
)
# "%" is a place or a family; the town is drawn.
PATTERNS = (
    ("% Eiendom AS", PROPERTY), ("% Næringsbygg AS", PROPERTY), ("% Utvikling ASA", PROPERTY),
    ("%hagen borettslag", HOUSING), ("%toppen borettslag", HOUSING), ("Sameiet % brygge", HOUSING),
    ("% kommune", PUBLIC), ("% og omegn kraftlag SA", PUBLIC), ("% kirkelige fellesråd", PUBLIC),
    ("% Mekaniske Verksted AS", INDUSTRY), ("% Trevarefabrikk AS", INDUSTRY),
    ("% Plastindustri AS", INDUSTRY), ("% Støperi AS", INDUSTRY),
    ("% Byggsenter AS", TRADE), ("Handelshuset % AS", TRADE), ("% Kjøpesenter DA", TRADE),
    ("% Bil og Båt AS", TRADE), ("% Bygg og Tømrer AS", BUILDING), ("% Entreprenør AS", BUILDING),
    ("Brødrene % AS", BUILDING), ("% & Sønner AS", BUILDING), ("% Laks AS", FOOD),
    ("% Fiskemottak AS", FOOD), ("% Meieri SA", FOOD), ("% Fjordhotell AS", HOTELS),
    ("% Gjestegård AS", HOTELS), ("% Høyfjellshotell AS", HOTELS), ("% sykehjem", HEALTH),
    ("% Tannhelse AS", HEALTH), ("% Transport AS", LOGISTICS), ("% Kjølelager AS", LOGISTICS),
    ("% Havn KF", LOGISTICS), ("% Advokatfirma DA", OFFICES), ("% Regnskap AS", OFFICES),
    ("% Rådgivende Ingeniører AS", OFFICES), ("% folkehøgskole", SCHOOLS),
    ("% Idrettslag", SCHOOLS), ("% videregående skole", SCHOOLS),
)  # fmt: skip
FAMILIES = words("""
Bråthen Sæther Ødegaard Myklebust Rønning Tveit Kjærstad Øverland Grønli Åsheim Fossum Skaar
""")  # fmt: skip


def company_names(random: Random, number: int) -> list[Name]:
    """Return that many companies, all different, in random order; the town is "" where drawn."""
    names = {name.name: name for name in (*LONG, *ABROAD)}
    patterns = list(PATTERNS)
    while len(names) < number:
        pattern, industry = patterns[len(names) % len(patterns)]
        is_family = pattern.startswith("Brødrene") or "Sønner" in pattern or "firma" in pattern
        word = random.choice(FAMILIES if is_family else COUNTRYSIDE)
        name = pattern.replace("%", word)
        names.setdefault(name, Name(name, "NO", "", industry))
    chosen = list(names.values())[:number]
    random.shuffle(chosen)
    return chosen
