"""Tags, people with a say, and segments of the demo data, all through the doors."""

from random import Random

from contacts import segments, tags
from contacts.models import Campaign, Contact, Tag
from demo.people import Staff
from opportunities import people, tagging
from opportunities.models import Opportunity, OpportunityContact

COLOURS = {
    "Key account": Tag.Colour.PURPLE,
    "Newsletter": Tag.Colour.GREY,
    "Enova grant": Tag.Colour.GREEN,
    "Tender": Tag.Colour.ORANGE,
    "Service agreement": Tag.Colour.BLUE,
    "Slow payer": Tag.Colour.RED,
}
OF_CONTACTS = ("Newsletter", "Key account", "Service agreement", "Slow payer")
OF_OPPORTUNITIES = ("Enova grant", "Tender", "Key account")
ROLES = (
    OpportunityContact.Role.DECISION_MAKER,
    OpportunityContact.Role.USER,
    OpportunityContact.Role.INFLUENCER,
    OpportunityContact.Role.BUYER,
)
TAGGED_CONTACTS = 90
TAGGED_OPPORTUNITIES = 90
WITH_PEOPLE = 60
ADVISORS = 12


def create_marketing(random: Random, staff: Staff, campaigns: list[Campaign]) -> None:
    """Put tags on contacts and opportunities, name who has a say, and make two segments."""
    _tag(random, staff)
    _name_people(random, staff)
    by = staff.head.user
    companies = Contact.objects.companies().filter(country="NO")
    western = segments.create(
        by=by,
        description="Companies for the energy survey",
        campaign=campaigns[-1],
        salesperson=staff.head.salesperson,
    )
    segments.add(western, companies.filter(customer_since__isnull=True), by=by)
    customers = segments.create(
        by=by, description="Customers without a service agreement", salesperson=None
    )
    without = companies.filter(customer_since__isnull=False)
    segments.add(customers, without.exclude(tags__name="Service agreement"), by=by)


def _tag(random: Random, staff: Staff) -> None:
    by = staff.head.user
    contacts = list(Contact.objects.usable().order_by("pk"))
    for contact in random.sample(contacts, TAGGED_CONTACTS):
        for name in random.sample(OF_CONTACTS, random.choice((1, 1, 2))):
            tags.add(contact, name, by=by)
    opportunities = list(Opportunity.objects.kept().order_by("pk"))
    for opportunity in random.sample(opportunities, TAGGED_OPPORTUNITIES):
        for name in random.sample(OF_OPPORTUNITIES, random.choice((1, 1, 2))):
            tagging.add(opportunity, name, by=by)
    for tag in Tag.objects.all():
        tag.colour = COLOURS.get(tag.name, Tag.Colour.BLUE)
        tag.save(update_fields=["colour"])


def _name_people(random: Random, staff: Staff) -> None:
    """Give open opportunities colleagues of the contact, some of them an advisor from outside."""
    by = staff.head.user
    usable = Contact.objects.usable().people()
    advisors = list(usable.filter(company__is_blocked=False).order_by("pk")[:ADVISORS])
    rows = Opportunity.objects.kept().open().filter(company__is_blocked=False)
    for place, opportunity in enumerate(rows.order_by("-pk")[:WITH_PEOPLE]):
        mates = usable.filter(company=opportunity.company).exclude(pk=opportunity.contact_id)
        found = list(mates.order_by("pk")[: random.choice((1, 2, 3))])
        for mate, role in zip(found, ROLES, strict=False):
            people.add(opportunity, mate, role, by=by)
        advisor = advisors[place % len(advisors)]
        if place % 4 == 0 and advisor not in found:
            people.add(opportunity, advisor, OpportunityContact.Role.PARTNER, by=by)
