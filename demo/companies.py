"""Companies and people of the demo data, with addresses at which nobody lives."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle, islice
from random import Random

from django.utils import timezone

from contacts import campaigns
from contacts.models import Campaign, Contact, Industry
from contacts.names import join_name, split_name
from demo.company_names import INDUSTRIES, Name, company_names
from demo.dice import one_in
from demo.people import FOREIGN, Seller, Staff
from demo.words import FOREIGN_NAMES, JOB_TITLES, MEN, STREETS, SURNAMES, TOWNS, WOMEN

COMPANIES = 150
PEOPLE = 400
PRIVATE_PEOPLE = 16
BLOCKED_COMPANIES = 2
OLD_CUSTOMERS = 45
DAYS_BEFORE = 1000  # when the contacts were written down
CALLING_CODES = {
    "NO": "47", "DE": "49", "SE": "46", "DK": "45", "FI": "358", "GB": "44", "PL": "48",
    "FR": "33", "NL": "31", "IS": "354",
}  # fmt: skip


@dataclass
class Customer:
    """A company with its people, or a person alone, and who looks after it."""

    contact: Contact
    people: list[Contact]
    seller: Seller
    industry: str = ""

    @property
    def is_old(self) -> bool:
        """Say whether it was a customer before the demo data begin."""
        return self.contact.customer_since is not None


def create_contacts(random: Random, staff: Staff, today: date) -> list[Customer]:
    """Create industries, companies and people; return the customers that may be sold to."""
    industries = {name: Industry.objects.get_or_create(name=name)[0] for name in INDUSTRIES}
    names = company_names(random, COMPANIES)
    customers = []
    for name, seller in zip(names, _sellers_for(names, staff), strict=True):
        company = _company(random, name, seller)
        company.industry = industries[name.industry]
        customers.append(Customer(company, [], seller, name.industry))
    for customer in random.sample(customers, OLD_CUSTOMERS):
        days = random.randint(760, 3600)
        customer.contact.customer_since = today - timedelta(days=days)
    _save([customer.contact for customer in customers], today)
    _create_people(random, customers, today)
    customers += _create_private_people(random, staff, today)
    for customer in customers[:BLOCKED_COMPANIES]:
        customer.contact.is_blocked = True
        customer.contact.save(update_fields=["is_blocked"])
    return customers[BLOCKED_COMPANIES:]


def create_campaigns(staff: Staff, today: date) -> list[Campaign]:
    """Create and activate three campaigns of the two years, the last of them under way."""
    by = staff.head.user
    made = [
        campaigns.create(
            by=by,
            description=description,
            starts_on=today - timedelta(days=first),
            ends_on=today - timedelta(days=last),
            salesperson=staff.head.salesperson,
            cost=Decimal(cost),
            target=Decimal(target),
        )
        for description, first, last, cost, target in (
            ("Heat pumps before the winter", 640, 520, 85_000, 1_500_000),
            ("Solar roofs for cooperatives", 330, 210, 120_000, 2_500_000),
            ("Energy survey without charge", 75, -30, 60_000, 4_000_000),
        )
    ]
    return [campaigns.activate(campaign, by=by) for campaign in made]


def _sellers_for(names: list[Name], staff: Staff) -> Iterator[Seller]:
    """Yield who looks after each company: those abroad by their team, the others by all."""
    abroad = cycle(staff.present_of_team(FOREIGN))
    at_home = cycle([s for s in staff.present if s.profile.team != FOREIGN] * 3 + staff.present)
    for name in names:
        yield next(at_home if name.country == "NO" else abroad)


def _company(random: Random, name: Name, seller: Seller) -> Contact:
    post_code, city, prefix = random.choice(TOWNS)
    is_home = name.country == "NO"
    site = f"{slug(name.name)}.example"
    return Contact(
        kind=Contact.Kind.COMPANY,
        name=name.name,
        address=f"{random.choice(STREETS)} {random.randint(1, 140)}" if is_home else "",
        address_2=f"Postboks {random.randint(10, 900)}" if one_in(random, 10) else "",
        post_code=post_code if is_home and not name.city else "",
        city=name.city or city,
        country=name.country,
        phone=_phone(random, name.country, prefix),
        email=f"post@{site}",
        website=f"https://www.{site}/",
        salesperson=seller.salesperson,
        language="nb" if is_home else "en",
        created_by=seller.user,
    )


def _create_people(random: Random, customers: list[Customer], today: date) -> None:
    """Give each company two people, and the larger ones more."""
    places = [*customers, *customers]
    while len(places) < PEOPLE - PRIVATE_PEOPLE:
        places.append(random.choice(customers[:60]))
    people = []
    for customer in places:
        person = _person(random, customer.contact.country, customer.contact)
        person.salesperson = customer.contact.salesperson
        person.created_by = customer.contact.created_by
        customer.people.append(person)
        people.append(person)
    _save(people, today)


def _create_private_people(random: Random, staff: Staff, today: date) -> list[Customer]:
    customers = []
    for seller in islice(cycle(staff.present), PRIVATE_PEOPLE):
        person = _person(random, "NO", None)
        person.post_code, person.city, _ = random.choice(TOWNS)
        person.address = f"{random.choice(STREETS)} {random.randint(1, 140)}"
        person.salesperson = seller.salesperson
        person.created_by = seller.user
        customers.append(Customer(person, [], seller))
    _save([customer.contact for customer in customers], today)
    return customers


def _person(random: Random, country: str, company: Contact | None) -> Contact:
    full_name, salutation = _name(random, country)
    parts = split_name(full_name)
    site = company.email.partition("@")[2] if company else "post.example"
    return Contact(
        kind=Contact.Kind.PERSON,
        company=company,
        name=join_name(*parts),
        **parts._asdict(),
        job_title=random.choice(JOB_TITLES) if company else "",
        city=company.city if company else "",
        country=country,
        mobile_phone=_phone(random, country, random.choice(("90", "91", "41", "47", "95"))),
        email=f"{slug(parts.first_name)}.{slug(parts.surname)}@{site}",
        salutation=salutation,
        language="nb" if country == "NO" else "en",
    )


def _name(random: Random, country: str) -> tuple[str, Contact.Salutation]:
    if country in FOREIGN_NAMES:
        first_names, surnames = FOREIGN_NAMES[country]
        return f"{random.choice(first_names)} {random.choice(surnames)}", Contact.Salutation.NEUTRAL
    is_woman = one_in(random, 2)
    pool = WOMEN if is_woman else MEN
    words = [random.choice(pool), random.choice(SURNAMES)]
    if one_in(random, 7):
        words.insert(1, random.choice(SURNAMES))
    return " ".join(words), Contact.Salutation.MS if is_woman else Contact.Salutation.MR


def _phone(random: Random, country: str, prefix: str) -> str:
    if country != "NO":
        return f"+{CALLING_CODES[country]} {random.randint(20, 89)} {random.randint(10**6, 10**7)}"
    digits = f"{prefix}{random.randint(0, 10**6 - 1):06}"
    style = random.randrange(3)
    if style == 0:
        return f"+47 {digits[:2]} {digits[2:4]} {digits[4:6]} {digits[6:]}"
    return digits if style == 1 else f"{digits[:3]} {digits[3:5]} {digits[5:]}"


def _save(contacts: list[Contact], today: date) -> None:
    """Write them, as of long before the first opportunity."""
    Contact.objects.bulk_create(contacts)
    begun = datetime.combine(today, time(9), timezone.get_default_timezone())
    for place, contact in enumerate(contacts):
        contact.created_at = begun - timedelta(days=DAYS_BEFORE, minutes=7 * place)
    Contact.objects.bulk_update(contacts, ["created_at"], batch_size=500)


def slug(text: str) -> str:
    """Return letters and digits of `text` that an address may hold."""
    folded = text.lower()
    for letter, plain in (("æ", "ae"), ("ø", "o"), ("å", "aa"), ("ß", "ss"), ("ł", "l"),
                          ("ð", "d"), ("þ", "th"), ("&", "og")):  # fmt: skip
        folded = folded.replace(letter, plain)
    plain = unicodedata.normalize("NFKD", folded).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:50].strip("-")
